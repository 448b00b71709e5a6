"""Lists, authority pages and files for one query string: contents, counts, errors, queries."""

import csv
import io
import json
import re
from datetime import date

import pytest
from lxml import html

from site_app.redirects.addresses import add_redirect
from sma_archive.cache import page_cache
from tests.factories import (
    AppearanceFactory,
    DocumentFactory,
    OrganisationFactory,
    RecommendationFactory,
    SeriesFactory,
    SessionFactory,
    SpeakerFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


def listed(response):
    return [result.session.slug for result in response.context["list"].results]


@pytest.fixture
def sessions():
    series = SeriesFactory(name="River talks")
    wide, narrow = TopicFactory(name="Technology"), None
    narrow = TopicFactory(name="Artificial intelligence", parent=wide)
    first = SessionFactory(
        title="Rivers",
        slug="rivers",
        series=series,
        held_on=date(2018, 5, 1),
        ends_on=date(2018, 5, 2),
    )
    second = SessionFactory(title="Machines", slug="machines", held_on=date(2020, 2, 3))
    undated = SessionFactory(title="Undated", slug="undated", held_on=None)
    second.topics.add(narrow)
    first.topics.add(wide)
    return first, second, undated


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", ["machines", "rivers", "undated"]),
        ("?sort=oldest", ["rivers", "machines", "undated"]),
        ("?sort=title", ["machines", "rivers", "undated"]),
        ("?topic=technology", ["machines", "rivers"]),
        ("?topic=artificial-intelligence", ["machines"]),
        ("?series=river-talks", ["rivers"]),
        ("?series=river-talks&topic=artificial-intelligence", []),
        ("?year=2018&year=2020", ["machines", "rivers"]),
        ("?date_after=2018-05-02&date_before=2018-05-02", ["rivers"]),
        ("?date_before=2018-04-30", []),
        ("?date_before=2018", ["rivers"]),
        ("?date_after=May 2018&date_before=31 May 2018", ["rivers"]),
        ("?date_after=2018-06", ["machines"]),
        ("?date_after=25/6/2018&date_before=31.12.2020", ["machines"]),
        ("?date_after=2020&date_before=2018", []),
        ("?topic=never-heard-of", []),
        ("?unknown=1", ["machines", "rivers", "undated"]),
        ("?page=99", ["machines", "rivers", "undated"]),
    ],
)
def test_list_shows_the_results_of_a_query(client, sessions, query, slugs):
    response = client.get(f"/sessions/{query}")

    assert response.status_code == 200
    assert listed(response) == slugs
    assert response.context["list"].hits.total == len(slugs)


@pytest.mark.parametrize("parameter", ["topic", "series", "speaker", "organisation"])
def test_name_used_only_by_drafts_is_not_revealed(client, parameter):
    draft = SessionFactory(status="draft", series=SeriesFactory(name="Secret", slug="secret"))
    draft.topics.add(TopicFactory(name="Secret", slug="secret"))
    AppearanceFactory(
        session=draft,
        speaker=SpeakerFactory(family_name="Secret", slug="secret"),
        organisation=OrganisationFactory(name="Secret", slug="secret"),
    )

    page = client.get("/sessions/", {parameter: "secret"}).text

    assert re.search(r"secret\s+\(not known here\)", page)
    assert "Secret" not in page


@pytest.mark.parametrize(
    "query",
    [
        "year=abcd",
        "sort=x",
        "per_page=0",
        "page=0",
        "date_after=tomorrow",
        "date_after=05/11/2019",
        "has=nothing",
        "topic=%00",
    ],
)
def test_invalid_value_is_ignored_with_a_message_on_pages_and_rejected_elsewhere(
    client, sessions, query
):
    name = query.partition("=")[0]

    page = client.get(f"/sessions/?{query}")

    assert page.status_code == 200
    assert len(listed(page)) == 3
    assert "left out" in page.content.decode()
    for address in ("/sessions/export.csv", "/sessions/feed.rss", "/api/v1/sessions/"):
        refusal = client.get(f"{address}?{query}")
        assert refusal.status_code == 400
        assert refusal["Content-Type"] == "application/problem+json"
        assert refusal.json()["invalid_params"][0]["name"] == name


def test_ambiguous_date_is_reported_with_both_readings(client, sessions):
    page = client.get("/sessions/?date_before=05/11/2019").text

    assert "“05/11/2019” can mean 5 November 2019 or 11 May 2019." in page


