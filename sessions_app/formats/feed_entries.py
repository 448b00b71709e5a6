"""What one entry of a feed shows: {field of Django's feeds: value}, with the times of its change."""

import uuid

from django.utils.html import linebreaks

from site_app.text.shortening import shorten_at_word
from site_app.text.single_line import capitalise_title

from .json import absolute

SUMMARY_SHOWN = 1000  # characters
TITLE_SHOWN = 120
TIMES = ("pubdate", "updateddate")


def of_session(session) -> dict:
    """Return the entry of a session, which comes with its speakers and topics."""
    times = (session.entry_changed_at, session.published_at)
    return {
        "title": session.title,
        "link": absolute(session.get_absolute_url()),
        "unique_id": session.uid.urn,
        "description": as_html(shorten_at_word(session.summary_text, SUMMARY_SHOWN)),
        "author_name": names(session.appearances.all()),
        "categories": [topic.name for topic in session.topics.all()],
        **_times(*times),
    }


def of_recommendation(advice) -> dict:
    """Return the entry of a recommendation, which comes with its session and who made it."""
    session = advice.session
    return {
        "title": shorten_at_word(capitalise_title(advice.text), TITLE_SHOWN),
        "link": absolute(advice.get_absolute_url()),
        "unique_id": uuid.uuid5(session.uid, f"recommendation {advice.number}").urn,
        "description": as_html(f"{advice.text} ({session.title})"),
        "author_name": names(advice.made_by.all()),
        "categories": [advice.audience] if advice.audience else [],
        **_times(advice.entry_changed_at, session.published_at),
    }


def of_comment(comment) -> dict:
    """Return the entry of a comment, which comes with its session and `public_since`."""
    return {
        "title": f"{comment.name} on {comment.session.title}",
        "link": absolute(comment.get_absolute_url()),
        "unique_id": uuid.uuid5(comment.session.uid, f"comment {comment.pk}").urn,
        "description": as_html(comment.body),
        "author_name": comment.name,
        **_times(comment.entry_changed_at, comment.public_since),
    }


def _times(changed_at, published_at) -> dict:
    """Return the time of an entry, at least that of its publication; None if it is not public."""
    updated = max(changed_at, published_at) if published_at else changed_at
    return {"pubdate": published_at, "updateddate": updated}


def as_html(text: str) -> str:
    """Return plain text as paragraphs of HTML, as descriptions in RSS and Atom require."""
    return linebreaks(text, autoescape=True) if text else ""


def names(appearances) -> str | None:
    return ", ".join(appearance.speaker.name for appearance in appearances) or None
