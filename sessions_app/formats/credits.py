"""Who made a session, with what identifies them elsewhere: for metadata that can carry more than a name."""

from dataclasses import dataclass

from sessions_app.formats import citations
from sessions_app.models import Session


@dataclass(frozen=True)
class CreditedAffiliation:
    name: str
    path: str  # of its page in the archive
    ror: str  # full URL, or ""
    website: str


@dataclass(frozen=True)
class Credit:
    """One person: `author` is the name as references print it, `name` as pages do."""

    author: citations.Author
    name: str
    path: str
    orcid: str  # full URL, or ""
    role_title: str
    affiliations: tuple[CreditedAffiliation, ...]


def creators_and_contributors(session: Session) -> tuple[list[Credit], list[Credit]]:
    """Return (creators, contributors) of a session that comes `with_speakers()`.

    Creators are those whom its citation names, in the same order; who only moderated contributes.
    """
    creators = citations.appearances_without_moderators(session)
    keys = {appearance.pk for appearance in creators}
    others = [other for other in session.appearances.all() if other.pk not in keys]
    return list(map(_credit_of_appearance, creators)), list(map(_credit_of_appearance, others))


def _credit_of_appearance(appearance) -> Credit:
    speaker = appearance.speaker
    return Credit(
        author=citations.author_of_speaker(speaker),
        name=speaker.name,
        path=speaker.get_absolute_url(),
        orcid=f"https://orcid.org/{speaker.orcid}" if speaker.orcid else "",
        role_title=appearance.role_title,
        affiliations=tuple(
            CreditedAffiliation(
                organisation.name,
                organisation.get_absolute_url(),
                ror_url(organisation),
                organisation.website,
            )
            for organisation in appearance.organisations
        ),
    )


def ror_url(organisation) -> str:
    return f"https://ror.org/{organisation.ror_id}" if organisation.ror_id else ""
