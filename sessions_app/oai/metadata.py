"""A session as Dublin Core and in DataCite's schema, as the elements of an XML tree.

Names, dates and texts are those of its citation; whatever a record contains, the XML is valid.
Sources: oai_dc.xsd; DataCite Metadata Schema 4.5, in the envelope of oai_datacite 1.1.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from sessions_app.formats import citations
from sessions_app.formats.credits import Credit, creators_and_contributors
from sessions_app.formats.json import absolute_url, day_json, remove_invalid_xml_characters
from sessions_app.models import Session
from site_app.models import SiteSettings

XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML = "http://www.w3.org/XML/1998/namespace"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
OAI_DATACITE = "http://schema.datacite.org/oai/oai-1.1/"
DATACITE = "http://datacite.org/schema/kernel-4"
DATACITE_VERSION = "4.5"
UNKNOWN = ":unkn"  # DataCite's code for an unknown value

_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True)
class MetadataFormat:
    namespace: str
    schema: str
    write: Callable[[Session, SiteSettings], etree._Element]


def add(parent, name: str, text: str | None = None, **attributes: str):
    """Add an element in the parent's namespace, with text of any kind, and return it."""
    namespace = etree.QName(parent).namespace
    element = etree.SubElement(parent, f"{{{namespace}}}{name}")
    for attribute, value in attributes.items():
        element.set(attribute, remove_invalid_xml_characters(value))
    if text is not None:
        element.text = remove_invalid_xml_characters(text)
    return element


def dublin_core(session: Session, site: SiteSettings):
    """Return the `oai_dc:dc` element of a session with its speakers, topics, regions and numbered parts."""
    citation = citations.citation_of_session(session, site.name)
    _creators, contributors = creators_and_contributors(session)
    root = etree.Element(f"{{{OAI_DC}}}dc", nsmap={"oai_dc": OAI_DC, "dc": DC, "xsi": XSI})
    root.set(
        f"{{{XSI}}}schemaLocation", f"{OAI_DC} http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
    )
    values = [
        ("title", [citation.title]),
        ("creator", [author.family_name_first for author in citation.authors]),
        ("subject", citation.keywords),
        ("description", [citation.abstract]),
        ("publisher", [citation.publisher]),
        ("contributor", [credit.author.family_name_first for credit in contributors]),
        ("date", [days(citation)]),
        ("type", ["Event", citation.genre]),
        ("identifier", [citation.url]),
        ("source", [citation.series]),
        ("language", [citation.language]),
        ("relation", [url for url, _relation in _related(session)]),
        ("rights", [site.licence]),
        ("coverage", [region.name for region in session.regions.all()]),
    ]
    for name, texts in values:
        for text in filter(None, map(remove_invalid_xml_characters, texts)):
            etree.SubElement(root, f"{{{DC}}}{name}").text = text
    return root


