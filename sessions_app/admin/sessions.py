"""The session page of the admin: everything about a session on one page."""

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Prefetch
from django.forms import Script
from django.http import Http404, HttpResponseRedirect
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, gettext_lazy, gettext_noop

from desk_app.merging.admin import MAX_RECORDS_PER_MERGE, MergeAdmin
from desk_app.worklists.duplicate_warnings import DuplicateWarningAdmin
from sessions_app.editing import history
from sessions_app.editing.history_diff import differing_lines_of_states
from sessions_app.editing.publishing import (
    UNPUBLISHED_STATUSES,
    is_scheduled,
    publish_sessions,
    status_in_words,
    withdraw_sessions,
)
from sessions_app.editing.resources import SessionResource
from sessions_app.editing.review import ask_for_review
from sessions_app.editing.snapshots import load_snapshot
from sessions_app.editing.trash import put_into_bin, reason_not_to_delete
from sessions_app.worklists.duplicate_sessions import possible_duplicate_sessions
from site_app.admin_bases.base import ViewOnSiteAdmin
from site_app.admin_bases.edit_conflicts import ConflictCheckAdmin
from site_app.permissions import may_publish
from site_app.spreadsheets.admin import SheetAdmin
from site_app.text.dates import moment_in_words, when_and_who
from site_app.text.enumerations import first_words_and_rest_count
from site_app.text.numbers import parse_whole_numbers

from ..models import Appearance, Session
from .bulk_edit import ChangeManyMixin
from .filters import (
    EnteredByFilter,
    MissingPartFilter,
    OpenReviewFilter,
    RegionFilter,
    SeriesFilter,
    StatusFilter,
    TopicFilter,
)
from .history import HistoryPages
from .inlines import AppearanceInline, DocumentInline, RecommendationInline
from .review_panel import ReviewPanelMixin
from .search import search_sessions
from .session_form import SessionForm

MAX_SPEAKERS_SHOWN = 3


