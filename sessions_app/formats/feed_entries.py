"""What one entry of a feed shows: {field of Django's feeds: value}, with the times of its change."""

import uuid

from django.utils.html import linebreaks

from site_app.text.shortening import shorten_at_word
from site_app.text.single_line import capitalise_title

from .json import absolute_url

MAX_SUMMARY_CHARACTERS = 1000  # characters
MAX_TITLE_CHARACTERS = 120
TIME_FIELDS = ("pubdate", "updateddate")


def session_entry(session) -> dict:
    """Return the entry of a session, which comes with its speakers and topics."""
    times = (session.entry_changed_at, session.published_at)
    return {
        "title": session.title,
        "link": absolute_url(session.get_absolute_url()),
        "unique_id": session.uid.urn,
        "description": paragraphs_as_html(
            shorten_at_word(session.summary_text, MAX_SUMMARY_CHARACTERS)
        ),
        "author_name": joined_speaker_names(session.appearances.all()),
        "categories": [topic.name for topic in session.topics.all()],
        **_entry_times(*times),
    }


def recommendation_entry(advice) -> dict:
    """Return the entry of a recommendation, which comes with its session and who made it."""
    session = advice.session
    return {
        "title": shorten_at_word(capitalise_title(advice.text), MAX_TITLE_CHARACTERS),
        "link": absolute_url(advice.get_absolute_url()),
        "unique_id": uuid.uuid5(session.uid, f"recommendation {advice.number}").urn,
        "description": paragraphs_as_html(f"{advice.text} ({session.title})"),
        "author_name": joined_speaker_names(advice.made_by.all()),
        "categories": [advice.audience] if advice.audience else [],
        **_entry_times(advice.entry_changed_at, session.published_at),
    }


def comment_entry(comment) -> dict:
    """Return the entry of a comment, which comes with its session and `public_since`."""
    return {
        "title": f"{comment.name} on {comment.session.title}",
        "link": absolute_url(comment.get_absolute_url()),
        "unique_id": uuid.uuid5(comment.session.uid, f"comment {comment.pk}").urn,
        "description": paragraphs_as_html(comment.body),
        "author_name": comment.name,
        **_entry_times(comment.entry_changed_at, comment.public_since),
    }


def _entry_times(changed_at, published_at) -> dict:
    """Return the time of an entry, at least that of its publication; None if it is not public."""
    updated = max(changed_at, published_at) if published_at else changed_at
    return {"pubdate": published_at, "updateddate": updated}


def paragraphs_as_html(text: str) -> str:
    """Return plain text as paragraphs of HTML, as descriptions in RSS and Atom require."""
    return linebreaks(text, autoescape=True) if text else ""


def joined_speaker_names(appearances) -> str | None:
    return ", ".join(appearance.speaker.name for appearance in appearances) or None
