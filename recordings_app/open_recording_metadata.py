"""Metadata of open recordings: linked data and oEmbed."""

from datetime import timedelta

from django.http import Http404
from django.utils.duration import duration_iso_string

from sessions_app.formats import citations
from sessions_app.formats.json import absolute_url
from sessions_app.formats.json_ld import register_recordings_function
from sessions_app.formats.oembed import register_embed, rich_response
from sessions_app.indexing.transcripts import recording_time_text
from sessions_app.models import Session
from sessions_app.visibility import visible_session
from site_app.text.numbers import parse_whole_number

from .models import Recording


@register_recordings_function
def linked_data_of_open_recordings(session: Session) -> list[dict]:
    """Return the recordings of a session that anyone may play now; no query if it has none."""
    if not session.has_recording:
        return []
    recordings = Recording.objects.playable_by_anyone().filter(session=session).defer("peaks")
    found = []
    for recording in recordings:
        recording.session = session
        page = absolute_url(recording.get_absolute_url())
        found.append(
            {
                "@type": "AudioObject",
                "@id": page,
                "name": recording.label,
                "url": page,
                "contentUrl": f"{page}audio",
                "encodingFormat": recording.media_type,
                "duration": duration_iso_string(
                    timedelta(seconds=round(recording.duration_seconds))
                ),
            }
        )
    return found


@register_embed("recordings:recording")
def oembed_of_recording(arguments: dict, fragment: str, site) -> dict:
    """Return the answer about an open recording, or the moment that `#t=754` names."""
    sessions = Session.objects.with_speakers().prefetch_related("topics")
    session = visible_session(None, arguments["slug"], sessions)
    recordings = Recording.objects.playable_by_anyone().filter(
        session=session, number=arguments["number"]
    )
    if (recording := recordings.defer("peaks").first()) is None:
        raise Http404
    recording.session = session
    second = parse_whole_number(fragment.removeprefix("t="), minimum=0, maximum=999_999)
    second = min(second or 0, int(recording.duration_seconds))
    path = recording.get_absolute_url() + (f"#t={second}" if second else "")
    citation = citations.citation_of_moment(session, recording_time_text(second), path, site.name)
    title = f"{recording.label}, at {recording_time_text(second)}" if second else recording.label
    return rich_response(session, site, title=title, path=path, citation=citation)
