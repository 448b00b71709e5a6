"""Related reading: sessions and recommendations similar to a given one, those before and after it."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import islice

from django.db.models import Case, Q, Subquery, When
from django.utils.translation import gettext

from search_app.api import similar_records
from search_app.criteria_and_hits import SimilarHit
from search_app.tokenizer import fold
from sessions_app.models import Appearance, Recommendation, Session

from .results import RecommendationResult, sort_by_keys

MAX_RELATED = 5
MAX_SESSION_CANDIDATES = 10  # candidates; those that share only a given name are dropped
MAX_RECOMMENDATION_CANDIDATES = 60  # recommendations, many of which may have the same wording
# Below these limits shared words are coincidence, whatever the size of the archive.
MIN_SHARED_WORDS = 2
MIN_LIKENESS_OF_SESSIONS = 0.2
MIN_LIKENESS_OF_ADVICE = 0.4


@dataclass
class RelatedSession:
    session: Session
    reason: str  # one line with the reason, beginning with a small letter


@dataclass(frozen=True)
class SeriesNeighbours:
    """The sessions before and after one in its series."""

    previous: Session | None = None
    next: Session | None = None


def related_sessions(session: Session) -> list[RelatedSession]:
    """Return public sessions like this one, each with the reason; at most three queries.

    The session comes with its speakers and topics: the names of what others share with it.
    """
    hits = similar_records("session", session.pk, limit=MAX_SESSION_CANDIDATES)
    keys = [hit.key for hit in hits]
    others = Session.objects.published().filter(pk__in=keys)
    speakers = {
        appearance.speaker_id: appearance.speaker.name for appearance in session.appearances.all()
    }
    same_speakers = _shared_names_by_session(
        Appearance.objects.order_by(), "speaker_id", keys, speakers
    )
    topics = {topic.pk: topic.name for topic in session.topics.all()}
    same_topics = _shared_names_by_session(
        Session.topics.through.objects, "topic_id", keys, topics
    )

    def reason(other, hit):
        """Say what the two have in common: people first, then topics, then words."""
        parts = []
        if same := same_speakers[other.pk]:
            parts.append(gettext("also with %(names)s") % {"names": _join_names_with_and(same)})
        if same := same_topics[other.pk]:
            parts.append(gettext("same topic: %(names)s") % {"names": ", ".join(same[:3])})
        if not parts and session.series_id and session.series_id == other.series_id:
            parts.append(gettext("same series: %(name)s") % {"name": session.series})
        if not parts and _is_similar_enough(hit, MIN_LIKENESS_OF_SESSIONS):
            parts.append(_shared_words_reason(hit))
        return "; ".join(parts)

    hit_of = {hit.key: hit for hit in hits}
    lines = others.only(
        "slug", "title", "language", "held_on", "ends_on", "time_zone", "series_id"
    )
    reasoned = ((other, reason(other, hit_of[other.pk])) for other in sort_by_keys(lines, keys))
    return list(
        islice((RelatedSession(*candidate) for candidate in reasoned if candidate[1]), MAX_RELATED)
    )


def _is_similar_enough(hit: SimilarHit, least: float) -> bool:
    return hit.likeness >= least and len(hit.shared_words) >= MIN_SHARED_WORDS


def _shared_names_by_session(links, column, sessions, names) -> dict[int, list[str]]:
    """Return {session: names of what it is linked to}; `names` holds {key: name} in order."""
    shared = defaultdict(list)
    if names:
        rows = links.filter(session__in=sessions, **{f"{column}__in": list(names)})
        linked = set(rows.values_list("session_id", column))
        for key, name in names.items():
            for session in sessions:
                if (session, key) in linked:
                    shared[session].append(name)
    return shared


def _shared_words_reason(hit: SimilarHit) -> str:
    words = {"words": ", ".join(hit.shared_words)}
    if hit.field == "recommendation":
        return gettext("similar advice: %(words)s") % words
    return gettext("similar subject: %(words)s") % words


def _join_names_with_and(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    return gettext("%(names)s and %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}


def neighbours_in_series(session: Session) -> SeriesNeighbours:
    """Return the public sessions of its series before and after a session, by date; one query.

    Of the same day they go by slug. A session without a series or a date has none.
    """
    if session.series_id is None or session.held_on is None:
        return SeriesNeighbours()
    day, slug = session.held_on, session.slug
    comes_before = Q(held_on__lt=day) | Q(held_on=day, slug__lt=slug)
    comes_after = Q(held_on__gt=day) | Q(held_on=day, slug__gt=slug)
    others = Session.objects.published().filter(series=session.series_id)
    # The bounds say nothing new, but let the database begin at this day instead of sorting all.
    before = others.filter(comes_before, held_on__lte=day).order_by("-held_on", "-slug")
    after = others.filter(comes_after, held_on__gte=day).order_by("held_on", "slug")
    nearest = Q(pk=_first_key_subquery(before)) | Q(pk=_first_key_subquery(after))
    # The database decides the order: for the same day its collation compares the slugs.
    lines = Session.objects.filter(nearest).annotate(
        comes_after=Case(When(comes_after, then=True), default=False)
    )
    lines = lines.only("slug", "title", "language", "held_on", "ends_on", "time_zone")
    neighbours = {other.comes_after: other for other in lines}
    return SeriesNeighbours(neighbours.get(False), neighbours.get(True))


def _first_key_subquery(sessions):
    return Subquery(sessions.values("pk")[:1])


def similar_recommendations(recommendation: Recommendation) -> list[RecommendationResult]:
    """Return public recommendations of other sessions that give much the same advice, if any."""
    # Compare only with recommendations: other parts of the same session share everything else.
    hits = similar_records(
        "recommendation",
        recommendation.pk,
        limit=MAX_RECOMMENDATION_CANDIDATES,
        within=("recommendation",),
    )
    keys = [hit.key for hit in hits if _is_similar_enough(hit, MIN_LIKENESS_OF_ADVICE)]
    similar = Recommendation.objects.published().filter(pk__in=keys)
    texts = similar.exclude(session=recommendation.session_id).values_list("pk", "text")
    # Each wording once: the page shows how often it was given.
    chosen: dict[str, int] = {}
    for key, text in sorted(texts, key=lambda row: keys.index(row[0])):
        chosen.setdefault(fold(text), key)
    keys = list(chosen.values())[:MAX_RELATED]
    others = sort_by_keys(similar.filter(pk__in=keys).for_cards(), keys)
    return [RecommendationResult(other, None) for other in others]
