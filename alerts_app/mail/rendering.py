"""What the mails of alerts say, made when they are sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from alerts_app.models import Alert
from alerts_app.retention import RETENTION_OF_UNUSABLE_ALERTS
from sessions_app.catalogue.list_kinds import RECOMMENDATIONS
from sessions_app.models import Appearance, Recommendation, Session
from site_app.mail.rendering import register_renderer, render_mail_template
from site_app.text.shortening import shorten_at_word
from site_app.text.single_line import capitalise_title, on_one_line

MAX_RESULTS_PER_MAIL = 50
MAX_EXCERPT_CHARACTERS = 300  # characters


@dataclass
class MailedResult:
    """One result as the mail prints it."""

    title: str
    session: Session
    people: str
    url: str
    excerpt: str = ""


def _alert_with_status(about, status) -> Alert | None:
    return Alert.objects.filter(pk=about["alert"], status=status).first()


@register_renderer("alert-confirm")
def render_confirmation_mail(about):
    alert = _alert_with_status(about, Alert.Status.UNCONFIRMED)
    # Anyone's address can be entered in the form, so this mail repeats nothing that was entered,
    # not even the query.
    return alert and render_mail_template(
        "alert_confirm", url=alert.manage_url, noun=alert.alert_query().kind.noun
    )


@register_renderer("alert-known")
def render_already_active_mail(about):
    alert = _alert_with_status(about, Alert.Status.ACTIVE)
    return alert and render_mail_template(
        "alert_known", **_query_context(alert, alert.alert_query())
    )


@register_renderer("alert-unusable")
def render_unusable_query_mail(about):
    alert = _alert_with_status(about, Alert.Status.ACTIVE)
    if alert is None or alert.unusable_since is None:
        return None
    ends_at = alert.unusable_since + RETENTION_OF_UNUSABLE_ALERTS
    return render_mail_template(
        "alert_unusable",
        headers=_unsubscribe_headers(alert),
        ends_at=ends_at,
        **_query_context(alert, alert.alert_query()),
    )


@register_renderer("alert-digest")
def render_digest_mail(about):
    """Name the new results; None if all of them were withdrawn before the mail could leave."""
    alert = _alert_with_status(about, Alert.Status.ACTIVE)
    if alert is None:
        return None
    mailed = alert.results.filter(run=about["run"]).order_by("pk")
    keys = list(mailed.values_list("record_key", flat=True))
    asked = alert.alert_query()
    published = asked.kind.published().filter(pk__in=mailed.order_by().values("record_key"))
    first_public = f"{asked.kind.path_to_session}first_public_at"
    public = dict(published.order_by().values_list("pk", first_public))
    keys = [key for key in keys if key in public]
    if not keys:
        return None
    shown, rest = keys[:MAX_RESULTS_PER_MAIL], keys[MAX_RESULTS_PER_MAIL:]
    since = min(public.values()) - timedelta(seconds=1)
    make = results_of_recommendations if asked.kind is RECOMMENDATIONS else results_of_sessions
    return render_mail_template(
        "alert_digest",
        headers=_unsubscribe_headers(alert),
        results=make(shown),
        total=len(keys),
        rest=len(rest),
        rest_url=settings.SITE_URL + asked.list_url(updated_since=f"{since:%Y-%m-%dT%H:%M:%SZ}"),
        **_query_context(alert, asked),
    )


def _query_context(alert, asked):
    said = "; ".join(values for _label, values in asked.labels_and_values)
    return {
        "alert": alert,
        "asked": asked,
        "noun": asked.kind.noun,
        "about": shorten_at_word(on_one_line(said), 80),
    }


def _unsubscribe_headers(alert) -> dict[str, str]:
    """Let the reader's mail program offer to stop the alert. Source: RFC 2369, RFC 8058."""
    return {
        "List-Unsubscribe": f"<{alert.stop_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def results_of_sessions(keys: list[int]) -> list[MailedResult]:
    sessions = Session.objects.published().filter(pk__in=keys).with_speakers().in_bulk()
    return [
        MailedResult(
            title=session.title,
            session=session,
            people=_speakers_with_organisations(session.appearances.all()),
            url=settings.SITE_URL + session.get_absolute_url(),
            excerpt=shorten_at_word(on_one_line(session.summary_text), MAX_EXCERPT_CHARACTERS),
        )
        for session in (sessions[key] for key in keys if key in sessions)
    ]


def results_of_recommendations(keys: list[int]) -> list[MailedResult]:
    recommendations = Recommendation.objects.published().filter(pk__in=keys).for_cards().in_bulk()
    return [
        MailedResult(
            title=capitalise_title(" ".join(advice.text.split())),
            session=advice.session,
            people=_speakers_with_organisations(advice.made_by.all()),
            url=settings.SITE_URL + advice.get_absolute_url(),
        )
        for advice in (recommendations[key] for key in keys if key in recommendations)
    ]


def _speakers_with_organisations(appearances: Iterable[Appearance]) -> str:
    return ", ".join(
        appearance.speaker.full_name
        + (f" ({appearance.organisation})" if appearance.organisation else "")
        for appearance in appearances
    )
