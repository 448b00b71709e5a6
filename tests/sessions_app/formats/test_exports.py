"""Lists as files and feeds: complete, with a known or estimated length, in formats that programs read."""

import csv
import io
import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import expect

from sessions_app.catalogue import result_list
from sessions_app.formats import exports, xlsx
from sessions_app.models import Session
from site_app.models import SiteSettings
from tests.factories import (
    AppearanceFactory,
    RecommendationFactory,
    SessionFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


def book_of(response):
    return load_workbook(io.BytesIO(b"".join(response)))


def sheet_of(response):
    return [list(row) for row in book_of(response).active.iter_rows(values_only=True)]


def cells_of(sheet):
    """Return the cells of the first row below the header, by column."""
    heading, row = (list(cells) for cells in sheet.iter_rows(max_row=2))
    return {head.value: cell for head, cell in zip(heading, row, strict=True)}


def test_spreadsheet_contains_text_unchanged(client):
    SessionFactory(title="=1+1 <&> \x0b ﬁn", summary="<p>One</p><p>Two</p>", held_on="2019-05-01")

    heading, row = sheet_of(client.get("/sessions/export.xlsx"))

    found = dict(zip(heading, row, strict=True))
    assert heading == exports.SESSION_COLUMNS
    assert found["title"] == "=1+1 <&>  ﬁn"
    assert found["held_on"].date() == date(2019, 5, 1)
    assert found["summary"] == "One\nTwo"


def test_spreadsheet_has_dates_times_numbers_and_links(client):
    session = SessionFactory(title="Rivers", slug="rivers", held_on="2019-05-01")
    RecommendationFactory(session=session, number=1, text="Fund gauges", audience="Ministries")
    RecommendationFactory(session=session, number=2, text="Train pilots", audience="Ministries")

    sheet = book_of(client.get("/sessions/export.xlsx")).active
    cells = cells_of(sheet)

    assert (cells["held_on"].is_date, cells["held_on"].number_format) == (True, "yyyy-mm-dd")
    changed = Session.objects.get().updated_at.replace(tzinfo=None)
    assert abs(cells["updated_at"].value - changed) < timedelta(seconds=1)
    assert (cells["recommendation_count"].value, cells["recommendation_count"].data_type) == (
        2,
        "n",
    )
    assert cells["audience"].value == "Ministries"
    assert cells["url"].hyperlink.target == cells["url"].value
    assert cells["url"].value.endswith("/sessions/rivers/")
    assert cells["title"].hyperlink is None
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", "A1:R2")
    assert sheet.column_dimensions["A"].width == 50


def test_date_outside_the_spreadsheet_range_is_text(client):
    SessionFactory(held_on="1899-12-31")

    assert (
        cells_of(book_of(client.get("/sessions/export.xlsx")).active)["held_on"].value
        == "1899-12-31"
    )


def test_each_recommendation_has_its_url_and_that_of_its_session(client):
    RecommendationFactory(session=SessionFactory(slug="rivers"), number=3)

    cells = cells_of(book_of(client.get("/recommendations/export.xlsx")).active)

    assert cells["url"].hyperlink.target.endswith("/recommendations/rivers-3/")
    assert cells["session_url"].hyperlink.target.endswith("/sessions/rivers/")
    assert cells["number"].value == 3


def test_number_of_links_per_sheet_is_limited(client, monkeypatch):
    monkeypatch.setattr(xlsx, "MAX_LINKS_PER_SHEET", 2)
    for number in range(4):
        SessionFactory(slug=f"s{number}")

    sheet = book_of(client.get("/sessions/export.xlsx")).active

    place = exports.SESSION_COLUMNS.index("url")
    addresses = [row[place] for row in sheet.iter_rows(min_row=2)]
    assert [bool(cell.hyperlink) for cell in addresses] == [True, True, False, False]
    assert all(cell.value.startswith("http") for cell in addresses)


def test_spreadsheet_describes_its_content(client):
    SiteSettings.objects.create(pk=1, licence="=CC BY 4.0", contact_email="desk@archive.example")
    topic = TopicFactory(name="Cyber", slug="cyber")
    for title in ("Rivers", "Dams", "Rivers again"):
        SessionFactory(title=title).topics.add(topic)

    sheet = book_of(client.get("/sessions/export.xlsx?q=rivers&topic=cyber&page=2"))[
        "About this export"
    ]
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    cells = {label.value: cell for label, cell in sheet.iter_rows(min_row=2)}

    assert cells["Query"].value == "Sessions with “rivers”, Topic: Cyber"
    assert (cells["Rows"].value, cells["Rows"].data_type) == (2, "n")
    address = "/sessions/?q=rivers&topic=cyber"
    assert cells["The list on the site"].hyperlink.target.endswith(address)
    assert (cells["Licence"].value, cells["Licence"].data_type) == ("=CC BY 4.0", "s")
    assert str(timezone.localdate().year) in cells["Created"].value


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("", "sessions-DAY.csv"),
        ("?q=Sea+lanes&topic=cyber&year=2019", "sessions-sea-lanes-cyber-2019-DAY.csv"),
        ("?date_after=2019-05-01", "sessions-from-2019-05-01-DAY.csv"),
        ('?q="\r\nx: y', "sessions-x-y-DAY.csv"),
        ("?q=" + "water+" * 20, "sessions-water" + "-water" * 9 + "-DAY.csv"),
    ],
)
def test_file_name_describes_the_query(client, query, name):
    TopicFactory(slug="cyber")

    said = client.get("/sessions/export.csv" + query)["Content-Disposition"]

    assert said == f'attachment; filename="{name.replace("DAY", str(timezone.localdate()))}"'


