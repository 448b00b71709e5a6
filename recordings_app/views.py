"""Asking for recordings, and following a request by its links."""

from django.core import signing
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View
from django.views.generic import TemplateView

from sessions_app.views.visibility import TombstoneMixin, visible_session
from site_app.models import SiteSettings
from site_app.tokens import record_of_token
from site_app.views import PrivateMixin, ProtectedFormView

from .access import open_request, submit_request
from .forms import MOST_SESSIONS, RecordingRequestForm, requestable_sessions
from .models import CONFIRM, STATUS, RecordingRequest

THANKS_SALT = "recordings.received"


class RequestView(TombstoneMixin, ProtectedFormView):
    """The form for one session."""

    template_name = "recordings_app/request.html"
    form_class = RecordingRequestForm

    def offered(self):
        session = visible_session(None, self.kwargs["slug"])
        if not requestable_sessions().filter(pk=session.pk).exists():
            raise Http404
        return [session]

    def get_form_kwargs(self):
        offered = self.offered()
        return super().get_form_kwargs() | {
            "offered": offered,
            "initial": {"session": [session.slug for session in offered]},
        }

    def get_context_data(self, **kwargs):
        return super().get_context_data(terms=SiteSettings.load().recording_terms, **kwargs)

    def act(self, form):
        wanted = ("name", "email", "organisation", "purpose")
        return submit_request(
            sessions=form.cleaned_data["session"],
            **{name: form.cleaned_data[name] for name in wanted},
        )

    def thank(self, request):
        """Lead on with 303, so that reloading sends nothing again; a robot sees the same page."""
        reference = request.reference if request else "R-22222222"
        signed = signing.dumps(reference, salt=THANKS_SALT)
        response = redirect("recordings:received", signed)
        response.status_code = 303
        return response


class RequestManyView(RequestView):
    """The form for several sessions, named in the address."""

    def offered(self):
        values = self.request.POST if self.request.method == "POST" else self.request.GET
        slugs = [slug for slug in values.getlist("session") if "\x00" not in slug]
        return requestable_sessions().filter(slug__in=slugs[:MOST_SESSIONS])


class ReceivedView(PrivateMixin, TemplateView):
    template_name = "recordings_app/received.html"

    def get_context_data(self, **kwargs):
        try:
            reference = signing.loads(self.kwargs["signed"], salt=THANKS_SALT)
        except signing.BadSignature as error:
            raise Http404 from error
        return super().get_context_data(reference=reference, **kwargs)


class ConfirmView(PrivateMixin, View):
    """A mail scanner opens every link, so opening shows a button and only the button confirms."""

    def get(self, request, token):
        found = self.found(token)
        if found.status != RecordingRequest.Status.UNCONFIRMED:
            return redirect(found_path(found))
        return render(request, "recordings_app/confirm.html", {"recording_request": found})

    def post(self, request, token):
        found = self.found(token)
        open_request(found)
        return redirect(found_path(found))

    def found(self, token):
        found = record_of_token(token, CONFIRM, RecordingRequest.objects.all())
        if found is None:
            raise Http404
        return found


def found_path(request):
    return reverse("recordings:status", args=[request.token(STATUS)])


class StatusView(PrivateMixin, TemplateView):
    """All requests of the address that this one came from, with what was decided."""

    template_name = "recordings_app/status.html"

    def get_context_data(self, **kwargs):
        found = record_of_token(self.kwargs["token"], STATUS, RecordingRequest.objects.all())
        if found is None:
            raise Http404
        requests = (
            RecordingRequest.objects.filter(email__iexact=found.email)
            .exclude(status=RecordingRequest.Status.UNCONFIRMED)
            .prefetch_related("requested_recordings__recording__session")
            .order_by("-created_at")
        )
        return super().get_context_data(recording_requests=requests, found=found, **kwargs)