@pytest.mark.parametrize("list_path", ["/sessions/", "/recommendations/"])
def test_dates_in_words_become_iso_dates_in_links(client, sessions, list_path):
    page = client.get(f"{list_path}?date_after=May+2018&date_before=2020&per_page=50").text

    exact = "date_after=2018-05-01&amp;date_before=2020-12-31"
    assert f"{list_path}feed.atom?{exact}" in page
    assert f"/alerts/new/?{exact}&amp;list=" in page
    for address in (f"{list_path}export.json", f"{list_path}feed.rss", f"/api/v1{list_path}"):
        assert client.get(f"{address}?date_after=2018-05&date_before=2020").status_code == 200
        assert client.get(f"{address}?date_after=May+2018").status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/sessions/",
        "/recommendations/",
        "/recommendations/recurring/",
        "/series/river-talks/",
        "/sessions/facets/topic/",
    ],
)
def test_reversed_dates_are_reported_with_a_link_to_swap_them(client, sessions, path):
    page = client.get(f"{path}?q=talk&date_after=2021&date_before=May+2018").text
    right = client.get(f"{path}?date_after=May+2018&date_before=2021").text

    swap = re.search(r'data-swap-dates href="([^"]*)"', page)[1]
    assert swap.endswith("?q=talk&amp;date_after=May+2018&amp;date_before=2021")
    assert "“From” comes after" not in right


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("sort=x", "“x” is not a valid choice; use relevance, newest, oldest, title."),
        ("per_page=7", "“7” is not a valid choice; use 10, 20, 50, 100."),
    ],
)
def test_invalid_choice_is_reported_with_the_valid_ones(client, sessions, query, message):
    page = client.get(f"/sessions/?{query}")

    assert message in page.content.decode()


def test_invalid_facet_value_is_also_reported_next_to_its_facet(client, sessions):
    html = client.get("/sessions/?series=%00").content.decode()

    facet = html.partition("<summary>Series</summary>")[2].partition("</details>")[0]
    assert "is not in this list. This value was left out." in facet
    assert '<details class="filters" data-filters open>' in html


def test_facet_count_equals_the_total_of_its_link(client, sessions):
    # pages for such visitors are not cached, so they have a context
    client.cookies["messages"] = "x"
    page = client.get("/sessions/?series=river-talks")
    counts = {
        (facet.name, value.value): value.count
        for facet in page.context["list"].facets
        for value in facet.values
    }

    assert counts[("series", "river-talks")] == 1
    for (name, value), count in counts.items():
        query = {"series": ["river-talks"]} | {name: [value]}
        assert client.get("/sessions/", query).context["list"].hits.total == count


def test_year_link_gives_its_count_whatever_the_dates(client, sessions):
    # pages for such visitors are not cached, so they have a context
    client.cookies["messages"] = "x"
    page = client.get("/sessions/?date_after=2020-01-01")

    assert "2018" in [year.value for year in page.context["list"].year_values]
    for year in page.context["list"].year_values:
        assert client.get(year.url).context["list"].hits.total == year.count


def test_chip_of_an_old_slug_shows_the_successor(client, sessions):
    add_redirect("/topics/tech/", "/topics/technology/")

    html = client.get("/sessions/?topic=tech").content.decode()

    assert re.search(r"<span>\s*Topic: Technology\s*</span>", html)
    assert "not known here" not in html


def test_page_has_the_attributes_used_by_scripts(client, sessions):
    html = client.get("/sessions/").content.decode()

    assert '<strong data-total="3">3</strong>' in html
    assert '<article data-session="rivers">' in html
    assert 'data-facet="topic" data-value="technology" data-count="2"' in html
    assert 'data-facet="year" data-value="2018" data-count="1"' in html


def test_old_slug_selects_its_successor(client, sessions):
    add_redirect("/topics/tech/", "/topics/technology/")

    assert listed(client.get("/sessions/?topic=tech")) == ["machines", "rivers"]
    assert client.get("/topics/tech/?page=1").headers["Location"] == "/topics/technology/?page=1"


def test_old_url_of_a_renamed_session_and_all_urls_below_it_redirect(client, sessions):
    first = sessions[0]
    RecommendationFactory(session=first)
    first.slug = "streams"
    first.save()

    for old, new in (
        ("/sessions/rivers/", "/sessions/streams/"),
        ("/sessions/rivers/cite.bib", "/sessions/streams/cite.bib"),
        ("/recommendations/rivers-1/", "/recommendations/streams-1/"),
    ):
        response = client.get(old)
        assert (response.status_code, response["Location"]) == (301, new)


