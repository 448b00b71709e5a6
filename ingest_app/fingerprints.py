"""Fingerprints of imported sessions, to detect later edits."""

import hashlib
import json
from collections.abc import Iterable

from recordings_app.models import Recording
from sessions_app.editing.import_remains import remains_of_last_import
from sessions_app.models import Appearance, Document, Recommendation, Session

FINGERPRINTED_FIELDS = (
    "title",
    "held_on",
    "ends_on",
    "summary",
    "language",
    "source_url",
    "recording_contact_email",
)


def fingerprint(value) -> str:
    """Return a short stable hash of any JSON value (dates as ISO text)."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def empty_value_fingerprints() -> set[str]:
    """Return the fingerprints of empty fields."""
    return {fingerprint(value) for value in ("", None, [])}


def session_fingerprints(session) -> dict[str, str]:
    """Return {field: fingerprint} of a session as stored, its parts included."""
    return session_fingerprints_from_parts(
        session,
        appearances=session.appearances.all(),
        recommendations=session.recommendations.all(),
        documents=session.documents.all(),
        recordings=session.recordings.all(),
        topic_ids=[topic.pk for topic in session.topics.all()],
        region_ids=[region.pk for region in session.regions.all()],
    )


def session_fingerprints_from_parts(
    session: Session,
    *,
    appearances: Iterable[Appearance] = (),
    recommendations: Iterable[Recommendation] = (),
    documents: Iterable[Document] = (),
    recordings: Iterable[Recording] = (),
    topic_ids: Iterable[int] = (),
    region_ids: Iterable[int] = (),
) -> dict[str, str]:
    """Return the same of a session whose parts are at hand, in their order; no queries."""
    values = {name: fingerprint(getattr(session, name)) for name in FINGERPRINTED_FIELDS}
    # Resolving leftover text is not an edit: the next import still adds what it finds.
    values["import_remains"] = fingerprint(remains_of_last_import(session))
    values["series"] = fingerprint(session.series_id)
    values["speakers"] = fingerprint(
        [
            [
                appearance.speaker_id,
                appearance.organisation_id,
                appearance.role_title,
                appearance.function,
            ]
            for appearance in appearances
        ]
    )
    values["recommendations"] = fingerprint(
        [[recommendation.text, recommendation.audience] for recommendation in recommendations]
    )
    values["documents"] = fingerprint(
        [
            [document.title, document.url, *([document.sha256] if document.sha256 else [])]
            for document in documents
        ]
    )
    values["recordings"] = fingerprint(
        [[recording.title, recording.access, bool(recording.file)] for recording in recordings]
    )
    values["topics"] = fingerprint(sorted(topic_ids))
    values["regions"] = fingerprint(sorted(region_ids))
    return values