@admin.register(Session)
class SessionAdmin(
    MergeAdmin,
    DuplicateWarningAdmin,
    SheetAdmin,
    ChangeManyMixin,
    ReviewPanelMixin,
    ConflictCheckAdmin,
    HistoryPages,
    ViewOnSiteAdmin,
):
    alike_fields = ("title", "held_on")
    form = SessionForm
    resource_classes = [SessionResource]
    inlines = [AppearanceInline, RecommendationInline, DocumentInline]
    autocomplete_fields = ["series", "topics", "regions"]
    delete_confirmation_template = "admin/sessions_app/session/delete_confirmation.html"
    delete_selected_confirmation_template = (
        "admin/sessions_app/session/delete_selected_confirmation.html"
    )
    change_form_template = "admin/sessions_app/session/change_form.html"
    list_display = [
        "title",
        "status_with_time",
        "held_on",
        "speakers",
        "series",
        "last_change",
    ]
    list_select_related = ["series", "changed_by"]
    list_filter = [
        OpenReviewFilter,
        StatusFilter,
        MissingPartFilter,
        SeriesFilter,
        TopicFilter,
        RegionFilter,
        EnteredByFilter,
    ]
    list_per_page = 50
    show_full_result_count = False
    date_hierarchy = "held_on"
    search_fields = ["title"]  # shows the search box; `get_search_results` does the search
    search_help_text = gettext_lazy(
        "Words of title, speaker, series or topic; an address; an import reference."
    )
    actions = ["change_chosen", "publish_chosen", "withdraw_chosen", "merge_chosen"]
    readonly_fields = [
        "import_ref",
        "source_link",
        "remains",
        "created",
        "changed",
    ]
    # The template shows fieldsets of class "after-parts" below speakers and documents.
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "title", ("held_on", "ends_on"), "series", "topics", "regions",
                    "summary",
                ]
            },
        ),
        (
            gettext_lazy("Recording"),
            {
                "fields": ["recording_contact_email"],
                "classes": ["after-parts"],
            },
        ),
        (
            gettext_lazy("More about the session"),
            {
                "fields": [("start_time", "time_zone"), "language", "slug", "commenting"],
                "classes": ["after-parts", "collapse"],
            },
        ),
        (
            gettext_lazy("For staff only"),
            {
                "fields": [
                    "internal_note", "remains", "source_link", "import_ref", "created", "changed",
                ],
                "classes": ["after-parts"],
            },
        ),
        (gettext_lazy("Publication"), {"fields": [("status", "published_at")], "classes": ["after-parts"]}),
    ]  # fmt: skip

    class Media:
        css = {"all": ["css/admin/session.css"]}
        js = [
            Script("js/admin/session_parts.js", type="module"),
        ]

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        stored = obj if obj is None or request.method == "GET" else Session.objects.get(pk=obj.pk)
        context["bar_status"] = status_in_words(stored) if stored else gettext("New")
        context["bar_publishes"] = may_publish(request.user) and (
            stored is None or stored.status in UNPUBLISHED_STATUSES
        )
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def refusal_to_delete(self, request, record):
        return reason_not_to_delete(request.user, record) if record else ""

    def has_publish_permission(self, request):
        return may_publish(request.user)

    def has_merge_permission(self, request):
        return super().has_merge_permission(request) and may_publish(request.user)

    def split_view(self, request, key):
        raise Http404(gettext("Sessions are merged, not split."))

    def _records_to_merge(self, request, keys):
        """The one that is public the longest is the likely one to stay."""
        sessions = self.get_queryset(request).in_bulk(set(parse_whole_numbers(keys)))
        soonest = sorted(
            sessions.values(),
            key=lambda session: (
                not session.is_public,
                session.first_public_at is None,
                session.first_public_at or session.created_at,
                session.pk,
            ),
        )
        return soonest[:MAX_RECORDS_PER_MERGE]

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return fields if may_publish(request.user) else [*fields, "published_at"]

    def get_fieldsets(self, request, obj=None):
        """Leave what an import left over to the top of the form, where it can be settled.

        Who may only read is shown that in its place, and the summary instead of its markup.
        """
        fieldsets = super().get_fieldsets(request, obj)
        if obj and not self.has_change_permission(request, obj):
            return [
                (
                    name,
                    {
                        **options,
                        "fields": _replace_field(options["fields"], "summary", "shown_summary"),
                    },
                )
                for name, options in fieldsets
            ]
        return [
            (
                name,
                {**options, "fields": [name for name in options["fields"] if name != "remains"]},
            )
            for name, options in fieldsets
        ]

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.may_publish = may_publish(request.user)
        return form

    def get_queryset(self, request):
        appearances = Appearance.objects.select_related("speaker")
        sessions = super().get_queryset(request).outside_bin()
        return sessions.prefetch_related(Prefetch("appearances", appearances))

    def get_search_results(self, request, queryset, search_term):
        return search_sessions(queryset, search_term), False

    @admin.display(description=gettext_lazy("speakers"))
    def speakers(self, session):
        names = [appearance.speaker.name for appearance in session.appearances.all()]
        return first_words_and_rest_count(names, MAX_SPEAKERS_SHOWN)

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def status_with_time(self, session):
        kind = "scheduled" if is_scheduled(session) else session.status
        return format_html(
            '<span class="session-status {}">{}</span>', kind, status_in_words(session)
        )

    @admin.display(description=gettext_lazy("last change"), ordering="updated_at")
    def last_change(self, session):
        when = moment_in_words(session.updated_at)
        return f"{when}, {session.changed_by}" if session.changed_by else when

    @admin.action(
        description=gettext_lazy("Publish the selected sessions"), permissions=["publish"]
    )
    def publish_chosen(self, request, queryset):
        self._log_and_report(
            request,
            publish_sessions(self._without_annotations(queryset), user=request.user),
            gettext_lazy("Published: %(number)s."),
            gettext_noop("Published from the list."),
        )

    @admin.action(
        description=gettext_lazy("Withdraw the selected sessions"), permissions=["publish"]
    )
    def withdraw_chosen(self, request, queryset):
        self._log_and_report(
            request,
            withdraw_sessions(self._without_annotations(queryset), user=request.user),
            gettext_lazy("Withdrawn: %(number)s."),
            gettext_noop("Withdrawn from the list."),
        )

    def _without_annotations(self, queryset):
        return Session.objects.filter(pk__in=queryset.order_by().values("pk"))

    def _log_and_report(self, request, changed, said, logged):
        LogEntry.objects.log_actions(request.user.pk, changed, CHANGE, change_message=logged)
        if changed:
            self.message_user(request, said % {"number": len(changed)}, messages.SUCCESS)
        else:
            self.message_user(
                request,
                gettext("None of the selected sessions needed a change."),
                messages.WARNING,
            )

    def similar_records(self, values, besides):
        return possible_duplicate_sessions(
            values["title"], values["held_on"] or None, besides=besides
        )

    def save_model(self, request, obj, form, change):
        if change:
            history.record_state_missing_in_history([obj.pk])
        else:
            obj.created_by = request.user
        obj.changed_by = request.user
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        form.save_settled_and_attached_remains()

    # Edit conflicts compare the same values as history and restore.

    def stored_version(self, pk):
        return load_snapshot(pk)

    def version_fingerprint(self, version):
        return version.fingerprint()

    def version_differences(self, then, now):
        return differing_lines_of_states(then, now)

    def response_add(self, request, obj, post_url_continue=None):
        self._report_scheduled_time(request, obj)
        self._ask_for_review_if_requested(request, obj)
        return self._redirect_to_preview(request, obj) or super().response_add(
            request, obj, post_url_continue
        )

    def response_change(self, request, obj):
        self._report_scheduled_time(request, obj)
        self._ask_for_review_if_requested(request, obj)
        return self._redirect_to_preview(request, obj) or super().response_change(request, obj)

    def _report_scheduled_time(self, request, obj):
        if is_scheduled(obj):
            self.message_user(request, f"{status_in_words(obj)}.", messages.SUCCESS)

    def _ask_for_review_if_requested(self, request, obj):
        if "_ask_for_review" in request.POST and ask_for_review(obj, user=request.user):
            self.message_user(
                request, gettext("A publisher has been asked to review it."), messages.SUCCESS
            )

    def _redirect_to_preview(self, request, obj):
        return HttpResponseRedirect(obj.get_absolute_url()) if "_preview" in request.POST else None

    def get_deleted_objects(self, objs, request):
        """Name the sessions alone: nothing of them is deleted yet."""
        is_allowed = self.has_delete_permission(request)
        missing = set() if is_allowed else {Session._meta.verbose_name}
        missing |= self.refusals_to_delete(objs, request)
        return [str(session) for session in objs], {}, missing, []

    def delete_model(self, request, obj):
        put_into_bin(Session.objects.filter(pk=obj.pk), user=request.user)

    def delete_queryset(self, request, queryset):
        put_into_bin(self._without_annotations(queryset), user=request.user)

    @admin.display(description=gettext_lazy("not understood by the import"))
    def remains(self, session):
        if not session.import_remains:
            return gettext("Nothing")
        return format_html(
            '<ul class="import-remains">{}</ul>',
            format_html_join(
                "",
                "<li><strong>{}</strong> {}</li>",
                (
                    (gettext(str(remain.get("kind", ""))), str(remain.get("text", "")))
                    for remain in session.import_remains
                ),
            ),
        )

    @admin.display(description=gettext_lazy("taken from"))
    def source_link(self, session):
        if not session.source_url:
            return gettext("Entered by hand") if not session.import_ref else ""
        return format_html('<a href="{0}" rel="noreferrer">{0}</a>', session.source_url)

    @admin.display(description=gettext_lazy("summary"))
    def shown_summary(self, session):
        # Sanitised when it was saved, like the text of the public page.
        return mark_safe(session.summary) or gettext("None")  # noqa: S308

    @admin.display(description=gettext_lazy("created"))
    def created(self, session):
        return (
            when_and_who(session.created_at, session.created_by)
            if session.pk
            else gettext("Not yet")
        )

    @admin.display(description=gettext_lazy("last change"))
    def changed(self, session):
        return (
            when_and_who(session.updated_at, session.changed_by)
            if session.pk
            else gettext("Not yet")
        )


def _replace_field(fields, name, other):
    return [other if field == name else field for field in fields]
