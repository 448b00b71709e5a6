"""Whatever text a record contains, every output format remains valid."""

import csv
import io
import json

import bibtexparser
import docx
import feedparser
import icalendar
import pytest
import rispy
from django.conf import settings
from lxml import etree
from openpyxl import load_workbook

from desk_app.merging.merge import merge_records
from sessions_app.models import Session
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

CONTROLS = "=cmd|' /C calc'!A0 \x00\x0b\x1f\x7f\x85\u2028\ufffe ]]> <b>&amp; \U0001f600 \u202e\u05e9\u05dc\u05d5\u05dd\u202c"
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1")


@pytest.fixture(params=["dated", "undated"])
def odd(request):
    """A session with unusual text in every field, by a speaker merged into another; returns its slug."""
    text = CONTROLS.replace("\x00", "")  # PostgreSQL does not accept it
    session = SessionFactory(
        title=text[:150],
        slug="odd",
        held_on="2024-03-14" if request.param == "dated" else None,
        summary=f"<p>{text}</p>" + "<p>Long. </p>" * 500,
        series=SeriesFactory(name=f"=Series {text}"[:100]),
    )
    session.topics.add(TopicFactory(name=f"@Topic {text}"[:100]))
    session.regions.add(RegionFactory(name=f"-Region {text}"[:100]))
    name = SpeakerFactory(family_name="+" + "Ü" * 90, given_name="=\u202e\u05d3\u05d3 \U0001f600")
    absorbed = SpeakerFactory(family_name="Other", given_name="\u0627\u0644")
    body = OrganisationFactory(name=f"@Body {text}"[:150])
    appearance = AppearanceFactory(session=session, speaker=absorbed, organisation=body)
    for number, start in enumerate(FORMULAS, 1):
        advice = RecommendationFactory(
            session=session, number=number, text=f"{start} {text}", audience=f"={start}"
        )
        advice.made_by.add(appearance)
    merge_records(name, [absorbed], user=None)
    return Session.objects.get(pk=session.pk)


def content_of(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status, address
    return response.content if not response.streaming else b"".join(response)


def test_xml_is_well_formed(client, odd):
    for address in (
        "/sessions/feed.rss", "/sessions/feed.atom", "/recommendations/feed.atom",
        f"/topics/{odd.topics.get().slug}/feed.rss", "/sitemap.xml", "/sitemap-sessions.xml",
        "/oai?verb=ListRecords&metadataPrefix=oai_dc", "/oai?verb=ListSets",
        "/oai?verb=ListRecords&metadataPrefix=oai_datacite", "/unapi?id=session:odd",
    ):  # fmt: skip
        etree.fromstring(content_of(client, address, 300 if "unapi" in address else 200))
    for extension in ("rss", "atom"):
        feed = feedparser.parse(content_of(client, f"/sessions/feed.{extension}"))
        assert (feed.bozo, len(feed.entries)) == (False, 1)


@pytest.mark.parametrize("kind", ["sessions", "recommendations"])
def test_spreadsheets_contain_no_formula(client, odd, kind):
    text = content_of(client, f"/{kind}/export.csv").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == (2 if kind == "sessions" else 1 + len(FORMULAS))
    assert not [
        cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    ]

    book = load_workbook(io.BytesIO(content_of(client, f"/{kind}/export.xlsx")))
    assert not [
        cell.coordinate for sheet in book for row in sheet.iter_rows() for cell in row
        if cell.data_type == "f"
    ]  # fmt: skip
    assert book.worksheets[0].max_row == len(rows)


def test_references_are_one_record_each(client, odd):
    (entry,) = bibtexparser.parse_string(
        content_of(client, "/sessions/odd/cite.bib").decode()
    ).entries
    assert entry.key == "odd"
    (record,) = rispy.loads(content_of(client, "/sessions/odd/cite.ris").decode())
    assert len(record["authors"]) == 1
    (item,) = json.loads(content_of(client, "/sessions/odd/cite.json"))
    assert item["id"] == "odd"
    for style in ("apa", "chicago", "mla", "ieee"):
        assert content_of(client, f"/sessions/odd/cite.txt?style={style}")
    found = bibtexparser.parse_string(content_of(client, "/recommendations/export.bib").decode())
    assert (len(found.entries), found.failed_blocks) == (len(FORMULAS), [])
    assert len(rispy.loads(content_of(client, "/recommendations/export.ris").decode())) == len(
        FORMULAS
    )


def test_json_and_pages_are_answered(client, odd):
    for address in (
        "/api/v1/sessions/", "/api/v1/sessions/odd/?expand=speakers,organisations", "/api/v1/recommendations/",
        "/sessions/export.json", "/sessions/odd/linkset.json", "/suggest/?q=body",
        f"/oembed?url={settings.SITE_URL}/sessions/odd/",
    ):  # fmt: skip
        json.loads(content_of(client, address))
    page = content_of(client, "/sessions/odd/").decode()
    for script in etree.HTML(page).iterfind(".//script[@type='application/ld+json']"):
        json.loads(script.text)
    assert content_of(client, "/sessions/odd/card.png").startswith(b"\x89PNG")


def test_calendar_and_pack_are_read(client, odd):
    if odd.held_on:
        calendar = icalendar.Calendar.from_ical(content_of(client, "/sessions/odd/session.ics"))
        (event,) = calendar.walk("VEVENT")
        assert event.errors == []
    items = "item=session:odd&item=recommendation:odd-1"
    assert docx.Document(io.BytesIO(content_of(client, f"/pack/document.docx?{items}"))).paragraphs
    assert content_of(client, f"/pack/document.md?{items}").decode()
    text = content_of(client, f"/pack/items.csv?{items}").decode("utf-8-sig")
    assert not [
        cell for row in csv.reader(io.StringIO(text)) for cell in row
        if cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    ]  # fmt: skip
