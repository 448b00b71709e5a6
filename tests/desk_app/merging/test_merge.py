import io
import json
import threading

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from desk_app.merging.merge import (
    KEEP_BOTH_TEXTS_CHOICE,
    keys_of_merge_successors,
    merge_records,
    preview_merge,
)
from desk_app.merging.row_moves import MergeError
from desk_app.merging.undo import UndoRefusedError, reasons_against_undo, undo_merge
from desk_app.models import Absorbed, LookAlike, MergeRecord
from ingest_app.matching.matcher import Matcher
from search_app.api import search
from search_app.criteria_and_hits import Criteria
from sessions_app.editing import history
from sessions_app.editing.restore import restore_version
from sessions_app.models import Appearance, Recommendation, Session, Topic
from site_app.redirects.addresses import add_redirect
from speakers_app.models import Organisation, Speaker
from tests.desk_app.states import everything
from tests.factories import (
    AppearanceFactory,
    OrganisationAliasFactory,
    OrganisationFactory,
    RecommendationFactory,
    SeriesFactory,
    SessionFactory,
    SpeakerAliasFactory,
    SpeakerFactory,
    TopicAliasFactory,
    TopicFactory,
    UserFactory,
)
from tests.waiting import PATIENCE

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    """Two records of one person, with a session in common."""
    keep = SpeakerFactory(family_name="Bendett", given_name="Samuel", slug="samuel-bendett")
    other = SpeakerFactory(
        family_name="Bendett", given_name="S.", slug="s-bendett", biography="Analyst."
    )
    shared = SessionFactory(title="Both of them")
    first = AppearanceFactory(session=shared, speaker=keep, role_title="Analyst")
    second = AppearanceFactory(session=shared, speaker=other, role_title="Panel lead")
    RecommendationFactory(session=shared, text="Ask.").made_by.add(first, second)
    RecommendationFactory(session=shared, text="Wait.").made_by.add(second)
    alone = AppearanceFactory(session__title="Alone", speaker=other)
    RecommendationFactory(session=alone.session, text="Alone.").made_by.add(alone)
    SpeakerAliasFactory(speaker=other, name="Sam Bendett")
    SpeakerAliasFactory(speaker=keep, name="Sam Bendett")
    return keep, other


def test_merged_speaker_has_all_sessions_recommendations_and_names(pair):
    keep, other = pair

    outcome = merge_records(keep, [other], user=None)

    keep.refresh_from_db()
    assert not Speaker.objects.filter(pk=other.pk).exists()
    assert keep.biography == "Analyst."
    assert {each.session.title for each in keep.appearances.all()} == {"Both of them", "Alone"}
    shared = keep.appearances.get(session__title="Both of them")
    assert shared.role_title == "Analyst; Panel lead"
    assert [body.pk for body in shared.further_organisations.all()] == [
        Organisation.objects.exclude(pk=shared.organisation_id).order_by("pk")[0].pk
    ]
    makers = {each.text: [a.speaker_id for a in each.made_by.all()] for each in advice()}
    assert makers == {"Ask.": [keep.pk], "Wait.": [keep.pk], "Alone.": [keep.pk]}
    assert sorted(keep.aliases.values_list("name", flat=True)) == ["Bendett, S.", "Sam Bendett"]
    assert (outcome.names, outcome.shown) == (["Bendett, S."], {"sessions": 2})


def advice():
    return Recommendation.objects.order_by("pk")


def test_old_url_redirects_and_old_slug_still_filters(client, pair):
    keep, other = pair
    old = other.get_absolute_url()

    merge_records(keep, [other], user=None)

    answer = client.get(old)
    assert (answer.status_code, answer["Location"]) == (301, keep.get_absolute_url())
    # A browser requests it again once the merge is undone.
    assert answer["Cache-Control"] == "no-cache"
    assert client.get(f"{old}feed.rss").status_code == 301
    page = client.get(reverse("sessions:list"), {"speaker": "s-bendett"}).content.decode()
    assert page.count("data-session=") == 2
    shown = client.get(keep.get_absolute_url()).content.decode()
    assert "Both of them" in shown and "Alone" in shown


