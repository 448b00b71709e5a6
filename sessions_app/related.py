"""What else is worth reading: sessions and recommendations like the one in hand."""

from dataclasses import dataclass

from search_app.room import similar

from .lists import RecommendationResult, in_order
from .models import Recommendation, Session

RELATED = 5


@dataclass
class Related:
    session: Session
    reason: str  # one line that says why


def related_sessions(session: Session) -> list[Related]:
    """Return public sessions like this one, each with the reason; three queries."""
    hits = similar("session", session.pk, limit=RELATED)
    found = Session.objects.published().filter(pk__in=[hit.key for hit in hits])
    terms = {hit.key: hit.shared_terms for hit in hits}
    others = in_order(found.for_lines().prefetch_related("topics"), [hit.key for hit in hits])
    return [Related(other, reason(session, other, terms[other.pk])) for other in others]


def reason(session: Session, other: Session, shared_terms) -> str:
    """Say what two sessions have in common: people first, then topics, then words."""
    speakers = {appearance.speaker_id for appearance in session.appearances.all()}
    same = [
        appearance.speaker.name
        for appearance in other.listed_appearances
        if appearance.speaker_id in speakers
    ]
    topic_ids = {topic.pk for topic in session.topics.all()}
    topics = [topic.name for topic in other.topics.all() if topic.pk in topic_ids]
    parts = []
    if same:
        parts.append(f"also with {_and(same)}")
    if topics:
        parts.append(f"same topic: {', '.join(topics[:3])}")
    if not parts and session.series_id and session.series_id == other.series_id:
        parts.append(f"same series: {other.series}")
    if not parts and shared_terms:
        parts.append(f"both speak of {_and(list(shared_terms)[:3])}")
    return "; ".join(parts)


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def similar_recommendations(recommendation: Recommendation) -> list[RecommendationResult]:
    """Return public recommendations of other sessions that advise much the same."""
    hits = similar("recommendation", recommendation.pk, limit=RELATED + 5)
    found = Recommendation.objects.published().filter(pk__in=[hit.key for hit in hits])
    others = in_order(found.for_cards(), [hit.key for hit in hits])
    return [
        RecommendationResult(other, None)
        for other in others
        if other.session_id != recommendation.session_id
    ][:RELATED]
