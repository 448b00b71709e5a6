"""Feeds as programs read them: valid, known by lasting ids, news only where something is new."""

from datetime import timedelta

import feedparser
import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from recordings_app.offers import refresh_and_tell
from sessions_app.models import Session
from tests.factories import (
    AppearanceFactory,
    CommentFactory,
    DocumentFactory,
    RecommendationFactory,
    SessionFactory,
    TopicFactory,
)

FEEDS = ["rss", "atom"]
EARLIER = timezone.now() - timedelta(days=30)


def read(client, address):
    response = client.get(address)
    assert response.status_code == 200
    feed = feedparser.parse(response.content)
    assert not feed.bozo, feed.get("bozo_exception")
    return feed.entries


@pytest.mark.django_db
@pytest.mark.parametrize("extension", FEEDS)
def test_plain_text_is_shown_as_it_is(client, extension):
    summary = "<p>R&amp;D if x &lt; 5 &amp;amp; more</p><p>&lt;b&gt;second&lt;/b&gt;</p>"
    session = SessionFactory(title="R&D <now>", summary=summary)
    RecommendationFactory(session=session, text="Keep x < 5 & y\n\n<script>")

    (entry,) = read(client, f"/sessions/feed.{extension}")
    (advice,) = read(client, f"/recommendations/feed.{extension}")

    assert entry.summary.replace("\n", "") == (
        "<p>R&amp;D if x &lt; 5 &amp;amp; more<br />&lt;b&gt;second&lt;/b&gt;</p>"
    )
    assert advice.summary.replace("\n", "") == (
        "<p>Keep x &lt; 5 &amp; y</p><p>&lt;script&gt; (R&amp;D &lt;now&gt;)</p>"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("extension", FEEDS)
def test_ids_survive_a_new_address_of_session_and_site(client, extension, settings):
    advice = RecommendationFactory(text="Dredge.")
    RecommendationFactory(session=advice.session, text="Wait.")
    CommentFactory(session=advice.session, status="approved")
    addresses = [f"/{name}feed.{extension}" for name in ("sessions/", "recommendations/", "comments/")]  # fmt: skip

    def ids():
        return [[entry.id for entry in read(client, address)] for address in addresses]

    before = ids()
    advice.session.slug = "another-address"
    advice.session.save()
    settings.SITE_URL = "https://archive.example"

    assert ids() == before
    flat = [entry_id for of_feed in before for entry_id in of_feed]
    assert len(set(flat)) == len(flat) == 4
    assert all(entry_id.startswith("urn:uuid:") for entry_id in flat)


def is_new(session, act):
    """Return whether what `act` does makes the entry of a session new to programs."""
    Session.objects.update(entry_changed_at=EARLIER, updated_at=EARLIER)
    act()
    session = Session.objects.get(pk=session.pk)
    return session.entry_changed_at > EARLIER


@pytest.mark.django_db
def test_entry_is_new_when_something_it_shows_changed():
    session = AppearanceFactory(session__published_at=EARLIER).session
    topic = TopicFactory(name="Water")
    speaker = session.appearances.get().speaker

    def change(record, **values):
        def act():
            fresh = type(record).objects.get(pk=record.pk)
            for name, value in values.items():
                setattr(fresh, name, value)
            fresh.save()

        return act

    news = [
        change(session, title="Another title"),
        change(session, slug="another-address"),
        change(session, summary="<p>Another summary</p>"),
        change(speaker, family_name="Another"),
        lambda: session.topics.add(topic),
        change(topic, name="Rivers"),
        lambda: session.topics.remove(topic),
        lambda: AppearanceFactory(session=session),
    ]
    no_news = [
        change(session, internal_note="Called back."),
        change(session, language="fr"),
        change(speaker, biography="<p>Longer.</p>"),
        change(topic, description="More words."),
        lambda: refresh_and_tell([session.pk]),
        lambda: DocumentFactory(session=session),
    ]

    assert [is_new(session, act) for act in news] == [True] * len(news)
    assert [is_new(session, act) for act in no_news] == [False] * len(no_news)


@pytest.mark.django_db
@pytest.mark.parametrize("extension", FEEDS)
def test_entry_tells_when_it_changed(client, extension):
    session = SessionFactory(published_at=EARLIER - timedelta(days=9))
    Session.objects.filter(pk=session.pk).update(entry_changed_at=EARLIER)

    (entry,) = read(client, f"/sessions/feed.{extension}")

    if extension == "atom":
        assert entry.updated == EARLIER.replace(microsecond=0).isoformat().replace("+00:00", "Z") or entry.updated.startswith(EARLIER.isoformat()[:19])  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_sessions_there_are_get_ids_forward_and_back():
    before, after = (
        [("sessions_app", name)] for name in ("0015_settled_remains", "0018_session_uid_unique")
    )  # fmt: skip
    MigrationExecutor(connection).migrate(before)
    old = MigrationExecutor(connection).loader.project_state(before).apps
    for number in range(3):
        old.get_model("sessions_app", "Session").objects.create(title="A", slug=f"a{number}")

    MigrationExecutor(connection).migrate(after)
    new = MigrationExecutor(connection).loader.project_state(after).apps
    rows = list(new.get_model("sessions_app", "Session").objects.all())

    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    MigrationExecutor(connection).migrate(newest)
    assert len({row.uid for row in rows}) == 3
    assert all(row.entry_changed_at == row.updated_at for row in rows)
