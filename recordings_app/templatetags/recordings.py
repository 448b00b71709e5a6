"""Template tags about recordings for the pages of other apps."""

from django import template
from django.utils import timezone

from recordings_app.requests.submission import contact_address
from recordings_app.transcripts.mentions import mentions_by_session

from ..models import Recording

register = template.Library()


@register.inclusion_tag("recordings_app/includes/of_session.html", takes_context=True)
def recordings_of(context, session):
    """Print the recordings of a session's page: to play, read or request.

    Of a closed one readers learn nothing; of a sealed one, that there is one and until when.
    Two queries, however many there are.
    """
    recordings = []
    today = timezone.localdate()
    for recording in session.recordings.select_related("transcript").defer("peaks"):
        recording.session = session
        is_sealed = recording.sealed_until is not None and recording.sealed_until > today
        transcript = getattr(recording, "transcript", None)
        has_transcript = bool(transcript and transcript.access == "public" and not is_sealed)
        is_closed = recording.access == Recording.Access.CLOSED
        if is_closed and not has_transcript:
            continue
        is_open = recording.access == Recording.Access.OPEN
        can_ask = not (is_open or is_closed or is_sealed)
        if is_open and not recording.file and not has_transcript:
            continue
        recordings.append(
            {
                "recording": recording,
                "sealed_until": recording.sealed_until if is_sealed else None,
                "can_hear": is_open and not is_sealed and bool(recording.file),
                "can_ask": can_ask,
                # One form requests all recordings of a session, so one button is enough.
                "asked_above": any(row["can_ask"] for row in recordings),
                "is_automatic": recording.access == Recording.Access.AUTOMATIC,
                "has_transcript": has_transcript,
                "is_closed": is_closed,
            }
        )
    return {
        "session": session,
        "rows": recordings,
        "can_ask": any(row["can_ask"] for row in recordings),
        "contact_email": contact_address([session], context["site"]),
    }


@register.simple_tag
def with_mentions(results, understood):
    """Return the results of a list of sessions, each with `mentions` of findable transcripts."""
    results = list(results)
    told = (
        mentions_by_session([result.session.pk for result in results], understood)
        if understood
        else {}
    )
    for result in results:
        result.mentions = told.get(result.session.pk, ())
    return results
