"""Pages of speakers, organisations, topics and series: careers, co-speakers, people, related topics."""

import pytest
from lxml import html

from sma_archive.cache import page_cache
from tests.factories import (
    AppearanceFactory,
    OrganisationFactory,
    RecommendationFactory,
    SeriesFactory,
    SessionFactory,
    SpeakerFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


def page_of(client, record):
    response = client.get(record if isinstance(record, str) else record.get_absolute_url())
    assert response.status_code == 200
    return response, html.fromstring(response.content.decode())


def texts(elements):
    return [" ".join(element.text_content().split()) for element in elements]


def test_career_shows_affiliations_by_year_with_their_sessions(client):
    ada, first, second = SpeakerFactory(), OrganisationFactory(), OrganisationFactory()
    for slug, day, body in (
        ("a", "2015-01-01", first),
        ("b", "2018-12-31", first),
        ("c", "2020-06-01", second),
    ):
        session = SessionFactory(slug=slug, held_on=day)
        AppearanceFactory(session=session, speaker=ada, organisation=body)
    draft = SessionFactory(held_on="2023-01-01", status="draft")
    AppearanceFactory(session=draft, speaker=ada, organisation=first)

    response, page = page_of(client, ada)

    career = response.context["career"]
    assert [(row.organisation, row.first_year, row.last_year) for row in career.rows] == [
        (second.name, 2020, 2020),
        (first.name, 2015, 2018),
    ]
    dots = page.xpath("//*[@class='career-row']//@href")
    assert dots == ["/sessions/c/", "/sessions/b/", "/sessions/a/"]


def test_career_includes_sessions_without_affiliation(client):
    first = AppearanceFactory(organisation=None, session__held_on="2015-01-01")
    AppearanceFactory(speaker=first.speaker, organisation=None, session__held_on="2019-01-01")

    _response, page = page_of(client, first.speaker)

    assert "No affiliation given" in page.text_content()
    assert len(page.xpath("//*[@class='career-row']//a")) == 2


def test_career_within_one_year_has_no_timeline(client):
    speaker = AppearanceFactory(session__held_on="2015-01-01").speaker

    _response, page = page_of(client, speaker)

    (career,) = page.find_class("career")
    assert "2015" in career.text_content()
    assert not page.find_class("career-row")
    assert not page.find_class("trend-axis")


def test_co_speakers_are_listed_with_their_latest_common_session(client):
    ada, bea, cyd = SpeakerFactory(), SpeakerFactory(), SpeakerFactory()
    for title, day, people in (
        ("Old", "2015-01-01", (ada, bea)),
        ("New", "2019-01-01", (ada, bea)),
        ("Once", "2017-01-01", (ada, cyd)),
    ):
        session = SessionFactory(title=title, held_on=day)
        for speaker in people:
            AppearanceFactory(session=session, speaker=speaker)

    _response, page = page_of(client, ada)

    assert texts(page.xpath("//*[@class='companions']/li")) == [
        f"{bea.full_name} in 2 sessions, last: New",
        f"{cyd.full_name} in Once",
    ]


def test_organisation_shows_its_people_by_year(client):
    body, other = OrganisationFactory(), OrganisationFactory()
    ada = SpeakerFactory(given_name="Ada", family_name="Smith")
    for day, organisation in (("2018-01-01", body), ("2020-01-01", body), ("2019-01-01", other)):
        session = SessionFactory(held_on=day)
        AppearanceFactory(session=session, speaker=ada, organisation=organisation)
    AppearanceFactory(session=session)
    further = AppearanceFactory(session__held_on=None, speaker__family_name="Zulu")
    further.further_organisations.add(body)

    response, page = page_of(client, body)

    (table,) = page.xpath("//table[contains(@class, 'matrix')]")
    assert texts(table.xpath(".//thead//th")) == ["Speaker", "Sessions", "2018", "2019", "2020"]
    rows = [texts(row.xpath("th|td")) for row in table.xpath(".//tbody/tr")]
    assert rows == [
        ["Ada Smith", "2", "1", "", "1"],
        [further.speaker.name, "1", "", "", ""],
    ]
    assert response.context["list"].hits.total == 3


def test_topic_shows_related_topics_with_counts(client):
    wide = TopicFactory(name="Energy")
    topic = TopicFactory(name="Gas", parent=wide)
    narrow, beside = TopicFactory(name="Pipes", parent=topic), TopicFactory(name="Law")
    SessionFactory().topics.add(topic, beside)
    SessionFactory().topics.add(narrow, beside)
    SessionFactory().topics.add(beside)
    draft = SessionFactory(status="draft")
    draft.topics.add(topic, TopicFactory(name="Hidden"))

    response, _page = page_of(client, topic)

    def shown(name):
        return [(link.name, link.count) for link in response.context[name]]

    assert shown("broader") == [("Energy", 2)]
    assert shown("narrower") == [("Pipes", 1)]
    assert shown("related") == [("Law", 2)]


def test_authority_pages_filter_their_sessions_in_place(client):
    topic = TopicFactory(slug="gas")
    appearance = AppearanceFactory()
    appearance.session.topics.add(topic)
    SessionFactory().topics.add(topic)

    _response, page = page_of(client, topic)
    (link,) = page.xpath("//a[@data-facet='speaker']")
    response, narrowed = page_of(client, link.get("href"))

    assert link.get("href").startswith("/topics/gas/?speaker=")
    assert response.context["list"].hits.total == int(link.get("data-count")) == 1
    assert "remove" in narrowed.xpath("//ul[@class='chips']")[0].text_content()


def test_parts_of_a_series_are_numbered_by_date(client):
    series = SeriesFactory(slug="talks")
    for number in range(12):
        SessionFactory(series=series, slug=f"part-{number:02}", held_on=f"2020-01-{number + 1:02}")

    def parts(address):
        _response, page = page_of(client, address)
        return [
            (article.get("data-session"), texts(article.xpath("p[@class='meta'][1]/span")))
            for article in page.xpath("//article[@data-session]")
        ]

    assert parts("/series/talks/?per_page=10")[:2] == [
        ("part-00", ["Part 1"]),
        ("part-01", ["Part 2"]),
    ]
    assert parts("/series/talks/?per_page=10&page=2") == [
        ("part-10", ["Part 11"]),
        ("part-11", ["Part 12"]),
    ]
    assert parts("/series/talks/?sort=newest")[0] == ("part-11", [])
    assert parts("/series/talks/?q=session")[0][1] == []


def test_advice_is_that_of_the_linked_list(client):
    body = OrganisationFactory(slug="institute")
    session = SessionFactory()
    maker = AppearanceFactory(session=session, organisation=body)
    other = AppearanceFactory(session=session)
    for number in range(6):
        RecommendationFactory(session=session, text=f"Ours {number}").made_by.add(maker)
    RecommendationFactory(session=session, text="Theirs").made_by.add(other)

    _response, page = page_of(client, body)

    assert len(page.xpath("//article[@data-recommendation]")) == 5
    (link,) = page.xpath("//a[starts-with(@href, '/recommendations/?')]")
    assert texts([link]) == ["All 6 recommendations"]
    assert client.get(link.get("href")).context["list"].hits.total == 6


QUERIES = {"speaker": 20, "organisation": 17, "topic": 17, "series": 15, "region": 15}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("kind", QUERIES)
def test_query_count_does_not_depend_on_the_number_of_rows(
    client, django_assert_num_queries, kind, count
):
    series, topic = SeriesFactory(), TopicFactory()
    speaker, body = SpeakerFactory(), OrganisationFactory()
    for number in range(count):
        session = SessionFactory(series=series, held_on=f"20{number + 10}-01-01")
        session.topics.add(topic, TopicFactory(parent=topic), TopicFactory())
        session.regions.create(name=f"Region {number}", slug=f"region-{number}")
        made = AppearanceFactory(session=session, speaker=speaker, organisation=body)
        AppearanceFactory(session=session)
        RecommendationFactory(session=session).made_by.add(made)
    records = {
        "speaker": speaker,
        "organisation": body,
        "topic": topic,
        "series": series,
        "region": session.regions.first(),
    }
    address = records[kind].get_absolute_url()
    client.get(address)
    page_cache.cached_pages.clear()

    with django_assert_num_queries(QUERIES[kind]):
        client.get(address)
