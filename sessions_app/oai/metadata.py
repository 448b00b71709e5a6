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

XSI_NAMESPACE = "http://www.w3.org/2001/XMLSchema-instance"
XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
OAI_DC_NAMESPACE = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC_NAMESPACE = "http://purl.org/dc/elements/1.1/"
OAI_DATACITE_NAMESPACE = "http://schema.datacite.org/oai/oai-1.1/"
DATACITE_NAMESPACE = "http://datacite.org/schema/kernel-4"
DATACITE_VERSION = "4.5"
UNKNOWN_VALUE_CODE = ":unkn"  # DataCite's code for an unknown value

_LANGUAGE_TAG_PATTERN = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True)
class MetadataFormat:
    namespace: str
    schema: str
    write: Callable[[Session, SiteSettings], etree._Element]


def add_element(parent, name: str, text: str | None = None, **attributes: str):
    """Add an element in the parent's namespace, with text of any kind, and return it."""
    namespace = etree.QName(parent).namespace
    element = etree.SubElement(parent, f"{{{namespace}}}{name}")
    for attribute, value in attributes.items():
        element.set(attribute, remove_invalid_xml_characters(value))
    if text is not None:
        element.text = remove_invalid_xml_characters(text)
    return element


def dublin_core_element(session: Session, site: SiteSettings):
    """Return the `oai_dc:dc` element of a session with its speakers, topics, regions and numbered parts."""
    citation = citations.citation_of_session(session, site.name)
    _creators, contributors = creators_and_contributors(session)
    root = etree.Element(
        f"{{{OAI_DC_NAMESPACE}}}dc",
        nsmap={"oai_dc": OAI_DC_NAMESPACE, "dc": DC_NAMESPACE, "xsi": XSI_NAMESPACE},
    )
    root.set(
        f"{{{XSI_NAMESPACE}}}schemaLocation",
        f"{OAI_DC_NAMESPACE} http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
    )
    values = [
        ("title", [citation.title]),
        ("creator", [author.family_name_first for author in citation.authors]),
        ("subject", citation.keywords),
        ("description", [citation.abstract]),
        ("publisher", [citation.publisher]),
        ("contributor", [credit.author.family_name_first for credit in contributors]),
        ("date", [iso_date_or_range(citation)]),
        ("type", ["Event", citation.genre]),
        ("identifier", [citation.url]),
        ("source", [citation.series]),
        ("language", [citation.language]),
        ("relation", [url for url, _relation in _related_identifiers(session)]),
        ("rights", [site.licence]),
        ("coverage", [region.name for region in session.regions.all()]),
    ]
    for name, texts in values:
        for text in filter(None, map(remove_invalid_xml_characters, texts)):
            etree.SubElement(root, f"{{{DC_NAMESPACE}}}{name}").text = text
    return root


def datacite_element(session: Session, site: SiteSettings):
    """Return the `oai_datacite` element of a session with its speakers, topics, regions and numbered parts."""
    citation = citations.citation_of_session(session, site.name)
    creators, contributors = creators_and_contributors(session)
    envelope = etree.Element(
        f"{{{OAI_DATACITE_NAMESPACE}}}oai_datacite",
        nsmap={None: OAI_DATACITE_NAMESPACE, "xsi": XSI_NAMESPACE},
    )
    envelope.set(
        f"{{{XSI_NAMESPACE}}}schemaLocation",
        f"{OAI_DATACITE_NAMESPACE} {OAI_DATACITE_NAMESPACE}oai.xsd",
    )
    add_element(envelope, "schemaVersion", DATACITE_VERSION)
    add_element(envelope, "datacentreSymbol", site.name)
    payload = add_element(envelope, "payload")
    root = etree.SubElement(
        payload, f"{{{DATACITE_NAMESPACE}}}resource", nsmap={None: DATACITE_NAMESPACE}
    )
    schema = f"https://schema.datacite.org/meta/kernel-{DATACITE_VERSION}/metadata.xsd"
    root.set(f"{{{XSI_NAMESPACE}}}schemaLocation", f"{DATACITE_NAMESPACE} {schema}")
    add_element(root, "identifier", citation.url, identifierType="URL")
    people = add_element(root, "creators")
    for credit in creators:
        _add_person(add_element(people, "creator"), "creatorName", credit)
    if not creators:
        add_element(add_element(people, "creator"), "creatorName", UNKNOWN_VALUE_CODE)
    title = add_element(
        add_element(root, "titles"),
        "title",
        remove_invalid_xml_characters(citation.title) or UNKNOWN_VALUE_CODE,
    )
    add_element(root, "publisher", citation.publisher)
    published = citation.held_on or session.published_at
    add_element(root, "publicationYear", f"{published.year:04}")
    add_element(root, "resourceType", citation.genre, resourceTypeGeneral="Event")
    if citation.keywords:
        subjects = add_element(root, "subjects")
        for keyword in citation.keywords:
            add_element(subjects, "subject", keyword)
    if contributors:
        others = add_element(root, "contributors")
        for credit in contributors:
            _add_person(
                add_element(others, "contributor", contributorType="Other"),
                "contributorName",
                credit,
            )
    if citation.held_on:
        add_element(
            add_element(root, "dates"), "date", iso_date_or_range(citation), dateType="Issued"
        )
    if _LANGUAGE_TAG_PATTERN.fullmatch(citation.language):
        add_element(root, "language", citation.language)
        title.set(f"{{{XML_NAMESPACE}}}lang", citation.language)
    identifiers = add_element(root, "alternateIdentifiers")
    add_element(identifiers, "alternateIdentifier", session.uid.urn, alternateIdentifierType="URN")
    if related := _related_identifiers(session):
        links = add_element(root, "relatedIdentifiers")
        for url, relation in related:
            add_element(
                links,
                "relatedIdentifier",
                url,
                relatedIdentifierType="URL",
                relationType=relation,
            )
    if remove_invalid_xml_characters(citation.abstract):
        add_element(
            add_element(root, "descriptions"),
            "description",
            citation.abstract,
            descriptionType="Abstract",
        )
    if remove_invalid_xml_characters(site.licence).strip():
        add_element(add_element(root, "rightsList"), "rights", site.licence)
    if regions := session.regions.all():
        places = add_element(root, "geoLocations")
        for region in regions:
            add_element(add_element(places, "geoLocation"), "geoLocationPlace", region.name)
    return envelope


def iso_date_or_range(citation: citations.Citation) -> str:
    """Return "2023-01-30", or "2023-01-30/2023-02-01" of several days; "" without a date."""
    return "/".join(filter(None, (day_json(citation.held_on), day_json(citation.ends_on))))


def _add_person(element, name: str, credit: Credit) -> None:
    author = credit.author
    add_element(
        element,
        name,
        remove_invalid_xml_characters(author.family_name_first) or UNKNOWN_VALUE_CODE,
        nameType="Personal",
    )
    if remove_invalid_xml_characters(author.given) and remove_invalid_xml_characters(
        author.family
    ):
        add_element(element, "givenName", author.given)
        add_element(element, "familyName", author.family)
    if credit.orcid:
        add_element(
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
        add_element(element, "affiliation", affiliation.name, **(known if affiliation.ror else {}))


def _related_identifiers(session: Session) -> list[tuple[str, str]]:
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


METADATA_FORMAT_BY_PREFIX = {
    "oai_dc": MetadataFormat(
        OAI_DC_NAMESPACE, "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", dublin_core_element
    ),
    "oai_datacite": MetadataFormat(
        OAI_DATACITE_NAMESPACE, f"{OAI_DATACITE_NAMESPACE}oai.xsd", datacite_element
    ),
}
