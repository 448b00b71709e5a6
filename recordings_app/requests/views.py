"""Asking for recordings, and following a request by its links."""

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.db.models import Prefetch
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.generic import TemplateView

from recordings_app.models import (
    CONFIRM_LINK_PURPOSE,
    STATUS_LINK_PURPOSE,
    Recording,
    RecordingRequest,
    RequestedRecording,
    RequestSettings,
)
from sessions_app.models import Session
from sessions_app.selection.items import parse_item
from sessions_app.visibility import TombstoneMixin, visible_session
from site_app.forms.tokens import record_of_token
from site_app.models import SiteSettings
from site_app.redirects.addresses import current_slugs_of_old_slugs
from site_app.text.numbers import parse_whole_number
from site_app.views import PrivateTokenPageMixin, ProtectedFormView

from .decisions import withdraw_requests
from .forms import (
    MAX_SESSIONS_PER_REQUEST,
    LostLinkForm,
    RecordingRequestForm,
    requestable_sessions,
)
from .request_state import request_state_of
from .requester_cookie import delete_requester_cookie, requester_of_cookie, set_requester_cookie
from .submission import (
    confirm_request,
    contact_address,
    current_requests_by_recording,
    mail_link_to_requests,
    submit_request,
)

RECEIVED_PAGE_SALT = "recordings.received-sessions"
PREFILLED_FIELDS = ("name", "email", "organisation", "purpose")
CONFIRMED_MESSAGE = _(
    "Your e-mail address is confirmed. Come back to this page at any time to see the state of your request."
)
ASKED_AGAIN_MESSAGE = _(
    "You have already asked for this, so nothing new was sent. This page shows the state of your request."
)


class NothingToAskForError(Exception):
    """No recording of the session can be requested, now or after a seal ends."""


class RequestView(TombstoneMixin, ProtectedFormView):
    """The form for one session."""

    template_name = "recordings_app/request.html"
    form_class = RecordingRequestForm
    may_be_empty = False

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.known = None if "fresh" in request.GET else requester_of_cookie(request)

    def dispatch(self, request, *args, **kwargs):
        try:
            response = super().dispatch(request, *args, **kwargs)
        except NothingToAskForError:
            response = self.respond_without_request()
        if self.known is not None:
            response["Cache-Control"] = "private, no-store"
        if "fresh" in request.GET:
            delete_requester_cookie(response)
        return response

    def requested_sessions(self):
        """The sessions that the address names, as far as readers may see them."""
        return Session.objects.filter(pk=visible_session(None, self.kwargs["slug"]).pk)

    def respond_without_request(self):
        """Redirect to an open recording, or say that there is none and whom to contact.

        A closed recording is not revealed: the response is that of a session without one.
        """
        session = self.requested_sessions().get()
        heard = list(self.heard.select_related("session")[:2])
        if len(heard) == 1:
            return HttpResponseRedirect(heard[0].get_absolute_url(), status=303)
        if heard:
            return HttpResponseRedirect(f"{session.get_absolute_url()}#recordings", status=303)
        contact_email = contact_address([session], SiteSettings.load())
        context = {"session": session, "contact_email": contact_email}
        return render(self.request, "recordings_app/nothing_to_request.html", context, status=404)

    def get_form_kwargs(self):
        wanted = self.requested_sessions()
        self.heard = Recording.objects.playable_by_anyone().filter(session__in=wanted)
        self.sealed = Recording.objects.sealed().filter(session__in=wanted)
        offered = list(requestable_sessions().filter(pk__in=wanted))
        if not offered and not self.sealed and not self.may_be_empty:
            raise NothingToAskForError
        with_any = {row.session_id for row in (*self.heard, *self.sealed)}
        with_any |= {session.pk for session in offered}
        self.without = [session for session in wanted if session.pk not in with_any]
        self.before = self.recordings_already_requested(offered)
        asked = {row.recording.session_id for row, _standing in self.before}
        initial = {"session": [session.slug for session in offered if session.pk not in asked]}
        if self.known is not None:
            initial |= {name: getattr(self.known, name) for name in PREFILLED_FIELDS}
        return super().get_form_kwargs() | {"offered": offered, "initial": initial}

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        site = SiteSettings.load()
        wanted = list(self.requested_sessions())
        return context | {
            "terms": site.recording_terms,
            "contact_email": contact_address(wanted, site),
            "wanted": wanted,
            "decision_days": RequestSettings.load().decision_days,
            "needs_confirmation": settings.REQUEST_CONFIRMATION,
            "sealed": self.sealed.select_related("session"),
            "heard": self.heard.select_related("session"),
            "without": self.without,
            "known": self.known,
            "status_token": self.known and self.known.token(STATUS_LINK_PURPOSE),
            "fresh_url": f"?{self.fresh_query()}",
            "asked_before": self.before,
        }

    def fresh_query(self):
        query = self.request.GET.copy()
        query["fresh"] = "1"
        return query.urlencode()

    def recordings_already_requested(self, sessions):
        """Recordings of these sessions already requested in this browser."""
        if self.known is None:
            return []
        recordings = Recording.objects.requestable().filter(session__in=sessions)
        rows = current_requests_by_recording(self.known.email, recordings).values()
        return [(row, request_state_of(row)) for row in rows]

    def process_form(self, form):
        sessions = form.cleaned_data["session"]
        typed = {name: form.cleaned_data[name] for name in PREFILLED_FIELDS}
        if self.known is not None and typed["email"] == self.known.email:
            recordings = Recording.objects.requestable().filter(session__in=sessions)
            before = current_requests_by_recording(self.known.email, recordings)
            if all(recording.pk in before for recording in recordings):
                return None
        return submit_request(sessions=sessions, **typed)

    def redirect_after_success(self, request):
        """Lead on with 303, so that reloading sends nothing again; a robot sees the same page."""
        if request is None and self.known is not None:
            messages.info(self.request, ASKED_AGAIN_MESSAGE)
            address = status_path(self.known)
        else:
            reference = request.reference if request else "R-22222222"
            asked = [reference, [session.pk for session in self.requested_sessions()]]
            signed = signing.dumps(asked, salt=RECEIVED_PAGE_SALT)
            address = reverse("recordings:received", args=[signed])
        return HttpResponseRedirect(address, status=303)


