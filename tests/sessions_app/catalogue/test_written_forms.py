"""Ways of writing the same word: abbreviations, apostrophes, "&", hyphens; complete names; quotes."""

import pytest
from django.urls import reverse

from search_app import api
from search_app.query.folded_lookup import SQL_FUNCTION_NAME
from search_app.tokenizer import flattened_text
from sessions_app.models import Session
from tests.factories import (
    AppearanceFactory,
    OrganisationFactory,
    RecommendationFactory,
    SessionFactory,
    SpeakerFactory,
    TopicFactory,
)
from tests.sessions_app.api_search import found

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("U.S.-China relations", ["US-China", "US–China", "U.S.-China", "us-china", '"US China"']),
        ("US-China relations", ["U.S.-China", "U.S. China", '"U.S.-China relations"', "US-Ch*"]),
        ("A U.S.-led coalition", ["US-led", "U.S.-led", '"US-led coalition"']),
        ("Where U.S. forces stand", ['"US forces"', '"U.S. forces"', "US", "U.S.", "U.S"]),
        ("Where US forces stand", ['"U.S. forces"', "U.S.", 'title:"U.S. forces"']),
        ("The U.K. and the A.B.C.", ["UK", "abc", "A.B.C."]),
        ("The USSR of old", ["U.S.S.R."]),
        ("J. P. Morgan's ships", ["JP Morgan", "J.P. Morgan", "j p morgan"]),
        ("Sunni-Shi'a ties", ["Shia", "Shi’a", "Shiʿa", "Shi´a", "Shi`a", "sunni-shia", "sunni"]),
        ("Sunni-Shia ties", ["Shi'a", "Sunni-Shiʿa", '"Sunni Shi‘a"']),
        ("al-Qa’ida after all", ["al-Qaida", "alqaida", "al-Qa'ida", "Qaida", "qa ida"]),
        ("O'Brien in Xi'an", ["OBrien", "O’Brien", "obr*", "Xian", "Brien", "O´Brien"]),
        ("China’s ships", ["china", "China's", '"China ships"']),
        ("Science & Security", ["Science and Security", '"science and security"']),
        ("Science and Security", ["Science & Security", '"Science & Security"']),
        ("R&D abroad", ["R&D", "RD", "r and d"]),
        ("Cyber-security", ["cybersecurity", "cyber security", "cyber‑security"]),
        ("Cybersecurity", ["cyber-security"]),
    ],
)
def test_written_forms_of_a_word_find_each_other(client, written, typed):
    SessionFactory(title="Something else", slug="else")
    SessionFactory(title="Ports", summary=f"<p>{written.replace('&', '&amp;')}</p>", slug="it")
    SessionFactory(title=written, slug="titled")
    asked = {text: found(client, text) for text in typed if "title:" not in text}

    assert asked == {text: ["it", "titled"] for text in asked}


@pytest.mark.parametrize(
    ("written", "typed", "marked"),
    [
        ("By U.S. forces.", '"US forces"', "By <mark>U.S. forces</mark>."),
        ("A U.S.-led group", "us", "A <mark>U.S.</mark>-led group"),
        ("By US forces", "U.S.", "By <mark>US</mark> forces"),
        ("Of Shi’a belief", "shia", "Of <mark>Shi’a</mark> belief"),
        ("Of Shia belief", "Shi'a", "Of <mark>Shia</mark> belief"),
        ("On high-tech goods", "hightech", "On <mark>high-tech</mark> goods"),
        ("By O'Brien", "brien", "By O&#x27;<mark>Brien</mark>"),
    ],
)
def test_match_is_highlighted(client, written, typed, marked):
    SessionFactory(title="Ports", summary=f"<p>{written}</p>", slug="it")

    assert marked in client.get("/sessions/", {"q": typed}).text


def test_autocomplete_handles_abbreviations_and_apostrophes(client):
    for name in ("U.S. forces", "Shi'a militias", "Science & Security"):
        SessionFactory(title="Of something else").topics.add(TopicFactory(name=name))

    for typed, name in (
        ("us for", "U.S. forces"),
        ("U.S. fo", "U.S. forces"),
        ("shia mil", "Shi'a militias"),
        ("science and sec", "Science & Security"),
    ):
        groups = client.get("/suggest/", {"q": typed}).json()["groups"]
        assert [item["label"] for item in groups[0]["items"]] == [name], typed


def test_quoted_complete_name_matches_only_that_record(client):
    security, cyber = TopicFactory(name="Security"), TopicFactory(name="Cyber security")
    below = TopicFactory(name="Arms control", parent=security)
    for slug, topic in (("a", security), ("b", cyber), ("c", below)):
        SessionFactory(slug=slug).topics.add(topic)

    assert found(client, 'topic:"Security"') == ["a", "c"]
    assert found(client, 'topic:"cyber-security"') == ["b"]
    assert found(client, "topic:security") == ["a", "b", "c"]
    assert found(client, '-topic:"Security"') == ["b"]
    by_filter = client.get("/api/v1/sessions/", {"topic": security.slug}).json()["count"]
    assert by_filter == len(found(client, 'topic:"Security"'))


