import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image

from desk_app.merging.merge import merge_records
from desk_app.merging.undo import undo_merge
from site_app.pictures.renditions import rendition_file_names
from speakers_app.models import Speaker
from speakers_app.pictures import make_missing_renditions
from tests.factories import AppearanceFactory, OrganisationFactory, SpeakerFactory, UserFactory
from tests.sessions_app.admin_forms import errors, shown_values

LEFT, RIGHT = (200, 0, 0), (0, 0, 200)


def halves(width=400, height=200):
    """A picture whose left half is red and whose right half is blue."""
    picture = Image.new("RGB", (width, height), LEFT)
    picture.paste(RIGHT, (width // 2, 0, width, height))
    return picture


def content(picture, form="WEBP"):
    out = io.BytesIO()
    picture.save(out, form, lossless=True)
    return out.getvalue()


def with_photo(**values):
    speaker = SpeakerFactory(**values)
    speaker.photo.save("p.webp", ContentFile(content(halves())), save=True)
    return speaker


def opened(name):
    with default_storage.open(name) as file:
        picture = Image.open(file)
        picture.load()
    return picture


def colour(name):
    red, _green, blue = opened(name).convert("RGB").resize((1, 1)).getpixel((0, 0))
    return "red" if red > blue + 60 else "blue" if blue > red + 60 else "both"


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("focus", "shown"),
    [((None, None), "both"), ((0, 50), "red"), ((100, 0), "blue"), ((50, 50), "both")],
)
def test_portrait_is_cropped_square_around_its_focus(focus, shown):
    speaker = with_photo(focus_x=focus[0], focus_y=focus[1])

    sizes = {name: opened(name).size for name in rendition_file_names(speaker.renditions)}

    assert sorted(sizes.values()) == [(48, 48), (96, 96), (112, 112), (224, 224)]
    assert {colour(name) for name in sizes} == {shown}
    assert all(opened(name).format == "WEBP" for name in sizes)
    assert speaker.rendition("large").width == 112


@pytest.mark.django_db
def test_logo_is_not_cropped_without_a_focus():
    organisation = OrganisationFactory()
    organisation.logo.save("l.webp", ContentFile(content(halves())), save=True)
    whole = organisation.rendition("large")
    organisation.focus_x, organisation.focus_y = 0, 0
    organisation.save()

    assert (whole.width, whole.height) == (112, 56)
    assert organisation.rendition("large").height == 112


@pytest.mark.django_db
def test_page_uses_small_webp_with_size_and_alternative_text(client):
    speaker = with_photo(picture_alt="Ada at a desk")
    appearance = AppearanceFactory(speaker=speaker)
    AppearanceFactory(
        session=appearance.session, speaker__family_name="Nobody", speaker__given_name="Ann"
    )

    own = client.get(speaker.get_absolute_url()).content.decode()
    of_session = client.get(appearance.session.get_absolute_url()).content.decode()

    large, small = speaker.rendition("large"), speaker.rendition("small")
    assert (
        f'src="{large.url}" srcset="{large.url} 1x, {large.dense_url} 2x" width="112" height="112" alt="Ada at a desk"'
        in own
    )
    assert f'src="{small.url}"' in of_session
    assert 'alt="" loading="lazy"' in of_session
    assert ">AN</span>" in of_session
    assert client.get(small.url)["Content-Type"] == "image/webp"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "abbreviation", "letters"),
    [
        ("Centre for Naval Analyses", "", "CNA"),
        ("Centre for a New Security", "CNAS", "CNAS"),
        ("United Nations Training", "UNITRAIN", "UNT"),
    ],
)
def test_organisation_without_logo_shows_its_acronym(client, name, abbreviation, letters):
    organisation = OrganisationFactory(name=name, abbreviation=abbreviation)
    AppearanceFactory(organisation=organisation)

    assert f">{letters}</span>" in client.get(organisation.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_renditions_are_deleted_with_picture_or_focus(committed):
    with committed():
        speaker = with_photo()
    first, original = rendition_file_names(speaker.renditions), speaker.photo.name
    with committed():
        speaker.focus_x, speaker.focus_y = 10, 20
        speaker.save()
    second = rendition_file_names(speaker.renditions)
    kept = default_storage.exists(original)
    with committed():
        speaker.photo.save("q.webp", ContentFile(content(halves())), save=True)
    third, newer = rendition_file_names(speaker.renditions), speaker.photo.name
    with committed():
        speaker.delete()

    assert kept
    assert len(first | second | third) == 12
    assert not any(map(default_storage.exists, first | second | third | {original, newer}))


@pytest.mark.django_db
def test_removed_picture_leaves_no_file(committed):
    with committed():
        speaker = with_photo()
    names = rendition_file_names(speaker.renditions) | {speaker.photo.name}
    with committed():
        speaker.photo = ""
        speaker.save()

    speaker.refresh_from_db()
    assert speaker.renditions == {}
    assert not any(map(default_storage.exists, names))


@pytest.mark.django_db
def test_rollback_deletes_no_file(committed):
    with committed():
        speaker = with_photo()
    names = rendition_file_names(speaker.renditions) | {speaker.photo.name}
    with committed(), transaction.atomic():
        speaker.photo = ""
        speaker.save()
        transaction.set_rollback(True)

    assert all(map(default_storage.exists, names))


@pytest.mark.django_db
def test_merge_and_undo_keep_the_pictures(committed):
    with committed():
        keep, other = SpeakerFactory(), with_photo()
    original = other.photo.name
    with committed():
        outcome = merge_records(keep, [other], user=None)
    with committed():
        undo_merge(outcome.record, user=None)

    make_missing_renditions()
    back = Speaker.objects.get(pk=other.pk)
    assert back.photo.name == original
    assert default_storage.exists(original)
    assert rendition_file_names(back.renditions)
    assert all(map(default_storage.exists, rendition_file_names(back.renditions)))


@pytest.mark.django_db
def test_tick_creates_renditions_after_a_bulk_import():
    speaker = with_photo()
    Speaker.objects.update(renditions={})

    assert (make_missing_renditions(), make_missing_renditions()) == (1, 0)
    speaker.refresh_from_db()
    assert speaker.rendition("small")


@pytest.mark.django_db
def test_unreadable_picture_is_tried_once_and_served_unchanged(client):
    speaker = SpeakerFactory()
    speaker.photo.save("broken.webp", ContentFile(b"no picture"), save=True)
    AppearanceFactory(speaker=speaker)

    page = client.get(speaker.get_absolute_url()).content.decode()

    assert make_missing_renditions() == 0
    assert speaker.photo.url in page


@pytest.mark.django_db
@pytest.mark.parametrize(("x", "y"), [(None, 3), (3, None), (101, 0)])
def test_focus_is_two_percentages_or_empty(x, y):
    speaker = SpeakerFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        Speaker.objects.filter(pk=speaker.pk).update(focus_x=x, focus_y=y)


@pytest.mark.django_db
def test_form_requires_alternative_text_and_resets_the_focus_of_a_new_picture(
    client, staff_client
):
    staff_client("Editors")
    speaker = with_photo(focus_x=1, focus_y=2)
    address = reverse("admin:speakers_app_speaker_change", args=[speaker.pk])
    shown = shown_values(client.get(address))

    def photo():
        return SimpleUploadedFile("new.png", content(halves(), "PNG"))

    wordless = client.post(address, shown | {"picture_alt": "", "photo": photo()})
    half = client.post(address, shown | {"picture_alt": "Ada", "focus_y": ""})
    saved = client.post(address, shown | {"picture_alt": "Ada", "photo": photo()})

    assert errors(wordless) == [
        "Say in a few words what the picture shows: some readers do not see it."
    ]
    assert errors(half) == ["A focus needs both numbers, or neither."]
    assert saved.status_code == 302
    speaker.refresh_from_db()
    assert (speaker.focus_x, speaker.focus_y) == (None, None)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_focus_is_set_by_a_click(browser_page, enter_as):
    enter_as(browser_page, UserFactory(group="Editors"))
    speaker = with_photo(picture_alt="Ada")
    page = browser_page
    page.goto(reverse("admin:speakers_app_speaker_change", args=[speaker.pk]))

    picture = page.locator("[data-focus-stage] img")
    size = picture.bounding_box()
    picture.click(position={"x": size["width"] * 0.9, "y": size["height"] * 0.25})
    chosen = page.input_value("#id_focus_x"), page.input_value("#id_focus_y")
    page.click("[name=_save]")
    page.wait_for_selector(".success")

    speaker.refresh_from_db()
    assert 88 <= int(chosen[0]) <= 92
    assert 22 <= int(chosen[1]) <= 28
    assert (str(speaker.focus_x), str(speaker.focus_y)) == chosen
    assert colour(next(iter(rendition_file_names(speaker.renditions)))) == "blue"
