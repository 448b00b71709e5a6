from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from sessions_app.editing import history
from sessions_app.editing.bulk_edit import BulkChange, apply_bulk_change
from sessions_app.models import Session, StatusChange
from tests.factories import RegionFactory, SeriesFactory, SessionFactory, TopicFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:sessions_app_session_changelist")


def post(client, *sessions, **values):
    chosen = {"action": "change_chosen", "_selected_action": [each.pk for each in sessions]}
    return client.post(LIST, chosen | values, follow=True)


def test_topics_regions_and_series_can_be_changed_in_bulk(client, publisher):
    old, new, region = TopicFactory(name="Old"), TopicFactory(name="New"), RegionFactory()
    series = SeriesFactory()
    one, two = SessionFactory.create_batch(2)
    other = SessionFactory()
    one.topics.add(old, new)

    asked = post(client, one, two)
    done = post(
        client,
        one,
        two,
        change_many="1",
        add_topics=[new.pk],
        remove_topics=[old.pk],
        add_regions=[region.pk],
        series=series.pk,
    )

    assert "2 sessions are chosen" in asked.content.decode()
    assert "Changed: 2." in done.content.decode()
    for session in (one, two):
        session.refresh_from_db()
        assert list(session.topics.all()) == [new]
        assert list(session.regions.all()) == [region]
        assert (session.series, session.changed_by) == (series, publisher)
        assert history.versions_of_session(session.pk).count() == 2
    assert not other.topics.exists()
    assert 'data-total="2"' in client.get(f"/sessions/?topic={new.slug}").content.decode()


def test_series_can_be_removed_in_bulk(client, publisher):
    session = SessionFactory(series=SeriesFactory())

    post(client, session, change_many="1", no_series="on")

    session.refresh_from_db()
    assert session.series is None


@pytest.mark.parametrize("kind", ["nothing", "both", "both series"])
def test_contradictory_input_is_reported_and_nothing_changes(client, publisher, kind):
    topic, series, session = TopicFactory(), SeriesFactory(), SessionFactory()
    values = {
        "nothing": {},
        "both": {"add_topics": [topic.pk], "remove_topics": [topic.pk]},
        "both series": {"series": series.pk, "no_series": "on"},
    }[kind]

    response = post(client, session, change_many="1", **values)

    assert response.context["form"].errors
    assert not history.versions_of_session(session.pk).exists()


def test_publication_time_can_be_set_in_bulk(client, publisher):
    draft, public = SessionFactory(status="draft"), SessionFactory()
    before = public.published_at

    post(client, draft, public, change_many="1", publish_at_0="2099-01-02", publish_at_1="10:30")

    draft.refresh_from_db()
    public.refresh_from_db()
    assert (draft.status, draft.published_at) == (
        "published",
        datetime(2099, 1, 2, 10, 30, tzinfo=UTC),
    )
    assert not draft.is_public
    assert public.published_at == before
    assert StatusChange.objects.get(session=draft).by == publisher


def test_publication_time_is_in_the_time_zone_of_the_site(client, publisher, settings):
    settings.TIME_ZONE = "America/New_York"
    timezone.get_default_timezone.cache_clear()
    draft = SessionFactory(status="draft")

    try:
        post(client, draft, change_many="1", publish_at_0="2099-01-02", publish_at_1="10:30")
    finally:
        settings.TIME_ZONE = "UTC"
        timezone.get_default_timezone.cache_clear()

    draft.refresh_from_db()
    assert draft.published_at == datetime(2099, 1, 2, 15, 30, tzinfo=UTC)


def test_editor_can_change_only_drafts_in_bulk(client, editor):
    topic = TopicFactory()
    draft, public = SessionFactory(status="draft"), SessionFactory()
    passed = timezone.now() - timedelta(days=1)

    asked = post(client, draft, public)
    post(
        client,
        draft,
        public,
        change_many="1",
        add_topics=[topic.pk],
        publish_at_0=f"{passed:%Y-%m-%d}",
        publish_at_1="00:00",
    )

    draft.refresh_from_db()
    assert "1 of them is or was public" in asked.content.decode()
    assert (draft.status, draft.published_at) == ("draft", None)
    assert list(draft.topics.all()) == [topic]
    assert not public.topics.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_change_query_count(count, django_assert_max_num_queries):
    SessionFactory.create_batch(count)
    user, topic = UserFactory(group="Publishers"), TopicFactory()
    apply_bulk_change(Session.objects.all(), BulkChange(remove_topics=[topic]), user=user)

    # Two for each one whose current state must be read from the history.
    with django_assert_max_num_queries(41 + 2 * count):
        apply_bulk_change(Session.objects.all(), BulkChange(add_topics=[topic]), user=user)
