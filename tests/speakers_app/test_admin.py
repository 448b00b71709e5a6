import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from speakers_app.models import Organisation, Speaker
from tests.factories import (
    AppearanceFactory,
    OrganisationFactory,
    SpeakerAliasFactory,
    SpeakerFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
NO_ALIASES = {"aliases-TOTAL_FORMS": 0, "aliases-INITIAL_FORMS": 0}


@pytest.fixture(autouse=True)
def editor(client):
    user = UserFactory(group="Editors")
    client.force_login(user)
    return user


def photo():
    content = io.BytesIO()
    Image.new("RGB", (1000, 500)).save(content, "PNG")
    return SimpleUploadedFile("me.png", content.getvalue())


def test_speaker_with_photo_can_be_saved(client):
    address = reverse("admin:speakers_app_speaker_add")

    client.post(
        address,
        NO_ALIASES
        | {"family_name": "Kania", "given_name": "Elsa", "photo": photo(), "orcid": ""}
        | {"picture_alt": "Elsa Kania"}
        | {"aliases-TOTAL_FORMS": 1, "aliases-0-name": "Kania, E."},
    )

    speaker = Speaker.objects.get()
    assert (speaker.slug, [alias.name for alias in speaker.aliases.all()]) == (
        "elsa-kania",
        ["Kania, E."],
    )
    assert speaker.photo.name.startswith("portraits/") and speaker.photo.name.endswith(".webp")
    with Image.open(speaker.photo) as picture:
        assert (picture.format, picture.size) == ("WEBP", (800, 400))


def test_invalid_photo_and_orcid_are_reported_next_to_the_fields(client):
    address = reverse("admin:speakers_app_speaker_add")
    file = SimpleUploadedFile("me.png", b"<svg/>")

    response = client.post(
        address,
        NO_ALIASES | {"family_name": "Kania", "photo": file, "orcid": "0000-0002-1825-0098"},
    )

    assert response.context["adminform"].form.errors == {
        "photo": ["This is not a PNG, JPEG or WebP picture."],
        "orcid": ["This ORCID has a wrong digit: its check digit does not fit."],
    }
    assert not Speaker.objects.exists()


def test_organisation_cannot_be_part_of_itself(client):
    parent = OrganisationFactory()
    child = OrganisationFactory(parent=parent)
    address = reverse("admin:speakers_app_organisation_change", args=[parent.pk])

    response = client.post(address, NO_ALIASES | {"name": "Parent", "parent": child.pk})

    assert response.context["adminform"].form.errors == {
        "parent": ["An organisation cannot be part of itself."]
    }
    assert Organisation.objects.get(pk=parent.pk).parent is None


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("model", ["speaker", "organisation"])
def test_list_query_count(client, model, count, django_assert_num_queries):
    for appearance in AppearanceFactory.create_batch(count):
        OrganisationFactory(parent=appearance.organisation)
        SpeakerAliasFactory(speaker=appearance.speaker)
    address = reverse(f"admin:speakers_app_{model}_changelist")
    client.get(address)

    with django_assert_num_queries(7):
        response = client.get(address)

    counts = [record._session_count for record in response.context["cl"].result_list]
    assert sorted(counts)[-count:] == [1] * count


def test_speaker_with_several_matching_aliases_is_listed_once(client):
    speaker = SpeakerFactory(family_name="Bendett")
    SpeakerAliasFactory(speaker=speaker, name="Bendett, S.")
    SpeakerAliasFactory(speaker=speaker, name="Sam Bendett")

    response = client.get(reverse("admin:speakers_app_speaker_changelist"), {"q": "bendett"})

    assert list(response.context["cl"].queryset) == [speaker]
