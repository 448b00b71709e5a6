"""Lists as files and feeds: whole, of a length that can be told, in formats that programs read."""

import io
import re
from html import unescape

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from sessions_app.catalogue import result_list
from sessions_app.formats import exports
from tests.factories import (
    AppearanceFactory,
    RecommendationFactory,
    SessionFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


def sheet_of(response):
    book = load_workbook(io.BytesIO(b"".join(response)))
    return [list(row) for row in book.active.iter_rows(values_only=True)]


def test_spreadsheet_holds_text_as_it_is(client):
    SessionFactory(title="=1+1 <&> \x0b ﬁn", summary="<p>One</p><p>Two</p>", held_on="2019-05-01")

    heading, row = sheet_of(client.get("/sessions/export.xlsx"))

    found = dict(zip(heading, row, strict=True))
    assert heading == exports.SESSION_COLUMNS
    assert found["title"] == "=1+1 <&>  ﬁn"
    assert found["held_on"] == "2019-05-01"
    assert found["summary"] == "One\nTwo"


def test_spreadsheet_of_nothing_opens(client):
    assert sheet_of(client.get("/recommendations/export.xlsx")) == [exports.RECOMMENDATION_COLUMNS]


@pytest.mark.parametrize("extension", ["csv", "xlsx", "json", "bib", "ris"])
@pytest.mark.parametrize("kind", ["sessions", "recommendations"])
def test_short_file_says_its_length(client, kind, extension):
    RecommendationFactory(text="Fund gauges")

    response = client.get(f"/{kind}/export.{extension}")

    assert int(response["Content-Length"]) == len(b"".join(response))
    assert "X-Estimated-Length" not in response


@pytest.mark.parametrize("extension", ["csv", "xlsx", "json", "bib", "ris"])
def test_long_file_is_streamed_and_its_length_estimated(client, extension, monkeypatch):
    monkeypatch.setattr(exports, "SAMPLE", 4)
    monkeypatch.setattr(exports, "SLICE", 2)
    for number in range(12):
        SessionFactory(title=f"Session {number:02}", slug=f"s{number}")

    response = client.get(f"/sessions/export.{extension}")
    content = b"".join(response)

    assert "Content-Length" not in response
    # A spreadsheet is packed; of a few rows, what stands around them is most of the file.
    assert len(content) / 4 < int(response["X-Estimated-Length"]) < 4 * len(content)
    if extension == "xlsx":
        assert len(sheet_of([content])) == 13
    else:
        assert content.count(b"Session 0") >= 10


def test_recommendations_are_cited_as_a_whole_list(client):
    RecommendationFactory(text="Fund gauges")
    RecommendationFactory(text="Train pilots")

    assert b"".join(client.get("/recommendations/export.ris")).count(b"TY  - ") == 2
    found = b"".join(client.get("/recommendations/export.bib?q=gauges"))
    assert (found.count(b"@"), b"Fund gauges" in found) == (1, True)


@pytest.mark.parametrize("extension", ["rss", "atom"])
@pytest.mark.parametrize("count", [1, 3])
def test_feed_of_recommendations(client, extension, count, django_assert_num_queries):
    for number in range(count):
        maker = AppearanceFactory()
        advice = RecommendationFactory(session=maker.session, text=f"Fund gauges {number}")
        advice.made_by.add(maker)
    client.get("/recommendations/")  # brings the index up to date
    client.cookies["messages"] = "x"  # such a visitor's answers are not kept

    with django_assert_num_queries(6):
        feed = client.get(f"/recommendations/feed.{extension}?q=gauges")

    assert feed.text.count("Fund gauges") >= 2 * count
    assert str(maker.speaker) in feed.text
    assert client.get(f"/recommendations/feed.{extension}?q=camels").text.count("Fund") == 0


def links(page, kind):
    found = re.findall(rf'<link rel="alternate" type="{kind}"[^>]*href="([^"]*)"', page.text)
    return [unescape(address) for address in found]


@pytest.mark.parametrize(
    ("address", "feed"),
    [
        ("/sessions/?q=river&topic=water&page=1", "/sessions/feed.{}?q=river&topic=water"),
        ("/recommendations/?q=gauges", "/recommendations/feed.{}?q=gauges"),
        ("/topics/water/", "/topics/water/feed.{}"),
        ("/topics/water/?q=river", "/topics/water/feed.{}?q=river"),
    ],
)
def test_every_list_names_its_feeds(client, address, feed):
    SessionFactory(title="Rivers").topics.add(TopicFactory(name="Water", slug="water"))

    page = client.get(address)

    assert links(page, "application/rss\\+xml")[0] == feed.format("rss")
    assert links(page, "application/atom\\+xml")[0] == feed.format("atom")
    for kind in ("rss", "atom"):
        assert client.get(feed.format(kind)).status_code == 200


def test_an_entrys_list_is_taken_away_as_a_whole_list(client):
    topic = TopicFactory(name="Water", slug="water")
    for title in ("Rivers", "Dams", "Rivers and dams"):
        SessionFactory(title=title).topics.add(topic)
    SessionFactory(title="Rivers of another topic")

    page = client.get("/topics/water/?q=rivers").text
    address = unescape(re.search(r'href="(/sessions/export\.csv[^"]*)"', page)[1])

    assert len(b"".join(client.get(address)).splitlines()) == 3
    assert "/alerts/new/?q=rivers&amp;topic=water&amp;list=sessions" in page


@pytest.mark.browser
def test_long_download_shows_how_far_it_is(browser_page, monkeypatch):
    monkeypatch.setattr(result_list, "LONG", 2)
    monkeypatch.setattr(exports, "SAMPLE", 1)
    for number in range(4):
        SessionFactory(title=f"Session {number}")

    browser_page.goto("/sessions/")
    with browser_page.expect_download() as downloading:
        browser_page.get_by_role("link", name="CSV").click()

    panel = browser_page.locator("[data-download-progress]")
    assert re.fullmatch(r"sessions-\d{4}-\d\d-\d\d\.csv", downloading.value.suggested_filename)
    expect(panel).to_contain_text("is complete")
    assert downloading.value.path().read_text().count("Session ") == 4


@pytest.mark.parametrize("count", [1, 3])
def test_session_page_query_count(client, count, django_assert_num_queries):
    session = SessionFactory(slug="x")
    for number in range(1, count + 1):
        advice = RecommendationFactory(session=session, number=number)
        advice.made_by.add(AppearanceFactory(session=session))

    with django_assert_num_queries(27):  # half of them of the index, which is built here
        client.get("/sessions/x/")
