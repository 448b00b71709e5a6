"""Sessions as iCalendar."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from django.utils import timezone

from tests.factories import AppearanceFactory, SessionFactory, TopicFactory

pytestmark = pytest.mark.django_db

UPCOMING = "/sessions/upcoming.ics"


def events(answer):
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return icalendar.Calendar.from_ical(answer.content).events


def days_from_now(days):
    return timezone.localdate() + timedelta(days=days)


def test_session_is_an_event_with_its_speakers(client):
    session = SessionFactory(
        title="Ports, roads; and “lanes”",
        slug="ports",
        held_on=date(2031, 3, 3),
        start_time=time(14, 30),
        time_zone="America/New_York",
        summary="<p>What ports need.</p>",
    )
    session.topics.add(TopicFactory(name="Sea, lanes"))
    AppearanceFactory(
        session=session,
        speaker__given_name="Ada",
        speaker__family_name="Abara",
        organisation__name="Institute of Ports",
        role_title="Director",
    )

    (event,) = events(client.get("/sessions/ports/session.ics"))

    assert str(event["SUMMARY"]) == "Ports, roads; and “lanes”"
    assert event.start == datetime(2031, 3, 3, 19, 30, tzinfo=UTC)
    assert event.end == datetime(2031, 3, 3, 21, 0, tzinfo=UTC)
    assert event.categories == ["Sea, lanes"]
    assert event["URL"] == "http://127.0.0.1:8000/sessions/ports/"
    assert event["UID"] == str(session.uid)
    assert str(event["DESCRIPTION"]) == (
        "Ada Abara (Director, Institute of Ports)\n\nWhat ports need."
    )


@pytest.mark.parametrize(
    ("last_day", "day_after"), [(None, date(2031, 3, 4)), (date(2031, 3, 5), date(2031, 3, 6))]
)
def test_session_without_a_time_is_an_all_day_event(client, last_day, day_after):
    SessionFactory(slug="ports", held_on=date(2031, 3, 3), ends_on=last_day)

    (event,) = events(client.get("/sessions/ports/session.ics"))

    assert (event.start, event.end) == (date(2031, 3, 3), day_after)


def test_calendar_is_reproducible_and_has_no_control_characters(client):
    SessionFactory(title="Ports\x0b and\nroads", slug="ports", held_on=date(2031, 3, 3))

    first, second = (client.get(f"/sessions/ports/session.ics?{n}").content for n in range(2))

    assert first == second
    assert b"SUMMARY:Ports and\\nroads\r\n" in first


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"held_on": None}, 404),
        ({"status": "draft", "published_at": None}, 404),
        ({"status": "withdrawn", "first_public_at": timezone.now()}, 410),
    ],
)
def test_undated_and_unpublished_sessions_have_no_calendar(client, values, status):
    SessionFactory(slug="ports", **values)

    assert client.get("/sessions/ports/session.ics").status_code == status


def test_upcoming_calendar_contains_future_public_sessions(client):
    for slug, first, last in (
        ("over", -3, -1),
        ("running", -1, 0),
        ("today", 0, None),
        ("later", 9, None),
    ):
        SessionFactory(
            slug=slug,
            held_on=days_from_now(first),
            ends_on=days_from_now(last) if last is not None else None,
        )
    SessionFactory(slug="undated", held_on=None)
    SessionFactory(slug="draft", held_on=days_from_now(9), status="draft", published_at=None)

    slugs = [event["URL"].split("/")[-2] for event in events(client.get(UPCOMING))]

    assert slugs == ["running", "today", "later"]


def test_event_keeps_its_id_when_the_url_changes(client, settings):
    session = SessionFactory(slug="ports", held_on=date(2031, 3, 3))
    (before,) = events(client.get("/sessions/ports/session.ics"))

    session.slug = "harbours"
    session.save()
    settings.SITE_URL = "https://archive.example"
    (after,) = events(client.get("/sessions/harbours/session.ics"))

    assert (before["UID"], before["URL"] != after["URL"]) == (after["UID"], True)


# Time zones where it is always the day before, or after, that of the other.
WEST, EAST = "Etc/GMT+12", "Pacific/Kiritimati"


@pytest.mark.parametrize("zone", [WEST, EAST, "UTC"])
@pytest.mark.parametrize("days", [-1, 0, 1])
def test_session_is_upcoming_until_its_last_day_is_over_where_it_is_held(client, zone, days):
    day = datetime.now(ZoneInfo(zone)).date() + timedelta(days=days)
    session = SessionFactory(held_on=day, start_time=time(9), time_zone=zone)
    several = SessionFactory(held_on=day - timedelta(days=5), ends_on=day, time_zone=zone)

    listed = {event["UID"] for event in events(client.get(UPCOMING))}

    assert listed == ({str(session.uid), str(several.uid)} if days >= 0 else set())
    assert session.is_upcoming == several.is_upcoming == (days >= 0)


@pytest.mark.parametrize("rows", [1, 3])
def test_upcoming_calendar_query_count(client, django_assert_num_queries, rows):
    for _ in range(rows):
        session = SessionFactory(held_on=days_from_now(2))
        session.topics.add(TopicFactory())
        AppearanceFactory(session=session)

    with django_assert_num_queries(6):
        assert len(events(client.get(UPCOMING))) == rows


def test_only_future_sessions_offer_a_calendar_file(client):
    SessionFactory(slug="later", held_on=days_from_now(2))
    SessionFactory(slug="over", held_on=days_from_now(-2))

    pages = {slug: client.get(f"/sessions/{slug}/").content.decode() for slug in ("later", "over")}

    assert '/sessions/later/session.ics">Add to calendar' in pages["later"]
    assert "session.ics" not in pages["over"]


@pytest.mark.parametrize(
    ("held_on", "start_time", "time_zone"),
    [
        (date.max, None, ""),
        (date.max, time(23, 30), "America/New_York"),
        (date.min, time(0, 30), "Asia/Tokyo"),
    ],
)
def test_first_and_last_day_of_the_calendar_are_whole_days(client, held_on, start_time, time_zone):
    session = SessionFactory(held_on=held_on, start_time=start_time, time_zone=time_zone)
    upcoming = SessionFactory(held_on=days_from_now(3))

    (event,) = events(client.get(session.get_absolute_url() + "session.ics"))
    names = {str(event["UID"]) for event in events(client.get(UPCOMING))}

    assert event.start == held_on
    assert event.get("DTEND") is None or event.end == held_on + timedelta(days=1)
    assert str(upcoming.uid) in names
