"""The metadata of a session's page, read by other programs."""

import json
from datetime import date, time
from urllib.parse import parse_qs

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from extruct import extract
from lxml import html

from sessions_app.formats.head import MAX_LINK_HEADER_BYTES
from sessions_app.models import Session
from tests.factories import (
    PDF,
    AppearanceFactory,
    DocumentFactory,
    OrganisationFactory,
    RecommendationFactory,
    RecordingFactory,
    RegionFactory,
    SeriesFactory,
    SessionFactory,
    SpeakerFactory,
    TopicFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

SITE = "http://127.0.0.1:8000"


@pytest.fixture
def full():
    session = SessionFactory(
        title="Cables </script> & pipes",
        series=SeriesFactory(name="Ports"),
        summary="<p>What lies below the sea.</p>",
        held_on=date(2024, 3, 14),
        ends_on=date(2024, 3, 15),
        start_time=time(14, 30),
        time_zone="Europe/Oslo",
    )
    session.topics.add(TopicFactory(name="Deep sea"))
    session.regions.add(RegionFactory(name="Baltic"))
    for position, (given, family) in enumerate(
        [("Ada", "Zimmer"), ("Bo", "Ames"), ("", "UNESCO")]
    ):
        appearance = AppearanceFactory(
            session=session,
            position=position,
            role_title="Head of cables",
            speaker=SpeakerFactory(
                given_name=given, family_name=family, orcid="0000-0002-1825-0097" * (not position)
            ),
            organisation=OrganisationFactory(name=f"Institute {position}", ror_id="02mhbdp94"),
        )
    AppearanceFactory(
        session=session, function="moderator", position=9, speaker__family_name="Moor"
    )
    RecommendationFactory(session=session, number=1, text="Guard cables", audience="Navies")
    session.recommendations.get().made_by.add(appearance)
    DocumentFactory(
        session=session, number=1, as_file=True, file=ContentFile(PDF, name="paper.pdf")
    )
    RecordingFactory(session=session, number=1, access="open", has_audio=True)
    return Session.objects.get(pk=session.pk)


def tags(response):
    """Return {name: [contents]} of the page's meta elements."""
    found: dict[str, list[str]] = {}
    for element in html.fromstring(response.content).iterfind(".//head/meta"):
        name = element.get("name") or element.get("property")
        found.setdefault(name, []).append(element.get("content"))
    return found


def linked_data(response):
    """Return {type: object} of the page's JSON-LD, read by extruct."""
    found = extract(response.content.decode(), syntaxes=["json-ld"])["json-ld"]
    return {each["@type"]: each for each in found}


def test_citation_tags(client, full):
    found = tags(client.get(full.get_absolute_url()))

    assert found["citation_title"] == ["Cables </script> & pipes"]
    assert found["citation_author"] == ["Zimmer, Ada", "Ames, Bo", "UNESCO"]
    assert found["citation_author_institution"] == ["Institute 0", "Institute 1", "Institute 2"]
    assert found["citation_author_orcid"] == ["https://orcid.org/0000-0002-1825-0097"]
    assert found["citation_publication_date"] == ["2024/03/14"]
    assert found["citation_conference_title"] == ["Ports"]
    assert found["citation_abstract"] == ["What lies below the sea."]
    assert found["citation_pdf_url"] == [f"{SITE}{full.documents.get().get_absolute_url()}"]
    assert found["z.itemType"] == ["presentation"]
    assert found["bib.presentedAt"] == ["Ports"]
    assert found["DC.type"][0] == "Speaker session"


def test_dublin_core_tags(client, full):
    found = tags(client.get(full.get_absolute_url()))

    assert found["DC.creator"] == ["Zimmer, Ada", "Ames, Bo", "UNESCO"]
    assert found["DC.contributor"][0].startswith("Moor, ")
    assert found["DC.date"] == ["2024-03-14"]
    assert found["DC.subject"] == ["Deep sea"]
    assert found["DC.coverage"] == ["Baltic"]
    assert found["DC.identifier"] == [f"{SITE}{full.get_absolute_url()}"]


def test_open_graph(client, full):
    response = client.get(full.get_absolute_url())

    (graph,) = extract(response.content.decode(), syntaxes=["opengraph"])["opengraph"]
    values = dict(graph["properties"])
    assert values["og:title"] == "Cables </script> & pipes"
    assert values["og:url"] == f"{SITE}{full.get_absolute_url()}"
    assert (values["og:image:width"], values["og:image:height"]) == ("1200", "630")
    assert client.get(values["og:image"].removeprefix(SITE))["Content-Type"] == "image/png"


def test_session_is_a_schema_org_event(client, full):
    event = linked_data(client.get(full.get_absolute_url()))["Event"]

    assert event["name"] == "Cables </script> & pipes"
    assert event["startDate"] == "2024-03-14T14:30:00+01:00"
    assert event["endDate"] == "2024-03-15"
    assert event["eventSchedule"]["repeatCount"] == 2
    assert [person["name"] for person in event["performer"]] == ["Ada Zimmer", "Bo Ames", "UNESCO"]
    assert event["performer"][0]["sameAs"] == "https://orcid.org/0000-0002-1825-0097"
    assert event["performer"][0]["affiliation"][0]["sameAs"] == ["https://ror.org/02mhbdp94"]
    assert len(event["contributor"]) == 1
    assert event["organizer"]["name"] == "Speaker Series Archive"
    (recording,) = event["recordedIn"]
    assert recording["@type"] == "AudioObject"
    record = event["subjectOf"]
    assert record["isPartOf"]["@type"] == "CreativeWorkSeries"
    assert [part["text"] for part in record["hasPart"]] == ["Guard cables"]
    assert record["hasPart"][0]["author"][0]["name"] == "UNESCO"
    assert record["encoding"][0]["encodingFormat"] == "application/pdf"


def test_page_has_breadcrumbs(client, full):
    trail = linked_data(client.get(full.get_absolute_url()))["BreadcrumbList"]

    assert [each["name"] for each in trail["itemListElement"]] == ["Sessions", "Ports", full.title]


@pytest.mark.parametrize("access", ["on_request", "automatic", "closed"])
def test_restricted_recording_is_not_in_the_metadata(client, full, access):
    full.recordings.update(access=access)
    Session.objects.update(has_recording=True)

    assert "recordedIn" not in linked_data(client.get(full.get_absolute_url()))["Event"]


def test_sealed_recording_is_not_in_the_metadata(client, full):
    full.recordings.update(sealed_until=timezone.localdate() + timezone.timedelta(days=1))
    Session.objects.update(has_recording=True)

    assert "recordedIn" not in linked_data(client.get(full.get_absolute_url()))["Event"]


def test_session_with_little_data_has_valid_metadata(client):
    session = SessionFactory(held_on=None)

    response = client.get(session.get_absolute_url())

    event = linked_data(response)["Event"]
    assert not {"startDate", "endDate", "eventSchedule", "performer", "recordedIn"} & event.keys()
    assert "citation_publication_date" not in tags(response)


def header_links(response):
    """Return {rel: [URL]} of the Link header."""
    found: dict[str, list[str]] = {}
    for part in response["Link"].split(", <"):
        address, _, parameters = part.strip("<").partition(">")
        rel = parameters.split('rel="')[1].split('"')[0]
        found.setdefault(rel, []).append(address)
    return found


def test_links_are_in_header_page_and_link_set(client, full):
    response = client.get(full.get_absolute_url())
    here = f"{SITE}{full.get_absolute_url()}"

    links = header_links(response)
    assert links["cite-as"] == [here]
    assert links["type"] == ["https://schema.org/AboutPage", "https://schema.org/Event"]
    assert links["author"][0] == "https://orcid.org/0000-0002-1825-0097"
    assert len(links["author"]) == 3
    assert links["item"] == [f"{SITE}{full.documents.get().get_absolute_url()}"]
    assert len(links["describedby"]) == 4
    document = html.fromstring(response.content)
    for rel in ("cite-as", "type", "author", "item", "describedby"):
        assert [each.get("href") for each in document.iterfind(f".//head/link[@rel='{rel}']")] == (
            links[rel]
        )
    (address,) = links["linkset"]
    answer = client.get(address.removeprefix(SITE))
    assert answer["Content-Type"] == "application/linkset+json"
    first, *others = json.loads(answer.content)["linkset"]
    assert first.pop("anchor") == here
    assert {rel: [each["href"] for each in targets] for rel, targets in first.items()} == {
        rel: addresses
        for rel, addresses in links.items()
        if rel in ("cite-as", "type", "author", "item", "describedby")
    }
    assert others[0]["collection"] == [{"href": here, "type": "text/html"}]
    assert [each["describes"][0]["href"] for each in others[1:]] == [here] * 4


def test_documents_and_citations_link_back_to_their_session(client, full):
    here = f"{SITE}{full.get_absolute_url()}"

    document = client.get(full.documents.get().get_absolute_url())
    citation = client.get(f"{full.get_absolute_url()}cite.bib")

    record = client.get(f"/api/v1{full.get_absolute_url()}")
    assert header_links(document)["collection"] == [here]
    assert header_links(citation)["describes"] == header_links(record)["describes"] == [here]
    advice = full.recommendations.get()
    record = client.get(f"/api/v1{advice.get_absolute_url()}")
    assert header_links(record)["describes"] == [f"{SITE}{advice.get_absolute_url()}"]


def test_links_that_do_not_fit_the_header_are_in_the_link_set(client):
    session = SessionFactory()
    AppearanceFactory.create_batch(60, session=session)

    response = client.get(session.get_absolute_url())

    assert len(response["Link"]) < MAX_LINK_HEADER_BYTES
    assert set(header_links(response)) == {"linkset", "cite-as", "type"}


def test_preview_has_no_metadata(client):
    session = SessionFactory(status="draft")
    client.force_login(UserFactory(group="Publishers"))

    response = client.get(session.get_absolute_url())

    assert response.status_code == 200
    assert "citation_title" not in tags(response)
    assert not response.has_header("Link")


@pytest.mark.parametrize("status", ["draft", "withdrawn"])
@pytest.mark.parametrize("address", ["linkset.json", "card.png"])
def test_unpublished_session_has_no_links_and_no_card(client, status, address):
    session = SessionFactory(status=status)

    answer = client.get(f"{session.get_absolute_url()}{address}")

    assert answer.status_code == (410 if session.first_public_at else 404)


def test_authority_pages_have_metadata(client, full):
    appearance = full.appearances.first()
    expected = {
        full.series: "CreativeWorkSeries",
        appearance.speaker: "Person",
        appearance.organisation: "Organization",
        full.topics.get(): "DefinedTerm",
        full.regions.get(): "DefinedTerm",
    }

    for record, kind in expected.items():
        found = linked_data(client.get(record.get_absolute_url()))
        assert set(found) == {kind, "CollectionPage", "BreadcrumbList"}
        assert found[kind]["url"] == f"{SITE}{record.get_absolute_url()}"
    person = linked_data(client.get(appearance.speaker.get_absolute_url()))["Person"]
    assert person["sameAs"] == ["https://orcid.org/0000-0002-1825-0097"]
    body = linked_data(client.get(appearance.organisation.get_absolute_url()))["Organization"]
    assert body["sameAs"] == ["https://ror.org/02mhbdp94"]


def test_recommendation_is_part_of_its_session(client, full):
    advice = full.recommendations.get()

    response = client.get(advice.get_absolute_url())

    found = linked_data(response)
    assert found["CreativeWork"]["text"] == "Guard cables"
    assert found["CreativeWork"]["isPartOf"]["name"] == full.title
    assert tags(response)["citation_author"] == ["UNESCO"]
    assert tags(response)["bib.presentedAt"] == tags(response)["citation_conference_title"]
    assert tags(response)["DC.type"] == ["Recommendation"]


def test_front_page_describes_its_search(client):
    site = linked_data(client.get("/"))["WebSite"]

    assert site["potentialAction"]["target"]["urlTemplate"] == (
        f"{SITE}/sessions/?q={{search_term_string}}"
    )


def test_lists_contain_coins_for_each_session(client, full):
    SessionFactory(title="Without anything", held_on=None)

    document = html.fromstring(client.get("/sessions/").content)

    spans = [parse_qs(span.get("title")) for span in document.iterfind(".//span[@class='Z3988']")]
    by_title = {span["rft.title"][0]: span for span in spans}
    assert len(spans) == 2
    assert by_title[full.title]["rft.au"] == ["Zimmer, Ada", "Ames, Bo", "UNESCO"]
    assert by_title[full.title]["rft.date"] == ["2024-03-14"]
    assert by_title[full.title]["rft.source"] == ["Ports"]
    assert by_title[full.title]["rft.type"] == ["presentation"]
    assert by_title[full.title]["rft.language"] == [full.language]
    assert "rft.date" not in by_title["Without anything"]


@pytest.mark.parametrize("count", [1, 3])
def test_link_set_query_count(client, full, django_assert_num_queries, count):
    for number in range(count):
        AppearanceFactory(session=full).further_organisations.add(OrganisationFactory())
        DocumentFactory(session=full, number=2 + number)

    # State of the archive, the session, its appearances, their further organisations, its
    # documents.
    with django_assert_num_queries(5):
        client.get(f"{full.get_absolute_url()}linkset.json")
