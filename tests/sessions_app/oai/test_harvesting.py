"""The OAI-PMH repository: every response against a schema, and harvests while the archive changes."""

import base64
import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings, strategies
from lxml import etree
from sickle import Sickle
from sickle.oaiexceptions import NoRecordsMatch
from sickle.response import OAIResponse

from desk_app.merging.merge import merge_records
from desk_app.merging.undo import undo_merge
from sessions_app.editing.trash import delete_permanently, put_into_bin
from sessions_app.models import BinnedSession, DeletedSession, Session, Topic
from sessions_app.oai import views
from site_app.models import SiteSettings
from tests.factories import (
    AppearanceFactory,
    DocumentFactory,
    OrganisationFactory,
    RecommendationFactory,
    RegionFactory,
    SeriesFactory,
    SessionFactory,
    SpeakerFactory,
    TopicFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).with_name("oai-pmh.rng")))
NAMESPACES = {
    "oai": views.OAI_PMH_NAMESPACE,
    "dc": "http://purl.org/dc/elements/1.1/",
    "d": "http://datacite.org/schema/kernel-4",
}
BAD_ARGUMENT, BAD_TOKEN = "badArgument", "badResumptionToken"


class Repository(Sickle):
    """The client library sickle, using Django's test client; each response is validated."""

    def __init__(self, client, after_page=lambda number: None):
        super().__init__("http://testserver/oai")
        self.client, self.after_page, self.pages = client, after_page, 0

    def harvest(self, **kwargs):
        response = self.client.get("/oai", kwargs)
        checked(response)
        response.text = response.content.decode()  # sickle reads the text of responses
        self.pages += 1
        self.after_page(self.pages)
        return OAIResponse(response, params=kwargs)


def checked(response):
    """Return the tree of a response after validation against the schema."""
    assert response.status_code == 200
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    root = etree.fromstring(response.content)
    SCHEMA.assertValid(root)
    return root


def ask(client, **arguments):
    return checked(
        client.get("/oai", {name.rstrip("_"): value for name, value in arguments.items()})
    )


def texts(root, path):
    return [element.text for element in root.iterfind(f".//{path}", NAMESPACES)]


def error_of(root):
    (error,) = root.iterfind("oai:error", NAMESPACES)
    return error.get("code")


def deleted(root):
    return texts(root, "oai:header[@status='deleted']/oai:identifier")


@pytest.fixture
def full():
    """A session with a value for everything in its metadata."""
    topic = TopicFactory(name="Deep sea", parent=TopicFactory(name="Seas"))
    session = SessionFactory(
        title="Cables & <pipes> 🙂",
        series=SeriesFactory(name="Ports"),
        summary="<p>What lies below ]]&gt; the sea.</p>",
        held_on=date(2024, 3, 14),
        ends_on=date(2024, 3, 15),
    )
    session.topics.add(topic)
    session.regions.add(RegionFactory(name="Baltic"))
    speaker = SpeakerFactory(
        family_name="King", given_name="Martin Luther", suffix="Jr.", orcid="0000-0002-1825-0097"
    )
    home = OrganisationFactory(name="Institute of Cables", ror_id="02mhbdp94")
    appearance = AppearanceFactory(session=session, speaker=speaker, organisation=home)
    AppearanceFactory(
        session=session,
        speaker__family_name="Moore",
        speaker__given_name="Ann",
        function="moderator",
        position=1,
    )
    RecommendationFactory(session=session, number=1).made_by.add(appearance)
    DocumentFactory(session=session, number=1, as_file=True)
    session.refresh_from_db()
    return session


def test_identify_describes_the_archive(client, full):
    SiteSettings.objects.create(pk=1, name="Sea Archive", contact_email="archive@example.org")

    root = ask(client, verb="Identify")

    assert texts(root, "oai:repositoryName") == ["Sea Archive"]
    assert texts(root, "oai:baseURL") == ["http://127.0.0.1:8000/oai"]
    assert texts(root, "oai:adminEmail") == ["archive@example.org"]
    assert texts(root, "oai:earliestDatestamp") == [stamp(full.updated_at)]
    assert root.find("oai:request", NAMESPACES).attrib == {"verb": "Identify"}


