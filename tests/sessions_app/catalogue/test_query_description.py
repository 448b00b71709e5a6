"""Above the results: how the query was interpreted, other names, spelling, ways out of an empty list."""

import re
from html import unescape

import pytest

from search_app.models import Synonym
from search_app.query.parser import parse_query
from sessions_app.catalogue.query_description import describe_query
from tests.factories import RecommendationFactory, SeriesFactory, SessionFactory, TopicFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("river", ["river"]),
        ('"dry year" dam*', ["“dry year”", "dam…"]),
        ("speaker:kania -title:map", ["kania among the speakers", "not map in the title"]),
        ("silk OR steel", ["silk or steel"]),
        ("after:2019-05 before:2020", ["from 2019-05 on", "before 2020"]),
    ],
)
def test_query_is_described_in_words(text, words):
    assert [describe_query(clause.node) for clause in parse_query(text).clauses] == words


def chips_of(page):
    found = re.findall(r'<a class="chip"[^>]*href="([^"]*)">\s*<span>\s*(.*?)\s*</span>', page)
    return {unescape(label): unescape(url) for url, label in found}


def test_each_word_and_filter_has_a_chip_to_remove_it(client):
    topic = TopicFactory(name="Water")
    SessionFactory(title="Rivers and dams").topics.add(topic)

    shown = chips_of(client.get("/sessions/?q=river+-desert&topic=water").content.decode())

    assert shown == {
        "river": "/sessions/?q=-desert&topic=water",
        "not desert": "/sessions/?q=river&topic=water",
        "Topic: Water": "/sessions/?q=river+-desert",
    }


def test_other_names_and_the_match_are_explained(client):
    Synonym.objects.create(term="PRC", equivalent="China")
    SessionFactory(title="Ports", summary="<p>Harbours of China</p>")

    page = client.get("/sessions/?q=prc").content.decode()

    assert "“prc” was also searched for as “China”" in page
    assert "as “China” for “prc”:" in page
    assert "Harbours of <mark>China</mark>" in page


def test_suggestion_link_keeps_the_filters(client):
    session = SessionFactory(title="Governments", series=SeriesFactory(name="River talks"))

    page = client.get("/sessions/?q=govermnents&series=river-talks").content.decode()
    link = re.search(r'<a data-suggestion href="([^"]*)">(.*?)</a>', page)
    followed = client.get(unescape(link[1]))

    assert link[2] == "governments"
    assert [each.session for each in followed.context["list"].results] == [session]


def ways(page, which):
    return {
        way.label: (way.total, way.url) for way in getattr(page.context["list"].relaxations, which)
    }


def test_empty_list_offers_relaxations_with_counts(client):
    for number in range(3):
        SessionFactory(title=f"Rivers {number}")
    SessionFactory(title="Deserts", held_on="2019-01-01")

    page = client.get("/sessions/?q=rivers&year=2019")

    assert ways(page, "without") == {
        "rivers": (1, "/sessions/?year=2019"),
        "Year: 2019": (3, "/sessions/?q=rivers"),
    }
    assert ways(page, "alone") == {}
    for total, url in ways(page, "without").values():
        assert client.get(url).context["list"].hits.total == total


def test_empty_list_offers_each_part_alone_if_no_relaxation_helps(client):
    for number in range(3):
        SessionFactory(title=f"Rivers {number}")
    SessionFactory(title="Deserts", held_on="2019-01-01")

    page = client.get("/sessions/?q=rivers+camel&year=2019&has=documents&sort=title")

    assert ways(page, "without") == {}
    assert ways(page, "alone") == {
        "rivers": (3, "/sessions/?sort=title&q=rivers"),
        "Year: 2019": (1, "/sessions/?sort=title&year=2019"),
    }
    for total, url in ways(page, "alone").values():
        assert client.get(url).context["list"].hits.total == total


def test_unknown_single_word_links_to_the_directories(client):
    page = client.get("/sessions/?q=zzzzzz").text

    assert "Nothing matches this" in page
    assert 'look through the <a href="/topics/">topics</a>' in page


def test_empty_list_offers_to_remove_dates_and_contents(client):
    SessionFactory(title="Rivers")

    page = client.get("/sessions/?q=rivers&date_after=2031-01-01")
    assert list(ways(page, "without")) == ["the dates"]
    page = client.get("/sessions/?q=rivers&has=documents")
    assert list(ways(page, "without")) == ["With: Documents"]
    page = client.get("/sessions/?q=rivers&updated_since=2999-01-01T00:00:00Z")
    assert list(ways(page, "without")) == ["the time of change"]


def test_updated_since_has_a_chip_and_is_kept_by_other_filters(client):
    SessionFactory(title="Rivers")

    page = client.get("/sessions/?q=rivers&updated_since=2001-01-01T00:00:00Z").text

    assert chips_of(page)["Changed since: 1 January 2001, 00:00 UTC"] == "/sessions/?q=rivers"
    assert '<input type="hidden" name="updated_since" value="2001-01-01T00:00:00Z">' in page


def test_recommendations_have_the_same_explanations(client):
    RecommendationFactory(text="Fund gauges before dams")

    page = client.get("/recommendations/?q=guages").content.decode()

    assert ">gauges</a>?" in page


def test_recommendation_shows_the_matching_part_of_its_session(client):
    advice = RecommendationFactory(text="Fund gauges", session__title="On rivers")
    advice.session.topics.add(TopicFactory(name="Hydrology"))

    by_topic = client.get("/recommendations/?q=hydrology").text
    by_title = client.get("/recommendations/?q=rivers").text

    place = f'<a class="where" href="{advice.session.get_absolute_url()}#filed-under">Topic</a>'
    assert place in by_topic
    assert "<mark>Hydrology</mark>" in by_topic
    assert "On <mark>rivers</mark>" in by_title


def test_matching_acronym_is_explained(client):
    Synonym.objects.create(term="PRC", equivalent="China")
    SessionFactory(title="Ports", summary="<p>Harbours of the PRC</p>")

    page = client.get("/sessions/?q=china").text

    assert "as “PRC”, the acronym of “china”:" in page


@pytest.mark.parametrize("part", ["speakers", "filed-under", "summary", "recommendation-1"])
def test_anchors_of_results_exist(client, part):
    advice = RecommendationFactory()
    advice.session.topics.add(TopicFactory())

    assert f'id="{part}"' in client.get(advice.session.get_absolute_url()).text
