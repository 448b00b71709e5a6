import pytest
from reversion.models import Version

from sessions_app.editing import history
from sessions_app.editing.history_diff import differing_lines_of_states
from sessions_app.editing.publishing import publish_sessions
from sessions_app.editing.restore import restore_version
from sessions_app.editing.snapshots import FIELDS_NOT_EDITED_BY_PEOPLE, load_snapshot
from sessions_app.models import Appearance, Document, Recommendation, Session
from tests.factories import (
    AppearanceFactory,
    DocumentFactory,
    OrganisationFactory,
    RecommendationFactory,
    SeriesFactory,
    SessionFactory,
    SpeakerFactory,
    TopicFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    """A public session with two speakers, two recommendations, a file and a link, with a version."""
    session = SessionFactory(title="As it was", summary="<p>Old text.</p>", series=SeriesFactory())
    session.topics.add(TopicFactory())
    appearances = AppearanceFactory.create_batch(2, session=session)
    appearances[0].further_organisations.add(OrganisationFactory())
    advice = RecommendationFactory.create_batch(2, session=session)
    advice[0].made_by.add(appearances[1])
    advice[1].topics.add(TopicFactory())
    DocumentFactory(session=session, as_file=True)
    DocumentFactory(session=session)
    history.record_current_state([session.pk], comment="As it was.")
    return session


def first_version(session):
    return history.versions_of_session(session.pk).last()


def comparable(state):
    """Return the visible content of a snapshot, including numbers."""

    def decided(values):
        return {
            name: value
            for name, value in values.items()
            if name not in FIELDS_NOT_EDITED_BY_PEOPLE
        }

    parts = {name: [decided(part) for part in state.parts[name]] for name in state.parts}
    return decided(state.values), parts


def spoil(session):
    """Change everything about a session that a person can change, including its slug."""
    session.refresh_from_db()
    session.title, session.slug, session.summary = "Spoilt", "spoilt", "<p>New.</p>"
    session.series = SeriesFactory()
    session.save()
    session.topics.set([TopicFactory()])
    session.appearances.first().delete()
    session.recommendations.first().delete()
    session.documents.first().delete()
    RecommendationFactory(session=session, text="A third one")
    AppearanceFactory(session=session)


def test_restored_session_is_identical_except_for_its_slug(session):
    then = comparable(load_snapshot(session.pk))
    spoil(session)

    restoration = restore_version(first_version(session), user=UserFactory(group="Publishers"))

    values, parts = comparable(load_snapshot(session.pk))
    address = {"slug": "spoilt", "last_recommendation_number": 3}
    assert (values, parts) == (then[0] | address, then[1])
    assert restoration.remarks == []


def test_numbers_of_restored_parts_are_not_reused(session):
    spoil(session)

    restore_version(first_version(session), user=None)
    newest = RecommendationFactory(session=session)

    numbers = session.recommendations.order_by("number").values_list("number", flat=True)
    assert (list(numbers), newest.number) == ([1, 2, 4], 4)


def test_restoring_keeps_the_status_unless_told_otherwise(session):
    session.refresh_from_db()
    session.status = Session.Status.WITHDRAWN
    session.save()
    version = first_version(session)

    kept = restore_version(version, user=None).session.status
    told = restore_version(version, user=None, with_status=True).session.status

    assert (kept, told) == ("withdrawn", "published")


def test_restoring_does_not_publish_without_permission(session):
    Session.objects.filter(pk=session.pk).update(
        status="draft", published_at=None, first_public_at=None
    )
    version = first_version(session)

    restored = restore_version(
        version, user=UserFactory(group="Editors"), with_status=True
    ).session

    assert restored.status == "draft"


def test_records_deleted_since_are_omitted_and_reported(session):
    speaker = session.appearances.first().speaker
    session.appearances.first().delete()
    speaker.delete()
    series = session.series
    Session.objects.filter(pk=session.pk).update(series=None)
    series.delete()
    file = session.documents.first().file
    file.storage.delete(file.name)

    restoration = restore_version(first_version(session), user=None)

    assert restoration.remarks == [
        "Its series no longer exists.",
        "Speakers that have since been deleted and are missing: 1.",
        f"The file of “{session.documents.first().title}” is no longer stored.",
    ]
    assert session.appearances.count() == 1


def test_speakers_swapped_between_rows_can_be_restored(session):
    first, second = session.appearances.all()
    one, two = first.speaker, second.speaker
    Appearance.objects.filter(pk=first.pk).update(speaker=SpeakerFactory())
    Appearance.objects.filter(pk=second.pk).update(speaker=one)
    Appearance.objects.filter(pk=first.pk).update(speaker=two)

    restore_version(first_version(session), user=None)

    assert [each.speaker for each in session.appearances.all()] == [one, two]
    makers = session.recommendations.get(number=1).made_by.all()
    assert [each.speaker for each in makers] == [two]


def test_version_before_a_restore_is_kept(session):
    Session.objects.filter(pk=session.pk).update(title="Changed by a command")

    restore_version(first_version(session), user=None)

    titles = [version.field_dict["title"] for version in history.versions_of_session(session.pk)]
    assert titles == ["As it was", "Changed by a command", "As it was"]


def test_unrecorded_state_is_stored_once(session):
    history.record_state_missing_in_history([session.pk])
    recorded = history.versions_of_session(session.pk).count()
    imported = SessionFactory()

    history.record_state_missing_in_history([imported.pk])
    history.record_state_missing_in_history([imported.pk])

    assert recorded == 1
    assert history.versions_of_session(imported.pk).count() == 1


def test_sessions_of_one_revision_have_separate_parts(session):
    other = SessionFactory()
    RecommendationFactory(session=other, text="Of the other")
    history.record_current_state([session.pk, other.pk], comment="Together.")
    newest = history.versions_of_session(session.pk).first()

    parts = history.snapshot_of_version(newest).parts

    assert [values["session_id"] for values in parts["recommendations"]] == [session.pk] * 2


@pytest.mark.parametrize("count", [1, 3])
def test_record_query_count(count, django_assert_num_queries):
    sessions = SessionFactory.create_batch(count)
    for each in sessions:
        RecommendationFactory.create_batch(count, session=each)
        AppearanceFactory.create_batch(count, session=each)
        DocumentFactory(session=each)
    history.record_current_state([sessions[0].pk], comment="Content types are known from here on.")

    with django_assert_num_queries(18):
        history.record_current_state([each.pk for each in sessions], comment="All.")

    assert Version.objects.get_for_model(Session).count() == count + 1


def test_bulk_publishing_is_recorded_and_requires_the_permission(session):
    drafts = SessionFactory.create_batch(2, status="draft")
    user = UserFactory(group="Publishers")

    changed = publish_sessions(Session.objects.all(), user=user)

    assert {each.pk for each in changed} == {each.pk for each in drafts}
    for draft in drafts:
        draft.refresh_from_db()
        assert draft.is_public and draft.first_public_at == draft.published_at
        version = history.versions_of_session(draft.pk).get()
        assert (version.revision.user, version.field_dict["status"]) == (user, "published")


def test_comparison_highlights_different_words(session):
    advice = session.recommendations.get(number=1)
    Recommendation.objects.filter(pk=advice.pk).update(text="Do <more> of it", audience="Allies")
    Session.objects.filter(pk=session.pk).update(title="As it is")
    Document.objects.filter(session=session, number=2).delete()
    then = history.snapshot_of_version(first_version(session))

    compared = {
        each.label: each for each in differing_lines_of_states(then, load_snapshot(session.pk))
    }

    assert list(compared) == ["Title", "Recommendation 1", "Document 2"]
    assert compared["Title"].then == "As it <del>was</del>"
    assert compared["Title"].now == "As it <ins>is</ins>"
    assert "<ins>Do &lt;more&gt; of it\nAudience: Allies" in compared["Recommendation 1"].now
    assert compared["Document 2"].now == ""


def test_comparison_of_equal_states_is_empty(session):
    then = history.snapshot_of_version(first_version(session))

    compared = differing_lines_of_states(then, load_snapshot(session.pk))

    assert compared == []


@pytest.mark.parametrize("count", [1, 3])
def test_comparison_query_count(count, django_assert_num_queries):
    session = SessionFactory()
    for appearance in AppearanceFactory.create_batch(count, session=session):
        RecommendationFactory(session=session).made_by.add(appearance)
    history.record_current_state([session.pk], comment="Then.")
    Session.objects.filter(pk=session.pk).update(title="Now")
    version = first_version(session)

    with django_assert_num_queries(12):
        compared = differing_lines_of_states(
            history.snapshot_of_version(version), load_snapshot(session.pk)
        )

    assert len(compared) == 1


def test_versions_of_one_revision_are_distinguished():
    sessions = [AppearanceFactory().session for _ in range(3)]
    for session in sessions:
        RecommendationFactory(
            session=session, text=f'"session": {sessions[0].pk}, of {session.pk}'
        )
    history.record_current_state([each.pk for each in sessions], comment="Together.")
    kept = [history.versions_of_session(each.pk).first() for each in sessions]

    states = history.snapshots_by_version(kept)

    assert len({version.revision_id for version in kept}) == 1
    for session, version in zip(sessions, kept, strict=True):
        assert (
            states[version.pk] == history.snapshot_of_version(version) == load_snapshot(session.pk)
        )
