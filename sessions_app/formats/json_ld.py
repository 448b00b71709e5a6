"""The archive's records as linked data in schema.org's words, for search engines and other readers."""

from collections.abc import Callable, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse

from sessions_app.formats import citations
from sessions_app.formats.json import absolute_url, day_json
from sessions_app.models import Recommendation, Session

from .credits import Credit, CreditedAffiliation, ror_url
from .head import without_empty

SCHEMA_ORG_CONTEXT = "https://schema.org"

_recordings_of: list[Callable[[Session], list[dict]]] = []


def register_recordings_function(function: Callable[[Session], list[dict]]):
    """Register the function that returns open recordings of a session, from the app above."""
    _recordings_of.append(function)
    return function


def session_event(
    session: Session,
    site,
    *,
    citation: citations.Citation,
    creators: list[Credit],
    contributors: list[Credit],
    image: str,
) -> dict:
    """Return a session that comes `for_page()` as an Event; `image` is the path of its card."""
    return {"@context": SCHEMA_ORG_CONTEXT} | without_empty(
        {
            "@type": "Event",
            "@id": citation.url,
            "identifier": session.uid.urn,
            "name": citation.title,
            "url": citation.url,
            "description": citation.abstract,
            "startDate": event_start(session),
            "endDate": day_json(session.ends_on or session.held_on),
            "eventSchedule": multi_day_schedule(session),
            "eventStatus": f"{SCHEMA_ORG_CONTEXT}/EventScheduled",
            "inLanguage": citation.language,
            "image": image and absolute_url(image),
            "keywords": ", ".join(citation.keywords),
            "about": [
                {
                    "@type": "Thing",
                    "name": topic.name,
                    "url": absolute_url(topic.get_absolute_url()),
                }
                for topic in session.topics.all()
            ],
            "performer": [credited_person(credit) for credit in creators],
            "contributor": [credited_person(credit) for credit in contributors],
            "organizer": {"@type": "Organization", "name": site.name, "url": absolute_url("/")},
            "recordedIn": [
                recording for function in _recordings_of for recording in function(session)
            ],
            "subjectOf": session_as_creative_work(session, citation),
        }
    )


def event_start(session: Session) -> str | None:
    """Return the first day, with the time and its distance from UTC where they are known."""
    if not (session.held_on and session.start_time and session.time_zone):
        return day_json(session.held_on)
    zone = ZoneInfo(session.time_zone)
    return datetime.combine(session.held_on, session.start_time, zone).isoformat()


def multi_day_schedule(session: Session) -> dict | None:
    """Return the days of a session over more than one; None for all others."""
    if not session.ends_on or session.ends_on == session.held_on:
        return None
    return {"@type": "Schedule"} | without_empty(
        {
            "startDate": day_json(session.held_on),
            "endDate": day_json(session.ends_on),
            "startTime": session.start_time and session.start_time.isoformat(),
            "scheduleTimezone": session.time_zone,
            "repeatFrequency": "P1D",
            "repeatCount": (session.ends_on - session.held_on).days + 1,
        }
    )


def session_as_creative_work(session: Session, citation: citations.Citation) -> dict:
    """Return the JSON-LD of a session as a work in its series, with its parts."""
    parts = [recommendation_as_part(part) for part in session.recommendations.all()]
    return {"@type": "CreativeWork"} | without_empty(
        {
            "@id": f"{citation.url}#record",
            "name": citation.title,
            "url": citation.url,
            "datePublished": day_json(session.published_at and session.published_at.date()),
            "isPartOf": session.series and series(session.series),
            "hasPart": parts,
            "encoding": [
                without_empty(
                    {
                        "@type": "MediaObject",
                        "name": document.title,
                        "contentUrl": absolute_url(document.get_absolute_url()),
                        "encodingFormat": document.media_type,
                    }
                )
                for document in session.documents.all()
            ],
        }
    )


def recommendation_as_part(recommendation: Recommendation) -> dict:
    """Return one recommendation as a part of its session."""
    return without_empty(
        {
            "@type": "CreativeWork",
            "@id": absolute_url(recommendation.get_absolute_url()),
            "url": absolute_url(recommendation.get_absolute_url()),
            "position": recommendation.position or None,
            "text": recommendation.text,
            "genre": "Recommendation",
            "audience": recommendation.audience
            and {"@type": "Audience", "audienceType": recommendation.audience},
            "author": [
                {
                    "@type": "Person",
                    "name": maker.speaker.name,
                    "url": absolute_url(maker.speaker.get_absolute_url()),
                }
                for maker in recommendation.made_by.all()
            ],
        }
    )


