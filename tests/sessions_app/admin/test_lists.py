import pytest
from django.urls import reverse

from desk_app.worklists.registry import worklists_of_user
from ingest_app.models import ImportRun, RunMade
from sessions_app.models import Session
from tests.factories import (
    AppearanceFactory,
    OrganisationFactory,
    SeriesFactory,
    SessionFactory,
    SpeakerAliasFactory,
    SpeakerFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
LIST = "admin:sessions_app_session_changelist"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sino russian", True),
        ("S. Bendett", True),
        ("bendett cnas", True),
        ("page:seed", True),
        ("https://archive.example/sessions/sino-russian/", True),
        ("bendett energy", False),
    ],
)
def test_list_can_be_searched_by_names_aliases_and_slugs(client, editor, text, found):
    session = SessionFactory(
        title="Sino-Russian tech", slug="sino-russian", import_ref="page:seed"
    )
    speaker = SpeakerFactory(family_name="Bendett", given_name="Samuel")
    SpeakerAliasFactory(speaker=speaker, name="Bendett, S.")
    SpeakerAliasFactory(speaker=speaker, name="Sam Bendett")
    organisation = OrganisationFactory(abbreviation="CNAS")
    AppearanceFactory(session=session, speaker=speaker, organisation=organisation)
    SessionFactory(title="Energy")

    response = client.get(reverse(LIST), {"q": text})

    listed = [each.title for each in response.context["cl"].queryset]
    assert listed == (["Sino-Russian tech"] if found else [])


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ("date", ["Undated"]),
        ("remains", ["Left over"]),
        ("scheduled", ["Ahead"]),
    ],
)
def test_list_can_be_filtered_by_missing_data(client, editor, missing, expected):
    SessionFactory(title="Whole")
    SessionFactory(title="Undated", held_on=None)
    SessionFactory(title="Left over", import_remains=[{"kind": "line", "text": "x"}])
    ahead = SessionFactory(title="Ahead")
    Session.objects.filter(pk=ahead.pk).update(published_at="2999-01-01T00:00Z")

    response = client.get(reverse(LIST), {"missing": missing})

    assert [each.title for each in response.context["cl"].queryset] == expected


def listed(client, **parameters):
    return {each.title for each in client.get(reverse(LIST), parameters).context["cl"].queryset}


def test_list_can_be_filtered_by_user(client, editor):
    other = UserFactory(first_name="Ada", last_name="Abara")
    SessionFactory(title="Hers", created_by=other)
    SessionFactory(title="Mine", created_by=editor)
    SessionFactory(title="Imported")

    page = client.get(reverse(LIST)).content.decode()

    assert "Ada Abara" in page
    assert listed(client, entered_by=other.pk) == {"Hers"}
    assert listed(client, entered_by="none") == {"Imported"}
    assert listed(client, entered_by="²") == {"Hers", "Mine", "Imported"}


def test_list_can_be_filtered_by_import_run(client, editor):
    made, _other = SessionFactory(title="Made"), SessionFactory(title="Other")
    runs = [ImportRun.objects.create(kind="pages", source_name=f"run {at}") for at in range(25)]
    RunMade.objects.create(run=runs[0], model="sessions_app.session", key=made.pk, is_new=True)

    response = client.get(reverse(LIST), {"import_run": runs[0].pk})

    assert [each.title for each in response.context["cl"].queryset] == ["Made"]
    assert "run 0, " in response.content.decode()
    assert "run 0, " not in client.get(reverse(LIST)).content.decode()
    assert listed(client, import_run="²") == {"Made", "Other"}


@pytest.mark.parametrize("count", [1, 3])
def test_session_list_query_count(client, publisher, count, django_assert_num_queries):
    for session in SessionFactory.create_batch(count, series=SeriesFactory()):
        AppearanceFactory.create_batch(count, session=session)
        session.changed_by = UserFactory()
        session.save()
    client.get(reverse(LIST))

    with django_assert_num_queries(18):
        response = client.get(reverse(LIST))

    assert len(response.context["cl"].result_list) == count


@pytest.mark.parametrize("count", [1, 3])
def test_index_page_shows_open_tasks(client, publisher, count, django_assert_num_queries):
    for index in range(count):
        SessionFactory(title=f"In review {index}", status="in_review")
        SessionFactory(title=f"Mine {index}", status="draft", created_by=publisher)
    SessionFactory(title="Not mine", status="draft")
    client.get(reverse("admin:index"))

    worklists = [worklist for worklist in worklists_of_user(publisher) if not worklist.follows_log]
    with django_assert_num_queries(11 + len(worklists)):
        response = client.get(reverse("admin:index"))

    page = response.content.decode()
    assert all(f"In review {index}" in page and f"Mine {index}" in page for index in range(count))
    assert "Not mine" not in page


def test_autocomplete_finds_speakers_by_alias_and_is_limited(client, editor):
    speaker = SpeakerFactory(family_name="Bendett")
    SpeakerAliasFactory(speaker=speaker, name="Бендетт")
    SpeakerFactory.create_batch(25, family_name="Other")
    place = {"app_label": "sessions_app", "model_name": "appearance", "field_name": "speaker"}

    by_alias = client.get(reverse("admin:autocomplete"), {**place, "term": "Бендетт"}).json()
    others = client.get(reverse("admin:autocomplete"), {**place, "term": "other"}).json()

    assert [each["id"] for each in by_alias["results"]] == [str(speaker.pk)]
    assert (len(others["results"]), others["pagination"]) == (20, {"more": True})