def make_rich_session():
    session = SessionFactory(series=SeriesFactory())
    session.topics.add(TopicFactory())
    appearance = AppearanceFactory(session=session)
    appearance.further_organisations.add(OrganisationFactory())
    RecommendationFactory(session=session).made_by.add(appearance)
    DocumentFactory(session=session)
    return session


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/sessions/", 10),
        ("/recommendations/", 8),
        ("/speakers/", 7),
        ("/organisations/", 6),
        ("/topics/", 11),
        ("/series/", 6),
        ("/sessions/feed.rss", 8),
        ("/api/v1/sessions/", 12),
        ("/api/v1/recommendations/", 15),
    ],
)
def test_query_count_of_lists(client, address, queries, count, django_assert_num_queries):
    for _ in range(count):
        make_rich_session()
    client.get(address)  # updates the index
    client.cookies["messages"] = "x"  # pages for such visitors are not cached
    page_cache.cached_pages.clear()  # responses of the API are, for every user

    with django_assert_num_queries(queries):
        response = client.get(address)

    assert response.status_code == 200


def test_exports_contain_all_sessions_not_only_one_page(client):
    sessions = [make_rich_session() for _ in range(12)]

    rows = list(
        csv.DictReader(
            io.StringIO(
                b"".join(client.get("/sessions/export.csv?per_page=10")).decode("utf-8-sig")
            )
        )
    )
    objects = json.loads(b"".join(client.get("/sessions/export.json")))

    assert len(rows) == len(objects) == 12
    assert {row["title"] for row in rows} == {session.title for session in sessions}
    assert b"".join(client.get("/sessions/export.xlsx")).startswith(b"PK")
    assert b"".join(client.get("/sessions/export.ris")).count(b"TY  - ") == 12


def test_spreadsheet_cells_are_not_formulas(client):
    SessionFactory(title="=1+1")

    assert "'=1+1" in b"".join(client.get("/sessions/export.csv")).decode()


def test_api_returns_the_documented_session(client):
    session = make_rich_session()

    found = client.get(f"/api/v1/sessions/{session.slug}/").json()

    assert set(found) == {
        "slug",
        "url",
        "title",
        "held_on",
        "ends_on",
        "series",
        "topics",
        "regions",
        "speakers",
        "summary_html",
        "summary_text",
        "language",
        "recommendations",
        "documents",
        "has_recording",
        "import_ref",
        "updated_at",
    }
    assert found["recommendations"][0]["made_by"] == [found["speakers"][0]["slug"]]
    page = client.get("/api/v1/sessions/?facets=1").json()
    assert (page["count"], page["next"], page["suggestion"]) == (1, None, None)
    assert page["facets"]["series"][0]["count"] == 1
    assert client.get("/api/v1/sessions/?page=2").status_code == 404


def test_suggestions_complete_names_and_titles(client):
    AppearanceFactory(speaker=SpeakerFactory(family_name="Kallas", given_name="Irma"))
    SpeakerFactory(family_name="Kalman", given_name="Unseen")
    SessionFactory(title="Kalends and calendars")

    groups = client.get("/suggest/?q=kal").json()["groups"]

    assert [(group["kind"], [item["label"] for item in group["items"]]) for group in groups] == [
        ("speaker", ["Irma Kallas"]),
        ("session", ["Kalends and calendars"]),
    ]


def test_visible_topics_form_a_tree(client):
    wide = TopicFactory(name="Security", slug="security")
    narrow = TopicFactory(name="Deterrence", slug="deterrence", parent=wide)
    narrowest = TopicFactory(name="Escalation", slug="escalation", parent=narrow)
    other = TopicFactory(name="Trade", slug="trade")
    for topics in ([narrowest], [narrowest, other], [other], [other], [other]):
        SessionFactory().topics.add(*topics)

    (facet, *_) = client.get("/sessions/").context["list"].facets

    assert [(each.value, each.count, each.depth) for each in facet.values] == [
        ("trade", 4, 0),
        ("security", 2, 0),
        ("deterrence", 2, 1),
        ("escalation", 2, 2),
    ]


def test_topic_without_a_visible_parent_is_not_indented(client):
    narrow = TopicFactory(name="Deterrence", parent=TopicFactory(name="Security"))
    SessionFactory().topics.add(narrow)

    html = client.get("/sessions/facets/topic/?find=deterrence").text

    assert "depth-" not in html
    assert "Deterrence" in html


def test_clear_all_is_offered_if_a_filter_is_active(client, sessions):
    aside = "//aside//a[normalize-space()='Clear all']"

    assert not html.fromstring(client.get("/sessions/").text).xpath(aside)
    assert html.fromstring(client.get("/sessions/?year=2018").text).xpath(aside)
    assert html.fromstring(client.get("/sessions/?q=rivers").text).xpath(aside)


MARKED = "//time[b[@class='to-come']]"


