"""Feeds as programs read them: valid, with stable ids, and updated only if something has changed."""

import uuid
from datetime import date, time, timedelta

import feedparser
import icalendar
import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from desk_app.merging.merge import merge_records
from recordings_app.availability import refresh_and_record_changes
from sessions_app.editing import history
from sessions_app.editing.bulk_edit import BulkChange, apply_bulk_change
from sessions_app.editing.restore import restore_version
from sessions_app.models import Appearance, Comment, Recommendation, Session
from sessions_app.worklists.bulk_fixes import set_missing_affiliation
from tests.factories import (
    AppearanceFactory,
    CommentFactory,
    DocumentFactory,
    OrganisationFactory,
    RecommendationFactory,
    RegionFactory,
    SessionFactory,
    SpeakerFactory,
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
def test_plain_text_is_escaped_in_feeds(client, extension):
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
def test_ids_do_not_depend_on_urls(client, extension, settings):
    advice = RecommendationFactory(text="Dredge.")
    RecommendationFactory(session=advice.session, text="Wait.")
    CommentFactory(session=advice.session, status="approved")
    addresses = [
        f"/{name}feed.{extension}" for name in ("sessions/", "recommendations/", "comments/")
    ]

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
    """Return whether `act` makes programs show the entry of a session again."""
    Session.objects.update(entry_changed_at=EARLIER, updated_at=EARLIER)
    act()
    session = Session.objects.get(pk=session.pk)
    return session.entry_changed_at > EARLIER


@pytest.mark.django_db
def test_entry_is_updated_only_if_its_content_changed():
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
        lambda: refresh_and_record_changes([session.pk]),
        lambda: DocumentFactory(session=session),
    ]

    assert [is_new(session, act) for act in news] == [True] * len(news)
    assert [is_new(session, act) for act in no_news] == [False] * len(no_news)


@pytest.mark.django_db
@pytest.mark.parametrize("extension", FEEDS)
def test_entry_has_its_last_change(client, extension):
    session = SessionFactory(published_at=EARLIER - timedelta(days=9))
    Session.objects.filter(pk=session.pk).update(entry_changed_at=EARLIER)

    (entry,) = read(client, f"/sessions/feed.{extension}")

    if extension == "atom":
        assert entry.updated == EARLIER.replace(microsecond=0).isoformat().replace(
            "+00:00", "Z"
        ) or entry.updated.startswith(EARLIER.isoformat()[:19])


@pytest.mark.django_db(transaction=True)
def test_migration_gives_existing_sessions_ids_and_back():
    before, after = (
        [("sessions_app", name)] for name in ("0015_settled_remains", "0018_session_uid_unique")
    )
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


def times():
    """Return {entry: time, or count} for all entries."""
    found = {}
    for session in Session.objects.all():
        found["session", session.pk] = session.entry_changed_at
        found["calendar", session.pk] = session.calendar_changed_at
        found["sequence", session.pk] = session.calendar_sequence
    for advice in Recommendation.objects.all():
        found["advice", advice.text] = advice.entry_changed_at
    return found


@pytest.fixture
def panel():
    """A session of two speakers, one of whom recommended "First", and an unrelated session."""
    session = SessionFactory(
        title="Ports", held_on=date(2024, 3, 4), time_zone="Europe/Paris", published_at=EARLIER
    )
    one, _two = (
        AppearanceFactory(session=session, speaker__family_name=name) for name in ("One", "Two")
    )
    session.topics.add(TopicFactory(name="Water", parent=TopicFactory(name="Nature")))
    RecommendationFactory(session=session, text="First").made_by.add(one)
    RecommendationFactory(session=session, text="Second")
    SessionFactory(held_on=date(2024, 3, 5), published_at=EARLIER)
    Session.objects.update(entry_changed_at=EARLIER, calendar_changed_at=EARLIER)
    Recommendation.objects.update(entry_changed_at=EARLIER)
    return session


def change(record, **values):
    fresh = type(record)._base_manager.get(pk=record.pk)
    for name, value in values.items():
        setattr(fresh, name, value)
    fresh.save()


def one(session):
    return session.appearances.get(speaker__family_name="One")


def advice(session, text="First"):
    return session.recommendations.get(text=text)


def same_again(session):
    restore_version(history.versions_of_session(session.pk).first(), user=None)