def test_e_mail_address_without_a_full_host_is_completed(client):
    assert texts(ask(client, verb="Identify"), "oai:adminEmail") == [
        "archive@localhost.localdomain"
    ]


@pytest.mark.parametrize("with_identifier", [False, True])
def test_metadata_formats_are_listed(client, full, with_identifier):
    arguments = {"identifier": full.uid.urn} if with_identifier else {}

    root = ask(client, verb="ListMetadataFormats", **arguments)

    assert texts(root, "oai:metadataPrefix") == ["oai_dc", "oai_datacite"]


def test_sets_are_those_of_public_sessions(client, full):
    draft = SessionFactory(status="draft", series=SeriesFactory(name="Hidden"))
    draft.topics.add(TopicFactory(name="Secret"))

    root = ask(client, verb="ListSets")

    assert dict(zip(texts(root, "oai:setSpec"), texts(root, "oai:setName"), strict=True)) == {
        "region": "Regions",
        "region:baltic": "Baltic",
        "series": "Series",
        "series:ports": "Ports",
        "topic": "Topics",
        "topic:deep-sea": "Deep sea",
        "topic:seas": "Seas",
    }


def test_long_list_of_sets_is_paged(client, full):
    with patch.object(views, "SETS_PER_PAGE", 2):
        sets = [each.setSpec for each in Repository(client).ListSets()]

    assert sets == [
        "region",
        "region:baltic",
        "series",
        "series:ports",
        "topic",
        "topic:deep-sea",
        "topic:seas",
    ]


def test_dublin_core(client, full):
    root = ask(client, verb="GetRecord", identifier=full.uid.urn, metadataPrefix="oai_dc")

    assert {
        name: texts(root, f"dc:{name}")
        for name in (
            "title",
            "creator",
            "contributor",
            "subject",
            "description",
            "date",
            "type",
            "identifier",
            "source",
            "language",
            "coverage",
            "publisher",
        )
    } == {
        "title": ["Cables & <pipes> 🙂"],
        "creator": ["King, Martin Luther, Jr."],
        "contributor": ["Moore, Ann"],
        "subject": ["Deep sea"],
        "description": ["What lies below ]]> the sea."],
        "date": ["2024-03-14/2024-03-15"],
        "type": ["Event", "Speaker session"],
        "identifier": [f"http://127.0.0.1:8000{full.get_absolute_url()}"],
        "source": ["Ports"],
        "language": ["en"],
        "coverage": ["Baltic"],
        "publisher": ["Speaker Series Archive"],
    }
    assert len(texts(root, "dc:relation")) == 3
    assert texts(root, "oai:setSpec") == [
        "series:ports",
        "region:baltic",
        "topic:deep-sea",
        "topic:seas",
    ]
    assert texts(root, "oai:datestamp") == [stamp(full.updated_at)]


def test_datacite_has_identifiers_of_people_and_organisations(client, full):
    root = ask(client, verb="GetRecord", identifier=full.uid.urn, metadataPrefix="oai_datacite")

    assert texts(root, "d:creatorName") == ["King, Martin Luther, Jr."]
    assert texts(root, "d:contributorName") == ["Moore, Ann"]
    assert texts(root, "d:nameIdentifier") == ["https://orcid.org/0000-0002-1825-0097"]
    (known, _other) = root.iterfind(".//d:affiliation", NAMESPACES)
    assert known.get("affiliationIdentifier") == "https://ror.org/02mhbdp94"
    assert texts(root, "d:publicationYear") == ["2024"]


@pytest.mark.parametrize(
    ("prefix", "path"), [("oai_dc", "//dc:rights"), ("oai_datacite", "//d:rightsList/d:rights")]
)
def test_records_contain_the_licence_if_there_is_one(client, prefix, path):
    SessionFactory()
    asked = {"verb": "ListRecords", "metadataPrefix": prefix}

    assert checked(client.get("/oai", asked)).xpath(path, namespaces=NAMESPACES) == []
    SiteSettings.objects.create(pk=1, licence="CC BY 4.0")
    (rights,) = checked(client.get("/oai", asked)).xpath(path, namespaces=NAMESPACES)
    assert rights.text == "CC BY 4.0"


