"""Fields, expansions and cursors: what programs request from the API, and how often."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from sessions_app.editing.trash import delete_permanently, put_into_bin
from sessions_app.models import BinnedSession, Session
from tests.factories import (
    AppearanceFactory,
    OrganisationFactory,
    RecommendationFactory,
    SeriesFactory,
    SessionFactory,
    TopicFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    session = SessionFactory(slug="rivers", series=SeriesFactory(description="Of ports"))
    session.topics.add(TopicFactory(description="Of water"))
    appearance = AppearanceFactory(
        session=session,
        speaker__orcid="0000-0002-1825-0097",
        organisation=OrganisationFactory(ror_id="02mhbdp94"),
    )
    RecommendationFactory(session=session, number=1).made_by.add(appearance)
    return session


@pytest.mark.parametrize(
    "address",
    [
        "sessions/", "sessions/rivers/", "recommendations/", "recommendations/rivers-1/",
        "speakers/", "series/",
    ],
)  # fmt: skip
def test_response_has_only_the_requested_fields(client, session, address):
    kind = "text" if address.startswith("recommendations") else "slug"

    answer = client.get(f"/api/v1/{address}?fields={kind},url").json()

    (row,) = answer.get("results", [answer])
    assert set(row) == {kind, "url"}


def test_excerpt_is_a_field(client, session):
    def row(fields):
        (found,) = client.get(f"/api/v1/sessions/?q={session.title}&fields={fields}").json()[
            "results"
        ]
        return set(found)

    assert row("slug") == {"slug"}
    assert row("slug,excerpt") == {"slug", "excerpt"}


@pytest.mark.parametrize("query", [
    "fields=slug,password", "fields=" + "x" * 2000, "expand=everything", "fields=%00", "fields=%09",
])  # fmt: skip
@pytest.mark.parametrize("address", ["sessions/", "sessions/rivers/", "recommendations/rivers-1/"])
def test_unknown_fields_are_reported(client, session, address, query):
    refusal = client.get(f"/api/v1/{address}?{query}")

    assert refusal.status_code == 400
    assert refusal.json()["invalid_params"][0]["name"] == query.partition("=")[0]


def test_related_records_of_a_session_can_be_expanded(client, session):
    expand = "series,topics,regions,speakers,organisations"

    row = client.get(f"/api/v1/sessions/rivers/?expand={expand}").json()

    assert row["series"]["description"] == "Of ports"
    assert row["topics"][0]["description"] == "Of water"
    assert row["speakers"][0]["orcid"] == "0000-0002-1825-0097"
    assert row["speakers"][0]["organisation"]["ror_id"] == "02mhbdp94"


def test_recommendation_can_be_expanded_with_its_session(client, session):
    row = client.get("/api/v1/recommendations/rivers-1/?expand=session").json()

    assert row["session"] == client.get("/api/v1/sessions/rivers/").json()


@pytest.mark.parametrize("count", [1, 3])
def test_expanding_needs_no_additional_query(client, django_assert_num_queries, count):
    for number in range(count):
        session = SessionFactory(series=SeriesFactory())
        session.topics.add(TopicFactory())
        AppearanceFactory(session=session).further_organisations.add(OrganisationFactory())
        RecommendationFactory(session=session, number=number + 1)
    query = "cursor=&expand=series,topics,regions,speakers,organisations"

    # State, keys of the page, sessions, eight of their parts, the total.
    with django_assert_num_queries(12):
        answer = client.get(f"/api/v1/sessions/?{query}").json()

    assert len(answer["results"]) == count


def harvest(client, address, change=lambda page: None):
    """Return the rows of all pages, following `next`; `change` is called after each page."""
    rows, page = [], 0
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.content
        rows += answer.json()["results"]
        address = answer.json()["next"]
        page += 1
        change(page)
    return rows


def test_harvest_of_changes_returns_each_session_once(client):
    sessions = SessionFactory.create_batch(30)
    publisher, added = UserFactory(group="Publishers"), []

    def change(page):
        rows = list(Session.objects.published().order_by("first_public_at", "uid"))
        for session in (rows[0], rows[-1]):
            session.title += ", changed"
            session.save()
        put_into_bin(Session.objects.filter(pk=rows[0].pk), user=publisher)
        delete_permanently(BinnedSession.objects.all())
        if page < 4:
            added.append(SessionFactory(published_at=timezone.now()))

    rows = harvest(client, "/api/v1/sessions/?updated_since=2001-01-01&per_page=4", change)

    slugs = [row["slug"] for row in rows]
    assert len(slugs) == len(set(slugs))
    assert set(slugs) == {session.slug for session in [*sessions, *added]}


def test_recommendations_support_a_cursor(client):
    for _ in range(3):
        session = SessionFactory()
        for number in range(1, 4):
            RecommendationFactory(session=session, number=number)

    rows = harvest(client, "/api/v1/recommendations/?cursor=&per_page=2")

    urls = [row["url"] for row in rows]
    assert len(urls) == len(set(urls)) == 9


def test_cursor_keeps_the_filters(client):
    topic = TopicFactory(slug="water")
    for _ in range(3):
        SessionFactory().topics.add(topic)
        SessionFactory()

    rows = harvest(client, "/api/v1/sessions/?cursor=&topic=water&per_page=1")

    assert [row["topics"][0]["slug"] for row in rows] == ["water"] * 3


def test_updated_since_limits_the_results(client):
    old, new = SessionFactory(), SessionFactory()
    Session.objects.filter(pk=old.pk).update(updated_at=datetime(2020, 1, 1, tzinfo=UTC))
    since = (timezone.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

    answer = client.get(f"/api/v1/sessions/?updated_since={since}").json()

    assert [row["slug"] for row in answer["results"]] == [new.slug]
    assert (answer["count"], answer["next"], answer["previous"]) == (1, None, None)


@pytest.mark.parametrize("query", [
    "cursor=x", "cursor=" + "A" * 5000, "cursor=%00", f"cursor=1-{'0' * 32}",
    f"cursor={'9' * 17}-{'0' * 32}-1", f"cursor=1-{'0' * 31}g-1", f"cursor=1-{'0' * 32}-1%0A",
])  # fmt: skip
def test_invented_cursor_is_rejected(client, session, query):
    refusal = client.get(f"/api/v1/sessions/?{query}")

    assert refusal.status_code == 400
    assert refusal.json()["invalid_params"][0]["name"] == "cursor"


@pytest.mark.parametrize(
    "place", [f"-{'9' * 16}-{'0' * 32}-0", f"{'9' * 16}-{'f' * 32}-{'9' * 9}"]
)
@pytest.mark.parametrize("kind", ["sessions", "recommendations"])
def test_any_position_can_be_a_cursor(client, session, kind, place):
    answer = client.get(f"/api/v1/{kind}/?cursor={place}")

    assert answer.status_code == 200
    assert len(answer.json()["results"]) == (1 if place.startswith("-") else 0)


def test_cursor_has_its_own_order(client):
    for title in ("Rivers", "Harbours", "Rivers and harbours"):
        SessionFactory(title=title)

    rows = harvest(client, "/api/v1/sessions/?cursor=&per_page=1")
    asked_otherwise = harvest(client, "/api/v1/sessions/?cursor=&page=2&sort=title&per_page=1")

    assert len({row["title"] for row in rows}) == 3
    assert asked_otherwise == rows


def test_cursor_keeps_the_search_words_and_counts_facets(client):
    water = TopicFactory(slug="water")
    for title in ("Rivers", "Harbours", "Rivers and harbours"):
        SessionFactory(title=title).topics.add(water)

    address = "/api/v1/sessions/?cursor=&q=rivers&facets=1&per_page=1"
    rows = harvest(client, address)

    assert sorted(row["title"] for row in rows) == ["Rivers", "Rivers and harbours"]
    (topic,) = client.get(address).json()["facets"]["topic"]
    assert (topic["value"], topic["count"]) == ("water", 2)


@pytest.mark.parametrize(
    "other", ["facets=2", "facet_limit=0", "per_page=101", "sort=x", "page=0"]
)
def test_invalid_value_is_rejected_with_a_cursor(client, session, other):
    refusal = client.get(f"/api/v1/sessions/?cursor=&{other}")

    assert refusal.status_code == 400
    assert refusal.json()["invalid_params"][0]["name"] == other.partition("=")[0]


@pytest.mark.parametrize(("since", "count"), [
    ("0001-01-01T00:00:00%2B23:59", 1), ("9999-12-31T23:59:59-23:59", 0), ("0001-01-01", 1),
    ("9999-12-31", 0), ("2001-01-01t00:00:00z", 1),
])  # fmt: skip
@pytest.mark.parametrize("page", ["/api/v1/sessions/", "/sessions/", "/sessions/feed.atom"])
def test_extreme_times_are_accepted(client, session, page, since, count):
    answer = client.get(f"{page}?updated_since={since}")

    assert answer.status_code == 200
    assert answer.text.count("/sessions/rivers/") >= count
    if not count:
        assert "/sessions/rivers/" not in answer.text


@pytest.mark.parametrize("status", ["draft", "withdrawn"])
def test_cursor_shows_only_public_records(client, status):
    session = SessionFactory(status=status)
    RecommendationFactory(session=session)

    for kind in ("sessions", "recommendations"):
        assert client.get(f"/api/v1/{kind}/?cursor=").json()["results"] == []


ANSWERS = [
    "/api/v1/",
    "/api/v1/sessions/",
    "/api/v1/sessions/?cursor=",
    "/api/v1/sessions/rivers/",
    "/api/v1/recommendations/",
    "/api/v1/recommendations/rivers-1/",
    "/api/v1/speakers/",
    "/api/v1/series/",
    "/api/schema/",
]


@pytest.mark.parametrize("is_staff", [False, True])
@pytest.mark.parametrize("address", ANSWERS)
def test_every_response_supports_conditional_requests(client, session, address, is_staff):
    if is_staff:
        client.force_login(UserFactory(group="Publishers"))
    answer = client.get(address)

    again = client.get(address, headers={"If-None-Match": answer["ETag"]})

    assert again.status_code == 304
    assert "Last-Modified" in answer


def test_requests_of_one_address_are_counted(client, session, settings):
    settings.API_RATE_LIMIT = 3

    answers = [client.get("/api/v1/sessions/") for _ in range(4)]
    other = client.get("/api/v1/sessions/", REMOTE_ADDR="192.0.2.7")
    page = client.get("/sessions/")

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer["RateLimit"].split(";")[1] for answer in answers] == [
        "r=2",
        "r=1",
        "r=0",
        "r=0",
    ]
    assert answers[0]["RateLimit-Policy"] == '"requests";q=3;w=60'
    assert answers[3]["Content-Type"] == "application/problem+json"
    assert 0 < int(answers[3]["Retry-After"]) <= 61
    assert (other.status_code, page.status_code) == (200, 200)
    assert not page.has_header("RateLimit")


def test_harvesters_get_rate_limit_errors_in_their_own_format(client, session, settings):
    settings.API_RATE_LIMIT = 1
    client.get("/oai?verb=Identify")

    refusal = client.get("/oai?verb=Identify")

    assert refusal.status_code == 503
    assert refusal.has_header("Retry-After")


def test_without_a_limit_no_requests_are_counted(client, session, settings):
    settings.API_RATE_LIMIT = 0

    assert not client.get("/api/v1/sessions/").has_header("RateLimit")