class RequestManyView(RequestView):
    """The form for several sessions, named in the address one by one or as an evidence pack."""

    may_be_empty = True

    def requested_sessions(self):
        values = self.request.POST if self.request.method == "POST" else self.request.GET
        slugs = [slug for slug in values.getlist("session") if "\x00" not in slug]
        slugs += [place[0] for item in values.getlist("item") if (place := parse_item(item))]
        present = current_slugs_of_old_slugs("/sessions/", set(slugs[:MAX_SESSIONS_PER_REQUEST]))
        asked = {present.get(slug, slug) for slug in slugs[:MAX_SESSIONS_PER_REQUEST]}
        return Session.objects.published().filter(slug__in=asked)


class LostLinkView(ProtectedFormView):
    """Mail the link to a requester's own page once more; the answer is the same for everybody."""

    template_name = "recordings_app/lost_link.html"
    form_class = LostLinkForm

    def process_form(self, form):
        mail_link_to_requests(form.cleaned_data["email"])

    def redirect_after_success(self, done):
        return HttpResponseRedirect(reverse("recordings:link-sent"), status=303)


class LinkSentView(TemplateView):
    template_name = "recordings_app/link_sent.html"


class ReceivedView(PrivateTokenPageMixin, TemplateView):
    template_name = "recordings_app/received.html"

    def get_context_data(self, **kwargs):
        try:
            reference, keys = signing.loads(self.kwargs["signed"], salt=RECEIVED_PAGE_SALT)
        except signing.BadSignature as error:
            raise Http404 from error
        return super().get_context_data(
            reference=reference,
            sessions=Session.objects.published().filter(pk__in=keys),
            needs_confirmation=settings.REQUEST_CONFIRMATION,
            **kwargs,
        )


class ConfirmView(PrivateTokenPageMixin, View):
    """A mail scanner opens every link, so opening shows a button and only the button confirms."""

    def get(self, request, token):
        found = self.request_of_token(token)
        if found.status != RecordingRequest.Status.UNCONFIRMED:
            return redirect(status_path(found))
        return render(request, "recordings_app/confirm.html", {"recording_request": found})

    def post(self, request, token):
        found = self.request_of_token(token)
        opened = confirm_request(found)
        if opened:
            messages.success(request, CONFIRMED_MESSAGE)
        response = HttpResponseRedirect(status_path(found), status=303)
        set_requester_cookie(response, found)
        return response

    def request_of_token(self, token):
        found = record_of_token(token, CONFIRM_LINK_PURPOSE, RecordingRequest.objects.all())
        if found is None:
            raise Http404
        return found


def status_path(request):
    return reverse("recordings:status", args=[request.token(STATUS_LINK_PURPOSE)])


class StatusView(PrivateTokenPageMixin, View):
    """All requests from the address of this one, with the decisions."""

    def get(self, request, token):
        found = self.request_of_token(token)
        if found.anonymised_at is not None:
            return render(request, "recordings_app/forgotten.html", status=410)
        rows = RequestedRecording.objects.with_grant_sittings().select_related(
            "recording__session"
        )
        requests = (
            RecordingRequest.objects.of_address(found.email)
            .confirmed()
            .prefetch_related(Prefetch("requested_recordings", rows))
            .order_by("-created_at", "-pk")
        )
        site = SiteSettings.load()
        context = {
            "found": found,
            "contact_email": contact_address(
                [
                    row.recording.session
                    for recording_request in requests
                    for row in recording_request.requested_recordings.all()
                ],
                site,
            ),
            "site": site,  # loaded once
            "recording_requests": [
                (
                    recording_request,
                    [
                        (row, request_state_of(row))
                        for row in recording_request.requested_recordings.all()
                    ],
                )
                for recording_request in requests
            ],
        }
        response = render(request, "recordings_app/status.html", context)
        if found.status != RecordingRequest.Status.UNCONFIRMED:
            set_requester_cookie(response, found)
        return response

    def post(self, request, token):
        """Withdraw requests that are not decided."""
        found = self.request_of_token(token)
        key = parse_whole_number(request.POST.get("withdraw", ""))
        mine = RecordingRequest.objects.of_address(found.email).confirmed()
        if key and found in mine:
            rows = RequestedRecording.objects.filter(pk=key, request__in=mine)
            withdraw_requests(rows.values_list("pk", flat=True))
        return HttpResponseRedirect(status_path(found), status=303)

    def request_of_token(self, token):
        found = record_of_token(token, STATUS_LINK_PURPOSE, RecordingRequest.objects.all())
        if found is None:
            raise Http404
        return found
