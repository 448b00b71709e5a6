"""Sessions as iCalendar (RFC 5545): one to keep, or all that are still to come."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from site_app.lines import one_line
from site_app.shortening import shortened

from .representations import absolute, xml_text

SUMMARY_SHOWN = 1000  # characters
USUAL_DURATION = timedelta(minutes=90)  # of a session that begins at a known time


def calendar(sessions: Iterable, *, name: str) -> bytes:
    """Return a calendar called `name` of dated sessions.

    The sessions come with their speakers and topics.
    """
    # `Calendar.new` would number each answer anew.
    written = Calendar({"version": "2.0", "prodid": "-//Speaker Series Archive//EN"})
    written.calendar_name = name
    for session in sessions:
        written.add_component(event(session))
    return written.to_ical()


def event(session) -> Event:
    """Return one session as an event, known by its stored id, as in the feeds.

    Whole days, unless it begins at a known time on its only day: then that moment in UTC, which
    readers' programs show in their own time, and `USUAL_DURATION`, for its end is not recorded.
    """
    address = absolute(session.get_absolute_url())
    written = Event.new(
        uid=str(session.uid),
        stamp=session.updated_at,
        last_modified=session.updated_at,
        summary=xml_text(session.title),
        description=xml_text(description(session)) or None,
        url=address,
        categories=[xml_text(topic.name) for topic in session.topics.all()] or None,
    )
    if session.start_time and not session.ends_on:
        begins = datetime.combine(session.held_on, session.start_time)
        written.start = begins.replace(tzinfo=ZoneInfo(session.time_zone)).astimezone(UTC)
        written.end = written.start + USUAL_DURATION
    else:
        written.start = session.held_on
        written.end = (session.ends_on or session.held_on) + timedelta(days=1)  # the day after
    return written


def description(session) -> str:
    """Return who speaks, a line each, and how the summary begins."""
    lines = [speaker(appearance) for appearance in session.appearances.all()]
    summary = shortened(one_line(session.summary_text), SUMMARY_SHOWN)
    return "\n\n".join(part for part in ("\n".join(lines), summary) if part)


def speaker(appearance) -> str:
    roles = [appearance.role_title, *(each.name for each in appearance.organisations)]
    about = ", ".join(role for role in roles if role)
    moderates = ", moderator" if appearance.function == "moderator" else ""
    return f"{appearance.speaker.full_name}{moderates}{f' ({about})' if about else ''}"
