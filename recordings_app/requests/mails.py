"""Texts of the mails about requests; values are inserted when a mail is sent."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from recordings_app.models import Grant, RecordingRequest, RequestedRecording, RequestSettings
from site_app.mail.rendering import RenderedMail, register_renderer, render_mail_template
from site_app.mail.templates import MailTemplate, compose_mail_of_kind, register_mail_template
from site_app.models import SiteSettings
from site_app.text.dates import moment_in_words

from .default_mail_templates import (
    APPROVED_MAIL,
    APPROVED_WITHOUT_AUDIO_MAIL,
    CONFIRM_ADDRESS_MAIL,
    DECLINED_MAIL,
    EXTENDED_MAIL,
    LOST_LINK_MAIL,
    REQUEST_RECEIVED_MAIL,
    REVOKED_MAIL,
)

Decision = RequestedRecording.Decision
LINK_LEFT_OUT_TEXT = _("(the private link is only in the requester's e-mail)")

for template in (
    CONFIRM_ADDRESS_MAIL,
    REQUEST_RECEIVED_MAIL,
    APPROVED_MAIL,
    APPROVED_WITHOUT_AUDIO_MAIL,
    DECLINED_MAIL,
    EXTENDED_MAIL,
    REVOKED_MAIL,
    LOST_LINK_MAIL,
):
    register_mail_template(MailTemplate(**template))


def _moment_with_zone(at) -> str:
    return moment_in_words(at, with_zone=True)


def _request_to_mail(about) -> RecordingRequest | None:
    """Return the request a mail is about; None when nobody is to be written to any more."""
    return RecordingRequest.objects.filter(pk=about["request"], anonymised_at=None).first()


def _requested_recordings(request, **conditions):
    return list(
        request.requested_recordings.filter(**conditions).select_related("recording__session")
    )


def _lines_of_recordings(rows) -> str:
    return "\n".join(
        f"- {row.recording.label}\n  {settings.SITE_URL}{row.recording.session.get_absolute_url()}"
        for row in rows
    )


def _template_values(request: RecordingRequest, about: dict) -> dict[str, str]:
    site = SiteSettings.load()
    return {
        "archive": site.name,
        "contact": _reply_address(),
        "name": request.name,
        "reference": request.reference,
        "status_link": str(LINK_LEFT_OUT_TEXT) if about.get("to_team") else request.status_url,
    }


def _reply_address() -> str:
    return RequestSettings.load().reply_to or SiteSettings.load().contact_email


@register_renderer("request-confirm")
def request_confirmation_mail(about) -> RenderedMail | None:
    request = _request_to_mail(about)
    if request is None or request.status != RecordingRequest.Status.UNCONFIRMED:
        return None
    # Anyone's address can be entered in the form, so this mail repeats nothing that was entered,
    # and names the recordings as the archive does.
    values = {
        "archive": SiteSettings.load().name,
        "reference": request.reference,
        "recordings": "\n".join(
            f"- {row.recording.label}" for row in _requested_recordings(request)
        ),
        "confirm_link": request.confirm_url,
    }
    return compose_mail_of_kind("request-confirm", values, _reply_address())


@register_renderer("request-received")
def request_received_mail(about) -> RenderedMail | None:
    """Say what waits for a decision; decisions made in the meantime have their own mail."""
    if (request := _request_to_mail(about)) is None:
        return None
    repeated = _requested_recordings(request, decision=Decision.REPEATED)
    pending = _requested_recordings(request, decision=Decision.PENDING)
    if not (repeated or pending):
        return None
    values = _template_values(request, about) | {
        "recordings": _lines_of_recordings(pending),
        "repeated": _lines_of_recordings(repeated),
        "organisation": request.organisation,
        "purpose": request.purpose,
    }
    return compose_mail_of_kind("request-received", values, _reply_address())


@register_renderer("request-for-staff")
def request_staff_mail(about) -> RenderedMail | None:
    if (request := _request_to_mail(about)) is None:
        return None
    rows = _requested_recordings(request)
    before = RecordingRequest.objects.of_address(request.email).confirmed()
    return render_mail_template(
        "request_for_staff",
        reply_to=request.email,
        request=request,
        rows=rows,
        is_decided=all(row.decision != Decision.PENDING for row in rows),
        earlier=before.exclude(pk=request.pk).count(),
        decide_url=settings.SITE_URL
        + reverse("admin:recordings_app_recordingrequest_change", args=[request.pk]),
    )


def _mail_about_grants(kind: str, about: dict, grants) -> RenderedMail | None:
    request = _request_to_mail(about)
    grants = list(
        grants.filter(pk__in=about["grants"]).select_related("requested__recording__session")
    )
    if request is None or not grants:
        return None
    is_copy = about.get("to_team")
    lines = []
    for grant in grants:
        lines += [
            f"- {grant.requested.recording.label}",
            f"  {LINK_LEFT_OUT_TEXT if is_copy else grant.url}",
            "  "
            + ngettext(
                "Until %(moment)s, %(plays)s play",
                "Until %(moment)s, %(plays)s plays",
                grant.plays_left,
            )
            % {"moment": _moment_with_zone(grant.expires_at), "plays": grant.plays_left},
        ]
    # A decision has one note.
    values = {"recordings": "\n".join(lines), "note": grants[0].note}
    return compose_mail_of_kind(kind, _template_values(request, about) | values, _reply_address())


@register_renderer("request-approved")
def approved_mail(about) -> RenderedMail | None:
    """List the links, without those revoked or expired before the mail is sent."""
    return _mail_about_grants("request-approved", about, Grant.objects.in_force())


@register_renderer("request-extended")
def extended_mail(about) -> RenderedMail | None:
    return _mail_about_grants("request-extended", about, Grant.objects.in_force())


def _mail_about_rows(kind: str, about: dict, decision: str) -> RenderedMail | None:
    request = _request_to_mail(about)
    rows = (
        _requested_recordings(request, pk__in=about["rows"], decision=decision) if request else []
    )
    if not rows:
        return None
    values = {"recordings": _lines_of_recordings(rows), "note": rows[0].note}
    return compose_mail_of_kind(kind, _template_values(request, about) | values, _reply_address())


@register_renderer("request-waiting")
def approved_without_audio_mail(about) -> RenderedMail | None:
    return _mail_about_rows("request-waiting", about, Decision.APPROVED)


@register_renderer("request-declined")
def declined_mail(about) -> RenderedMail | None:
    return _mail_about_rows("request-declined", about, Decision.DECLINED)


@register_renderer("request-revoked")
def revoked_mail(about) -> RenderedMail | None:
    request = _request_to_mail(about)
    grants = Grant.objects.filter(pk__in=about["grants"]).exclude(revoked_at=None)
    rows = _requested_recordings(request, grants__in=grants) if request else []
    if not rows:
        return None
    values = {"recordings": _lines_of_recordings(rows)}
    return compose_mail_of_kind(
        "request-revoked", _template_values(request, about) | values, _reply_address()
    )


@register_renderer("request-link")
def lost_link_mail(about) -> RenderedMail | None:
    requests = RecordingRequest.objects.of_address(about["email"]).confirmed()
    request = requests.filter(anonymised_at=None).order_by("-created_at", "-pk").first()
    return request and compose_mail_of_kind(
        "request-link", _template_values(request, about), _reply_address()
    )


@register_renderer("requests-waiting")
def reminder_mail(about) -> RenderedMail | None:
    """List open requests without names, which staff read in the admin."""
    still = RecordingRequest.objects.filter(
        pk__in=about["requests"], status=RecordingRequest.Status.OPEN
    )
    if not still:
        return None
    changelist = reverse("admin:recordings_app_recordingrequest_changelist")
    return render_mail_template(
        "requests_waiting", requests=list(still), queue_url=settings.SITE_URL + changelist
    )