@pytest.mark.parametrize("prefix", ["oai_dc", "oai_datacite"])
def test_minimal_session_is_valid(client, prefix):
    session = SessionFactory(held_on=None, language="no language")

    ask(client, verb="GetRecord", identifier=session.uid.urn, metadataPrefix=prefix)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=strategies.text(
        strategies.characters(exclude_characters="\x00", codec="utf-8"), min_size=1
    )
)
@pytest.mark.slow
def test_xml_is_valid_for_any_record(client, full, text):
    # Bypasses the forms, which would clean it; PostgreSQL does not accept \x00.
    Session.objects.filter(pk=full.pk).update(
        title=text, summary_text=f"{text}]]>\x01\x1b\ufffe", language=text[:35]
    )
    appearance = full.appearances.first()
    type(appearance.speaker).objects.update(family_name=text[:100])
    type(appearance.organisation).objects.update(name=f"\x0b{text}"[:300])
    full.topics.update(name=text[:200])

    for prefix in ("oai_dc", "oai_datacite"):
        root = ask(client, verb="ListRecords", metadataPrefix=prefix)
        assert len(texts(root, "oai:identifier")) == 1


def test_post_is_equivalent_to_get_and_needs_no_csrf_token(full):
    arguments = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
    client = Client(enforce_csrf_checks=True)

    posted = client.post(
        "/oai", urlencode(arguments), content_type="application/x-www-form-urlencoded"
    )

    got = ask(client, **arguments)
    assert without_time(checked(posted)) == without_time(got)


def test_oai_response_is_not_cached(client, full):
    ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc")
    full.status = "withdrawn"
    full.save()

    root = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc")

    assert deleted(root) == [full.uid.urn]


REFUSED = [
    ("", "badVerb"),
    ("verb=Nothing", "badVerb"),
    ("verb=identify", "badVerb"),
    ("verb=Identify&verb=Identify", "badVerb"),
    ("verb=Identify&set=a", BAD_ARGUMENT),
    ("verb=Identify&x=%00%01%FF", BAD_ARGUMENT),
    ("verb=GetRecord&identifier=urn:uuid:1", BAD_ARGUMENT),
    ("verb=GetRecord&metadataPrefix=oai_dc", BAD_ARGUMENT),
    ("verb=GetRecord&metadataPrefix=oai_dc&identifier=no uri", BAD_ARGUMENT),
    ("verb=GetRecord&metadataPrefix=oai_dc&identifier=urn:x:%00", BAD_ARGUMENT),
    ("verb=GetRecord&metadataPrefix=oai_dc&identifier=urn:x:" + "x" * 2000, BAD_ARGUMENT),
    ("verb=GetRecord&metadataPrefix=oai_dc&identifier=urn:x:y", "idDoesNotExist"),
    ("verb=GetRecord&metadataPrefix=marc&identifier=urn:x:y", "cannotDisseminateFormat"),
    ("verb=ListMetadataFormats&identifier=urn:uuid:" + "0" * 32, "idDoesNotExist"),
    ("verb=ListRecords", BAD_ARGUMENT),
    ("verb=ListRecords&metadataPrefix=a b", BAD_ARGUMENT),
    ("verb=ListRecords&metadataPrefix=marc", "cannotDisseminateFormat"),
    ("verb=ListRecords&metadataPrefix=marc&set=a b", BAD_ARGUMENT),
    ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", BAD_ARGUMENT),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2019", BAD_ARGUMENT),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2019-02-30", BAD_ARGUMENT),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=0000-01-01", BAD_ARGUMENT),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2019-01-01T00:00:00.1Z", BAD_ARGUMENT),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2019-01-01T00:00:00", BAD_ARGUMENT),
    ("verb=ListRecords&metadataPrefix=oai_dc&until=", BAD_ARGUMENT),
    (
        "verb=ListRecords&metadataPrefix=oai_dc&from=2019-01-01&until=2019-01-02T00:00:00Z",
        BAD_ARGUMENT,
    ),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2019-01-02&until=2019-01-01", BAD_ARGUMENT),
    ("verb=ListRecords&metadataPrefix=oai_dc&set=a b", BAD_ARGUMENT),
    ("verb=ListRecords&metadataPrefix=oai_dc&set=topic:nothing", "noRecordsMatch"),
    ("verb=ListRecords&metadataPrefix=oai_dc&set=speaker", "noRecordsMatch"),
    ("verb=ListRecords&metadataPrefix=oai_dc&until=2001-01-01", "noRecordsMatch"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=9999-12-31T23:59:59Z", "noRecordsMatch"),
    ("verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=x", BAD_ARGUMENT),
    ("verb=ListRecords&resumptionToken=", BAD_TOKEN),
    ("verb=ListRecords&resumptionToken=x%01%EF%BF%BE", BAD_TOKEN),
    ("verb=ListRecords&resumptionToken=" + "A" * 100_000, BAD_TOKEN),
    ("verb=ListSets&resumptionToken=x", BAD_TOKEN),
]