def test_search_and_history_follow_a_merge(pair):
    keep, other = pair
    user = UserFactory(group="Publishers")
    search(Criteria(text="speaker:samuel"))

    merge_records(keep, [other], user=user)

    found = search(Criteria(text="speaker:samuel"))
    assert found.total == 2
    assert search(Criteria(filters={"speaker": (keep.slug,)})).total == 2
    alone = Session.objects.get(title="Alone")
    comments = [each.revision.comment for each in history.versions_of_session(alone.pk)]
    assert comments == [
        "Merged: S. Bendett into Samuel Bendett.",
        "Before the next change; changed by an import or a command.",
    ]


def test_preview_says_what_a_merge_does_and_changes_nothing(pair):
    keep, other = pair
    before = everything()

    seen = preview_merge(keep, [other])

    assert everything() == before
    done = merge_records(keep, [other], user=None)
    assert (seen.moved, seen.names, seen.addresses, seen.shown, seen.values) == (
        done.moved,
        done.names,
        done.addresses,
        done.shown,
        done.values,
    )
    appearances = next(each for each in done.moved if each.label == "appearances")
    assert (appearances.count, appearances.united) == (2, 1)
    assert appearances.united_names[0].startswith("Both of them (14 March 2024): Panel lead, ")


def test_undoing_a_merge_restores_everything(client, pair):
    keep, other = pair
    SpeakerFactory(slug="older")
    add_redirect("/speakers/before/", other.get_absolute_url())
    before = everything()
    record = merge_records(keep, [other], user=None).record

    remarks = undo_merge(
        MergeRecord.objects.get(pk=record.pk), user=UserFactory(group="Publishers")
    )

    assert remarks == []
    assert everything() == before
    assert client.get(other.get_absolute_url()).status_code == 200
    assert search(Criteria(filters={"speaker": (other.slug,)})).total == 2
    with pytest.raises(UndoRefusedError, match="already been undone"):
        undo_merge(record, user=None)


def test_undo_is_refused_and_lists_later_edits(pair):
    keep, other = pair
    record = merge_records(keep, [other], user=None).record
    Speaker.objects.filter(pk=keep.pk).update(biography="Written since.")
    shared = Appearance.objects.get(session__title="Both of them")
    shared.role_title = "Corrected"
    shared.save()
    SpeakerFactory(slug="s-bendett")
    before = everything()

    with pytest.raises(UndoRefusedError) as refused:
        undo_merge(record, user=None)

    assert (
        refused.value.reasons
        == reasons_against_undo(record)
        == [
            "Speaker “Samuel Bendett” has since been edited: biography.",
            "Speaker “S. Bendett”: Speaker with this Slug already exists.",
            "Appearance “Samuel Bendett at Both of them” has since been edited: role.",
        ]
    )
    assert everything() == before


def test_undo_does_not_change_later_corrections(pair):
    keep, other = pair
    record = merge_records(keep, [other], user=None).record
    someone = SpeakerFactory()
    Appearance.objects.filter(session__title="Alone").update(speaker=someone)

    remarks = undo_merge(record, user=None)

    assert remarks == [
        "1 of 1 appearances that moved were changed or deleted since, and stay as they are."
    ]
    assert Appearance.objects.get(session__title="Alone").speaker == someone


def test_undo_of_a_superseded_merge_names_the_later_one(pair):
    keep, other = pair
    first = merge_records(keep, [other], user=None).record
    last = SpeakerFactory(family_name="Last", given_name="")
    merge_records(last, [Speaker.objects.get(pk=keep.pk)], user=None)

    assert reasons_against_undo(first) == [
        "A later merge absorbed the record: “Samuel Bendett into Last”. Undo that first."
    ]
    assert keys_of_merge_successors(Speaker, [other.pk, keep.pk, 999]) == {
        other.pk: last.pk,
        keep.pk: last.pk,
    }


