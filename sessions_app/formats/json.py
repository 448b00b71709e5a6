"""The JSON form of the archive's records: API and JSON export share it."""

import re

from django.conf import settings

_INVALID_XML_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def remove_invalid_xml_characters(text: str) -> str:
    """Return the text without the characters not allowed in XML."""
    return _INVALID_XML_CHARACTERS.sub("", text)


def absolute_url(address: str) -> str:
    """Return the full address of a path of this site; other sites' addresses stay."""
    return address if "://" in address else settings.SITE_URL + address


def slug_and_name_json(entry) -> dict | None:
    return {"slug": entry.slug, "name": entry.name} if entry else None


def day_json(value) -> str | None:
    return value.isoformat() if value else None


def moment_json(value) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value else None


def appearance_json(appearance) -> dict:
    speaker = appearance.speaker
    return {
        "slug": speaker.slug,
        "name": speaker.name,
        "family_name": speaker.family_name,
        "given_name": speaker.given_name,
        "organisation": slug_and_name_json(appearance.organisation),
        "further_organisations": [
            slug_and_name_json(organisation)
            for organisation in appearance.further_organisations.all()
        ],
        "role_title": appearance.role_title,
        "function": appearance.function,
    }


def recommendation_json(recommendation, session) -> dict:
    """Return one recommendation; `session` is its session, whose appearances are at hand."""
    speakers = {appearance.pk: appearance.speaker.slug for appearance in session.appearances.all()}
    return {
        "number": recommendation.number,
        "url": absolute_url(recommendation.get_absolute_url()),
        "position": recommendation.position,
        "text": recommendation.text,
        "audience": recommendation.audience,
        "made_by": [
            speakers[maker.pk] for maker in recommendation.made_by.all() if maker.pk in speakers
        ],
    }


def recommendation_with_session_json(recommendation) -> dict:
    session = recommendation.session
    return {
        **recommendation_json(recommendation, session),
        "session": {
            "slug": session.slug,
            "title": session.title,
            "held_on": day_json(session.held_on),
        },
        "updated_at": moment_json(session.updated_at),
    }


def document_json(document) -> dict:
    return {
        "kind": document.kind,
        "title": document.title,
        "url": absolute_url(document.get_absolute_url()),
    }


def session_json(session) -> dict:
    """Return a session with everything its page shows; it should come `with_everything()`."""
    for recommendation in session.recommendations.all():
        recommendation.session = session  # its URL needs the slug of the session; saves a query
    for document in session.documents.all():
        document.session = session
    return {
        "slug": session.slug,
        "url": absolute_url(session.get_absolute_url()),
        "title": session.title,
        "held_on": day_json(session.held_on),
        "ends_on": day_json(session.ends_on),
        "series": slug_and_name_json(session.series),
        "topics": [slug_and_name_json(topic) for topic in session.topics.all()],
        "regions": [slug_and_name_json(region) for region in session.regions.all()],
        "speakers": [appearance_json(appearance) for appearance in session.appearances.all()],
        "summary_html": session.summary,
        "summary_text": session.summary_text,
        "language": session.language,
        "recommendations": [
            recommendation_json(advice, session) for advice in session.recommendations.all()
        ],
        "documents": [document_json(document) for document in session.documents.all()],
        "has_recording": session.has_recording,
        "import_ref": session.import_ref,
        "updated_at": moment_json(session.updated_at),
    }