SESSION, CALENDAR, SEQUENCE = "session", "calendar", "sequence"
ENTRY, BOTH = {SESSION}, {SESSION, CALENDAR}
CHANGES = {
    "title": (lambda s: change(s, title="Harbours"), BOTH | {"First", "Second"}),
    "address": (lambda s: change(s, slug="harbours"), BOTH | {"First", "Second"}),
    "summary": (lambda s: change(s, summary="<p>More.</p>"), BOTH),
    "markup of the summary": (lambda s: change(s, summary=f"{s.summary}<p></p>"), set()),
    "note": (lambda s: change(s, internal_note="Called."), set()),
    "day": (lambda s: change(s, held_on=date(2024, 3, 6)), {CALENDAR, SEQUENCE}),
    "time": (lambda s: change(s, start_time=time(9)), {CALENDAR, SEQUENCE}),
    "order": (lambda s: change(one(s), position=9), BOTH | {"First"}),
    "role": (lambda s: change(one(s), role_title="Director"), {CALENDAR}),
    "saved as it was": (lambda s: change(one(s)), set()),
    "name": (lambda s: change(one(s).speaker, given_name="Zoe"), BOTH | {"First"}),
    "biography": (lambda s: change(one(s).speaker, biography="<p>x</p>"), set()),
    "body": (lambda s: change(one(s).organisation, name="Harbour Office"), {CALENDAR}),
    "body's site": (lambda s: change(one(s).organisation, website="https://x.example/"), set()),
    "further body": (
        lambda s: one(s).further_organisations.add(OrganisationFactory()),
        {CALENDAR},
    ),
    "topic": (lambda s: change(s.topics.get(), name="Rivers"), BOTH),
    "topic above": (lambda s: change(s.topics.get().parent, name="World"), set()),
    "region": (lambda s: s.regions.add(RegionFactory()), set()),
    "advice": (lambda s: change(advice(s), audience="Ports"), {"First"}),
    "advice saved as it was": (lambda s: change(advice(s)), set()),
    "advice's topic": (lambda s: advice(s).topics.add(TopicFactory()), set()),
    "made by": (lambda s: advice(s, "Second").made_by.add(one(s)), {"Second"}),
    "speaker gone": (lambda s: one(s).delete(), BOTH | {"First"}),
    "document": (lambda s: DocumentFactory(session=s), set()),
    "bulk: topic": (
        lambda s: apply_bulk_change(
            Session.objects.all(), BulkChange(add_topics=[s.topics.get()]), user=None
        ),
        {"other session", "other calendar"},
    ),
    "bulk: region": (
        lambda s: apply_bulk_change(
            Session.objects.all(), BulkChange(add_regions=[RegionFactory()]), user=None
        ),
        set(),
    ),
    "desk: body": (
        lambda s: set_missing_affiliation([one(s).pk], OrganisationFactory(), None),
        {CALENDAR},
    ),
    "restored as it is": (same_again, set()),
    "merge of bodies": (
        lambda s: merge_records(
            OrganisationFactory(name="Board"), [one(s).organisation], user=None
        ),
        {CALENDAR},
    ),
    "merge of speakers": (
        lambda s: merge_records(SpeakerFactory(family_name="Zero"), [one(s).speaker], user=None),
        BOTH | {"First"},
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", CHANGES)
def test_times_of_entries_follow_their_content(panel, what):
    act, expected = CHANGES[what]
    if what == "desk: body":
        Appearance.objects.filter(pk=one(panel).pk).update(organisation=None)
    if what == "restored as it is":
        history.record_current_state([panel.pk], comment="As it is.")
    before, other = times(), Session.objects.exclude(pk=panel.pk).get().pk

    act(Session.objects.get(pk=panel.pk))

    moved = {key for key, value in times().items() if before.get(key) != value}
    names = {
        (f"other {kind}" if key == other else key if kind == "advice" else kind)
        for kind, key in moved
    }
    assert names == expected


@pytest.mark.django_db
def test_stale_record_does_not_reset_the_time(panel):
    loaded = Session.objects.get(pk=panel.pk)
    change(one(panel), position=9)
    moved = Session.objects.get(pk=panel.pk).entry_changed_at

    loaded.language = "fr"
    loaded.save()

    assert Session.objects.get(pk=panel.pk).entry_changed_at == moved > EARLIER


@pytest.mark.django_db
def test_comment_entry_is_updated_with_its_text_or_session(client, panel):
    comment = CommentFactory(session=panel, status="approved", created_at=EARLIER)
    Comment.objects.update(entry_changed_at=EARLIER)

    def updated():
        (entry,) = read(client, "/comments/feed.atom")
        return entry.updated[:10]

    told = [updated()]
    for values in ({"email": "x@y.example"}, {"body": "Shorter."}):
        change(comment, **values)
        told.append(updated())

    assert told == [str(EARLIER.date()), str(EARLIER.date()), str(timezone.now().date())]


@pytest.mark.django_db
def test_calendar_event_has_its_last_change_and_sequence(client, panel):
    def event():
        answer = client.get(f"/sessions/{panel.slug}/session.ics")
        (found,) = icalendar.Calendar.from_ical(answer.content).events
        return found["DTSTAMP"].dt, found["LAST-MODIFIED"].dt, found.get("SEQUENCE")

    first = event()
    change(panel, internal_note="Called.")
    noted = event()
    change(panel, start_time=time(9))
    change(panel, start_time=time(10))
    moved = event()

    assert first == noted == (EARLIER.replace(microsecond=0),) * 2 + (0,)
    assert (moved[0] == moved[1] > first[0], moved[2]) == (True, 2)


@pytest.mark.django_db(transaction=True)
def test_migration_keeps_times_of_existing_entries_and_back():
    before, after = (
        [("sessions_app", name)] for name in ("0019_former_import_refs", "0021_fill_entry_times")
    )
    MigrationExecutor(connection).migrate(before)
    old = MigrationExecutor(connection).loader.project_state(before).apps
    session = old.get_model("sessions_app", "Session").objects.create(
        title="A", slug="a", uid=uuid.uuid4(), updated_at=EARLIER
    )
    old.get_model("sessions_app", "Recommendation").objects.create(
        session=session, text="A", number=1
    )

    MigrationExecutor(connection).migrate(after)
    new = MigrationExecutor(connection).loader.project_state(after).apps
    session = new.get_model("sessions_app", "Session").objects.get()
    told = new.get_model("sessions_app", "Recommendation").objects.get().entry_changed_at

    MigrationExecutor(connection).migrate(before)
    MigrationExecutor(connection).migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())
    assert (session.calendar_changed_at, session.calendar_sequence, told) == (EARLIER, 0, EARLIER)


@pytest.mark.django_db
@pytest.mark.parametrize("extension", FEEDS)
def test_link_of_a_feed_keeps_the_query(client, extension):
    address = f"/sessions/feed.{extension}?q=feed.{extension}"

    feed = feedparser.parse(client.get(address).content).feed

    assert feed.link == f"http://127.0.0.1:8000/sessions/?q=feed.{extension}"
