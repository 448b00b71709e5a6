"""Above the results: how the query was interpreted, other names, spelling, ways out of an empty list."""

import re
from html import unescape

import pytest

from search_app.models import Synonym
from search_app.query.parser import parse
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
def test_requirements_in_words(text, words):
    assert [describe_query(clause.node) for clause in parse(text).clauses] == words


def chips_of(page):
    found = re.findall(r'<a class="chip"[^>]*href="([^"]*)">\s*<span>\s*(.*?)\s*</span>', page)
    return {unescape(label): unescape(url) for url, label in found}


def test_each_word_and_filter_is_a_chip_that_takes_it_away(client):
    topic = TopicFactory(name="Water")
    SessionFactory(title="Rivers and dams").topics.add(topic)

    shown = chips_of(client.get("/sessions/?q=river+-desert&topic=water").content.decode())

    assert shown == {
        "river": "/sessions/?q=-desert&topic=water",
        "not desert": "/sessions/?q=river&topic=water",
        "Topic: Water": "/sessions/?q=river+-desert",
    }


def test_other_names_are_named_and_the_match_explained(client):
    Synonym.objects.create(term="PRC", equivalent="China")
    SessionFactory(title="Ports", summary="<p>Harbours of China</p>")

    page = client.get("/sessions/?q=prc").content.decode()

    assert "“prc” was also searched for as “China”" in page
    assert "as “China” for “prc”:" in page
    assert "Harbours of <mark>China</mark>" in page


def test_suggestion_is_a_link_that_keeps_the_filters(client):
    session = SessionFactory(title="Governments", series=SeriesFactory(name="River talks"))

    page = client.get("/sessions/?q=govermnents&series=river-talks").content.decode()
    link = re.search(r'<a data-suggestion href="([^"]*)">(.*?)</a>', page)
    followed = client.get(unescape(link[1]))

    assert link[2] == "governments"
    assert [each.session for each in followed.context["list"].results] == [session]


def ways(page, which):
    return {
        way.label: (way.total, way.url) for way in getattr(page.context["list"].ways_out, which)
    }


def test_nothing_found_says_what_to_leave_out_and_how_much_there_is_then(client):
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


def test_where_no_single_part_helps_each_is_offered_by_itself(client):
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


def test_one_word_that_is_nowhere_leads_to_the_directories(client):
    page = client.get("/sessions/?q=zzzzzz").text

    assert "Nothing matches this" in page
    assert 'look through the <a href="/topics/">topics</a>' in page


def test_dates_and_what_a_session_has_are_ways_out_too(client):
    SessionFactory(title="Rivers")

    page = client.get("/sessions/?q=rivers&date_after=2031-01-01")
    assert list(ways(page, "without")) == ["the dates"]
    page = client.get("/sessions/?q=rivers&has=documents")
    assert list(ways(page, "without")) == ["With: Documents"]
    page = client.get("/sessions/?q=rivers&updated_since=2999-01-01T00:00:00Z")
    assert list(ways(page, "without")) == ["the time of change"]


def test_time_of_change_is_a_chip_and_stays_with_other_filters(client):
    SessionFactory(title="Rivers")

    page = client.get("/sessions/?q=rivers&updated_since=2001-01-01T00:00:00Z").text

    assert chips_of(page)["Changed since: 1 January 2001, 00:00 UTC"] == "/sessions/?q=rivers"
    assert '<input type="hidden" name="updated_since" value="2001-01-01T00:00:00Z">' in page


def test_recommendations_are_explained_alike(client):
    RecommendationFactory(text="Fund gauges before dams")

    page = client.get("/recommendations/?q=guages").content.decode()

    assert ">gauges</a>?" in page


def test_part_of_the_session_that_matched_is_told_with_each_recommendation(client):
    advice = RecommendationFactory(text="Fund gauges", session__title="On rivers")
    advice.session.topics.add(TopicFactory(name="Hydrology"))

    by_topic = client.get("/recommendations/?q=hydrology").text
    by_title = client.get("/recommendations/?q=rivers").text

    place = f'<a class="where" href="{advice.session.get_absolute_url()}#filed-under">Topic</a>'
    assert place in by_topic
    assert "<mark>Hydrology</mark>" in by_topic
    assert "On <mark>rivers</mark>" in by_title


def test_acronym_that_stands_there_is_told_as_one(client):
    Synonym.objects.create(term="PRC", equivalent="China")
    SessionFactory(title="Ports", summary="<p>Harbours of the PRC</p>")

    page = client.get("/sessions/?q=china").text

    assert "as “PRC”, the acronym of “china”:" in page


@pytest.mark.parametrize("part", ["speakers", "filed-under", "summary", "recommendation-1"])
def test_places_that_results_lead_to_are_there(client, part):
    advice = RecommendationFactory()
    advice.session.topics.add(TopicFactory())

    assert f'id="{part}"' in client.get(advice.session.get_absolute_url()).text
