"""Similar sessions appear in a worklist until they are merged or marked as different."""

from datetime import date

import pytest
from django.urls import reverse

from desk_app.models import LookAlike
from sessions_app.editing.trash import put_into_bin
from sessions_app.models import Session
from sessions_app.worklists.duplicate_sessions_check import (
    ComparedValues,
    compare_changed_sessions,
    duplicate_reason_and_likeness,
)
from tests.factories import AppearanceFactory, SessionFactory, SpeakerFactory

DAY = date(2020, 5, 4)
ADDRESS = reverse("worklists:worklist", args=["alike-sessions"])


@pytest.mark.parametrize(
    ("one", "other", "same_people", "told"),
    [
        (("tides", DAY), ("tides", DAY), False, ("the same title and day", 100)),
        (("tides", None), ("tides", DAY), False, ("the same title", 90)),
        (
            ("tides", DAY),
            ("tides", date(2020, 5, 5)),
            False,
            ("the same title, within a month", 88),
        ),
        (("tides", DAY), ("tides", date(2021, 5, 4)), False, None),
        (("tides", DAY), ("tides", date(2021, 5, 4)), True, ("the same title and speakers", 80)),
        (
            ("tides of trade", DAY),
            ("the tide of trade", DAY),
            False,
            ("the same day, and nearly the same title", 84),
        ),
        (("winds", DAY), ("tides", DAY), True, ("the same day and the same speakers", 85)),
        (("winds", DAY), ("tides", DAY), False, None),
        (("tides part 1", DAY), ("tides part 2", DAY), True, None),
        (("", None), ("", None), False, None),
    ],
)
def test_similarity(one, other, same_people, told):
    first, second = ComparedValues(1, *one), ComparedValues(2, *other)

    assert duplicate_reason_and_likeness(first, second, same_people) == told
    assert duplicate_reason_and_likeness(second, first, same_people) == told


def shown(client):
    return [line.text for line, _ticked in client.get(ADDRESS).context["lines"]]


@pytest.mark.django_db
def test_pairs_are_listed_with_a_merge_link_and_can_be_dismissed(staff_client):
    client = staff_client("Publishers")
    one = SessionFactory(title="Tides of Trade", held_on=DAY)
    other = SessionFactory(title="TIDES OF TRADE!", held_on=DAY, status="draft")
    SessionFactory(title="Winds", held_on=DAY)

    looked, again = compare_changed_sessions(), compare_changed_sessions()
    listed, page = shown(client), client.get(ADDRESS).content.decode()
    pair = LookAlike.objects.get()
    client.post(ADDRESS, {"fix": "different", "line": [pair.pk]})
    one.save()
    compare_changed_sessions()

    assert (looked, again) == (3, 0)
    assert len(listed) == 1
    assert "Tides of Trade (4 May 2020, Published)" in listed[0]
    assert f"?id={one.pk}&amp;id={other.pk}" in page
    assert "The same title and day." in page
    assert shown(client) == []


@pytest.mark.django_db
def test_pairs_follow_changes(staff_client):
    client = staff_client("Publishers")
    speaker = SpeakerFactory()
    pair = [SessionFactory(title=title, held_on=DAY) for title in ("Winds", "Tides")]
    for session in pair:
        AppearanceFactory(session=session, speaker=speaker)
    compare_changed_sessions()
    found = shown(client)

    AppearanceFactory(session=pair[0])
    compare_changed_sessions()

    assert len(found) == 1
    assert shown(client) == []


@pytest.mark.django_db
def test_binned_and_deleted_sessions_are_not_listed(staff_client):
    client = staff_client("Publishers")
    one, other = (SessionFactory(title="Tides", held_on=DAY) for _ in range(2))
    compare_changed_sessions()
    put_into_bin(Session.objects.filter(pk=other.pk), user=None)

    binned = shown(client)
    Session.objects.filter(pk=other.pk).delete()
    one.save()
    compare_changed_sessions()

    assert binned == []
    assert not LookAlike.objects.exists()
