"""What the front page shows of the archive besides its counts."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Max, Min, Q
from django.utils import timezone

from sessions_app.models import Recommendation, Recurrence, Session
from sessions_app.querysets import public_condition

from .facets import Facet, FacetValue
from .recurring import most_widespread
from .results import SessionResult

NEWEST_SHOWN = 5
UPCOMING_SHOWN = 3
LOOKED_AT = 60  # newest sessions examined for recurring advice
PARENTS_SHOWN = 8
CHILDREN_SHOWN = 4


@dataclass(frozen=True)
class RecurringAdvice:
    """Advice of several sessions, in the words of the newest."""

    group: int
    sessions: int
    first_year: int | None
    last_year: int | None
    recommendation: Recommendation


@dataclass(frozen=True)
class Extent:
    """From when to when the sessions held so far are, how many follow, and which was made public last."""

    first: date | None
    last: date | None
    to_come: int
    newest: Session | None


def upcoming() -> list[SessionResult]:
    """Return the next sessions to come, the nearest first; 4 queries."""
    sessions = Session.objects.published().upcoming().for_cards()[:UPCOMING_SHOWN]
    return [SessionResult(session, None) for session in sessions]


def newest_held(besides: list[SessionResult]) -> list[SessionResult]:
    """Return the sessions held last, without those of another list; 4 queries."""
    held = Session.objects.published().filter(held_on__lte=timezone.localdate())
    held = held.exclude(pk__in=[result.session.pk for result in besides])
    newest = held.order_by("-held_on", "slug").for_cards()[:NEWEST_SHOWN]
    return [SessionResult(session, None) for session in newest]


def extent() -> Extent:
    """Return the span of the sessions held so far and the one published last; 2 queries."""
    public = Session.objects.published().order_by()
    held, to_come = Q(held_on__lte=timezone.localdate()), Q(held_on__gt=timezone.localdate())
    days = public.aggregate(
        first=Min("held_on", filter=held),
        last=Max("held_on", filter=held),
        to_come=Count("pk", filter=to_come),
    )
    published = public.only("slug", "title", "language", "published_at")
    return Extent(**days, newest=published.order_by("-published_at", "slug").first())


def newest_advice() -> Recommendation | None:
    """Return the first recommendation of the session held last that gave any; 2 queries."""
    held = Recommendation.objects.published().filter(
        session__held_on__lte=timezone.localdate(), made_by__isnull=False
    )
    return (
        held.order_by("-session__held_on", "session__slug", "position", "number")
        .for_cards()
        .first()
    )


def recurring_advice(besides: Recommendation | None) -> RecurringAdvice | None:
    """Return the advice of recent sessions that most sessions gave, or None; 2 or 3 queries."""
    recent = Session.objects.published().filter(held_on__isnull=False).order_by("-held_on", "slug")
    groups = Recurrence.objects.filter(
        recommendation__session__in=recent.values("pk")[:LOOKED_AT]
    ).values("group")
    members = Recurrence.objects.filter(
        public_condition("recommendation__session__"), group__in=groups
    )
    row = most_widespread(members).first()
    if row is None:
        return None
    members = Recommendation.objects.published().filter(recurrence__group=row["group"])
    members = members.order_by(F("session__held_on").desc(nulls_last=True), "session__slug", "pk")
    others = members.exclude(pk=besides.pk) if besides else members
    recommendation = others.select_related("session").first()
    return recommendation and RecurringAdvice(
        group=row["group"],
        sessions=row["sessions"],
        first_year=row["first"] and row["first"].year,
        last_year=row["last"] and row["last"].year,
        recommendation=recommendation,
    )


def topic_families(topics: Facet) -> list[tuple[FacetValue, list[FacetValue]]]:
    """Return (topic, topics below it) for the topics above all others in sight, largest first."""
    families: list[tuple[FacetValue, list[FacetValue]]] = []
    for topic in topics.values:
        if topic.depth == 0:
            families.append((topic, []))
        elif families:
            families[-1][1].append(topic)
    families.sort(key=lambda family: -family[0].count)
    return [(parent, children[:CHILDREN_SHOWN]) for parent, children in families[:PARENTS_SHOWN]]
