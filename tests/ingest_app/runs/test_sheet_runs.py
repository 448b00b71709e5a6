"""Imports of spreadsheets are listed as runs, and can be rolled back."""

import pytest
from django.urls import reverse

from ingest_app.models import ImportRun
from ingest_app.runs import rollback
from sessions_app.models import Session, Topic
from speakers_app.models import Speaker
from tests.factories import (
    AppearanceFactory,
    RecommendationFactory,
    SessionFactory,
    SpeakerAliasFactory,
    SpeakerFactory,
    TopicAliasFactory,
    TopicFactory,
    UserFactory,
)
from tests.sessions_app.editing.test_resources import bring_in, confirm, preview

pytestmark = pytest.mark.django_db


@pytest.fixture
def publisher(client):
    user = UserFactory(group="Publishers")
    client.force_login(user)
    return user


def taken_back(run, user):
    rollback.begin_rollback(run, user)
    assert rollback.continue_rollback(run)
    return list(run.made.exclude(kept_because="").values_list("label", "kept_because"))


def test_import_of_a_spreadsheet_is_recorded_as_a_run(client, publisher):
    SessionFactory(slug="ports", title="Ports", status="draft")
    SessionFactory(slug="roads", title="Roads", status="draft")
    rows = "slug,title\nports,Ports and piers\nroads,Roads\n,Winds\n"

    preview(client, "sessions_app_session", rows)
    runs_of_previews = ImportRun.objects.count()
    bring_in(client, "sessions_app_session", rows)

    run = ImportRun.objects.get()
    page = client.get(reverse("admin:ingest_app_importrun_change", args=[run.pk]))
    assert runs_of_previews == 0
    assert (run.kind, run.source_name, run.started_by) == ("sheet", "rows.csv", publisher)
    assert run.counts == {"changed": 1, "unchanged": 1, "created": 1}
    assert list(run.items.values_list("line", "title", "status", "address")) == [
        (2, "Ports and piers", "changed", "/sessions/ports/"),
        (4, "Winds", "created", "/sessions/winds/"),
    ]
    assert page.status_code == 200
    assert "Take it back" in page.text


def test_import_of_sessions_can_be_rolled_back(client, publisher):
    session = SessionFactory(slug="ports", title="Ports", status="draft")
    session.topics.add(TopicFactory(name="Sea"))
    TopicFactory(name="Land")
    bring_in(client, "sessions_app_session", "slug,title,topics\nports,Piers,Land\n,Winds,Sea\n")

    kept = taken_back(ImportRun.objects.get(), publisher)

    assert kept == []
    assert list(Session.objects.values_list("title", "topics__name")) == [("Ports", "Sea")]


def test_import_of_parts_can_be_rolled_back(client, publisher):
    appearance = AppearanceFactory(role_title="Head")
    advice = RecommendationFactory(session=appearance.session, text="Dredge.")
    slug = appearance.session.slug
    bring_in(
        client,
        "sessions_app_recommendation",
        f"session,number,text\n{slug},{advice.number},Wait.\n{slug},,Go.\n",
    )
    bring_in(
        client,
        "sessions_app_appearance",
        f"session,speaker,role_title\n{slug},{appearance.speaker.slug},Foot\n",
    )
    changed = list(appearance.session.recommendations.values_list("text", flat=True))

    kept = [taken_back(run, publisher) for run in ImportRun.objects.order_by("-pk")]

    appearance.refresh_from_db()
    assert changed == ["Wait.", "Go."]
    assert kept == [[], []]
    assert appearance.role_title == "Head"
    assert list(appearance.session.recommendations.values_list("text", flat=True)) == ["Dredge."]


def test_import_of_other_names_can_be_rolled_back(client, publisher):
    speaker = SpeakerFactory(family_name="Roe", given_name="Ann")
    SpeakerAliasFactory(speaker=speaker, name="Doe, Ann")
    topic = TopicFactory(name="Sea")
    TopicAliasFactory(topic=topic, name="Ocean")
    bring_in(client, "speakers_app_speaker", f"slug,other_names\n{speaker.slug},Poe\n")
    bring_in(client, "sessions_app_topic", f"slug,other_names\n{topic.slug},Ocean; Brine\n")

    kept = [taken_back(run, publisher) for run in ImportRun.objects.order_by("-pk")]

    assert kept == [[], []]
    assert list(Speaker.objects.values_list("aliases__name", flat=True)) == ["Doe, Ann"]
    assert list(Topic.objects.values_list("aliases__name", flat=True)) == ["Ocean"]


def test_rollback_restores_no_name_of_a_deleted_record(client, publisher):
    alias = SpeakerAliasFactory(name="Doe, Ann")
    slug = alias.speaker.slug
    bring_in(client, "speakers_app_speaker", f"slug,other_names\n{slug},\n")
    alias.speaker.delete()

    assert taken_back(ImportRun.objects.get(), publisher) == []
    assert not Speaker.objects.exists()


def test_records_edited_since_are_kept(client, publisher):
    session = SessionFactory(slug="ports", title="Ports", status="draft")
    bring_in(client, "sessions_app_session", "slug,title\nports,Piers\n")
    session.refresh_from_db()
    session.title = "Quays"
    session.save()

    kept = taken_back(ImportRun.objects.get(), publisher)

    session.refresh_from_db()
    assert kept == [("Piers", "It has been edited since.")]
    assert session.title == "Quays"


def test_failed_spreadsheet_leaves_no_run(client, publisher):
    SessionFactory(slug="ports", title="Ports", status="draft")
    topic = TopicFactory(name="Sea")
    shown = preview(client, "sessions_app_session", "slug,title,topics\nports,Piers,Sea\n")
    topic.delete()

    confirm(client, "sessions_app_session", shown)

    assert not ImportRun.objects.exists()
    assert Session.objects.get().title == "Ports"