def recommendation_with_session(record: Recommendation, site) -> dict:
    """Return a recommendation with its session, for its own page."""
    session = record.session
    return {
        "@context": SCHEMA_ORG_CONTEXT,
        **recommendation_as_part(record),
        **without_empty(
            {
                "name": citations.citation_of_recommendation(record, site.name).title,
                "inLanguage": session.language,
                "datePublished": day_json(session.held_on),
                "publisher": {
                    "@type": "Organization",
                    "name": site.name,
                    "url": absolute_url("/"),
                },
                "isPartOf": {
                    "@type": "CreativeWork",
                    "@id": f"{absolute_url(session.get_absolute_url())}#record",
                    "name": session.title,
                    "url": absolute_url(session.get_absolute_url()),
                },
            }
        ),
    }


def credited_person(credit: Credit) -> dict:
    """Return somebody as they appeared: with the role and the affiliation of that day."""
    return {"@type": "Person"} | without_empty(
        {
            "@id": absolute_url(credit.path),
            "name": credit.name,
            "givenName": credit.author.given,
            "familyName": credit.author.family,
            "url": absolute_url(credit.path),
            "sameAs": credit.orcid,
            "jobTitle": credit.role_title,
            "affiliation": [
                _credited_affiliation(affiliation) for affiliation in credit.affiliations
            ],
        }
    )


def _credited_affiliation(affiliation: CreditedAffiliation) -> dict:
    return {"@type": "Organization"} | without_empty(
        {
            "@id": absolute_url(affiliation.path),
            "name": affiliation.name,
            "url": absolute_url(affiliation.path),
            "sameAs": [address for address in (affiliation.ror, affiliation.website) if address],
        }
    )


def speaker(record) -> dict:
    """Return the linked data of a speaker."""
    orcid = f"https://orcid.org/{record.orcid}" if record.orcid else ""
    return {"@context": SCHEMA_ORG_CONTEXT, "@type": "Person"} | without_empty(
        {
            "@id": absolute_url(record.get_absolute_url()),
            "name": record.name,
            "givenName": record.given_name,
            "familyName": record.family_name,
            "honorificPrefix": record.honorific,
            "honorificSuffix": record.suffix,
            "url": absolute_url(record.get_absolute_url()),
            "description": record.biography,
            "image": record.photo and absolute_url(record.photo.url),
            "sameAs": [address for address in (orcid, record.website) if address],
            "alternateName": [alias.name for alias in record.aliases.all()],
        }
    )


def organisation(record) -> dict:
    """Return the linked data of an organisation."""
    names = [record.abbreviation, *(alias.name for alias in record.aliases.all())]
    return {"@context": SCHEMA_ORG_CONTEXT, "@type": "Organization"} | without_empty(
        {
            "@id": absolute_url(record.get_absolute_url()),
            "name": record.name,
            "alternateName": [name for name in names if name],
            "url": absolute_url(record.get_absolute_url()),
            "description": record.description,
            "logo": record.logo and absolute_url(record.logo.url),
            "sameAs": [address for address in (ror_url(record), record.website) if address],
        }
    )


def series(record) -> dict:
    return _named_record("CreativeWorkSeries", record)


def defined_term(record) -> dict:
    """Return the linked data of a topic or region."""
    return _named_record("DefinedTerm", record)


def _named_record(kind: str, record) -> dict:
    return {"@context": SCHEMA_ORG_CONTEXT, "@type": kind} | without_empty(
        {
            "@id": absolute_url(record.get_absolute_url()),
            "name": record.name,
            "url": absolute_url(record.get_absolute_url()),
            "description": record.description,
        }
    )


def collection_page(
    name: str, path: str, results: Iterable[str], total: int, about: str = ""
) -> dict:
    """Return a page that lists records, of which it only gives the addresses.

    `path`, `results` and `about`, the record to which the page belongs, are paths; `total` is the
    number of results on this and further pages.
    """
    items = [
        {"@type": "ListItem", "position": position, "url": absolute_url(result)}
        for position, result in enumerate(results, 1)
    ]
    return {"@context": SCHEMA_ORG_CONTEXT, "@type": "CollectionPage"} | without_empty(
        {
            "@id": f"{absolute_url(path)}#list",
            "name": name,
            "url": absolute_url(path),
            "about": about and {"@id": absolute_url(about)},
            "mainEntity": {"@type": "ItemList", "numberOfItems": total, "itemListElement": items},
        }
    )


def website(site) -> dict:
    """Return the archive with the address of its search."""
    search = f"{absolute_url(reverse('sessions:list'))}?q={{search_term_string}}"
    return {
        "@context": SCHEMA_ORG_CONTEXT,
        "@type": "WebSite",
        "@id": absolute_url("/"),
        "name": site.name,
        "url": absolute_url("/"),
        **without_empty({"description": site.tagline}),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": search},
            "query-input": "required name=search_term_string",
        },
    }
