"""What programs rely on: excerpts, errors, renamed records, modification times, authority records."""

from datetime import date

import pytest

from search_app import change_log
from sessions_app.models import Session
from site_app.redirects.addresses import add_redirect
from tests.factories import (
    AppearanceFactory,
    OrganisationFactory,
    RecommendationFactory,
    SeriesFactory,
    SessionFactory,
    SpeakerAliasFactory,
    SpeakerFactory,
    TopicAliasFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


def test_excerpt_is_from_the_matching_part_or_the_title(client):
    SessionFactory(title="Rivers", summary="<p>Of dams</p>", slug="rivers")

    def excerpt(query):
        (found,) = client.get(f"/api/v1/sessions/{query}").json()["results"]
        return found.get("excerpt", "absent")

    assert excerpt("?q=dams") == "Of <mark>dams</mark>"
    assert excerpt("?q=rivers") == "<mark>Rivers</mark>"
    assert excerpt("?q=-camels") is None
    assert excerpt("") == "absent"


@pytest.mark.parametrize(
    "query", ["facets=yes", "facet_limit=0", "facet_limit=1001", "facet_limit=x"]
)
@pytest.mark.parametrize("kind", ["sessions", "recommendations"])
def test_invalid_api_parameter_is_reported(client, kind, query):
    refusal = client.get(f"/api/v1/{kind}/?{query}")

    assert (refusal.status_code, refusal["Content-Type"]) == (400, "application/problem+json")
    assert refusal.json()["invalid_params"][0]["name"] == query.partition("=")[0]


def test_api_returns_a_hundred_facet_values_or_the_requested_number(client):
    for year in range(1900, 2010):
        SessionFactory(held_on=date(year, 1, 1)).topics.add(TopicFactory())

    def count(query):
        return len(client.get(f"/api/v1/sessions/?facets=1{query}").json()["facets"]["topic"])

    assert (count(""), count("&facet_limit=1000"), count("&facet_limit=7")) == (100, 110, 7)


def test_api_returns_a_spelling_suggestion(client):
    SessionFactory(title="Governments")

    assert client.get("/api/v1/sessions/?q=govermnents").json()["suggestion"] == "governments"
    assert client.get("/api/v1/sessions/?q=governments").json()["suggestion"] is None
    assert client.get("/api/v1/sessions/").json()["suggestion"] is None


def test_renamed_record_is_found_by_its_old_slug(client):
    session = SessionFactory(slug="rivers")
    RecommendationFactory(session=session)
    session.topics.add(TopicFactory(slug="water"))
    session.slug = "streams"
    session.save()
    add_redirect("/topics/wet/", "/topics/water/")

    for old, new in (
        ("/api/v1/sessions/rivers/", "/api/v1/sessions/streams/"),
        ("/api/v1/recommendations/rivers-1/", "/api/v1/recommendations/streams-1/"),
        ("/api/v1/topics/wet/", "/api/v1/topics/water/"),
    ):
        response = client.get(old)
        assert response.status_code == 301
        assert response["Location"].endswith(new)
        assert client.get(new).status_code == 200


def test_renamed_draft_is_not_found(client):
    session = SessionFactory(slug="rivers", status="draft")
    session.slug = "streams"
    session.save()
    add_redirect("/sessions/rivers/", "/sessions/streams/")

    assert client.get("/api/v1/sessions/rivers/").status_code == 404


@pytest.mark.parametrize(
    "address",
    ["/sessions/rivers/", "/api/v1/sessions/rivers/", "/api/v1/recommendations/rivers-1/"],
)
def test_record_has_its_last_change(client, address):
    session = SessionFactory(slug="rivers")
    RecommendationFactory(session=session)

    answer = client.get(address)
    again = client.get(address, headers={"If-None-Match": answer["ETag"]})

    assert again.status_code == 304
    session.refresh_from_db()
    assert answer["Last-Modified"] == f"{session.updated_at:%a, %d %b %Y %H:%M:%S} GMT"


@pytest.mark.parametrize(
    "address",
    ["/sessions/rivers/", "/api/v1/sessions/rivers/", "/api/v1/recommendations/rivers-1/"],
)
def test_changes_within_one_second_are_not_hidden(client, address):
    session = SessionFactory(slug="rivers", title="Rivers")
    RecommendationFactory(session=session)
    first = client.get(address)

    Session.objects.filter(pk=session.pk).update(title="Mountains")
    # And `updated_at`, the date, is still the same.
    change_log.record_changes("session", [session.pk])
    again = client.get(address, headers={"If-Modified-Since": first["Last-Modified"]})

    assert again["Last-Modified"] == first["Last-Modified"]
    assert (again.status_code, "Mountains" in again.content.decode()) == (200, True)


def test_speaker_record_has_the_data_of_the_page(client):
    speaker = SpeakerFactory(slug="kallas", biography="Engineer.", website="https://kallas.test/")
    other = SpeakerFactory(slug="lund", given_name="Karin", family_name="Lund")
    SpeakerAliasFactory(speaker=speaker, name="I. Kallas")
    desk = OrganisationFactory(name="River desk", slug="river-desk")
    session = SessionFactory(held_on=date(2019, 1, 1))
    AppearanceFactory(session=session, speaker=speaker, organisation=desk, role_title="Head")
    AppearanceFactory(session=session, speaker=other, organisation=None)

    found = client.get("/api/v1/speakers/kallas/").json()

    assert found["aliases"] == ["I. Kallas"]
    assert (found["biography"], found["website"]) == ("Engineer.", "https://kallas.test/")
    assert found["photo"] is None
    assert found["affiliations"] == [
        {"organisation": "river-desk", "role_title": "Head", "first_year": 2019, "last_year": 2019}
    ]
    assert found["co_speakers"] == [{"slug": "lund", "name": "Karin Lund", "session_count": 1}]
    desk_found = client.get("/api/v1/organisations/river-desk/").json()
    assert desk_found["representatives"] == [
        {
            "slug": "kallas",
            "name": speaker.name,
            "session_count": 1,
            "first_year": 2019,
            "last_year": 2019,
        }
    ]


def test_topic_record_has_its_names_and_child_topics(client):
    water = TopicFactory(name="Water", slug="water")
    TopicAliasFactory(topic=water, name="H2O")
    SessionFactory().topics.add(TopicFactory(name="Dams", slug="dams", parent=water))
    TopicFactory(name="Of no session", parent=water)

    found = client.get("/api/v1/topics/water/").json()

    assert (found["session_count"], found["aliases"]) == (1, ["H2O"])
    assert found["children"] == [{"slug": "dams", "name": "Dams", "session_count": 1}]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("updated_since=yesterday", "2019-05-31T18:00:00Z"),
        ("updated_since=05/11/2019", "2019-05-31T18:00:00Z"),
        ("date_after=15+November+2019", "Write 2019, 2019-05 or 2019-05-31."),
    ],
)
def test_date_in_another_format_is_rejected_with_the_format(client, query, said):
    response = client.get(f"/api/v1/sessions/?{query}")

    assert response.status_code == 400
    assert said in response.text


