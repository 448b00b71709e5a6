"""The staff's queue of recording requests: requesters, decisions, grants and plays."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Case, Count, F, OuterRef, Prefetch, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext, gettext_lazy, override
from django.views.decorators.http import require_POST

from recordings_app.models import Grant, RecordingRequest, RequestedRecording, RequestSettings
from recordings_app.requests.decisions import (
    STATES_THAT_CAN_BE_APPROVED,
    STATES_THAT_CAN_BE_DECLINED,
    approve_requests,
    decline_requests,
    extend_grant,
    resend_grant_link,
    revoke_grant,
)
from recordings_app.requests.request_state import RequestState, request_state_of
from site_app.admin_bases.single_row import SingleRowAdmin
from site_app.mail.queue import queue_message
from site_app.models import MailMessage
from site_app.permissions import RightMissingError
from site_app.text.dates import moment_in_words
from site_app.text.numbers import parse_whole_numbers

from .forms import DecisionForm, ExtensionForm

Decision = RequestedRecording.Decision
Status = RecordingRequest.Status
LINE_BREAK = SafeString("<br>")


class RecordingStateFilter(admin.SimpleListFilter):
    title = gettext_lazy("recordings")
    parameter_name = "standing"

    def lookups(self, request, model_admin):
        return [
            ("waiting", gettext("Approved, waiting for the audio")),
            ("running", gettext("Can be heard now")),
            ("approved", gettext("Approved")),
            ("declined", gettext("Declined")),
            ("automatic", gettext("Granted automatically")),
        ]

    def queryset(self, request, queryset):
        rows = RequestedRecording.objects
        match self.value():
            case "waiting":
                found = rows.waiting_for_audio()
            case "running":
                found = rows.filter(grants__in=Grant.objects.in_force())
            case "approved" | "declined":
                found = rows.filter(decision=self.value())
            case "automatic":
                found = rows.filter(decision=Decision.APPROVED, decided_by=None)
            case _:
                return queryset
        return queryset.filter(pk__in=found.values("request"))


class RecordingRequestAdmin(admin.ModelAdmin):
    """The requester's text cannot be changed; decisions have their own pages."""

    list_display = [
        "reference_and_requester",
        "decide_link",
        "sent_at_in_words",
        "states_of_recordings",
        "earlier_requests",
        "purpose_in_short",
    ]
    list_display_links = ["reference_and_requester"]
    list_filter = ["status", RecordingStateFilter, "created_at"]
    search_fields = [
        "reference",
        "name",
        "email",
        "organisation",
        "purpose",
        "requested_recordings__recording__session__title",
    ]
    search_help_text = gettext_lazy(
        "Reference, name, address, organisation, purpose or title of a session"
    )
    date_hierarchy = "created_at"
    list_per_page = 50
    actions = ["decide_on_chosen"]
    fieldsets = [
        (None, {"fields": ["staff_note"]}),
        (
            gettext_lazy("Terms and times"),
            {
                "fields": [
                    "status",
                    "created_at",
                    "confirmed_at",
                    "agreed_terms",
                    "anonymised_at",
                ],
                "classes": ["collapse"],
            },
        ),
    ]
    readonly_fields = ["status", "created_at", "confirmed_at", "agreed_terms", "anonymised_at"]
    change_list_template = "admin/recordings_app/recordingrequest/change_list.html"
    change_form_template = "admin/recordings_app/recordingrequest/change_form.html"

    class Media:
        css = {"all": ["css/admin/requests.css"]}

    def get_urls(self):
        def page(view):
            return self.admin_site.admin_view(view)

        return [
            path("decide/", page(self.decide), name="recordings_app_decide"),
            path(
                "grants/<int:key>/<slug:what>/",
                page(require_POST(self.act_on_grant)),
                name="recordings_app_grant",
            ),
            path(
                "<int:key>/ask-to-confirm/",
                page(require_POST(self.resend_confirmation_mail)),
                name="recordings_app_ask_to_confirm",
            ),
            *super().get_urls(),
        ]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False  # `erase_person` removes personal data; a decision stays on record

    def get_queryset(self, request):
        rows = RequestedRecording.objects.with_grants()
        same = (
            RequestedRecording.objects.filter(request__email=OuterRef("email"))
            .exclude(request__status=Status.UNCONFIRMED)
            .filter(request__created_at__lt=OuterRef("created_at"))
            .order_by()
            .values("request__email")
        )

        def count(condition):
            counted = same.annotate(found=Count("pk", filter=condition)).values("found")
            return Coalesce(Subquery(counted), 0)

        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("requested_recordings", rows))
            .annotate(
                asked_before=count(Q()),
                approved_before=count(Q(decision=Decision.APPROVED)),
                declined_before=count(Q(decision=Decision.DECLINED)),
            )
        )

    def get_ordering(self, request):
        is_open = When(status=Status.OPEN, then=F("created_at"))
        return [Case(is_open).asc(nulls_last=True), "-created_at", "-pk"]

    @admin.display(description=gettext_lazy("request"), ordering="reference")
    def reference_and_requester(self, request):
        return format_html(
            "{}<br>{}{}<br>{}",
            request.reference,
            request.name or gettext("(name removed)"),
            f", {request.organisation}" if request.organisation else "",
            request.email,
        )

    @admin.display(description=gettext_lazy("sent"), ordering="created_at")
    def sent_at_in_words(self, request):
        return moment_in_words(request.created_at, with_zone=True)

    @admin.display(description=gettext_lazy("recordings"), ordering="status")
    def states_of_recordings(self, request):
        if request.status == Status.UNCONFIRMED:
            states = [
                (row.recording.label, gettext("address not confirmed"))
                for row in self._requested_recordings(request)
            ]
        else:
            states = [
                (row.recording.label, request_state_of(row).state.label)
                for row in self._requested_recordings(request)
            ]
        return format_html_join(LINE_BREAK, "{}: <strong>{}</strong>", states)

    def _requested_recordings(self, request):
        return request.requested_recordings.all()

    @admin.display(description=gettext_lazy("purpose"))
    def purpose_in_short(self, request):
        return Truncator(request.purpose).chars(90)

    @admin.display(description=gettext_lazy("before"))
    def earlier_requests(self, request):
        if not request.asked_before:
            return gettext("first request")
        return gettext(
            "%(asked_before)s asked, %(approved_before)s approved, %(declined_before)s declined"
        ) % {
            "asked_before": request.asked_before,
            "approved_before": request.approved_before,
            "declined_before": request.declined_before,
        }

    @admin.display(description="")
    def decide_link(self, request):
        if request.status != Status.OPEN:
            return ""
        return format_html(
            '<a class="button" href="{}">Decide</a>', decision_page_url([request.pk])
        )

    @admin.action(
        description=gettext_lazy("Decide on the selected requests"), permissions=["change"]
    )
    def decide_on_chosen(self, request, queryset):
        pending = queryset.filter(status=Status.OPEN)
        if not pending:
            self.message_user(
                request, gettext("There is nothing left to decide."), messages.WARNING
            )
            return None
        return redirect(decision_page_url(pending.values_list("pk", flat=True)))

    def changelist_view(self, request, extra_context=None):
        undelivered = MailMessage.objects.filter(
            kind__startswith="request",
            state__in=(MailMessage.State.FAILED, MailMessage.State.BOUNCED),
        )
        context = {"undelivered": undelivered.count(), **(extra_context or {})}
        return super().changelist_view(request, context)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        found = self.get_object(request, object_id)
        if found is not None and self.has_view_permission(request, found):
            extra_context = {**(extra_context or {}), **self.decision_page_context(found)}
        return super().change_view(request, object_id, form_url, extra_context)

    def decision_page_context(self, found):
        rows = (
            found.requested_recordings.with_grant_sittings()
            .select_related("recording__session", "decided_by")
            .order_by("pk")
        )
        standings = [(row, request_state_of(row)) for row in rows]
        earlier = (
            RecordingRequest.objects.of_address(found.email)
            .exclude(pk=found.pk)
            .prefetch_related(
                Prefetch("requested_recordings", RequestedRecording.objects.with_grants())
            )
            .order_by("-created_at", "-pk")
        )
        return {
            "standings": standings,
            "undecided": any(
                standing.state == RequestState.PENDING for _row, standing in standings
            ),
            "can_be_approved": STATES_THAT_CAN_BE_APPROVED,
            "can_be_declined": STATES_THAT_CAN_BE_DECLINED,
            "earlier": [
                (
                    earlier_request,
                    [
                        (row, request_state_of(row))
                        for row in earlier_request.requested_recordings.all()
                    ],
                )
                for earlier_request in earlier
            ],
            "mails": MailMessage.objects.filter(
                kind__startswith="request-", about__request=found.pk
            ),
            "terms": RequestSettings.load(),
            "decide_address": decision_page_url([found.pk]),
        }

    def decide(self, request):
        """One decision on the chosen recordings of one or more requests."""
        if not self.has_change_permission(request):
            raise RightMissingError("recordings_app.change_recordingrequest")
        rows = self.rows_to_decide(request)
        terms = RequestSettings.load()
        if request.method == "POST":
            form = DecisionForm(request.POST)
            form.fields["row"].queryset = RequestedRecording.objects.exclude(
                request__status=Status.UNCONFIRMED
            )
            if form.is_valid():
                return self.carry_out_decision(request, form.cleaned_data)
        else:
            form = DecisionForm(initial={"days": terms.days, "plays": terms.plays})
        chosen = form["row"].value() if form.is_bound else [row.pk for row, _standing in rows]
        chosen = set(map(str, chosen))
        context = self.admin_site.each_context(request) | {
            "title": gettext("Decide on requests"),
            "opts": self.opts,
            "form": form,
            "rows": [
                (
                    row,
                    standing,
                    str(row.pk) in chosen,
                    standing.state in STATES_THAT_CAN_BE_DECLINED,
                )
                for row, standing in rows
            ],
            "next": request.POST.get("next") or request.GET.get("next", ""),
        }
        return TemplateResponse(request, "admin/recordings_app/decide.html", context)

    def rows_to_decide(self, request):
        """The rows to show: of single recordings, of whole requests, or those shown before."""
        given = request.POST if request.method == "POST" else request.GET
        keys = {
            name: parse_whole_numbers(given.getlist(name)) for name in ("row", "shown", "request")
        }
        asked = Q(pk__in=keys["row"] + keys["shown"]) | Q(
            request__in=keys["request"], decision=Decision.PENDING
        )
        rows = (
            RequestedRecording.objects.filter(asked)
            .exclude(request__status=Status.UNCONFIRMED)
            .with_grants()
            .select_related("request", "recording__session")
            .order_by("request__created_at", "pk")
        )
        states = {*STATES_THAT_CAN_BE_APPROVED, *STATES_THAT_CAN_BE_DECLINED}
        found = [(row, request_state_of(row)) for row in rows]
        return [(row, standing) for row, standing in found if standing.state in states]

    def carry_out_decision(self, request, typed):
        rows = typed["row"].select_related("request", "recording__session")
        keys = [row.pk for row in rows]
        if "decline" in request.POST:
            outcome = decline_requests(keys, user=request.user, note=typed["note"])
            what = "Declined"
            told = [gettext("Declined: %(number)s.") % {"number": outcome.decided}]
        else:
            terms = {"days": typed["days"], "plays": typed["plays"]}
            outcome = approve_requests(keys, user=request.user, note=typed["note"], **terms)
            what = f"Approved for {typed['days']} days and {typed['plays']} plays"
            told = [
                gettext("Approved, and the link queued: %(number)s.") % {"number": outcome.granted}
            ]
            if outcome.waiting:
                told.append(
                    gettext(
                        "Approved and waiting: %(number)s. There is no audio to hear yet; the link "
                        "goes out by itself when there is."
                    )
                    % {"number": outcome.waiting}
                )
        if outcome.passed_over:
            told.append(
                gettext("Skipped, because decided in the meantime: %(number)s.")
                % {"number": outcome.passed_over}
            )
        level = messages.WARNING if outcome.passed_over else messages.SUCCESS
        self.message_user(request, " ".join(told), level)
        for row in rows:
            self.log_change(request, row.request, f"{what}: {row.recording.label}")
        return self.redirect_after_decision(request, rows)

    def redirect_after_decision(self, request, rows):
        requests = {row.request_id for row in rows}
        if request.POST.get("next") == "request" and len(requests) == 1:
            return redirect("admin:recordings_app_recordingrequest_change", requests.pop())
        return redirect("admin:recordings_app_recordingrequest_changelist")

    def act_on_grant(self, request, key, what):
        """Revoke, extend or send again: one button each on the page of the request."""
        if not self.has_change_permission(request):
            raise RightMissingError("recordings_app.change_recordingrequest")
        grants = Grant.objects.select_related(
            "requested__request", "requested__recording__session"
        )
        grant = grants.filter(pk=key).first()
        if grant is None or what not in ("revoke", "extend", "resend"):
            raise Http404
        ended = gettext("This access has already ended or been revoked.")
        if what == "revoke":
            done, said = (
                revoke_grant(grant, user=request.user),
                gettext_lazy("The access has been revoked."),
            )
        elif what == "resend":
            done, said = (
                resend_grant_link(grant),
                gettext_lazy("The mail with the link has been queued again."),
            )
        else:
            form = ExtensionForm(request.POST)
            done = form.is_valid() and extend_grant(grant, **form.cleaned_data)
            said = gettext_lazy("The access has been extended. The requester is notified by mail.")
            if not form.is_valid():
                ended = " ".join(
                    gettext("%(label)s: %(errors)s")
                    % {"label": form.fields[name].label, "errors": " ".join(errors)}
                    if name in form.fields
                    else " ".join(errors)
                    for name, errors in form.errors.items()
                )
        self.message_user(
            request, said if done else ended, messages.SUCCESS if done else messages.ERROR
        )
        if done:
            label = grant.requested.recording.label
            with override(settings.LANGUAGE_CODE):  # stored text is always in one language
                self.log_change(request, grant.requested.request, f"{said} {label}")
        return redirect("admin:recordings_app_recordingrequest_change", grant.requested.request_id)

    def resend_confirmation_mail(self, request, key):
        """Send the mail that asks to confirm the address once more."""
        if not self.has_change_permission(request):
            raise RightMissingError("recordings_app.change_recordingrequest")
        unconfirmed = RecordingRequest.objects.filter(pk=key, status=Status.UNCONFIRMED).first()
        if unconfirmed is None:
            raise Http404
        queue_message(
            "request-confirm",
            unconfirmed.email,
            language=unconfirmed.language,
            request=unconfirmed.pk,
        )
        self.message_user(request, gettext("The mail has been queued again."), messages.SUCCESS)
        return redirect("admin:recordings_app_recordingrequest_change", key)


def decision_page_url(keys) -> str:
    query = urlencode([("request", key) for key in keys])
    return f"{reverse('admin:recordings_app_decide')}?{query}"


class RequestSettingsAdmin(SingleRowAdmin):
    fieldsets = [
        (gettext_lazy("Defaults for approvals"), {"fields": ["days", "plays"]}),
        (gettext_lazy("Request form"), {"fields": ["decision_days"]}),
        (gettext_lazy("Mail"), {"fields": ["reply_to", "team_copy", "reminder_days"]}),
        (gettext_lazy("Privacy"), {"fields": ["kept_days"]}),
    ]