def test_complete_name_of_an_organisation_is_its_name_or_acronym(client):
    body = OrganisationFactory(name="Science & Security Forum", abbreviation="SSF")
    other = OrganisationFactory(name="Old Science & Security Forum Friends")
    AppearanceFactory(session__slug="a", organisation=body)
    AppearanceFactory(session__slug="b", organisation=other)

    for text in ('org:"SSF"', 'organisation:"Science and Security Forum"'):
        assert found(client, text) == ["a"], text
    assert found(client, 'org:"Security Forum"') == ["a", "b"]


def test_unclosed_quote_ends_with_the_text(client):
    SessionFactory(title="What Allies Want", slug="a")
    SessionFactory(title="Allies: what else", slug="b")
    SessionFactory(title='The 12" guns and their range', slug="c")

    assert found(client, 'title:"What Allies') == ["a"]
    assert found(client, '"what allies') == ["a"]
    assert found(client, '12" range guns') == ["c"]


def test_advice_is_found_by_author_and_organisation(client):
    session = SessionFactory()
    ours, theirs = OrganisationFactory(name="Our House"), OrganisationFactory(name="Their House")
    maker = AppearanceFactory(session=session, organisation=ours)
    AppearanceFactory(session=session, organisation=theirs)
    RecommendationFactory(session=session, text="Made by one").made_by.add(maker)
    RecommendationFactory(session=session, text="Of all")

    def texts(**query):
        rows = client.get("/api/v1/recommendations/", query).json()["results"]
        return sorted(row["text"] for row in rows)

    assert texts(organisation=ours.slug) == ["Made by one", "Of all"]
    assert texts(organisation=theirs.slug) == ["Of all"]
    assert texts(q='org:"Their House"') == ["Of all"]
    facets = client.get("/api/v1/recommendations/?facets=1").json()["facets"]["organisation"]
    assert {each["value"]: each["count"] for each in facets} == {ours.slug: 2, theirs.slug: 1}
    page = client.get(f"/recommendations/?organisation={theirs.slug}").text
    assert 'data-total="1"' in page


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("Özdemir", "özdemir"),
        ("Özdemir", "OZDEMIR"),
        ("Иванов", "иванов"),
        ("O’Brien", "O'Brien"),
        ("OBrien", "O’Brien"),
        ("Łukasiewicz", "lukasiewicz"),
        ("Weiß", "WEISS"),
        ("Ægir", "aegir"),
        ("İnce", "ince"),
        ("Núñez-Ibarra", "nunez ibarra"),
        ("Ｆｕｌｌ", "full"),
        ("100%_sure", "%_sure"),
    ],
)
def test_admin_search_folds_text_like_the_public_search(admin_client, stored, typed):
    SpeakerFactory(family_name="Somebody", given_name="Else")
    speaker = SpeakerFactory(family_name=stored, given_name="X")
    session = AppearanceFactory(speaker=speaker, session__title=f"Of {stored}").session

    for model, wanted in (("speakers_app_speaker", speaker), ("sessions_app_session", session)):
        listed = admin_client.get(reverse(f"admin:{model}_changelist"), {"q": typed})
        assert list(listed.context["cl"].result_list) == [wanted], model
    assert (
        not admin_client.get(reverse("admin:speakers_app_speaker_changelist"), {"q": "???"})
        .context["cl"]
        .result_list
    )


def test_database_folding_matches_the_search(db):
    from django.db import connection

    texts = [
        "U.S.–O’Brien & Co. Ａ ﬁ", "Ångström ΣΑΣ ß ẞ", "Đặng Şahin ığ Ƒ", "שָׁלוֹם", "مُحَمَّد", "Ё й",
        "한국어 가", "が ガ", "x² ½ …", "İ ŉ ǅ", "Shiʿa ´a", "",
    ]  # fmt: skip
    with connection.cursor() as cursor:
        for text in texts:
            cursor.execute(f"SELECT {SQL_FUNCTION_NAME}(%s)", [text])
            assert cursor.fetchone()[0] == flattened_text(text), text


def test_rebuilt_index_gives_the_same_results(client):
    SessionFactory(title="U.S. Shi'a", slug="a").topics.add(TopicFactory(name="Security"))
    before = [found(client, text) for text in ("us shia", 'topic:"Security"')]

    api.rebuild_index("session")

    assert [found(client, text) for text in ("us shia", 'topic:"Security"')] == before
    assert Session.objects.count() == 1
