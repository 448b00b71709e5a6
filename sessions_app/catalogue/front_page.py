"""What the front page shows of the archive besides its counts."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from sessions_app.models import Recommendation, Recurrence, Session
from sessions_app.querysets import public_condition

from .facets import Facet, FacetValue
from .recurring import groups_by_session_count
from .results import SessionResult

MAX_NEWEST_SESSIONS = 5
MAX_UPCOMING_SESSIONS = 3
MAX_RECENT_SESSIONS_EXAMINED = 60  # newest sessions examined for recurring advice
MAX_PARENT_TOPICS = 8
MAX_CHILD_TOPICS_PER_PARENT = 4


@dataclass(frozen=True)
class RecurringAdvice:
    """Advice of several sessions, in the words of the newest."""

    group: int
    sessions: int
    first_year: int | None
    last_year: int | None
    recommendation: Recommendation


@dataclass(frozen=True)
class ArchiveExtent:
    """From when to when the sessions held so far are, how many follow, and which was made public last."""

    first: date | None
    last: date | None
    to_come: int
    newest: Session | None


def upcoming_sessions() -> list[SessionResult]:
    """Return the next sessions to come, the nearest first; 4 queries."""
    sessions = Session.objects.published().upcoming().for_cards()[:MAX_UPCOMING_SESSIONS]
    return [SessionResult(session, None) for session in sessions]


def newest_past_sessions(besides: list[SessionResult]) -> list[SessionResult]:
    """Return the sessions held last, without those of another list; 4 queries."""
    held = Session.objects.published().filter(held_on__lte=timezone.localdate())
    held = held.exclude(pk__in=[result.session.pk for result in besides])
    newest = held.order_by("-held_on", "slug").for_cards()[:MAX_NEWEST_SESSIONS]
    return [SessionResult(session, None) for session in newest]


def archive_extent() -> ArchiveExtent:
    """Return the span of the sessions held so far and the one published last; one query.

    Each part is found at an end of an index: an aggregate would read every public session.
    """
    today = timezone.localdate()
    public = Session.objects.published().order_by()
    held = public.filter(held_on__lte=today)
    later = Session.objects.order_by().filter(held_on__gt=today).values("pk")
    to_come = public.filter(pk__in=later).values("status").annotate(number=Count("pk"))
    newest = (
        public.only("slug", "title", "language", "published_at")
        .annotate(
            first_day=Subquery(held.order_by("held_on").values("held_on")[:1]),
            last_day=Subquery(held.order_by("-held_on").values("held_on")[:1]),
            number_to_come=Coalesce(Subquery(to_come.values("number")), 0),
        )
        .order_by("-published_at", "slug")
        .first()
    )
    if newest is None:
        return ArchiveExtent(first=None, last=None, to_come=0, newest=None)
    return ArchiveExtent(newest.first_day, newest.last_day, newest.number_to_come, newest)


def newest_recommendation() -> Recommendation | None:
    """Return the first recommendation of the session held last that gave any; 2 queries.

    The database goes through the sessions until one gave some: not at all in an archive without any.
    """
    held = Recommendation.objects.published().filter(
        Exists(Recommendation.made_by.through.objects.all()),
        session__held_on__lte=timezone.localdate(),
        made_by__isnull=False,
    )
    return (
        held.order_by("-session__held_on", "session__slug", "position", "number")
        .for_cards()
        .first()
    )


@dataclass(frozen=True)
class WidestAdviceGroup:
    """The group of recent advice that most sessions gave, and its newest recommendations."""

    group: int
    sessions: int
    first_year: int | None
    last_year: int | None
    newest: list[int]  # keys of at most two


def widest_recent_advice_group() -> WidestAdviceGroup | None:
    """Return the group of the advice of recent sessions that most sessions gave, or None; 3 queries.

    It counts every recommendation of the groups in question, which may be many.
    """
    recent = Session.objects.published().filter(held_on__lte=timezone.localdate())
    recent = recent.order_by("-held_on", "slug").values("pk")[:MAX_RECENT_SESSIONS_EXAMINED]
    groups = Recurrence.objects.filter(recommendation__session__in=recent)
    groups = set(groups.values_list("group", flat=True))
    members = Recurrence.objects.filter(
        public_condition("recommendation__session__"), group__in=groups
    )
    row = groups_by_session_count(members).first() if groups else None
    if row is None:
        return None
    newest = Recommendation.objects.published().filter(recurrence__group=row["group"])
    newest = newest.order_by(F("session__held_on").desc(nulls_last=True), "session__slug", "pk")
    return WidestAdviceGroup(
        group=row["group"],
        sessions=row["sessions"],
        first_year=row["first"] and row["first"].year,
        last_year=row["last"] and row["last"].year,
        newest=list(newest.values_list("pk", flat=True)[:2]),
    )


def newest_advice_of_group(
    widest: WidestAdviceGroup | None, besides: Recommendation | None
) -> RecurringAdvice | None:
    """Return the newest advice of a group, other than `besides`, or None; one query."""
    if widest is None:
        return None
    keys = [key for key in widest.newest if besides is None or key != besides.pk]
    recommendation = (
        Recommendation.objects.published()
        .filter(pk__in=keys[:1])
        .select_related("session")
        .first()
    )
    return recommendation and RecurringAdvice(
        group=widest.group,
        sessions=widest.sessions,
        first_year=widest.first_year,
        last_year=widest.last_year,
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
    return [
        (parent, children[:MAX_CHILD_TOPICS_PER_PARENT])
        for parent, children in families[:MAX_PARENT_TOPICS]
    ]
