"""Playback pages: open recordings by a public address, granted ones by their private link."""

from datetime import timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views import View
from django.views.generic import TemplateView

from recordings_app.models import AccessLog
from recordings_app.requests.submission import contact_address
from recordings_app.transcripts import writing
from sessions_app.formats import citations
from sessions_app.formats.head import Head
from sessions_app.formats.session_head import oembed_link
from sessions_app.indexing.transcripts import recording_time_text
from sessions_app.models import Session
from sessions_app.views.exports import CiteView, invalid_parameters_response
from sessions_app.visibility import TombstoneMixin
from site_app.models import SiteSettings
from site_app.text.numbers import parse_whole_number
from site_app.views import PrivateTokenPageMixin

from . import permissions, player, sittings
from .access_log import log_access
from .streaming import audio_response

MAX_DURATION_SECONDS = 24 * 3600  # seconds


def requested_second(request, duration) -> int | None:
    """Return the second that `?t=` names, within the recording; None for none or nonsense."""
    second = parse_whole_number(request.GET.get("t", ""), minimum=0, maximum=999_999)
    return None if second is None else min(second, int(duration or MAX_DURATION_SECONDS))


def search_text_of_request(request) -> str:
    """Return the search text for the transcript, without NUL characters."""
    return " ".join(request.GET.get("q", "").replace("\x00", "").split())


def transcript_response(
    request, recording, transcript, extension, *, grant=None, sitting=None, user=None
):
    cues = list(transcript.cues.all())
    label = recording.label
    text = (
        writing.webvtt_of(cues, label)
        if extension == "vtt"
        else writing.plain_text_of(cues, label)
    )
    media_type = "text/vtt" if extension == "vtt" else "text/plain"
    response = HttpResponse(text, content_type=f"{media_type}; charset=utf-8")
    response["X-Content-Type-Options"] = "nosniff"
    if request.method == "GET":
        log_access(
            recording=recording,
            grant=grant,
            sitting=sitting,
            user=user,
            what=AccessLog.What.TRANSCRIPT,
            byte_count=len(response.content),
        )
    return response


class AccessCheckedView(TombstoneMixin):
    """Base of the views of a session's recording: permissions are checked at each request."""

    def accessible_parts(self):
        return permissions.accessible_parts(
            self.request, self.kwargs["slug"], self.kwargs["number"]
        )


class RecordingView(AccessCheckedView, TemplateView):
    template_name = "recordings_app/recording.html"

    def get(self, request, *args, **kwargs):
        found = self.accessible_parts()
        here = request.path
        is_open = found.may_hear and not found.is_preview
        context = self.get_context_data(
            head=Head(links=[oembed_link(here)]) if is_open else None,
            session=found.recording.session,
            recording=found.recording,
            may_hear=found.may_hear,
            is_preview=found.is_preview,
            player=player.player_context(
                found.recording,
                found.transcript,
                here,
                found.may_hear,
                search_text_of_request(request),
            ),
        )
        return self.render_to_response(context)


class RecordingAudioView(AccessCheckedView, View):
    def get(self, request, *args, **kwargs):
        found = self.accessible_parts()
        if not found.may_hear:
            raise Http404
        if found.is_preview:
            staff = {"what": AccessLog.What.STAFF, "user": request.user}
            return audio_response(request, found.recording, **staff)
        return audio_response(request, found.recording)


class RecordingTranscriptView(AccessCheckedView, View):
    def get(self, request, *args, extension, **kwargs):
        found = self.accessible_parts()
        if found.transcript is None:
            raise Http404
        response = transcript_response(
            request,
            found.recording,
            found.transcript,
            extension,
            user=request.user if found.reads_as_staff else None,
        )
        response["Cache-Control"] = "no-cache"  # sealing and closing take effect at once
        return response


