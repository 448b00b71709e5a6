"""What the search room knows of sessions and recommendations: public text and facets only."""

from collections.abc import Iterable, Iterator, Sequence

from search_app.documents import IndexDocument, TextPart
from search_app.registry import register

from .models import Recommendation, Session, Topic
from .topics import ancestors_by_topic


class TopicPaths:
    """Topics with those above them, read once for a batch of documents."""

    def __init__(self):
        self.paths = ancestors_by_topic()
        self.topics = Topic.objects.in_bulk()

    def of(self, topics) -> list[Topic]:
        """Return the topics and all their ancestors, each once."""
        keys = dict.fromkeys(key for topic in topics for key in self.paths.get(topic.pk, ()))
        return [self.topics[key] for key in keys]


def session_facets(session, topics) -> dict[str, list[str]]:
    """Return the values by which a session is filtered: slugs, years, and what it has."""
    appearances = session.appearances.all()
    first, last = session.held_on, session.ends_on or session.held_on
    has = {
        "recording": session.recording_on_request,
        "recommendations": bool(session.recommendations.all()),
        "documents": bool(session.documents.all()),
    }
    return {
        "topic": [topic.slug for topic in topics],
        "region": [region.slug for region in session.regions.all()],
        "series": [session.series.slug] if session.series else [],
        "speaker": [appearance.speaker.slug for appearance in appearances],
        "organisation": list(
            dict.fromkeys(
                organisation.slug
                for appearance in appearances
                for organisation in appearance.organisations
            )
        ),
        "year": [str(year) for year in range(first.year, last.year + 1)] if first else [],
        "has": [name for name, present in has.items() if present],
    }


def context_text(session, topics) -> dict[str, list[TextPart]]:
    """Return the searchable names around a session: people, bodies, headings."""
    appearances = session.appearances.all()
    return {
        "speaker": [TextPart(appearance.speaker.name) for appearance in appearances],
        "organisation": [
            TextPart(str(organisation))
            for appearance in appearances
            for organisation in appearance.organisations
        ],
        "topic": [TextPart(topic.name) for topic in topics],
        "series": [TextPart(session.series.name)] if session.series else [],
        "region": [TextPart(region.name) for region in session.regions.all()],
    }


class SessionMaker:
    kind = "session"

    def keys(self) -> Iterator[int]:
        return Session.objects.published().order_by("pk").values_list("pk", flat=True).iterator()

    def documents(self, keys: Sequence[int]) -> Iterable[IndexDocument]:
        tree = TopicPaths()
        for session in Session.objects.published().filter(pk__in=keys).with_everything():
            topics = tree.of(session.topics.all())
            yield IndexDocument(
                key=session.pk,
                slug=session.slug,
                text={
                    "title": [TextPart(session.title)],
                    **context_text(session, topics),
                    "recommendation": [
                        TextPart(recommendation.text, label=str(recommendation.number))
                        for recommendation in session.recommendations.all()
                    ],
                    "summary": [TextPart(session.summary_text)],
                },
                facets=session_facets(session, topics),
                starts_on=session.held_on,
                ends_on=session.ends_on or session.held_on,
                published_at=session.published_at,
                updated_at=session.updated_at,
            )


class RecommendationMaker:
    kind = "recommendation"

    def keys(self) -> Iterator[int]:
        found = Recommendation.objects.published().order_by("pk")
        return found.values_list("pk", flat=True).iterator()

    def documents(self, keys: Sequence[int]) -> Iterable[IndexDocument]:
        tree = TopicPaths()
        found = Recommendation.objects.published().filter(pk__in=keys).with_context()
        for recommendation in found:
            session = recommendation.session
            topics = tree.of([*recommendation.topics.all(), *session.topics.all()])
            facets = session_facets(session, topics)
            makers = recommendation.made_by.all() or session.appearances.all()
            facets["speaker"] = [appearance.speaker.slug for appearance in makers]
            facets["audience"] = [recommendation.audience] if recommendation.audience else []
            yield IndexDocument(
                key=recommendation.pk,
                slug=recommendation.public_id,
                text={
                    "title": [TextPart(session.title)],
                    **context_text(session, topics),
                    "recommendation": [
                        TextPart(recommendation.text, label=str(recommendation.number))
                    ],
                    "audience": [TextPart(recommendation.audience)],
                },
                facets=facets,
                starts_on=session.held_on,
                ends_on=session.ends_on or session.held_on,
                published_at=session.published_at,
                updated_at=session.updated_at,
            )


register(SessionMaker())
register(RecommendationMaker())
