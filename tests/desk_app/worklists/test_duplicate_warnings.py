import json
import re

import pytest
from django.urls import reverse

from desk_app.models import LookAlike
from sessions_app.models import Session
from sessions_app.worklists.duplicate_people_check import find_alike_speakers
from sessions_app.worklists.duplicate_sessions import possible_duplicate_sessions
from speakers_app.models import Organisation, Speaker
from tests.factories import HELD_ON, OrganisationFactory, SessionFactory, SpeakerFactory
from tests.sessions_app.admin_forms import shown_values

pytestmark = pytest.mark.django_db
NO_ALIASES = {"aliases-TOTAL_FORMS": 0, "aliases-INITIAL_FORMS": 0}
ADD = reverse("admin:speakers_app_speaker_add")
NEW = NO_ALIASES | {"given_name": "S.", "family_name": "Bendett"}


@pytest.fixture
def known():
    return SpeakerFactory(given_name="Samuel", family_name="Bendett")


def test_duplicate_warning_can_be_confirmed(staff_client, known):
    client = staff_client("Editors")

    told = client.post(ADD, NEW)
    before = Speaker.objects.count()
    page = told.content.decode()
    client.post(ADD, NEW | {"not_alike": re.search(r'name="not_alike" value="([\d,]+)"', page)[1]})

    assert before == 1
    assert reverse("admin:speakers_app_speaker_change", args=[known.pk]) in page
    assert "initials that fit" in page and 'value="Bendett"' in page
    assert Speaker.objects.count() == 2
    row = LookAlike.objects.get()
    assert (row.first, row.dismissed_by.groups.get().name) == (known.pk, "Editors")
    find_alike_speakers()
    row.refresh_from_db()
    # The worklist does not list the pair again.
    assert row.dismissed_at and LookAlike.objects.count() == 1


def test_new_duplicates_are_reported_as_well(staff_client, known):
    later = SpeakerFactory(given_name="Sam", family_name="Bendett")

    page = staff_client("Editors").post(ADD, NEW | {"not_alike": str(known.pk)}).content.decode()

    assert Speaker.objects.count() == 2
    assert f'value="{known.pk},{later.pk}"' in page


def test_no_warning_while_the_name_is_unchanged(staff_client, known):
    twin = SpeakerFactory(given_name="S.", family_name="Bendett")
    client = staff_client("Editors")
    address = reverse("admin:speakers_app_speaker_change", args=[twin.pk])

    client.post(address, NEW | {"biography": "Analyst.", "slug": twin.slug})
    renamed = client.post(address, NEW | {"given_name": "Sam", "slug": twin.slug})

    twin.refresh_from_db()
    assert (twin.biography, twin.given_name) == ("Analyst.", "S.")
    assert "It looks like" in renamed.content.decode()


def test_pop_up_can_use_the_existing_record(staff_client, known):
    client = staff_client("Editors")

    page = client.post(ADD, NEW | {"_popup": "1"}).content.decode()
    taken = client.post(ADD, NEW | {"_popup": "1", "_use": str(known.pk)}).content.decode()

    assert "Use this one" in page
    answer = json.loads(
        re.search(r'data-popup-response="([^"]+)"', taken)[1].replace("&quot;", '"')
    )
    assert (answer["value"], answer["obj"]) == (str(known.pk), "Samuel Bendett")
    assert Speaker.objects.count() == 1


def test_names_are_escaped(staff_client):
    SpeakerFactory(given_name="<b>S", family_name="Bendett")

    page = staff_client("Editors").post(ADD, NEW | {"given_name": "<b>S"}).content.decode()

    assert "&lt;b&gt;S Bendett" in page and "<b>S Bendett" not in page


def test_live_check_gives_the_same_warning(staff_client, known):
    client = staff_client("Editors")
    address = reverse("admin:speakers_app_speaker_alike")

    found = client.get(address, {"given_name": "Sam", "family_name": "Bendett"}).content.decode()
    itself = client.get(
        address, {"given_name": "Sam", "family_name": "Bendett", "besides": known.pk}
    )
    odd = client.get(address, {"family_name": "\x00" * 9, "besides": "x" * 99})

    assert "Samuel Bendett" in found and "not_alike" not in found
    assert (itself.content, odd.status_code, odd.content) == (b"", 200, b"")
    assert "data-alike=" in client.get(ADD).content.decode()


def test_live_check_requires_the_view_permission(client, staff_client):
    address = reverse("admin:speakers_app_speaker_alike")

    assert client.get(address).status_code == 302
    assert staff_client("Access officers").get(address).status_code == 403


def test_organisation_is_recognised_by_its_acronym(staff_client):
    OrganisationFactory(name="Center for Naval Analyses", abbreviation="CNA")

    response = staff_client("Editors").post(
        reverse("admin:speakers_app_organisation_add"), NO_ALIASES | {"name": "CNA"}
    )

    assert "Center for Naval Analyses (CNA)" in response.content.decode()
    assert Organisation.objects.count() == 1


def test_session_entered_twice_is_reported(staff_client):
    client = staff_client("Editors")
    first = SessionFactory(title="Border Markets After the Border")
    add = reverse("admin:sessions_app_session_add")
    sent = shown_values(client.get(add))
    sent |= {"title": "Border markets after the border", "held_on": "2024-03-14"}

    told = client.post(add, sent).content.decode()
    client.post(add, sent | {"not_alike": str(first.pk)})

    assert "the same title and day" in told and "14 March 2024" in told
    assert Session.objects.count() == 2


@pytest.mark.parametrize(
    ("title", "day", "reason"),
    [
        ("Border Markets: After the Border", HELD_ON, "the same title and day"),
        ("Border Markets After a Border", HELD_ON, "the same day, and nearly the same title"),
        ("Border Markets After the Border", None, "the same title"),
        ("Sea Lanes Under Strain", HELD_ON, None),
        ("", HELD_ON, None),
    ],
)
def test_similar_sessions_are_found(title, day, reason, django_assert_max_num_queries):
    session = SessionFactory(title="Border Markets After the Border")

    with django_assert_max_num_queries(1):
        found = possible_duplicate_sessions(title, day)

    assert found == ([(session, reason)] if reason else [])
    assert possible_duplicate_sessions(title, day, besides=session.pk) == []
