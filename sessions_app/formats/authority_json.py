"""The JSON form of speakers, organisations, topics, series and regions.

`listed_entry_json` returns what lists show, `detailed_entry_json` also what only the entry's page shows.
"""

from sessions_app.catalogue import profiles
from sessions_app.catalogue.authorities import AuthorityType, public_session_counts

from .json import absolute_url, slug_and_name_json


def listed_entry_json(kind: AuthorityType, entry, counts) -> dict:
    """Return an entry as lists show it; `counts` is {slug: public sessions}."""
    body = {
        "slug": entry.slug,
        "name": entry.name,
        "url": absolute_url(entry.get_absolute_url()),
        "session_count": counts.get(entry.slug, 0),
    }
    match kind.parameter:
        case "speaker":
            body |= {
                "family_name": entry.family_name,
                "given_name": entry.given_name,
                "honorific": entry.honorific,
                "suffix": entry.suffix,
                "orcid": entry.orcid,
            }
        case "organisation":
            body |= {"abbreviation": entry.abbreviation, "ror_id": entry.ror_id}
        case "topic":
            body["parent"] = entry.parent.slug if entry.parent else None
    return body


def detailed_entry_json(kind: AuthorityType, entry) -> dict:
    """Return an entry with all data of its page; its sessions are a separate list."""
    body = listed_entry_json(kind, entry, public_session_counts(kind.parameter, [entry.slug]))
    match kind.parameter:
        case "speaker":
            return body | _speaker_details(entry)
        case "organisation":
            return body | _organisation_details(entry)
        case "topic":
            return body | _topic_details(entry)
    return body | {"description": entry.description}


def _speaker_details(speaker) -> dict:
    return {
        "aliases": _alias_names(speaker.aliases),
        "biography": speaker.biography,
        "website": speaker.website or None,
        "photo": absolute_url(speaker.photo.url) if speaker.photo else None,
        "affiliations": [
            {
                "organisation": span.organisation and span.organisation.slug,
                "role_title": span.role,
                "first_year": span.first_year,
                "last_year": span.last_year,
            }
            for span in profiles.affiliation_spans(speaker)
        ],
        "co_speakers": [
            slug_and_name_json(other) | {"session_count": count}
            for other, count in profiles.co_speakers(speaker)
        ],
    }


def _organisation_details(organisation) -> dict:
    return {
        "aliases": _alias_names(organisation.aliases),
        "description": organisation.description,
        "website": organisation.website or None,
        "logo": absolute_url(organisation.logo.url) if organisation.logo else None,
        "representatives": [
            slug_and_name_json(representative.speaker)
            | {
                "session_count": representative.sessions,
                "first_year": representative.first_year,
                "last_year": representative.last_year,
            }
            for representative in profiles.representatives(organisation)
        ],
    }


def _topic_details(topic) -> dict:
    children = list(topic.children.all())
    counts = public_session_counts("topic", [child.slug for child in children])
    return {
        "aliases": _alias_names(topic.aliases),
        "description": topic.description,
        "children": [
            slug_and_name_json(child) | {"session_count": counts[child.slug]}
            for child in children
            if counts[child.slug]
        ],
    }


def _alias_names(aliases) -> list[str]:
    return [alias.name for alias in aliases.all()]
