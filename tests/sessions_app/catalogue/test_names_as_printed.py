"""A name, as printed on pages or commonly known, finds that person's sessions, and only those."""

import pytest
from django.urls import reverse

from search_app.query.personal_titles import (
    name_orders,
    name_without_titles,
    titled_name_position_by_word,
)
from tests.factories import AppearanceFactory, SessionFactory, SpeakerAliasFactory, SpeakerFactory
from tests.sessions_app.api_search import found

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db):
    novak = SpeakerFactory(given_name="Ikram", family_name="Novak", honorific="Prof.")
    plain = SpeakerFactory(given_name="Elif", family_name="Lindqvist")
    boateng = SpeakerFactory(
        given_name="Stefan", family_name="Boateng", honorific="Dr.", suffix="Jr."
    )
    bendett = SpeakerFactory(given_name="Samuel", family_name="Bendett")
    SpeakerAliasFactory(speaker=bendett, name="Bendett, Sam")
    AppearanceFactory(session__title="Rivers", session__slug="rivers", speaker=novak)
    AppearanceFactory(session__title="Ports", session__slug="ports", speaker=novak)
    AppearanceFactory(session__title="Ships", session__slug="ships", speaker=plain)
    AppearanceFactory(session__title="Roads", session__slug="roads", speaker=boateng)
    AppearanceFactory(session__title="Robots", session__slug="robots", speaker=bendett)
    SessionFactory(title="The general assembly", slug="assembly")
    SessionFactory(title="A parish assembly", slug="parish")


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("Prof. Ikram Novak", ["ports", "rivers"]),
        ("Dr. Ikram Novak", ["ports", "rivers"]),  # a different title from that of the record
        ("prof novak", ["ports", "rivers"]),
        ("Novak, Ikram", ["ports", "rivers"]),
        ("Novak, Prof. Ikram", ["ports", "rivers"]),
        ('"Prof. Ikram Novak"', ["ports", "rivers"]),
        ('"Novak, Ikram"', ["ports", "rivers"]),
        ('speaker:"Prof. Ikram Novak"', ["ports", "rivers"]),
        ('speaker:"novak ikram"', ["ports", "rivers"]),
        ("speaker:Prof. Ikram Novak", ["ports", "rivers"]),
        ("RADM (Ret.) Elif Lindqvist", ["ships"]),
        ('"RADM (Ret.) Elif Lindqvist"', ["ships"]),
        ("Lt. Gen. (USAF, Ret.) Elif Lindqvist", ["ships"]),
        ("Lieutenant General Elif Lindqvist", ["ships"]),
        ("Dr. Stefan Boateng, Jr.", ["roads"]),
        ('"Dr. Stefan Boateng, Jr."', ["roads"]),
        ("Boateng, Stefan, Ph.D.", ["roads"]),
        ("sam bendett", ["robots"]),
        ("bendett sam", ["robots"]),
        ("sam", ["robots"]),
        ('"Sam Bendett"', ["robots"]),
        ("Dr. Sam Bendett", ["robots"]),
        ("Prof. Ikram Novak rivers", ["rivers"]),
        # Where no name follows, a title is an ordinary word.
        ("general assembly", ["assembly"]),
        ("general", ["assembly"]),
        ("Prof.", []),
        ("-Novak general", ["assembly"]),
    ],
)
def test_names_find_sessions_by_search(client, people, text, slugs):
    assert found(client, text) == slugs


def test_excerpt_says_that_the_other_name_matched(client, people):
    page = client.get("/sessions/?q=sam").text

    assert "Speaker, also written" in page
    assert "Bendett, <mark>Sam</mark>" in page


def test_new_other_name_is_found_by_the_next_search(client, people):
    from speakers_app.models import Speaker

    SpeakerAliasFactory(speaker=Speaker.objects.get(family_name="Novak"), name="Nowakowa")

    assert found(client, "nowakowa") == ["ports", "rivers"]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("Prof. Ikram Novak", ["Ikram Novak"]),
        ("Dr. Ikram Nov", ["Ikram Novak"]),
        ("RADM (Ret.) Elif", ["Elif Lindqvist"]),
        ("sam bend", ["Samuel Bendett"]),
        ("Stefan Boateng, Jr.", ["Stefan Boateng"]),
    ],
)
def test_names_are_found_by_autocomplete(client, people, typed, names):
    groups = client.get("/suggest/", {"q": typed}).json()["groups"]

    speakers = [group["items"] for group in groups if group["kind"] == "speaker"]
    assert [item["label"] for item in speakers[0]] == names