def test_csv_contains_speakers_organisations_and_urls(client):
    appearance = AppearanceFactory(session=SessionFactory(slug="rivers"))
    RecommendationFactory(session=appearance.session, text="=Fund", audience="@Ministries")
    person = exports.speaker_with_affiliation(appearance)

    for kind in ("sessions", "recommendations"):
        text = b"".join(client.get(f"/{kind}/export.csv")).decode("utf-8-sig")
        (row,) = csv.DictReader(io.StringIO(text))
        assert row["speakers"] == person
        assert row["audience"] == "'@Ministries"
        assert row["url"].startswith("http")
    assert row["recommendation"] == "'=Fund"


def test_empty_spreadsheet_is_valid(client):
    assert sheet_of(client.get("/recommendations/export.xlsx")) == [exports.RECOMMENDATION_COLUMNS]


@pytest.mark.parametrize("extension", ["csv", "xlsx", "json", "bib", "ris"])
@pytest.mark.parametrize("kind", ["sessions", "recommendations"])
def test_short_file_has_a_content_length(client, kind, extension):
    RecommendationFactory(text="Fund gauges")

    response = client.get(f"/{kind}/export.{extension}")

    assert int(response["Content-Length"]) == len(b"".join(response))
    assert "X-Estimated-Length" not in response


@pytest.mark.parametrize("extension", ["csv", "xlsx", "json", "bib", "ris"])
def test_long_file_is_streamed_and_its_length_estimated(client, extension, monkeypatch):
    monkeypatch.setattr(exports, "RECORDS_TO_ESTIMATE_LENGTH", 4)
    monkeypatch.setattr(exports, "RECORDS_PER_SLICE", 2)
    for number in range(12):
        SessionFactory(title=f"Session {number:02}", slug=f"s{number}")

    response = client.get(f"/sessions/export.{extension}")
    content = b"".join(response)

    assert "Content-Length" not in response
    # A spreadsheet is compressed; with few rows, most of the file is overhead.
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
def test_recommendations_have_a_feed(client, extension, count, django_assert_num_queries):
    for number in range(count):
        maker = AppearanceFactory()
        advice = RecommendationFactory(session=maker.session, text=f"Fund gauges {number}")
        advice.made_by.add(maker)
    client.get("/recommendations/")  # updates the index
    client.cookies["messages"] = "x"  # responses for such visitors are not cached

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
def test_every_list_links_to_its_feeds(client, address, feed):
    SessionFactory(title="Rivers").topics.add(TopicFactory(name="Water", slug="water"))

    page = client.get(address)

    assert links(page, "application/rss\\+xml")[0] == feed.format("rss")
    assert links(page, "application/atom\\+xml")[0] == feed.format("atom")
    for kind in ("rss", "atom"):
        assert client.get(feed.format(kind)).status_code == 200


def test_list_of_an_authority_record_can_be_downloaded_in_full(client):
    topic = TopicFactory(name="Water", slug="water")
    for title in ("Rivers", "Dams", "Rivers and dams"):
        SessionFactory(title=title).topics.add(topic)
    SessionFactory(title="Rivers of another topic")

    page = client.get("/topics/water/?q=rivers").text
    address = unescape(re.search(r'href="(/sessions/export\.csv[^"]*)"', page)[1])

    assert len(b"".join(client.get(address)).splitlines()) == 3
    assert "/alerts/new/?q=rivers&amp;topic=water&amp;list=sessions" in page


@pytest.mark.browser
def test_long_download_shows_its_progress(browser_page, monkeypatch):
    monkeypatch.setattr(result_list, "MIN_RECORDS_OF_LONG_DOWNLOAD", 2)
    monkeypatch.setattr(exports, "RECORDS_TO_ESTIMATE_LENGTH", 1)
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

    with django_assert_num_queries(26):  # half of them for the index, which is built here
        client.get("/sessions/x/")