class MomentCiteView(CiteView):
    """The reference to a moment of a recording, in every format that sessions have."""

    query_parameters = CiteView.query_parameters | {"t"}

    def get(self, request, extension, **kwargs):
        if "t" in request.GET and requested_second(request, None) is None:
            return invalid_parameters_response({"t": ["Give the time as seconds from the start."]})
        return super().get(request, extension, **kwargs)

    def reference(self, recording, address):
        sessions = Session.objects.with_speakers().prefetch_related("topics")
        session = sessions.get(pk=recording.session_id)
        seconds = requested_second(self.request, recording.duration_seconds) or 0
        at = f"{address or session.get_absolute_url()}{f'#t={seconds}' if address else ''}"
        cited = citations.citation_of_moment(session, recording_time_text(seconds), at)
        return cited, cited.identifier


class RecordingCiteView(MomentCiteView):
    def citation_and_filename(self, request, slug, number):
        found = permissions.accessible_parts(request, slug, number)
        return self.reference(found.recording, found.recording.get_absolute_url())


class GrantView(PrivateTokenPageMixin):
    """Base of the views of a grant: 404 if unknown, 410 if ended, and the sitting."""

    def dispatch(self, request, *args, **kwargs):
        # HTTP methods are checked only after the token is known to be valid.
        self.grant = permissions.grant_of_token(kwargs["token"])
        self.recording = self.grant.requested.recording
        self.sitting = sittings.sitting_of_browser(request, self.grant)
        return super().dispatch(request, *args, **kwargs)

    def reason_ended(self):
        """Return why this browser cannot use this grant, "" if it can."""
        reason = permissions.refusal_reason(self.grant)
        if not reason and self.sitting is None and not self.grant.plays_left:
            return "exhausted"
        return reason

    def render_ended_page(self, reason):
        session = self.recording.session
        context = {
            "grant": self.grant,
            "recording": self.recording,
            "reason": reason,
            "contact_email": contact_address([session], SiteSettings.load()),
        }
        if session.is_public:
            context["session"] = session
        return render(self.request, "recordings_app/grant_ended.html", context, status=410)


class GrantedView(GrantView, View):
    """Terms, then the player. Opening the link changes nothing: mail scanners open every link."""

    def get(self, request, token):
        if reason := self.reason_ended():
            return self.render_ended_page(reason)
        context = {
            "grant": self.grant,
            "recording": self.recording,
            "session": self.recording.session,
        }
        if self.sitting is None:
            context["terms"] = SiteSettings.load().recording_terms
            return render(request, "recordings_app/grant_terms.html", context)
        transcript = getattr(self.recording, "transcript", None)
        context |= {
            "player": player.player_context(
                self.recording, transcript, request.path, True, search_text_of_request(request)
            ),
            "sitting_ends": min(
                self.sitting.started_at + timedelta(hours=sittings.MAX_SITTING_HOURS),
                self.grant.expires_at,
            ),
            "sittings": self.grant.sittings.all()[:50],
        }
        return render(request, "recordings_app/grant.html", context)

    def post(self, request, token):
        if reason := self.reason_ended():
            return self.render_ended_page(reason)
        response = redirect("recordings:granted", token)
        response.status_code = 303
        if self.sitting is None:  # a double click accepts the terms once
            key = sittings.start_sitting(self.grant)
            if key is None:
                return self.render_ended_page(
                    permissions.refusal_reason(self.grant) or "exhausted"
                )
            sittings.set_sitting_cookie(response, key, token)
        return response


class GrantPartView(GrantView, View):
    """Audio and transcript: only within a sitting."""

    def get(self, request, token, **kwargs):
        if reason := self.reason_ended():
            return self.render_ended_page(reason)
        if self.sitting is None:
            return render(request, "recordings_app/grant_no_sitting.html", status=403)
        return self.part_response(request, **kwargs)


class GrantAudioView(GrantPartView):
    def part_response(self, request):
        return audio_response(request, self.recording, grant=self.grant, sitting=self.sitting)


class GrantTranscriptView(GrantPartView):
    def part_response(self, request, extension):
        transcript = getattr(self.recording, "transcript", None)
        if transcript is None:
            raise Http404
        return transcript_response(
            request, self.recording, transcript, extension, grant=self.grant, sitting=self.sitting
        )


class GrantCiteView(GrantPartView, MomentCiteView):
    """The reference to a moment of a recording without a public address: the session's page."""

    def part_response(self, request, extension):
        return MomentCiteView.get(self, request, extension)

    def citation_and_filename(self, request):
        return self.reference(self.recording, "")
