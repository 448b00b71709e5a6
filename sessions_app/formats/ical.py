"""Sessions as iCalendar (RFC 5545): a single session, or all future ones."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from site_app.text.shortening import shorten_at_word
from site_app.text.single_line import on_one_line

from .json import absolute_url, remove_invalid_xml_characters

MAX_SUMMARY_CHARACTERS = 1000  # characters
ASSUMED_DURATION = timedelta(minutes=90)  # for a session with a start time


def calendar_of_sessions(sessions: Iterable, *, name: str) -> bytes:
    """Return a calendar called `name` of dated sessions.

    The sessions come with their speakers and topics.
    """
    # `Calendar.new` would generate a new UID for each response.
    written = Calendar({"version": "2.0", "prodid": "-//Speaker Series Archive//EN"})
    written.calendar_name = name
    for session in sessions:
        written.add_component(event_of_session(session))
    return written.to_ical()


def event_of_session(session) -> Event:
    """Return one session as an event, known by its stored id, as in the feeds.

    Whole days, unless it begins at a known time on its only day: then that moment in UTC, which
    readers' programs show in their own time, and `ASSUMED_DURATION`, because its end is not recorded.
    """
    return Event.new(
        stamp=session.calendar_changed_at,
        last_modified=session.calendar_changed_at,
        sequence=session.calendar_sequence,
        **event_fields(session),
    )


def event_fields(session) -> dict:
    """Return what the event of a dated session shows, by names of `Event.new`."""
    start, end = event_start_and_end(session)
    return {
        "uid": str(session.uid),
        "summary": remove_invalid_xml_characters(session.title),
        "description": remove_invalid_xml_characters(event_description(session)) or None,
        "url": absolute_url(session.get_absolute_url()),
        "categories": [remove_invalid_xml_characters(topic.name) for topic in session.topics.all()]
        or None,
        "start": start,
        "end": end,
    }


def event_start_and_end(session) -> tuple[date | datetime, date | datetime | None]:
    """Return start and end, which does not belong to it, of a dated session.

    On the first and last days that a calendar can count a session is given in whole days, and the
    end may be None: the event then lasts its first day.
    """
    if session.start_time and not session.ends_on:
        begins = datetime.combine(session.held_on, session.start_time)
        with suppress(OverflowError):
            start = begins.replace(tzinfo=ZoneInfo(session.time_zone)).astimezone(UTC)
            return start, start + ASSUMED_DURATION
    last_day = session.ends_on or session.held_on
    return session.held_on, last_day + timedelta(days=1) if last_day < date.max else None


def event_description(session) -> str:
    """Return who speaks, a line each, and how the summary begins."""
    lines = [speaker_line(appearance) for appearance in session.appearances.all()]
    summary = shorten_at_word(on_one_line(session.summary_text), MAX_SUMMARY_CHARACTERS)
    return "\n\n".join(part for part in ("\n".join(lines), summary) if part)


def speaker_line(appearance) -> str:
    roles = [
        appearance.role_title,
        *(organisation.name for organisation in appearance.organisations),
    ]
    about = ", ".join(role for role in roles if role)
    moderates = ", moderator" if appearance.function == "moderator" else ""
    return f"{appearance.speaker.full_name}{moderates}{f' ({about})' if about else ''}"