@pytest.mark.parametrize("path", ["sessions", "recommendations", "speakers", "topics"])
def test_page_size_can_be_up_to_a_hundred(client, path):
    for number in range(3):
        advice = RecommendationFactory(text=f"Dredge {number}.")
        AppearanceFactory(session=advice.session)
        advice.session.topics.add(TopicFactory())

    sizes = {size: client.get(f"/api/v1/{path}/?per_page={size}") for size in (1, 2, 7, 100)}
    refused = [client.get(f"/api/v1/{path}/?per_page={size}") for size in ("0", "101", "x", "²")]

    counts = {size: len(response.json()["results"]) for size, response in sizes.items()}
    assert counts == {1: 1, 2: 2, 7: 3, 100: 3}
    assert [response.status_code for response in refused] == [400] * 4
    assert {response.json()["detail"] for response in refused} == {
        "per_page: Enter a number from 1 to 100."
    }


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("sessions/?q=a&q=b", "q"),
        ("sessions/?facets=1&facets=1", "facets"),
        ("recommendations/?sort=title&sort=oldest", "sort"),
        ("speakers/?page=1&page=1", "page"),
    ],
)
def test_parameter_of_one_value_given_twice_is_rejected(client, path, parameter):
    response = client.get(f"/api/v1/{path}")

    assert response.status_code == 400
    assert response.json()["detail"] == f"{parameter}: Give this parameter once."


@pytest.mark.parametrize(
    "query", ["topic=a&topic=b", "has=documents&has=recording", "fields=slug&fields=title"]
)
def test_parameter_of_several_values_can_be_repeated(client, query):
    assert client.get(f"/api/v1/sessions/?{query}").status_code == 200


def test_pages_accept_only_their_page_sizes_and_feeds_none(client):
    assert client.get("/sessions/feed.rss?per_page=7").status_code == 400
    assert (
        "“7” is not a valid choice; use 10, 20, 50, 100"
        in client.get("/sessions/?per_page=7").text
    )


def test_authority_records_are_found_by_abbreviation_and_other_names(client):
    organisation = AppearanceFactory(
        organisation__name="Baltic Institute of Coastal Studies", organisation__abbreviation="BICS"
    ).organisation
    organisation.aliases.create(name="Coast Bureau")

    for words in ("BICS", "bics", "coast bureau", "coastal baltic"):
        found = client.get("/api/v1/organisations/", {"q": words}).json()["results"]
        assert [entry["slug"] for entry in found] == [organisation.slug]


def test_other_origins_may_read_machine_readable_urls(client):
    SessionFactory(slug="ports", held_on="2031-03-03")
    addresses = [
        "/api/v1/sessions/",
        "/api/v1/nope/",
        "/api/schema/",
        "/sessions/feed.atom",
        "/sessions/ports/cite.bib",
        "/sessions/ports/session.ics",
        "/sessions/export.csv",
    ]

    for address in [*addresses, *addresses]:  # the second time from the page cache
        response = client.get(address, headers={"origin": "https://other.example"})
        assert response["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in response

    for address in ("/", "/sessions/ports/", "/admin/login/", "/recordings/x/cite.bib"):
        assert "Access-Control-Allow-Origin" not in client.get(address)


def test_preflight_request_is_answered(client):
    asking = {"origin": "https://other.example", "access-control-request-method": "GET"}

    answer = client.options("/api/v1/sessions/", headers=asking)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD"


def test_what_is_not_a_slug_is_not_taken_off_an_address(client):
    SeriesFactory()

    answer = client.get("/api/v1/series/%0D%C2%A3/")

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("address", ["/api/v1/", "/api/v1/sessions/", "/api/v1/topics/"])
def test_unknown_format_is_ignored(client, address):
    answer = client.get(address, {"format": "xml"})

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
