import re

import pytest
from django.urls import reverse

from desk_app.models import MergeRecord
from sessions_app.models import Topic
from speakers_app.models import Speaker
from tests.factories import (
    AppearanceFactory,
    RecommendationFactory,
    SeriesFactory,
    SpeakerAliasFactory,
    SpeakerFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db
LIST = "admin:speakers_app_speaker_changelist"
MERGE = reverse("admin:speakers_app_speaker_merge")


def split_address(record):
    return reverse("admin:speakers_app_speaker_split", args=[record.pk])


def hidden_values(page):
    """The values that the form of a preview sends."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    sent = {}
    for name, value in found:
        sent.setdefault(name, []).append(value)
    return sent | {"confirm": [re.search(r'name="confirm" value="(\w+)"', page)[1]]}


@pytest.fixture
def pair():
    keep = SpeakerFactory(family_name="Bendett", given_name="Samuel")
    other = SpeakerFactory(family_name="Bendett", given_name="S.", biography="Analyst.")
    AppearanceFactory.create_batch(3, speaker=keep)
    AppearanceFactory(speaker=other, session__title="A session of the other")
    return keep, other


def test_selected_speakers_are_compared_previewed_and_merged(staff_client, pair):
    client = staff_client("Publishers")
    keep, other = pair

    ticked = {"action": "merge_chosen", "_selected_action": [other.pk, keep.pk]}
    compared = client.post(reverse(LIST), ticked, follow=True)
    page = compared.content.decode()
    choices = {"id": [keep.pk, other.pk], "keep": keep.pk, "field-biography": other.pk}
    previewed = client.post(MERGE, {**choices, "preview": "1"}).content.decode()
    unchanged = Speaker.objects.count()
    done = client.post(MERGE, hidden_values(previewed), follow=True)

    assert [each.pk for each in compared.context["records"]] == [keep.pk, other.pk]
    assert "This one stays" in page and "A session of the other" in page
    assert "A session of the other" in previewed and "Bendett, S." in previewed
    assert unchanged == 2 and list(Speaker.objects.all()) == [keep]
    assert done.redirect_chain[-1][0] == reverse(
        "admin:speakers_app_speaker_change", args=[keep.pk]
    )
    assert "What was done, and undo" in done.content.decode()
    assert MergeRecord.objects.get().made_by.groups.get().name == "Publishers"


def test_merge_is_previewed_again_if_something_has_changed(staff_client, pair):
    client = staff_client("Publishers")
    keep, other = pair
    choices = {"id": [keep.pk, other.pk], "keep": keep.pk}
    previewed = client.post(MERGE, choices).content.decode()
    AppearanceFactory(speaker=other)

    again = client.post(MERGE, hidden_values(previewed)).content.decode()

    assert "Something changed in the meantime" in again
    assert Speaker.objects.count() == 2


def test_another_record_can_be_kept_and_choices_are_preserved(staff_client, pair):
    client = staff_client("Publishers")
    keep, other = pair
    choices = {"id": [keep.pk, other.pk], "keep": other.pk, "field-given_name": keep.pk}

    back = client.post(MERGE, {**choices, "compare": "1"})

    assert back.context["records"][0] == other
    name = next(row for row in back.context["rows"] if row.name == "given_name")
    assert [cell.is_chosen for cell in name.cells] == [False, True]


def test_merge_is_undone_by_the_button(staff_client, pair):
    client = staff_client("Publishers")
    keep, other = pair
    previewed = client.post(MERGE, {"id": [keep.pk, other.pk]}).content.decode()
    client.post(MERGE, hidden_values(previewed))
    record = MergeRecord.objects.get()
    page = client.get(reverse("admin:desk_app_mergerecord_change", args=[record.pk]))
    undo = reverse("admin:desk_app_mergerecord_undo", args=[record.pk])

    by_get = client.get(undo).status_code
    undone = client.post(undo, follow=True).content.decode()
    twice = client.post(undo, follow=True).content.decode()

    assert "Undo this merge" in page.content.decode()
    assert by_get == 403
    assert "Undone:" in undone and Speaker.objects.filter(pk=other.pk).exists()
    assert "It has already been undone." in twice


def test_editors_do_not_merge_split_or_undo(staff_client, pair):
    client = staff_client("Editors")
    keep, other = pair
    record = MergeRecord.objects.create(kind="merge", model="speakers_app.speaker", key=keep.pk)

    refused = [
        client.post(MERGE, {"id": [keep.pk, other.pk], "confirm": "x"}).status_code,
        client.post(split_address(keep), {}).status_code,
        client.post(reverse("admin:desk_app_mergerecord_undo", args=[record.pk])).status_code,
    ]
    listed = client.get(reverse(LIST)).content.decode()
    compared = client.get(MERGE, {"id": [keep.pk, other.pk]}).content.decode()

    assert refused == [403] * 3
    assert "Publishers can merge these." in compared and 'name="preview"' not in compared
    assert "merge_chosen" not in listed
    assert Speaker.objects.count() == 2


@pytest.mark.parametrize("keys", [[], ["1"], ["x", "99999999999999999999"], ["998", "999"]])
def test_invalid_choices_redirect_to_the_list(staff_client, keys):
    response = staff_client("Publishers").get(MERGE, {"id": keys})

    assert (response.status_code, response["Location"]) == (302, reverse(LIST))


def test_split_to_a_new_speaker(staff_client, pair):
    client = staff_client("Publishers")
    keep, _other = pair
    goes = keep.appearances.first()
    RecommendationFactory(session=goes.session, text="Wait.").made_by.add(goes)
    alias = SpeakerAliasFactory(speaker=keep, name="Bendett, Sam")
    address = split_address(keep)
    choices = {
        "sessions_app.appearance.speaker": goes.pk,
        "speakers_app.speakeralias.speaker": alias.pk,
        "where": "new",
        "new-given_name": "Sam",
        "new-family_name": "Bendett",
    }

    page = client.get(address).content.decode()
    unnamed = client.post(address, {**choices, "new-family_name": ""})
    previewed = client.post(address, choices).content.decode()
    client.post(address, hidden_values(previewed))

    assert "Wait." in page and "Bendett, Sam" in page
    assert unnamed.context["form"].new_form.errors == {"family_name": ["This field is required."]}
    assert f'value="{goes.pk}" checked' in unnamed.content.decode()
    assert goes.session.title in previewed
    made = Speaker.objects.get(given_name="Sam")
    assert [each.pk for each in made.appearances.all()] == [goes.pk]
    assert [each.name for each in made.aliases.all()] == ["Bendett, Sam"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("Nobody", ["No record with this name or address was found."]),
        ("", ["No record with this name or address was found."]),
        ("Twin", ["Several records have this name. Enter one of the slugs: A Twin (a-twin), B Twin (b-twin)."]),
        ("https://archive.example/speakers/a-twin/", None),
    ],
)  # fmt: skip
def test_split_to_another_speaker_given_by_url_or_name(staff_client, pair, text, error):
    keep, _other = pair
    for given in "AB":
        SpeakerFactory(given_name=given, family_name="Twin")
    choices = {
        "sessions_app.appearance.speaker": keep.appearances.first().pk,
        "where": "existing",
        "existing": text,
    }

    response = staff_client("Publishers").post(split_address(keep), choices)

    if error:
        assert response.context["form"].errors == {"existing": error}
    else:
        assert response.context["target"].slug == "a-twin"


@pytest.mark.parametrize("count", [1, 3])
def test_compare_page_query_count(staff_client, pair, count, django_assert_num_queries):
    client = staff_client("Publishers")
    keep, other = pair
    AppearanceFactory.create_batch(count, speaker=other)
    address = f"{MERGE}?id={keep.pk}&id={other.pk}"
    client.get(address)

    with django_assert_num_queries(9):
        client.get(address)


@pytest.mark.parametrize(("factory", "name"), [(TopicFactory, "topic"), (SeriesFactory, "series")])
def test_other_authority_records_have_the_same_pages(staff_client, factory, name):
    client = staff_client("Publishers")
    first, second = factory.create_batch(2)
    if name == "topic":
        Topic.objects.filter(pk=second.pk).update(parent=first)
    merge = reverse(f"admin:sessions_app_{name}_merge")

    previewed = client.post(merge, {"id": [first.pk, second.pk]}).content.decode()
    client.post(merge, hidden_values(previewed))
    own = client.get(reverse(f"admin:sessions_app_{name}_change", args=[first.pk]))

    assert list(type(first).objects.all()) == [first]
    assert "Split …" in own.content.decode()
