"""Two people editing one record, for each kind of record that staff edit."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from search_app.change_log import newest_change_id
from sessions_app.models import Recommendation, Session
from speakers_app.models import SpeakerAlias
from tests.factories import (
    OrganisationFactory,
    RecommendationFactory,
    RegionFactory,
    SeriesFactory,
    SessionFactory,
    SpeakerAliasFactory,
    SpeakerFactory,
    TopicFactory,
    UserFactory,
)
from tests.sessions_app.admin_forms import shown_values

pytestmark = pytest.mark.django_db
KINDS = {
    "speakers_app_speaker": (SpeakerFactory, "family_name", "Family name"),
    "speakers_app_organisation": (OrganisationFactory, "name", "Name"),
    "sessions_app_topic": (TopicFactory, "name", "Name"),
    "sessions_app_series": (SeriesFactory, "name", "Name"),
    "sessions_app_region": (RegionFactory, "name", "Name"),
    "sessions_app_session": (SessionFactory, "title", "Title"),
}


@pytest.fixture
def editor(client):
    user = UserFactory(group="Publishers")
    client.force_login(user)
    return user


def by_ada(client, address, **changes):
    """Save as another user, then continue as before."""
    me = client.session["_auth_user_id"]
    ada = UserFactory(username="ada", group="Publishers")
    client.force_login(ada)
    client.post(address, shown_values(client.get(address)) | changes)
    client.force_login(type(ada).objects.get(pk=me))


@pytest.mark.parametrize("kind", KINDS)
def test_second_save_is_stopped_and_shows_both_versions(client, editor, kind):
    factory, field, label = KINDS[kind]
    record = factory(**{field: "Words at first"})
    address = reverse(f"admin:{kind}_change", args=[record.pk])
    opened = shown_values(client.get(address))
    by_ada(client, address, **{field: "Words by Ada"})
    before = newest_change_id()

    told = client.post(address, opened | {field: "Words by me"})

    record.refresh_from_db()
    (difference,) = told.context["versions_differ"]
    page = told.content.decode()
    assert getattr(record, field) == "Words by Ada"
    assert newest_change_id() == before
    assert "ada changed it on" in page
    assert difference.label == label
    assert difference.then == "Words by <del>Ada</del>"
    assert difference.now == "Words by <ins>me</ins>"
    assert str(difference.now) in page

    again = client.post(address, shown_values(told))

    record.refresh_from_db()
    assert (again.status_code, getattr(record, field)) == (302, "Words by me")


@pytest.mark.parametrize("kind", KINDS)
def test_single_editor_gets_no_warning(client, editor, kind):
    factory, field, _label = KINDS[kind]
    record = factory()
    address = reverse(f"admin:{kind}_change", args=[record.pk])
    opened = shown_values(client.get(address))

    response = client.post(address, opened | {field: "Changed"})

    assert response.status_code == 302


def test_changes_of_inline_rows_are_conflicts(client, editor):
    speaker = SpeakerFactory()
    alias = SpeakerAliasFactory(speaker=speaker, name="Old name")
    address = reverse("admin:speakers_app_speaker_change", args=[speaker.pk])
    opened = shown_values(client.get(address))
    by_ada(client, address, **{"aliases-0-name": "Name by Ada"})

    told = client.post(address, opened | {"aliases-0-name": "Name by me"})

    (difference,) = told.context["versions_differ"]
    assert difference.label == "Other names"
    assert difference.now == "Name by <ins>me</ins>"
    alias.refresh_from_db()
    assert alias.name == "Name by Ada"
    assert SpeakerAlias.objects.count() == 1


def test_parts_of_a_session_are_compared_word_by_word(client, editor):
    session = SessionFactory()
    advice = RecommendationFactory(session=session, text="Build ports.")
    address = reverse("admin:sessions_app_session_change", args=[session.pk])
    opened = shown_values(client.get(address))
    by_ada(client, address, title="By Ada")

    told = client.post(address, opened | {"recommendations-0-text": "Build more ports."})

    labels = {each.label: each for each in told.context["versions_differ"]}
    assert set(labels) == {"Title", "Recommendation 1"}
    assert "Build <ins>more </ins>ports." in labels["Recommendation 1"].now
    advice.refresh_from_db()
    assert (advice.text, Recommendation.objects.count()) == ("Build ports.", 1)
    assert Session.objects.get().title == "By Ada"


def test_invalid_form_is_not_compared_and_not_lost(client, editor):
    session = SessionFactory()
    address = reverse("admin:sessions_app_session_change", args=[session.pk])
    opened = shown_values(client.get(address))
    by_ada(client, address, title="By Ada")

    told = client.post(address, opened | {"title": "Mine", "ends_on": "2001-01-01"})

    assert told.context["versions_differ"] is None
    assert 'value="2001-01-01"' in told.content.decode()


def test_read_only_form_has_no_conflict_field(client):
    user = UserFactory()
    user.user_permissions.add(Permission.objects.get(codename="view_speaker"))
    client.force_login(user)
    speaker = SpeakerFactory()

    response = client.get(reverse("admin:speakers_app_speaker_change", args=[speaker.pk]))

    assert response.status_code == 200
