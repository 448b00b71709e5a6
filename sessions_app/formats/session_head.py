"""Metadata of the page of a session: citation tags, Dublin Core, Signposting, Open Graph, linked data.

Sources: Google Scholar's inclusion guidelines and Zotero's embedded-metadata translator for the
tags, signposting.org for the links, RFC 9264 for link sets.
"""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext

from sessions_app.formats import citations
from sessions_app.formats.json import absolute_url, day_json
from sessions_app.models import Session
from site_app.text.shortening import shorten_at_word

from . import json_ld
from .cards import card_url_path
from .credits import Credit, creators_and_contributors
from .head import Head, Link, Meta, breadcrumb_json_ld, open_graph_tags

CITATION_MEDIA_TYPES = {
    "bib": "application/x-bibtex",
    "ris": "application/x-research-info-systems",
    "json": "application/vnd.citationstyles.csl+json",
}
LINKSET_TYPE = "application/linkset+json"
MAX_DESCRIPTION_CHARACTERS = 300  # characters of the summary


def session_head(session: Session, site) -> Head:
    """Return the head of a public session that comes `for_page()`; `site` is SiteSettings."""
    citation = citations.citation_of_session(session, site.name)
    creators, contributors = creators_and_contributors(session)
    card = card_url_path(session, site.name)
    trail = [(gettext("Sessions"), reverse("sessions:list"))]
    if session.series:
        trail.append((session.series.name, session.series.get_absolute_url()))
    return Head(
        meta=[
            *_citation_tags(session, citation, creators),
            *_dublin_core_tags(session, citation, contributors),
            *open_graph_tags(
                title=session.title,
                path=session.get_absolute_url(),
                description=shorten_at_word(citation.abstract, MAX_DESCRIPTION_CHARACTERS),
                site_name=site.name,
                kind="article",
                image=card,
            ),
        ],
        links=[*signposting_links(session, creators), oembed_link(session.get_absolute_url())],
        json_ld=[
            json_ld.session_event(
                session,
                site,
                citation=citation,
                creators=creators,
                contributors=contributors,
                image=card,
            ),
            breadcrumb_json_ld([*trail, (session.title, session.get_absolute_url())]),
        ],
    )


def _citation_tags(session, citation, creators: list[Credit]) -> list[Meta]:
    tags = [Meta("citation_title", citation.title)]
    for credit in creators:
        tags.append(Meta("citation_author", credit.author.family_name_first))
        tags += [
            Meta("citation_author_institution", affiliation.name)
            for affiliation in credit.affiliations
        ]
        tags.append(Meta("citation_author_orcid", credit.orcid))
    tags += [
        Meta("citation_publication_date", citations.date_with_slashes(citation.held_on)),
        Meta("citation_conference_title", citation.series),
        Meta("citation_publisher", citation.publisher),
        Meta("citation_language", citation.language),
        Meta("citation_keywords", "; ".join(citation.keywords)),
        Meta("citation_abstract", citation.abstract),
        Meta("citation_abstract_html_url", citation.url),
        Meta("citation_public_url", citation.url),
        # The value in Zotero's own exports; no other vocabulary has an equivalent.
        Meta("z.itemType", "presentation"),
        # Its reader of pages takes the name of a presentation's meeting from this alone, and the
        # type of a presentation from the first DC.type.
        Meta("bib.presentedAt", citation.series),
    ]
    return tags + [
        Meta("citation_pdf_url", absolute_url(document.get_absolute_url()))
        for document in session.documents.all()
        if document.media_type == "application/pdf"
    ]


def _dublin_core_tags(session, citation, contributors: list[Credit]) -> list[Meta]:
    values = [
        ("title", [citation.title]),
        ("creator", [author.family_name_first for author in citation.authors]),
        ("contributor", [credit.author.family_name_first for credit in contributors]),
        ("date", [day_json(citation.held_on)]),
        ("type", [citation.genre, "Event"]),
        ("identifier", [citation.url]),
        ("publisher", [citation.publisher]),
        ("language", [citation.language]),
        ("subject", citation.keywords),
        ("coverage", [region.name for region in session.regions.all()]),
        ("relation.ispartof", [citation.series]),
        ("description", [citation.abstract]),
    ]
    return [Meta(f"DC.{name}", text) for name, texts in values for text in texts if text]


def signposting_links(session: Session, creators: list[Credit]) -> list[Link]:
    """Return the Signposting links of a session's page."""
    path = session.get_absolute_url()
    links = [
        Link("cite-as", absolute_url(path)),
        Link("type", "https://schema.org/AboutPage"),
        Link("type", "https://schema.org/Event"),
    ]
    links += [Link("author", credit.orcid or absolute_url(credit.path)) for credit in creators]
    links += [
        Link("item", absolute_url(document.get_absolute_url()), document.media_type)
        for document in session.documents.all()
    ]
    links += other_format_links(session)
    return links


def other_format_links(session: Session) -> list[Link]:
    """Return the links to a session in other formats."""
    return [
        *(
            Link(
                "describedby",
                absolute_url(reverse("sessions:cite", args=[session.slug, extension])),
                media_type,
            )
            for extension, media_type in CITATION_MEDIA_TYPES.items()
        ),
        Link(
            "describedby",
            absolute_url(reverse("api:session", args=[session.slug])),
            "application/json",
        ),
    ]


def linkset_link(session: Session) -> Link:
    return Link(
        "linkset", absolute_url(reverse("sessions:linkset", args=[session.slug])), LINKSET_TYPE
    )


def oembed_link(path: str) -> Link:
    address = f"{reverse('sessions:oembed')}?{urlencode({'url': absolute_url(path)})}"
    return Link("alternate", absolute_url(address), "application/json+oembed")


def linkset_json(session: Session) -> dict:
    """Return the link set: links of the page, and back from each thing it links to."""
    creators, _contributors = creators_and_contributors(session)
    here = absolute_url(session.get_absolute_url())
    contexts: list[dict] = [{"anchor": here}]
    for link in signposting_links(session, creators):
        contexts[0].setdefault(link.rel, []).append(_linkset_target(link.href, link.media_type))
    back = _linkset_target(here, "text/html")
    for document in session.documents.all():
        if document.file:  # a link leads to a document of another publisher
            anchor = absolute_url(document.get_absolute_url())
            contexts.append({"anchor": anchor, "collection": [back]})
    for link in other_format_links(session):
        contexts.append({"anchor": link.href, "describes": [back]})
    return {"linkset": contexts}


def _linkset_target(href: str, media_type: str) -> dict:
    return {"href": href, "type": media_type} if media_type else {"href": href}