@pytest.mark.parametrize(("query", "code"), REFUSED)
def test_each_error_has_its_code(client, full, query, code):
    by_get = checked(client.get(f"/oai?{query.replace(' ', '%20')}"))
    form = "application/x-www-form-urlencoded"
    by_post = checked(client.post("/oai", query.replace(" ", "%20"), content_type=form))

    assert error_of(by_get) == error_of(by_post) == code
    has_attributes = bool(by_get.find("oai:request", NAMESPACES).attrib)
    assert has_attributes == (code not in ("badVerb", BAD_ARGUMENT))


def test_extreme_dates_are_accepted(client, full):
    root = ask(
        client, verb="ListIdentifiers", metadataPrefix="oai_dc", until="9999-12-31T23:59:59Z"
    )

    assert texts(root, "oai:identifier") == [full.uid.urn]


def forged(*parts):
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


ARGUMENTS = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
SOME_ID, SOME_TIME = "0" * 32, "2024-03-14T00:00:00+00:00"
PLACE = [SOME_TIME, SOME_ID, "0"]


@pytest.mark.parametrize(
    "token",
    [
        forged(),
        forged(1),
        forged("topic:\x00"),
        forged("topic:\ud800"),
        forged({}, PLACE, "1", "1"),
        forged("verb", PLACE, "1", "1"),
        forged({"verb": "ListIdentifiers", "metadataPrefix": "oai_dc"}, PLACE, "1", "1"),
        forged({**ARGUMENTS, "set": "\ud800"}, PLACE, "1", "1"),
        forged({**ARGUMENTS, "from": ["2019"]}, PLACE, "1", "1"),
        forged({**ARGUMENTS, "x": "y"}, PLACE, "1", "1"),
        forged(ARGUMENTS, ["2024-03-14T00:00:00", SOME_ID, "0"], "1", "1"),
        forged(ARGUMENTS, ["0001-01-01T00:00:00+23:59", SOME_ID, "0"], "1", "1"),
        forged(ARGUMENTS, [5, SOME_ID, "0"], "1", "1"),
        forged(ARGUMENTS, [SOME_TIME, "zz", "0"], "1", "1"),
        forged(ARGUMENTS, [SOME_TIME, SOME_ID, "²"], "1", "1"),
        forged(ARGUMENTS, [SOME_TIME, SOME_ID, 1], "1", "1"),
        forged(ARGUMENTS, SOME_TIME, "1", "1"),
        forged(ARGUMENTS, PLACE, -1, "1"),
        forged(ARGUMENTS, PLACE, "1", "9" * 30),
        forged(ARGUMENTS, PLACE, "²", "1"),
        base64.urlsafe_b64encode(b"[" * 2000).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
@pytest.mark.parametrize("verb", ["ListRecords", "ListSets"])
def test_forged_resumption_token_is_rejected(client, full, token, verb):
    assert error_of(ask(client, verb=verb, resumptionToken=token)) == BAD_TOKEN


def stamp(moment):
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def without_time(root):
    root.remove(root.find("oai:responseDate", NAMESPACES))
    return etree.tostring(root)


def draft_again(session):
    session.status = "draft"
    session.save()


def withdrawn(session):
    session.status = "withdrawn"
    session.save()


def later(session):
    session.published_at = timezone.now() + timedelta(days=1)
    session.save()


def binned(session):
    put_into_bin(Session.objects.filter(pk=session.pk), user=UserFactory(group="Publishers"))


def gone(session):
    binned(session)
    delete_permanently(BinnedSession.objects.all())


def row_deleted(session):
    session.delete()


def merged(session):
    merge_records(SessionFactory(), [session], user=UserFactory(group="Publishers"))


WAYS_TO_END = [draft_again, withdrawn, later, binned, gone, row_deleted, merged]


@pytest.mark.parametrize("end", WAYS_TO_END)
def test_withdrawn_record_is_permanently_deleted(client, full, end):
    before = stamp(timezone.now())
    uid = full.uid.urn

    end(full)

    for arguments in (
        {"verb": "GetRecord", "identifier": uid},
        {"verb": "ListRecords"},
        {"verb": "ListIdentifiers", "from_": before},
    ):
        root = ask(client, metadataPrefix="oai_dc", **arguments)
        assert deleted(root) == [uid]
        header = root.find(f".//oai:header[oai:identifier='{uid}']", NAMESPACES)
        assert texts(header, "oai:datestamp") >= [before]
        assert "Cables" not in etree.tostring(root, encoding="unicode")


@pytest.mark.parametrize("end", [each for each in WAYS_TO_END if each is not merged])
@pytest.mark.parametrize(
    "spec", ["series:ports", "topic:seas", "topic:deep-sea", "region", "topic"]
)
def test_set_includes_its_deleted_sessions(client, full, end, spec):
    end(full)

    root = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc", set=spec)

    assert deleted(root) == [full.uid.urn]


def test_deleted_session_has_only_public_sets(client, full):
    SessionFactory(series=full.series)
    full.status = "draft"
    full.save()
    full.topics.set([TopicFactory(name="Secret")])
    other = SessionFactory()
    other.topics.add(TopicFactory(name="Lost"))
    other.delete()

    root = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc")

    assert len(deleted(root)) == 2
    assert set(texts(root, "oai:setSpec")) == {"series:ports"}


@pytest.mark.parametrize("asked", ["topic:seas", "topic:oceans"])
def test_deleted_session_follows_its_renamed_or_merged_sets(client, full, asked):
    seas = Topic.objects.get(slug="seas")
    other = SessionFactory()
    other.topics.add(seas)
    full.delete()
    kept = TopicFactory(name="Oceans", slug="oceans")
    merge_records(kept, [seas], user=UserFactory(group="Publishers"))
    SessionFactory().topics.add(kept)

    root = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc", set=asked)

    (header,) = root.findall(".//oai:header[@status='deleted']", NAMESPACES)
    assert deleted(root) == [full.uid.urn]
    assert "topic:oceans" in texts(header, "oai:setSpec")
    assert "topic:seas" not in texts(header, "oai:setSpec")


@pytest.mark.parametrize("status", ["draft", "in_review", "binned", "scheduled"])
def test_never_public_session_is_unknown(client, status):
    fields = {
        "binned": {"binned_at": timezone.now(), "status_before_bin": "draft"},
        "scheduled": {"status": "published", "published_at": timezone.now() + timedelta(days=1)},
    }.get(status, {})
    session = SessionFactory(**{"status": status, **fields})
    asked = {"verb": "GetRecord", "identifier": session.uid.urn, "metadataPrefix": "oai_dc"}

    assert error_of(ask(client, **asked)) == "idDoesNotExist"
    assert error_of(ask(client, **ARGUMENTS)) == "noRecordsMatch"
    session.delete()
    assert not DeletedSession.objects.exists()


def test_undone_merge_restores_the_record(client, full):
    publisher, kept = UserFactory(group="Publishers"), SessionFactory()
    record = merge_records(kept, [full], user=publisher).record

    undo_merge(record, user=publisher)

    root = ask(client, **ARGUMENTS)
    assert sorted(texts(root, "oai:identifier")) == sorted([full.uid.urn, kept.uid.urn])
    assert deleted(root) == []


def test_times_are_inclusive_to_the_second(client):
    moment = datetime(2024, 5, 1, 12, 0, 0, 400_000, tzinfo=UTC)
    session = SessionFactory()
    Session.objects.update(updated_at=moment)

    def found(**span):
        root = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc", **span)
        return texts(root, "oai:identifier") == [session.uid.urn]

    assert found(from_="2024-05-01T12:00:00Z", until="2024-05-01T12:00:00Z")
    assert found(from_="2024-05-01", until="2024-05-01")
    assert not found(from_="2024-05-01T12:00:01Z")
    assert not found(until="2024-05-01T11:59:59Z")
    assert not found(until="2024-04-30")


def identifiers(records):
    return [record.header.identifier for record in records]


@pytest.mark.parametrize("prefix", ["oai_dc", "oai_datacite"])
@pytest.mark.slow
def test_harvest_during_changes_returns_each_record_once(client, prefix):
    """Nothing is lost or repeated, in an archive imported at one moment."""
    sessions = [*SessionFactory.create_batch(40), *SessionFactory.create_batch(3)]
    for session in sessions[-3:]:  # the others have publication times of their own
        session.first_public_at += timedelta(days=session.pk % 7)
        session.save()
    publisher = UserFactory(group="Publishers")
    added = []

    def change(page):
        """Edit, withdraw, delete, merge and publish before and after the position of the harvest."""
        rows = list(Session.objects.order_by("first_public_at", "uid"))
        for session in (rows[page], rows[-page]):
            session.title = f"{session.title}, changed"
            session.save()
        withdrawn(rows[(page * 5) % len(rows)])
        gone(rows[(page * 7) % len(rows)])
        rows = list(Session.objects.filter(status="published").order_by("first_public_at", "uid"))
        merge_records(rows[0], [rows[-1]], user=publisher)
        if page < 5:
            added.append(SessionFactory(published_at=timezone.now()))

    repository = Repository(client, after_page=change)
    with patch.object(views, "RECORDS_PER_PAGE", 7):
        harvested = identifiers(repository.ListRecords(metadataPrefix=prefix))

    assert repository.pages > 5
    assert len(harvested) == len(set(harvested))
    assert {session.uid.urn for session in [*sessions, *added]} == set(harvested)


def test_second_harvest_returns_changes_since_the_first(client):
    sessions = SessionFactory.create_batch(5)
    Session.objects.update(updated_at=timezone.now() - timedelta(days=1))
    start = stamp(timezone.now())
    sessions[1].title = "Changed"
    sessions[1].save()
    gone(sessions[2])

    records = list(Repository(client).ListRecords(metadataPrefix="oai_dc", **{"from": start}))

    assert {record.header.identifier: record.deleted for record in records} == {
        sessions[1].uid.urn: False,
        sessions[2].uid.urn: True,
    }


def test_an_empty_archive_has_no_records(client):
    with pytest.raises(NoRecordsMatch):
        list(Repository(client).ListRecords(metadataPrefix="oai_dc"))


def test_last_page_has_an_empty_token(client):
    SessionFactory.create_batch(3)
    with patch.object(views, "RECORDS_PER_PAGE", 2):
        first = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc")
        (token,) = first.iterfind(".//oai:resumptionToken", NAMESPACES)
        last = ask(client, verb="ListIdentifiers", resumptionToken=token.text)
    (end,) = last.iterfind(".//oai:resumptionToken", NAMESPACES)

    assert (token.get("cursor"), token.get("completeListSize")) == ("0", "3")
    assert (end.text, end.get("cursor"), end.get("completeListSize")) == (None, "2", "3")


@pytest.mark.parametrize("count", [1, 3])
def test_page_of_records_query_count(client, django_assert_num_queries, count):
    for _ in range(count):
        session = SessionFactory(series=SeriesFactory())
        session.topics.add(TopicFactory(parent=TopicFactory()))
        session.regions.add(RegionFactory())
        AppearanceFactory(session=session).further_organisations.add(OrganisationFactory())
        RecommendationFactory(session=session)
        DocumentFactory(session=session)
        ended = SessionFactory()
        ended.topics.add(TopicFactory())
        withdrawn(ended)
        gone(SessionFactory())

    # State and name of the archive, sessions, six of their parts, parents of topics, deleted
    # sessions, and four for the current names of the public topics of deleted sessions.
    with django_assert_num_queries(15):
        root = ask(client, verb="ListRecords", metadataPrefix="oai_datacite")

    assert len(texts(root, "oai:identifier")) == 3 * count
    assert re.search("Session", etree.tostring(root, encoding="unicode"))
