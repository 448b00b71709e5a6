"""The charts of /insights/: each number is the total of the list linked from its mark."""

import csv
import io
import re
from urllib.parse import unquote

import pytest
from lxml import html

from sessions_app.catalogue.recurring import update_groups
from sessions_app.insights import matrices
from sessions_app.insights.definitions import INSIGHTS
from sessions_app.models import Session
from speakers_app.models import Speaker
from tests.factories import (
    AppearanceFactory,
    OrganisationFactory,
    RecommendationFactory,
    RegionFactory,
    SeriesFactory,
    SessionFactory,
    SpeakerFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db

YEAR_MARK = re.compile(r"(\d{4}): ([\d,]+) ")


@pytest.fixture
def archive():
    """Three years, a topic with a child topic, two organisations, three people, recurring advice."""
    energy = TopicFactory(name="Energy")
    gas = TopicFactory(name="Gas", parent=energy)
    water = TopicFactory(name="Water")
    series, region = SeriesFactory(name="Briefings"), RegionFactory(name="North")
    ada, bea, cyd = (
        SpeakerFactory(given_name=given, family_name="Smith") for given in ("Ada", "Bea", "Cyd")
    )
    one, other = (OrganisationFactory(name=name) for name in ("Institute", "Ministry"))
    for day, topics, speakers, body in (
        ("2019-03-01", [gas], [ada, bea], one),
        ("2019-09-01", [water], [ada, bea], one),
        ("2021-05-05", [gas, water], [ada, cyd], other),
        (None, [energy], [bea], other),
    ):
        session = SessionFactory(held_on=day, series=series)
        session.topics.add(*topics)
        session.regions.add(region)
        for speaker in speakers:
            made = AppearanceFactory(session=session, speaker=speaker, organisation=body)
        advice = RecommendationFactory(session=session, text="Count every valve twice a year")
        advice.made_by.add(made)
    draft = SessionFactory(held_on="2019-04-01", series=series, status="draft")
    draft.topics.add(gas)
    AppearanceFactory(session=draft, speaker=ada, organisation=one)
    update_groups()


def select(root, selector):
    """Return the descendants of `root` by tags and classes: "table.matrix td a"."""
    path = ""
    for step in selector.split():
        tag, *classes = step.split(".")
        path += f"//{tag or '*'}"
        path += "".join(f"[contains(concat(' ', @class, ' '), ' {name} ')]" for name in classes)
    return root.xpath(f".{path}")


def page_of(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return html.fromstring(response.content.decode())


def total_of(client, address):
    return int(page_of(client, address).find(".//*[@data-total]").get("data-total"))


def marks_of(page):
    """Return {URL: number} for every mark of a chart."""
    marks = {}
    for link in select(page, ".year-row a"):
        marks[link.get("href")] = YEAR_MARK.search(link.findtext("title"))[2]
    for link in select(page, ".network a"):
        marks[link.get("href")] = re.search(r": ([\d,]+) ", link.findtext("title"))[1]
    for link in select(page, ".matrix td a"):
        marks[link.get("href")] = link.text
    for row in select(page, ".numbers-table tbody tr"):
        for link in row[-1].iter("a"):
            marks[link.get("href")] = link.text
    for row in select(page, ".trends li"):
        marks[select(row, ".trend-name a")[0].get("href")] = select(row, "strong")[0].text
    return {address: int(number.replace(",", "")) for address, number in marks.items()}


FILTERS = [
    "",
    "?topic=gas",
    "?topic=water&topic=energy",
    "?year=2019",
    "?date_after=2019-06&has=recommendations",
    "?q=session&organisation=ministry",
    "?speaker=ada-smith",
    "?year=abcd&sort=x&per_page=7&page=9",
]


@pytest.mark.parametrize("slug", [slug for slug in INSIGHTS if slug != "recommendations"])
def test_marks_link_to_lists_with_their_number_of_sessions(client, archive, slug):
    checked = 0
    for query in FILTERS:
        for address, number in marks_of(page_of(client, f"/insights/{slug}/{query}")).items():
            assert total_of(client, address) == number, (query, unquote(address))
            checked += 1

    assert checked >= 10


def test_topic_counts_by_year_match_the_database(client, archive):
    page = page_of(client, "/insights/topics/")

    numbers = {
        select(row, ".trend-name a")[0].text: {
            int(year): int(count)
            for title in select(row, "title")
            for year, count in [YEAR_MARK.search(title.text).groups()]
        }
        for row in select(page, ".trends li")
    }
    expected = {
        name: {
            year: Session.objects.published()
            .filter(topics__slug__in=slugs, held_on__year=year)
            .distinct()
            .count()
            for year in (2019, 2021)
        }
        for name, slugs in (
            ("Energy", ["energy", "gas"]),
            ("Gas", ["gas"]),
            ("Water", ["water"]),
        )
    }
    assert numbers == expected


def test_people_who_appeared_together_are_drawn_and_listed(client, archive):
    page = page_of(client, "/insights/people/")

    pairs = [
        tuple(cell.text_content().strip() for cell in select(row, "td"))
        for row in select(page, ".numbers-table tbody tr")
    ]
    assert pairs == [("Ada Smith", "Bea Smith", "2"), ("Ada Smith", "Cyd Smith", "1")]
    assert {link.findtext("title") for link in select(page, ".network a")} == {
        "Ada Smith: 3 sessions",
        "Bea Smith: 3 sessions",
        "Cyd Smith: 1 session",
    }
    assert len(select(page, ".network path.strong")) == 1


def test_pairs_with_ambiguous_names_have_no_wrong_links(client, archive):
    namesake = SpeakerFactory(given_name="Bea", family_name="Smith", slug="another")
    session = SessionFactory()
    for speaker in (namesake, Speaker.objects.get(slug="ada-smith")):
        AppearanceFactory(session=session, speaker=speaker)

    rows = select(page_of(client, "/insights/people/"), "table.numbers-table tbody tr")
    linked = [row[-1].text_content().strip() for row in rows if row[-1].find("a") is not None]
    assert len(rows) == 3
    assert linked == ["1"]  # the session of Ada and Cyd
    for address, number in marks_of(page_of(client, "/insights/people/")).items():
        assert total_of(client, address) == number, address


def test_cells_without_sessions_are_blank(client, archive):
    SeriesFactory(name="Other").sessions.add(SessionFactory(held_on="2020-01-01"))

    page = page_of(client, "/insights/coverage/?series=briefings")

    _plane, by_year = select(page, "table.matrix")
    assert [cell.text_content().strip() for cell in select(by_year, "thead th")] == [
        "Topic",
        "2019",
        "2020",
        "2021",
    ]
    energy = [row for row in select(by_year, "tbody tr") if "Energy" in row.text_content()]
    assert [cell.text_content().strip() for cell in select(energy[0], "td")] == ["1", "0", "1"]


def test_tables_by_year_state_their_first_year(client, archive, monkeypatch):
    monkeypatch.setattr(matrices, "MAX_YEARS_SHOWN", 2)

    page = client.get("/insights/coverage/").content.decode()

    assert "The tables by year begin in 2020; the CSV has all years from 2019 on." in page


def test_recurring_advice_shows_authors_and_years(client, archive):
    page = page_of(client, "/insights/recommendations/")

    (row,) = select(page, ".advice-trends li")
    assert "Count every valve twice a year" in row.text_content()
    assert select(row, "strong")[0].text == "4"
    assert {title.text for title in select(row, "title")} == {
        "2019: 2 sessions",
        "2021: 1 session",
    }
    assert "Bea Smith" in row.text_content()
    group = select(row, "a")[0].get("href")
    assert "4" in select(page_of(client, group), ".recurring")[0].text_content()


@pytest.mark.parametrize("slug", INSIGHTS)
def test_tables_contain_the_numbers_of_the_chart(client, archive, slug):
    answer = client.get(f"/insights/{slug}.csv")

    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    heading, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert rows
    assert {len(row) for row in rows} == {len(heading)}
    if slug == "topics":
        assert heading == ["Topic", "2019", "2021", "All, undated ones too"]
        assert rows == [
            ["Energy", "1", "1", "3"],
            ["Gas", "1", "1", "2"],
            ["Water", "1", "1", "2"],
        ]


def test_formulas_in_names_remain_text(client):
    SessionFactory().topics.add(TopicFactory(name="=1+1"))

    assert "'=1+1" in client.get("/insights/topics.csv").content.decode()


@pytest.mark.parametrize("slug", INSIGHTS)
def test_invalid_values_are_reported_on_pages_and_rejected_in_files(client, archive, slug):
    page = client.get(f"/insights/{slug}/?year=abcd")
    table = client.get(f"/insights/{slug}.csv?year=abcd")

    assert page.status_code == 200
    assert "“abcd” is not a year. Write four digits, such as 2019." in page.content.decode()
    assert table.status_code == 400
    assert table["Content-Type"] == "application/problem+json"


def test_empty_charts_say_so(client):
    for address in ("/insights/", *(insight.url for insight in INSIGHTS.values())):
        assert "There is nothing to draw here" in client.get(address).content.decode()
    assert client.get("/insights/none/").status_code == 404
    assert client.get("/insights/none.csv").status_code == 404


def test_drawings_have_names_and_no_inline_style(client, archive):
    for insight in INSIGHTS.values():
        page = page_of(client, insight.url)
        assert not page.xpath("//*[@style]")
        for drawing in select(page, "main svg"):
            assert drawing.get("role") in ("group", "img")
            assert drawing.get("aria-label")


QUERIES = {
    "topics": 5,
    "regions": 5,
    "series": 5,
    "organisations": 5,
    "people": 5,
    "organisations-and-topics": 5,
    "coverage": 5,
    "recommendations": 7,
}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("slug", INSIGHTS)
def test_query_count_does_not_depend_on_the_number_of_rows(
    client, django_assert_num_queries, slug, rows
):
    for number in range(rows):
        topic, series = TopicFactory(), SeriesFactory(name=f"S{number}")
        for _ in range(2):
            session = SessionFactory(series=series, held_on="2020-01-01")
            session.topics.add(topic)
            session.regions.add(RegionFactory())
            AppearanceFactory(session=session)
            AppearanceFactory(session=session)
            text = f"Keep {number * 'much '} more {topic.name} {number} for winter {series.name}"
            RecommendationFactory(session=session, text=text)
    update_groups()
    client.get(f"/insights/{slug}/?p=1")

    with django_assert_num_queries(QUERIES[slug]):
        client.get(f"/insights/{slug}/?p=2")