@pytest.mark.parametrize(
    ("address", "days"),
    [
        ("/sessions/", ["5 May 2030"]),
        ("/sessions/soon/", ["5 May 2030"]),
        ("/sessions/rivers/", ["5 May 2030"]),  # the next session of the series, and related ones
        ("/series/river-talks/", ["5 May 2030"]),
        ("/recommendations/", ["5 May 2030"]),
        ("/recommendations/?group=session", ["5 May 2030"]),
        ("/recommendations/soon-1/", ["5 May 2030"]),
        ("/pack/?item=session:soon", ["5 May 2030"]),
    ],
)
def test_future_sessions_are_marked_everywhere(client, sessions, address, days):
    first, second, _undated = sessions
    soon = SessionFactory(slug="soon", held_on=date(2030, 5, 5), series=first.series)
    for session in (soon, second):
        RecommendationFactory(session=session, number=1)

    tree = html.fromstring(client.get(address).text)

    marked = {" ".join(day.text_content().split()) for day in tree.xpath(MARKED)}
    assert marked == {f"{day} To come" for day in days}
    assert {day.get("datetime") for day in tree.xpath(MARKED)} == {"2030-05-05"}


@pytest.mark.parametrize("text", ['"', "*", "(((", "😀"])
def test_text_without_words_is_reported(client, sessions, text):
    page = client.get("/sessions/", {"q": text})

    tree = html.fromstring(page.text)
    (notice,) = tree.xpath("//main//*[@class='notice']")
    said = f"“{text}” has no words in it, so nothing was searched for."
    assert notice.text_content().strip() == said
    assert tree.findtext(".//title").strip().startswith("Sessions – ")
    assert tree.xpath("//select[@name='sort']/option[@selected]/@value") == ["newest"]
    assert len(listed(page)) == 3


def test_dates_without_sessions_can_be_removed(client, sessions):
    page = client.get("/sessions/?date_after=May 2019&date_before=1 June 2019")

    (panel,) = html.fromstring(page.text).find_class("nothing")
    assert panel.xpath(".//a/@href")[0] == "/sessions/"
    assert "Without the dates 3 sessions" in " ".join(panel.text_content().split())
    assert "word" not in panel.text_content()


def test_filter_without_sessions_can_be_removed(client, sessions):
    page = client.get("/sessions/?topic=unknown")

    (panel,) = html.fromstring(page.text).find_class("nothing")
    assert panel.xpath(".//a/@href")[0] == "/sessions/"
    assert "Nothing matches this" in panel.text_content()


@pytest.mark.parametrize("text", ["after:banana", "rivers before:banana", "AFTER:banana"])
def test_invalid_date_operator_is_reported_as_a_date(client, sessions, text):
    SessionFactory(title="Afters of the balance", summary="<p>Bananas before</p>")

    page = client.get("/sessions/", {"q": text})

    assert "“banana” is not a date." in page.text
    assert page.context["list"].hits.suggestion is None
    assert "is not a date" not in client.get("/sessions/?q=after:2018+-before:2017").text


def test_date_fields_show_iso_dates_like_their_chip_and_have_a_hint(client, sessions):
    page = client.get("/sessions/?date_after=2018-01-01&date_before=2020")

    tree = html.fromstring(page.text)
    assert [box.get("value") for box in tree.find_class("dates")[0].iter("input")] == [
        "1 January 2018",
        "2020",
    ]
    assert not tree.xpath("//*[@class='dates']//input/@placeholder")
    assert tree.get_element_by_id("dates-hint").text_content() == "For example 2019 or May 2021"
    assert listed(client.get("/sessions/?date_after=1 January 2018&date_before=2020")) == listed(
        page
    )


def test_date_error_is_shown_below_both_fields(client, sessions):
    tree = html.fromstring(client.get("/sessions/?date_after=banana").text)

    (dates,) = tree.find_class("dates")
    assert not dates.find_class("error")
    (error,) = dates.getparent().find_class("error")
    assert "“banana” is not a date." in error.text_content()
    (field,) = dates.xpath(".//input[@aria-invalid='true']")
    assert error.get("id") in field.get("aria-describedby").split()


@pytest.mark.parametrize("query", ["", "?q=machines rivers OR machines", "?topic=technology"])
def test_axis_of_years_covers_the_whole_archive(client, sessions, query):
    SessionFactory(title="Machines", held_on=date(2021, 1, 1))
    SessionFactory(title="Machines", held_on=date(2012, 1, 1))

    (chart,) = html.fromstring(client.get(f"/sessions/{query}").text).find_class("histogram")

    assert chart.xpath("./g/text/text()") == [str(year) for year in range(2012, 2022)]
    for bar in chart.xpath("./a"):
        assert bar.findtext("text") == bar.get("data-count")
    assert len(chart.find_class("peak")) == 1


def test_filter_without_values_for_the_results_stays_in_its_place(client, sessions):
    tree = html.fromstring(client.get("/sessions/?q=undated").text)

    assert "None among these results" in tree.get_element_by_id("facet-topic").text_content()
    assert not tree.xpath("//*[@id='facet-region']")  # no session has a region