def datacite(session: Session, site: SiteSettings):
    """Return the `oai_datacite` element of a session with its speakers, topics, regions and numbered parts."""
    citation = citations.citation_of_session(session, site.name)
    creators, contributors = creators_and_contributors(session)
    envelope = etree.Element(
        f"{{{OAI_DATACITE}}}oai_datacite", nsmap={None: OAI_DATACITE, "xsi": XSI}
    )
    envelope.set(f"{{{XSI}}}schemaLocation", f"{OAI_DATACITE} {OAI_DATACITE}oai.xsd")
    add(envelope, "schemaVersion", DATACITE_VERSION)
    add(envelope, "datacentreSymbol", site.name)
    payload = add(envelope, "payload")
    root = etree.SubElement(payload, f"{{{DATACITE}}}resource", nsmap={None: DATACITE})
    schema = f"https://schema.datacite.org/meta/kernel-{DATACITE_VERSION}/metadata.xsd"
    root.set(f"{{{XSI}}}schemaLocation", f"{DATACITE} {schema}")
    add(root, "identifier", citation.url, identifierType="URL")
    people = add(root, "creators")
    for credit in creators:
        _person(add(people, "creator"), "creatorName", credit)
    if not creators:
        add(add(people, "creator"), "creatorName", UNKNOWN)
    title = add(
        add(root, "titles"), "title", remove_invalid_xml_characters(citation.title) or UNKNOWN
    )
    add(root, "publisher", citation.publisher)
    published = citation.held_on or session.published_at
    add(root, "publicationYear", f"{published.year:04}")
    add(root, "resourceType", citation.genre, resourceTypeGeneral="Event")
    if citation.keywords:
        subjects = add(root, "subjects")
        for keyword in citation.keywords:
            add(subjects, "subject", keyword)
    if contributors:
        others = add(root, "contributors")
        for credit in contributors:
            _person(add(others, "contributor", contributorType="Other"), "contributorName", credit)
    if citation.held_on:
        add(add(root, "dates"), "date", days(citation), dateType="Issued")
    if _LANGUAGE.fullmatch(citation.language):
        add(root, "language", citation.language)
        title.set(f"{{{XML}}}lang", citation.language)
    identifiers = add(root, "alternateIdentifiers")
    add(identifiers, "alternateIdentifier", session.uid.urn, alternateIdentifierType="URN")
    if related := _related(session):
        links = add(root, "relatedIdentifiers")
        for url, relation in related:
            add(
                links,
                "relatedIdentifier",
                url,
                relatedIdentifierType="URL",
                relationType=relation,
            )
    if remove_invalid_xml_characters(citation.abstract):
        add(
            add(root, "descriptions"), "description", citation.abstract, descriptionType="Abstract"
        )
    if remove_invalid_xml_characters(site.licence).strip():
        add(add(root, "rightsList"), "rights", site.licence)
    if regions := session.regions.all():
        places = add(root, "geoLocations")
        for region in regions:
            add(add(places, "geoLocation"), "geoLocationPlace", region.name)
    return envelope


def days(citation: citations.Citation) -> str:
    """Return "2023-01-30", or "2023-01-30/2023-02-01" of several days; "" without a date."""
    return "/".join(filter(None, (day_json(citation.held_on), day_json(citation.ends_on))))


def _person(element, name: str, credit: Credit) -> None:
    author = credit.author
    add(
        element,
        name,
        remove_invalid_xml_characters(author.family_name_first) or UNKNOWN,
        nameType="Personal",
    )
    if remove_invalid_xml_characters(author.given) and remove_invalid_xml_characters(
        author.family
    ):
        add(element, "givenName", author.given)
        add(element, "familyName", author.family)
    if credit.orcid:
        add(
            element,
            "nameIdentifier",
            credit.orcid,
            nameIdentifierScheme="ORCID",
            schemeURI="https://orcid.org/",
        )
    for affiliation in credit.affiliations:
        known = {
            "affiliationIdentifier": affiliation.ror,
            "affiliationIdentifierScheme": "ROR",
            "schemeURI": "https://ror.org/",
        }
        add(element, "affiliation", affiliation.name, **(known if affiliation.ror else {}))


def _related(session: Session) -> list[tuple[str, str]]:
    """Return [(address, DataCite's word for the relation)]."""
    series = [(session.series.get_absolute_url(), "IsPartOf")] if session.series else []
    parts = []
    for part in session.recommendations.all():
        part.session = session  # its URL needs the slug of the session; saves a query
        parts.append((part.get_absolute_url(), "HasPart"))
    for document in session.documents.all():
        document.session = session
        parts.append((document.get_absolute_url(), "IsSupplementedBy"))
    return [(absolute_url(path), relation) for path, relation in series + parts]


FORMATS = {
    "oai_dc": MetadataFormat(
        OAI_DC, "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", dublin_core
    ),
    "oai_datacite": MetadataFormat(OAI_DATACITE, f"{OAI_DATACITE}oai.xsd", datacite),
}