def test_both_texts_can_be_kept(pair):
    keep, other = pair
    Speaker.objects.filter(pk=keep.pk).update(biography="First.")

    merge_records(
        keep, [other], {"biography": KEEP_BOTH_TEXTS_CHOICE, "given_name": other.pk}, user=None
    )

    keep.refresh_from_db()
    assert (keep.biography, keep.given_name) == ("First.\n\nAnalyst.", "S.")
    assert "Bendett, Samuel" in keep.aliases.values_list("name", flat=True)


def test_preview_creates_no_files(pair, settings):
    keep, other = pair
    picture = io.BytesIO()
    Image.new("RGB", (40, 40)).save(picture, "WEBP")
    other.photo.save("other.webp", ContentFile(picture.getvalue()))
    stored = sorted(settings.MEDIA_ROOT.rglob("*.webp"))

    preview_merge(keep, [other])

    assert stored and sorted(settings.MEDIA_ROOT.rglob("*.webp")) == stored


def test_alternative_text_and_focus_move_with_a_picture(pair):
    keep, other = pair
    Speaker.objects.filter(pk=keep.pk).update(picture_alt="At a desk", focus_x=1, focus_y=2)
    Speaker.objects.filter(pk=other.pk).update(picture_alt="On a ship", focus_x=3, focus_y=4)

    merge_records(keep, [other], {"photo": other.pk}, user=None)

    keep.refresh_from_db()
    assert (keep.picture_alt, keep.focus_x, keep.focus_y) == ("On a ship", 3, 4)


def test_merged_organisation_gets_affiliations_parts_and_acronym():
    keep = OrganisationFactory(name="CNA")
    other = OrganisationFactory(name="Center for Naval Analyses", abbreviation="CNAnal")
    both = AppearanceFactory(organisation=keep)
    both.further_organisations.add(other)
    twice = AppearanceFactory(organisation=None)
    twice.further_organisations.add(keep, other)
    main = AppearanceFactory(organisation=other)
    part = OrganisationFactory(parent=other)
    OrganisationAliasFactory(organisation=other, name="CNA Corp.")

    merge_records(keep, [other], {"abbreviation": keep.pk}, user=None)

    assert [list(each.further_organisations.all()) for each in (both, twice)] == [[], [keep]]
    main.refresh_from_db()
    part.refresh_from_db()
    assert (main.organisation, part.parent) == (keep, keep)
    assert sorted(keep.aliases.values_list("name", flat=True)) == [
        "CNA Corp.",
        "CNAnal",
        "Center for Naval Analyses",
    ]


def test_merged_topics_create_no_cycle_in_the_tree():
    top = TopicFactory(name="Top")
    upper = TopicFactory(name="Upper", parent=top)
    middle = TopicFactory(name="Middle", parent=upper)
    keep = TopicFactory(name="Keep", parent=middle)
    child = TopicFactory(name="Child", parent=upper)
    session = SessionFactory()
    session.topics.add(keep, upper)
    only = SessionFactory()
    only.topics.add(middle)
    TopicAliasFactory(topic=upper, name="Keep")
    before = everything()

    record = merge_records(keep, [upper, middle], user=None).record

    keep.refresh_from_db()
    child.refresh_from_db()
    assert (keep.parent, child.parent) == (top, keep)
    assert list(session.topics.all()) == list(only.topics.all()) == [keep]
    assert Topic.objects.count() == 3
    undo_merge(record, user=None)
    assert everything() == before


def test_parent_below_the_kept_record_is_not_used():
    keep = TopicFactory()
    below = TopicFactory(parent=keep)
    other = TopicFactory(parent=below)

    merge_records(keep, [other], {"parent": other.pk}, user=None)

    keep.refresh_from_db()
    assert keep.parent is None


