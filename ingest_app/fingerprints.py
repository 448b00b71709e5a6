"""Fingerprints of sessions: what an import wrote, to see later who changed it since."""

import hashlib
import json

from sessions_app.editing.import_remains import as_imported

FIELDS = (
    "title", "held_on", "ends_on", "summary", "language", "source_url",
    "recording_contact_email",
)  # fmt: skip


def fingerprint(value) -> str:
    """Return a short stable hash of anything JSON can hold (dates as ISO text)."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def empty_fingerprints() -> set[str]:
    """Return the fingerprints of what is not filled in."""
    return {fingerprint(value) for value in ("", None, [])}


def fingerprints(session) -> dict[str, str]:
    """Return {field: fingerprint} of a session as stored, its parts included."""
    found = {name: fingerprint(getattr(session, name)) for name in FIELDS}
    # What was settled is no edit: the next import still brings what it finds beyond.
    found["import_remains"] = fingerprint(as_imported(session))
    found["series"] = fingerprint(session.series_id)
    found["speakers"] = fingerprint(
        [
            [each.speaker_id, each.organisation_id, each.role_title, each.function]
            for each in session.appearances.all()
        ]
    )
    found["recommendations"] = fingerprint(
        [[each.text, each.audience] for each in session.recommendations.all()]
    )
    found["documents"] = fingerprint(
        [
            [each.title, each.url, *([each.sha256] if each.sha256 else [])]
            for each in session.documents.all()
        ]
    )
    found["recordings"] = fingerprint(
        [[each.title, each.access, bool(each.file)] for each in session.recordings.all()]
    )
    found["topics"] = fingerprint(sorted(topic.pk for topic in session.topics.all()))
    found["regions"] = fingerprint(sorted(region.pk for region in session.regions.all()))
    return found
