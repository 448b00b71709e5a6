"""Two records of one session become one: all parts move, numbers are new, old URLs redirect."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.urls import reverse

from desk_app.merging.merge import merge_records, preview_merge
from desk_app.merging.relations import dotted_name_of_foreign_key, foreign_keys_to
from desk_app.merging.row_moves import MergeError
from desk_app.merging.undo import undo_merge
from desk_app.models import LookAlike
from recordings_app.models import Recording
from sessions_app.editing import history
from sessions_app.editing.trash import put_into_bin
from sessions_app.models import FormerImportRef, Recommendation, Session
from sessions_app.selection import items
from site_app.permissions import NotAllowedError
from tests.desk_app.states import everything
from tests.factories import (
    AppearanceFactory,
    CommentFactory,
    DocumentFactory,
    RecommendationFactory,
    RegionFactory,
    SessionFactory,
    SpeakerFactory,
    TopicFactory,
    UserFactory,
)
from tests.ingest_app.incoming import PAGE, WINDS

pytestmark = pytest.mark.django_db

# What a merge does with the rows of each reference to a session; a new reference needs a decision.
DECIDED = {
    "ingest_app.importedrecord.session": "moves, or is united",
    "ingest_app.incomingpage.session": "moves",
    "recordings_app.recording.session": "moves with a new number, or is united",
    "sessions_app.appearance.session": "moves, or is united with that of the same speaker",
    "sessions_app.comment.session": "moves",
    "sessions_app.document.session": "moves with a new number, or is united",
    "sessions_app.formerimportref.session": "moves",
    "sessions_app.recommendation.session": "moves with a new number, or is united",
    "sessions_app.reviewnote.session": "moves",
    "sessions_app.session_regions.session": "moves, or is there already",
    "sessions_app.session_topics.session": "moves, or is there already",
    "sessions_app.statuschange.session": "moves",
}


@pytest.fixture
def publisher():
    return UserFactory(group="Publishers")


@pytest.fixture
def pair():
    """Two records of one session, each with some data that the other lacks."""
    keep = SessionFactory(title="Tides", slug="tides", import_ref="page:tides", summary="")
    other = SessionFactory(
        title="Tides of Trade", slug="tides-2", import_ref="page:tides-b", summary="<p>Water.</p>"
    )
    both, alone = SpeakerFactory(family_name="Lund"), SpeakerFactory(family_name="Greer")
    mine = AppearanceFactory(session=keep, speaker=both, role_title="")
    theirs = AppearanceFactory(session=other, speaker=both, role_title="Director")
    AppearanceFactory(session=other, speaker=alone)
    RecommendationFactory(session=keep, text="Dredge the ports.").made_by.add(mine)
    RecommendationFactory(session=keep, text="Gone.").delete()
    RecommendationFactory(session=other, text="Gone there.").delete()
    RecommendationFactory(session=other, text="Wait.").made_by.add(theirs)
    RecommendationFactory(session=other, text="dredge the ports").made_by.add(theirs)
    DocumentFactory(session=keep, title="Paper", url="https://example.org/p")
    DocumentFactory(session=other, title="The paper", url="https://example.org/p")
    DocumentFactory(session=other, title="Slides", as_file=True)
    topic = TopicFactory()
    keep.topics.add(topic)
    other.topics.add(topic, TopicFactory())
    other.regions.add(RegionFactory())
    CommentFactory(session=other)
    return Session.objects.get(pk=keep.pk), Session.objects.get(pk=other.pk)


def whole():
    """The state of the archive, without fields that other changes update."""
    forgotten = {
        "created_at",
        "entry_changed_at",
        "calendar_changed_at",
        "updated_at",
        "changed_by_id",
        "last_recommendation_number",
    }
    forgotten |= {"last_document_number", "last_recording_number"}
    state = everything() | {
        apps.get_model(name.rsplit(".", 1)[0]): list(
            apps.get_model(name.rsplit(".", 1)[0]).objects.order_by("pk").values()
        )
        for name in DECIDED
        if not name.startswith("sessions_app.session_")
    }
    state[Session] = list(Session.objects.order_by("pk").values())
    return {
        model: [{name: row[name] for name in row if name not in forgotten} for row in rows]
        for model, rows in state.items()
    }


def test_merge_handles_every_reference_to_a_session():
    assert {dotted_name_of_foreign_key(each) for each in foreign_keys_to(Session)} == set(DECIDED)


def test_kept_session_has_the_data_of_both(pair, publisher):
    keep, other = pair

    outcome = merge_records(keep, [other], user=publisher)

    kept = Session.objects.get()
    people = [
        (each.speaker.family_name, each.role_title)
        for each in kept.appearances.order_by("speaker__family_name")
        if each.speaker.family_name != "Greer"
    ]
    advice = {
        each.number: (each.text, each.made_by.count()) for each in kept.recommendations.all()
    }
    assert kept.pk == keep.pk
    assert kept.summary_text == "Water."
    assert people == [("Lund", "Director")]
    assert advice == {1: ("Dredge the ports.", 1), 3: ("Wait.", 1)}
    assert [each.title for each in kept.documents.all()] == ["Paper", "Slides"]
    assert (kept.topics.count(), kept.regions.count(), kept.comments.count()) == (2, 1, 1)
    assert kept.import_ref == "page:tides"
    assert [each.ref for each in kept.former_import_refs.all()] == ["page:tides-b"]
    assert outcome.shown["sessions"] == 2
    assert (
        history.versions_of_session(kept.pk)
        .first()
        .revision.comment.startswith("Merged: Tides of Trade")
    )


def test_urls_of_the_absorbed_session_redirect(pair, publisher, client):
    keep, other = pair
    slides = other.documents.get(title="Slides")
    file = slides.get_absolute_url()

    merge_records(keep, [other], user=publisher)

    moved = keep.documents.get(title="Slides")
    leads = {
        "/sessions/tides-2/": "/sessions/tides/",
        "/sessions/tides-2/cite.bib": "/sessions/tides/cite.bib",
        "/recommendations/tides-2-2/": "/recommendations/tides-3/",
        "/recommendations/tides-2-2/cite.ris": "/recommendations/tides-3/cite.ris",
        "/recommendations/tides-2-3/": "/recommendations/tides-1/",
        "/recommendations/tides-2-1/": "/sessions/tides/",  # it was deleted earlier
        "/api/v1/recommendations/tides-2-2/": "/api/v1/recommendations/tides-3/",
        file: moved.get_absolute_url(),
    }
    answers = {path: client.get(path) for path in leads}
    told = {
        path: each["Location"].removeprefix("http://127.0.0.1:8000")
        for path, each in answers.items()
    }
    assert told == leads
    assert {each.status_code for each in answers.values()} <= {301, 308}
    assert moved.number == 2
    found = items.load_items(["recommendation:tides-2-2", "recommendation:tides-2-1"])
    assert {value: item.recommendation.text for value, item in found.items()} == {
        "recommendation:tides-2-2": "Wait."
    }


def test_redirects_follow_a_later_slug_and_a_later_merge(pair, publisher, client):
    keep, other = pair
    merge_records(keep, [other], user=publisher)
    keep.refresh_from_db()
    keep.slug = "tides-of-trade"
    keep.save()
    first = client.get("/recommendations/tides-2-2/")["Location"]
    third = SessionFactory(slug="third")

    merge_records(third, [Session.objects.get(pk=keep.pk)], user=publisher)

    text = Recommendation.objects.get(text="Wait.")
    assert first == "/recommendations/tides-of-trade-3/"
    assert client.get("/recommendations/tides-2-2/")["Location"] == text.get_absolute_url()
    assert client.get("/sessions/tides-2/")["Location"] == "/sessions/third/"
    assert {each.ref for each in FormerImportRef.objects.all()} == {"page:tides-b"}
    assert Session.objects.get().import_ref == "page:tides"


def test_undo_restores_both_and_reuses_no_number(pair, publisher):
    keep, other = pair
    before = whole()

    outcome = merge_records(keep, [other], user=publisher)
    remarks = undo_merge(outcome.record, user=publisher)

    after = whole()
    new = RecommendationFactory(session=Session.objects.get(pk=keep.pk), text="New.")
    changed = {
        (model.__name__, place, name): (row[name], before[model][place][name])
        for model, rows in after.items()
        for place, row in enumerate(rows)
        for name in row
        if row[name] != before[model][place][name]
    }
    assert changed == {}
    assert remarks == []
    assert new.number == 4


def test_status_changes_by_merge_and_undo_are_logged(publisher):
    keep, other = SessionFactory(status="draft"), SessionFactory()
    undoer = UserFactory(group="Publishers")

    outcome = merge_records(keep, [other], {"status": other.pk}, user=publisher)
    undo_merge(outcome.record, user=undoer)

    steps = keep.status_changes.values_list("was", "status", "by")
    assert list(steps.filter(by__isnull=False)) == [
        ("draft", "published", publisher.pk),
        ("published", "draft", undoer.pk),
    ]


def test_a_preview_changes_nothing(pair):
    keep, other = pair
    before = whole()

    outcome = preview_merge(keep, [other])

    told = {each.label: (each.count, each.united) for each in outcome.moved}
    assert told["recommendations"] == (2, 1)
    assert told["documents"] == (2, 1)
    assert whole() == before


def test_recordings_move_and_placeholders_are_merged(publisher, client):
    keep, other, third = (SessionFactory(slug=slug) for slug in ("a", "b", "c"))
    for session in (keep, other, third):
        session.recordings.create(access="on_request")
    Recording.objects.filter(session=third).update(
        file="recordings/x.mp3",
        media_type="audio/mpeg",
        sha256="1" * 64,
        duration_seconds=10.0,
        byte_count=10,
        access="open",
    )

    merge_records(keep, [other, third], user=publisher)

    keep.refresh_from_db()
    recordings = [(each.number, each.file.name) for each in keep.recordings.all()]
    assert recordings == [(1, ""), (2, "recordings/x.mp3")]
    assert keep.has_recording
    assert client.get("/sessions/c/recordings/1/")["Location"] == "/sessions/a/recordings/2/"
    assert client.get("/sessions/b/recordings/1/")["Location"] == "/sessions/a/recordings/1/"


def test_later_import_finds_the_kept_session(tmp_path, publisher):
    for name, text in (("tides", PAGE), ("double", PAGE), ("winds", WINDS)):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    call_command("import_pages", str(tmp_path))
    keep, other = (Session.objects.get(import_ref=f"page:{name}") for name in ("tides", "double"))
    advice = keep.recommendations.count()

    merge_records(keep, [other], user=publisher)
    before = Session.objects.get(pk=keep.pk).updated_at
    (tmp_path / "double.txt").write_text(PAGE.replace("dredge", "deepen"), encoding="utf-8")
    call_command("import_pages", str(tmp_path))

    keep.refresh_from_db()
    assert Session.objects.count() == 2
    assert keep.recommendations.count() == advice
    assert keep.updated_at == before


def test_session_entered_by_hand_replaces_the_imported_one(tmp_path, publisher):
    (tmp_path / "tides.txt").write_text(PAGE, encoding="utf-8")
    call_command("import_pages", str(tmp_path))
    keep, other = SessionFactory(title="Entered"), Session.objects.get(import_ref="page:tides")

    merge_records(keep, [other], user=publisher)
    call_command("import_pages", str(tmp_path))

    kept = Session.objects.get()
    assert (kept.pk, kept.title, kept.import_ref) == (keep.pk, "Entered", "page:tides")


def test_only_publishers_merge_and_undo(pair, publisher, staff_client):
    keep, other = pair
    Session.objects.update(status="draft", first_public_at=None)
    editor = UserFactory(group="Editors")
    address = reverse("admin:sessions_app_session_merge")

    with pytest.raises(NotAllowedError):
        merge_records(keep, [other], user=editor)
    answer = staff_client("Editors").post(address, {"id": [keep.pk, other.pk], "preview": "1"})
    record = merge_records(keep, [other], user=publisher).record

    assert answer.status_code == 403
    with pytest.raises(NotAllowedError):
        undo_merge(record, user=editor)


def test_sessions_in_the_bin_cannot_be_merged(pair, publisher):
    keep, other = pair
    put_into_bin(Session.objects.filter(pk=other.pk), user=None)

    with pytest.raises(MergeError, match="bin"):
        merge_records(keep, [Session.objects.get(pk=other.pk)], user=publisher)


def test_the_admin_compares_previews_and_merges(pair, staff_client):
    client = staff_client("Publishers")
    keep, other = pair
    LookAlike.objects.create(
        model="sessions_app.session", first=keep.pk, second=other.pk, reason="x", likeness=90
    )
    listed = reverse("admin:sessions_app_session_changelist")
    ticked = {"action": "merge_chosen", "_selected_action": [keep.pk, other.pk]}

    address = client.post(listed, ticked)["Location"]
    sent = {"id": [keep.pk, other.pk], "keep": keep.pk, "field-title": other.pk}
    shown = client.post(address, sent | {"preview": "1"})
    confirm = shown.context["digest"]
    client.post(address, sent | {"confirm": confirm})

    assert client.get(address).status_code == 302  # there is nothing left to compare
    assert [each.title for each in Session.objects.all()] == ["Tides of Trade"]
    assert not LookAlike.objects.exists()