def test_merged_series_can_have_the_name_of_the_other(client):
    keep, other = SeriesFactory(name="SMA CENTCOM"), SeriesFactory(name="CENTCOM")
    session = SessionFactory(series=other)
    old = other.get_absolute_url()
    before = everything()

    record = merge_records(keep, [other], {"name": other.pk}, user=None).record

    keep.refresh_from_db()
    session.refresh_from_db()
    assert (keep.name, session.series) == ("CENTCOM", keep)
    assert client.get(old).status_code == 301
    undo_merge(record, user=None)
    assert everything() == before


def test_restored_version_of_a_session_uses_the_successor(pair):
    keep, other = pair
    user = UserFactory(group="Publishers")
    shared = Session.objects.get(title="Both of them")
    merge_records(keep, [other], user=user)
    before_merge = history.versions_of_session(shared.pk).last()

    result = restore_version(before_merge, user=user)

    assert result.remarks == []
    assert [each.speaker_id for each in shared.appearances.all()] == [keep.pk]
    makers = {each.text: each.made_by.count() for each in shared.recommendations.all()}
    assert makers == {"Ask.": 1, "Wait.": 1}


def test_deleted_records_cannot_be_chosen(pair):
    keep, other = pair
    merge_records(keep, [other], user=None)

    with pytest.raises(MergeError, match="no longer exist"):
        merge_records(keep, [other], user=None)
    with pytest.raises(MergeError, match="into itself"):
        merge_records(keep, [keep], user=None)


def test_duplicate_pairs_are_deleted_with_the_record(pair):
    keep, other = pair
    third = SpeakerFactory()
    for first, second in ((keep, other), (other, third), (keep, third)):
        LookAlike.objects.create(
            model="speakers_app.speaker", first=first.pk, second=second.pk, likeness=90
        )

    merge_records(keep, [other], user=None)

    assert [(each.first, each.second) for each in LookAlike.objects.all()] == [(keep.pk, third.pk)]
    assert Absorbed.objects.get().into == keep.pk


def test_query_count_does_not_depend_on_the_number_of_sessions():
    """No literal number: each model that refers to speakers, in any app, adds its own queries."""

    def statements(count):
        keep, other = SpeakerFactory.create_batch(2)
        AppearanceFactory.create_batch(count, speaker=other)
        with CaptureQueriesContext(connection) as seen:
            merge_records(keep, [other], user=None)
        return len(seen)

    assert statements(1) == statements(3)


def test_import_of_a_merged_name_finds_its_successor(tmp_path):
    keep, other = SeriesFactory(name="SMA CENTCOM"), SeriesFactory(name="CENTCOM")
    topic, old_topic = TopicFactory(name="Energy"), TopicFactory(name="Power")
    speaker, old_speaker = SpeakerFactory(), SpeakerFactory(given_name="Elsa", family_name="Kania")
    for kept, gone in ((keep, other), (topic, old_topic), (speaker, old_speaker)):
        merge_records(kept, [gone], user=None)
    talk = {
        "id": "a/b",
        "title": "A talk",
        "speakers": ["Kania, Elsa"],
        "topics": ["power"],
        "series": "Centcom",
        "date": "2024-03-14",
    }
    (tmp_path / "talks.jsonl").write_text(json.dumps(talk))

    call_command("import_talks", str(tmp_path / "talks.jsonl"), stdout=io.StringIO())

    session = Session.objects.get()
    assert (session.series, list(session.topics.all())) == (keep, [topic])
    assert [each.speaker for each in session.appearances.all()] == [speaker]
    assert Matcher.from_database().match_series("CENTCOM").record == keep


@pytest.mark.django_db(transaction=True)
def test_second_of_two_concurrent_merges_is_reported():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one transaction write at a time")
    keep, other = SpeakerFactory.create_batch(2)
    AppearanceFactory(speaker=other)
    told = []

    def second():
        try:
            merge_records(keep, [other], user=None)
        except MergeError as error:
            told.append(str(error))
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        merge_records(keep, [other], user=None)
        thread.start()
        thread.join(timeout=0.5)
        waits = thread.is_alive()
    thread.join(timeout=PATIENCE)

    assert waits and len(told) == 1 and "no longer exist" in told[0]
    assert MergeRecord.objects.count() == 1
