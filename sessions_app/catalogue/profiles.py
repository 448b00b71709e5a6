"""What public sessions say about a speaker or an organisation."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, F

from sessions_app.models import Appearance
from sessions_app.querysets import public_condition
from speakers_app.models import Organisation, Speaker

MAX_CO_SPEAKERS = 50


@dataclass
class AffiliationSpan:
    """A position held over a span of years, as far as sessions show it."""

    organisation: Organisation | None
    role: str
    first_year: int | None
    last_year: int | None


@dataclass
class Representative:
    """A speaker who spoke for an organisation, with the years and the number of sessions."""

    speaker: Speaker
    first_year: int | None
    last_year: int | None
    sessions: int


def public_appearances():
    return Appearance.objects.filter(public_condition("session__"))


def public_appearances_for(organisation: Organisation):
    """Return the public appearances with this affiliation, the first or a further one."""
    # A condition with OR would join the further affiliations to every appearance.
    return public_appearances().filter(
        pk__in=organisation.appearances.order_by()
        .values("pk")
        .union(organisation.further_appearances.order_by().values("pk"))
    )


def affiliation_spans(speaker: Speaker) -> list[AffiliationSpan]:
    """Return the positions of a speaker, latest first; two queries."""
    appearances = (
        public_appearances()
        .filter(speaker=speaker)
        .select_related("organisation", "session")
        .prefetch_related("further_organisations")
    )
    spans: dict[tuple, AffiliationSpan] = {}
    for appearance in appearances:
        year = appearance.session.held_on.year if appearance.session.held_on else None
        for organisation in appearance.organisations or [None]:
            if organisation is None and not appearance.role_title:
                continue
            key = (organisation and organisation.pk, appearance.role_title)
            span = spans.setdefault(
                key, AffiliationSpan(organisation, appearance.role_title, year, year)
            )
            span.first_year, span.last_year = _include_year(span, year)
    return sorted(spans.values(), key=lambda span: (-(span.last_year or 0), span.role))


def representatives(organisation: Organisation) -> list[Representative]:
    """Return who spoke for the organisation by the affiliation of the day, most sessions first."""
    appearances = public_appearances_for(organisation).select_related("speaker", "session")
    people: dict[int, Representative] = {}
    for appearance in appearances:
        year = appearance.session.held_on.year if appearance.session.held_on else None
        person = people.setdefault(
            appearance.speaker_id, Representative(appearance.speaker, year, year, 0)
        )
        person.first_year, person.last_year = _include_year(person, year)
        person.sessions += 1
    return sorted(people.values(), key=lambda person: (-person.sessions, person.speaker.sort_key))


def _include_year(span, year):
    years = [known for known in (span.first_year, span.last_year, year) if known]
    return (min(years), max(years)) if years else (None, None)


def co_speakers(speaker: Speaker) -> list[tuple[Speaker, int]]:
    """Return (speaker, sessions together), most sessions first; two queries."""
    together = (
        public_appearances()
        .filter(session__appearances__speaker=speaker)
        .exclude(speaker=speaker)
        .order_by()
        .values("speaker")
        .annotate(sessions=Count("session", distinct=True))
        .order_by("-sessions", "speaker__sort_key")
    )[:MAX_CO_SPEAKERS]
    counts = {row["speaker"]: row["sessions"] for row in together}
    people = Speaker.objects.in_bulk(counts)
    return [(people[key], count) for key, count in counts.items()]


def latest_affiliations(speakers: Sequence[int]) -> dict[int, str]:
    """Return {speaker: name of the organisation of the latest appearance with one}; one query."""
    rows = (
        public_appearances()
        .filter(speaker__in=speakers, organisation__isnull=False)
        .order_by(F("session__held_on").asc(nulls_first=True), "session__slug")
        .values_list("speaker", "organisation__name")
    )
    return dict(rows)
