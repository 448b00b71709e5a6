"""Changing the query of an alert, and viewing all alerts of an address."""

import pytest

from alerts_app.models import Alert
from tests.factories import SessionFactory, TopicFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def topics():
    """Two topics of a public session, named Ports and Cables."""
    found = [TopicFactory(name="Ports"), TopicFactory(name="Cables")]
    SessionFactory().topics.add(*found)
    return found


def typed(**changes):
    return {"words": "", "address": "", "frequency": "daily", "note": "", **changes}


def test_words_can_be_changed_and_filters_removed(client, alert, topics):
    made = alert("q=sea&topic=cables&topic=ports", unusable_since="2024-01-01T00:00Z")
    page = client.get(made.manage_path).text
    assert 'value="sea"' in page
    assert "Topic: Ports" in page

    response = client.post(made.manage_path, typed(words="sea lanes", keep=["topic=ports"]))

    assert response.status_code == 303
    changed = Alert.objects.get()
    assert changed.query == "q=sea+lanes&topic=ports"
    assert changed.asked_at > made.asked_at  # only results after the change count as new
    assert changed.unusable_since is None


def test_alert_can_be_moved_to_another_list_by_url(client, alert, topics):
    made = alert("q=sea")
    address = "http://archive.example/recommendations/?topic=ports&sort=oldest&page=2"
    client.post(made.manage_path, typed(words="sea", address=address))
    changed = Alert.objects.get()
    assert (changed.kind, changed.query) == ("recommendations", "topic=ports")


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"address": "/speakers/"}, "Enter the address of a list"),
        ({"address": "http://[/sessions/"}, "Enter the address of a list"),
        ({"address": "/sessions/?topic=nope"}, "Nothing can be found"),
        ({"address": "/sessions/?year=abcd"}, "Year"),
        ({"address": "/sessions/?q=" + "a" * 1600}, "too long"),
        ({"words": "river"}, "Another alert of yours follows this already"),
        ({"frequency": "hourly"}, "not one of the available choices"),
    ],
)
def test_unusable_changes_are_reported_and_nothing_is_lost(client, alert, changes, words):
    alert("q=river")
    made = alert("q=sea")
    page = client.post(
        made.manage_path, typed(**{"words": "sea", "note": "For Ada"} | changes)
    ).text
    assert "<title>Error: " in page
    assert words in page
    assert 'value="For Ada"' in page
    assert Alert.objects.get(pk=made.pk).query == "q=sea"


def test_changing_frequency_and_note_does_not_change_the_query(client, alert):
    made = alert("q=sea")
    client.post(made.manage_path, {"frequency": "weekly", "note": "x"})
    changed = Alert.objects.get()
    assert (changed.query, changed.frequency, changed.asked_at) == (
        "q=sea",
        "weekly",
        made.asked_at,
    )


def test_page_shows_only_other_alerts_of_the_same_address(client, alert):
    made = alert("q=sea")
    other = alert("q=river", note="Rivers")
    hidden = [
        alert("q=lake", status="unconfirmed", confirmed_at=None),
        alert("q=bay", email="bob@reader.example"),
    ]
    page = client.get(made.manage_path).text
    assert other.manage_path in page
    assert "Rivers" in page
    assert not any(each.manage_path in page for each in hidden)


@pytest.mark.parametrize("count", [1, 3])
def test_query_count(client, alert, topics, count, django_assert_num_queries):
    made = alert("q=sea&topic=ports")
    for number in range(count):
        alert(f"q=river+{number}&topic=ports&topic=former-{number}")
    client.get(made.manage_path)
    with django_assert_num_queries(12):
        client.get(made.manage_path)