@pytest.mark.parametrize(
    ("typed", "family_name"),
    [
        ("Prof. Ikram Novak", "Novak"),
        ("Novak, Dr. Ikram", "Novak"),
        ("RADM (Ret.) Elif Lindqvist", "Lindqvist"),
        ("Dr. Stefan Boateng, Jr.", "Boateng"),
        ("sam bendett", "Bendett"),
    ],
)
def test_directory_api_and_admin_find_the_same_names(
    client, admin_client, people, typed, family_name
):
    directory = client.get("/speakers/", {"find": typed}).context["entries"]
    listed = admin_client.get(reverse("admin:speakers_app_speaker_changelist"), {"q": typed})
    picked = admin_client.get(
        reverse("admin:autocomplete"),
        {
            "app_label": "sessions_app",
            "model_name": "appearance",
            "field_name": "speaker",
            "term": typed,
        },
    )

    assert [entry.record.family_name for entry in directory] == [family_name]
    assert [speaker.family_name for speaker in listed.context["cl"].result_list] == [family_name]
    assert [family_name in row["text"] for row in picked.json()["results"]] == [True]
    api = client.get("/api/v1/speakers/", {"q": typed}).json()["results"]
    assert [row["family_name"] for row in api] == [family_name]


@pytest.mark.parametrize(
    "honorific",
    [
        "The Honorable", "The Rt. Hon.", "the Very Rev.", "Former Ambassador", "Ret. Col.",
        "Retired General", "LTG (R)", "COL (P)", "Capt. (N)", "Brig. Gen. (sel)", "Lt.-Col.",
        "Air Vice-Marshal", "Contre-amiral", "Maj. Gen. (US Army Retired)", "Vice Adm. (Royal Navy)",
        "Col. (U.S. Army, Ret.)", "Oberst i.G.", "Brigadegeneral a.D.", "Dipl.-Ing.", "Dr. h.c.",
        "Prof. em.", "Associate Prof.", "Chief Justice", "Deputy Prime Minister", "Under Secretary",
        "Rear Adm. (lower half)", "Chief Master Sergeant of the Air Force", "Air Chief Marshal Sir",
    ],
)  # fmt: skip
def test_any_title_before_a_name_is_ignored(client, people, honorific):
    for text in (
        f"{honorific} Elif Lindqvist",
        f'"{honorific} Elif Lindqvist"',
        f'speaker:"{honorific} Elif Lindqvist"',
        f"Lindqvist, {honorific} Elif",
        f"{honorific} Lindqvist",
    ):
        assert found(client, text) == ["ships"], text
    entries = client.get("/speakers/", {"find": f"{honorific} Elif Lindqvist"}).context["entries"]
    assert [entry.record.family_name for entry in entries] == ["Lindqvist"]
    assert client.get("/suggest/", {"q": f"{honorific} Elif Lind"}).json()["groups"]


@pytest.mark.parametrize(
    "suffix",
    [
        "Ph.D.", "Ed.D.", "D.Phil.", "J.D., LL.M.", "Jr., PhD", "III", "VI", "CB", "SJ", "Dr.",
        "USN (Ret.)", "USA-Ret.", "U.S. Army (Ret.)", "US Army Retired", "Royal Navy", "ret'd",
    ],
)  # fmt: skip
def test_any_suffix_after_a_name_is_ignored(client, people, suffix):
    for text in (
        f"Elif Lindqvist, {suffix}",
        f'"Elif Lindqvist, {suffix}"',
        f'speaker:"Elif Lindqvist {suffix}"',
        f"Lindqvist, Elif, {suffix}",
        f"Lindqvist {suffix}, Elif",
        f'"Lindqvist {suffix}, Elif"',
        f'"Dr. Elif Lindqvist {suffix}"',
    ):
        assert found(client, text) == ["ships"], text
    entries = client.get("/speakers/", {"find": f"Elif Lindqvist, {suffix}"}).context["entries"]
    assert [entry.record.family_name for entry in entries] == ["Lindqvist"]


def test_first_word_of_a_title_alone_is_an_ordinary_word(client, people):
    SessionFactory(title="The first deputies", slug="deputies")

    assert found(client, "the Lindqvist") == []
    assert found(client, "first assembly") == []
    assert found(client, "first deputies") == ["deputies"]


def test_titles_among_words_are_recognised():
    assert titled_name_position_by_word(["prof", "ikram", "novak"]) == [1, None, None]
    assert titled_name_position_by_word(["lt", "gen", "usaf", "ret", "roe"]) == [4, 4, 4, 4, None]
    assert titled_name_position_by_word(["roe", "jr", "talks"]) == [None, 0, None]
    assert titled_name_position_by_word(["general"]) == [None]
    assert name_without_titles(["dr", "stefan", "boateng", "jr"]) == ("stefan", "boateng")
    assert name_without_titles(["general"]) == ("general",)
    assert name_orders(["novak", "ikram"]) == [("novak", "ikram"), ("ikram", "novak")]
