"""The index documents of sessions and recommendations: only public text and facets.

A build reads every session there is, so rows are read as plain tuples, a batch at a time: making
model instances of them would take four times as long.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from search_app.index.document_sources import register_document_source
from search_app.index.documents import IndexDocument, TextPart
from sessions_app.catalogue.topic_tree import self_and_ancestor_keys_by_topic
from sessions_app.models import Appearance, Document, Recommendation, Session, Topic
from speakers_app.models import SpeakerAlias, given_and_family_name, organisation_label

from .transcripts import NOTHING, ended_seals, spoken_of

OTHER_NAME = "other name"  # label of a name that is not the one shown on the session's page


class _Session(NamedTuple):
    key: int
    slug: str
    title: str
    held_on: date | None
    ends_on: date | None
    summary_text: str
    has_recording: bool
    has_transcript: bool
    published_at: datetime
    updated_at: datetime
    series_slug: str | None
    series_name: str | None

    COLUMNS = (
        "pk",
        "slug",
        "title",
        "held_on",
        "ends_on",
        "summary_text",
        "has_recording",
        "has_transcript",
        "published_at",
        "updated_at",
        "series__slug",
        "series__name",
    )


class _Organisation(NamedTuple):
    slug: str
    name: str
    abbreviation: str

    @property
    def label(self) -> str:
        return organisation_label(self.name, self.abbreviation)


class _Appearance(NamedTuple):
    key: int
    speaker: int
    speaker_slug: str
    speaker_name: str
    organisations: list[_Organisation]


class _Recommendation(NamedTuple):
    key: int
    session: int
    number: int
    text: str
    audience: str


class Batch:
    """The data for the documents of some public sessions; ten queries."""

    def __init__(self, sessions):
        rows = sessions.order_by("pk").values_list(*_Session.COLUMNS)
        self.sessions = {row[0]: _Session(*row) for row in rows}
        self.appearances = self._appearances()
        self.paths = self_and_ancestor_keys_by_topic()
        self.topics = {
            key: (slug, name)
            for key, slug, name in Topic.objects.order_by().values_list("pk", "slug", "name")
        }
        self.topics_of = self._pairs(Session.topics.through.objects, "session_id", "topic_id")
        self.regions_of = self._pairs(
            Session.regions.through.objects, "session_id", "region__slug", "region__name"
        )
        self.advice_of: dict[int, list[_Recommendation]] = defaultdict(list)
        advice = Recommendation.objects.filter(session__in=self.sessions)
        for row in advice.order_by("position", "number").values_list(
            "pk", "session_id", "number", "text", "audience"
        ):
            self.advice_of[row[1]].append(_Recommendation(*row))
        speakers = {
            appearance.speaker
            for appearances in self.appearances.values()
            for appearance in appearances
        }
        self.aliases_of: dict[int, list[str]] = defaultdict(list)
        aliases = SpeakerAlias.objects.filter(speaker__in=speakers).order_by("pk")
        for speaker, name in aliases.values_list("speaker_id", "name"):
            self.aliases_of[speaker].append(name)
        documents = Document.objects.filter(session__in=self.sessions).order_by()
        self.with_documents = set(documents.values_list("session_id", flat=True))
        self.ended_seals = ended_seals(self.sessions)

    def true_from(self, session: _Session) -> datetime:
        """Return the time from which a session's document may be shown, including sealed parts."""
        return max(session.published_at, self.ended_seals.get(session.key, session.published_at))

    def _pairs(self, through, owner, *columns) -> dict[int, list]:
        """Return {owner: rows of the columns, a single one bare} of a many-to-many field."""
        pairs: dict[int, list] = defaultdict(list)
        rows = through.filter(**{f"{owner.removesuffix('_id')}__in": self.sessions}).order_by("pk")
        for key, *values in rows.values_list(owner, *columns):
            pairs[key].append(values[0] if len(values) == 1 else values)
        return pairs

    def _appearances(self) -> dict[int, list[_Appearance]]:
        appearances: dict[int, list[_Appearance]] = defaultdict(list)
        by_key = {}
        own = Appearance.objects.filter(session__in=self.sessions).order_by("position", "pk")
        for session, key, speaker, speaker_slug, given, family, *organisation in own.values_list(
            "session_id",
            "pk",
            "speaker_id",
            "speaker__slug",
            "speaker__given_name",
            "speaker__family_name",
            "organisation__slug",
            "organisation__name",
            "organisation__abbreviation",
        ):
            organisations = [_Organisation(*organisation)] if organisation[0] else []
            name = given_and_family_name(given, family)
            by_key[key] = _Appearance(key, speaker, speaker_slug, name, organisations)
            appearances[session].append(by_key[key])
        further = Appearance.further_organisations.through.objects.order_by("pk")
        for key, *organisation in further.filter(
            appearance__session__in=self.sessions
        ).values_list(
            "appearance_id",
            "organisation__slug",
            "organisation__name",
            "organisation__abbreviation",
        ):
            by_key[key].organisations.append(_Organisation(*organisation))
        return appearances

    def with_ancestors(self, topics: Iterable[int]) -> list[tuple[str, str]]:
        """Return (slug, name) of the topics and of all above them, each once."""
        keys = dict.fromkeys(key for topic in topics for key in self.paths.get(topic, ()))
        return [self.topics[key] for key in keys]

    def facets(self, session: _Session, topics, appearances) -> dict[str, list[str]]:
        """Return the facet values of a session: slugs, years, and available material."""
        has = {
            "recording": session.has_recording,
            "transcript": session.has_transcript,
            "recommendations": bool(self.advice_of[session.key]),
            "documents": session.key in self.with_documents,
        }
        years = ()
        if session.held_on:
            years = range(session.held_on.year, (session.ends_on or session.held_on).year + 1)
        return {
            "topic": [slug for slug, _name in topics],
            "region": [slug for slug, _name in self.regions_of[session.key]],
            "series": [session.series_slug] if session.series_slug else [],
            "speaker": [appearance.speaker_slug for appearance in appearances],
            "organisation": [
                organisation.slug
                for appearance in appearances
                for organisation in appearance.organisations
            ],
            "year": [str(year) for year in years],
            "has": [name for name, present in has.items() if present],
        }

    def context(self, session: _Session, topics, appearances) -> dict[str, list[TextPart]]:
        """Return the searchable names of a session: of these people and organisations, and headings."""
        return {
            "speaker": [
                part
                for appearance in appearances
                for part in (
                    TextPart(appearance.speaker_name),
                    *(
                        TextPart(alias, label=OTHER_NAME)
                        for alias in self.aliases_of[appearance.speaker]
                    ),
                )
            ],
            "organisation": [
                TextPart(organisation.label)
                for appearance in appearances
                for organisation in appearance.organisations
            ],
            "topic": [TextPart(name) for _slug, name in topics],
            "series": [TextPart(session.series_name)] if session.series_name else [],
            "region": [TextPart(name) for _slug, name in self.regions_of[session.key]],
        }

    @staticmethod
    def names(appearances) -> dict[str, list[str]]:
        """Return the complete names of organisations, with and without acronym; others as in `context`."""
        return {
            "organisation": [
                name
                for appearance in appearances
                for organisation in appearance.organisations
                for name in (organisation.label, organisation.name, organisation.abbreviation)
                if name
            ]
        }


class SessionSource:
    kind = "session"

    def keys(self) -> Iterator[int]:
        return Session.objects.published().order_by("pk").values_list("pk", flat=True).iterator()

    def documents(self, keys: Sequence[int]) -> Iterable[IndexDocument]:
        batch = Batch(Session.objects.published().filter(pk__in=keys))
        spoken = spoken_of(batch.sessions)
        for session in batch.sessions.values():
            topics = batch.with_ancestors(batch.topics_of[session.key])
            said = spoken.get(session.key, NOTHING)
            appearances = batch.appearances[session.key]
            yield IndexDocument(
                key=session.key,
                slug=session.slug,
                text={
                    "title": [TextPart(session.title)],
                    **batch.context(session, topics, appearances),
                    "recommendation": [
                        TextPart(advice.text, label=str(advice.number))
                        for advice in batch.advice_of[session.key]
                    ],
                    "summary": [TextPart(session.summary_text)],
                    "transcript": said.public,
                },
                facets=batch.facets(session, topics, appearances),
                names=batch.names(appearances),
                starts_on=session.held_on,
                ends_on=session.ends_on or session.held_on,
                published_at=session.published_at,
                updated_at=session.updated_at,
                true_from=batch.true_from(session),
                findable={"transcript": said.findable},
            )


class RecommendationSource:
    kind = "recommendation"
    # The list is searched for advice; the title of the session gives the context.
    weights = {
        "recommendation": 4.0,
        "audience": 2.0,
        "speaker": 2.0,
        "topic": 1.5,
        "title": 1.0,
        "organisation": 1.0,
        "series": 0.8,
        "region": 0.8,
    }

    def keys(self) -> Iterator[int]:
        recommendations = Recommendation.objects.published().order_by("pk")
        return recommendations.values_list("pk", flat=True).iterator()

    def documents(self, keys: Sequence[int]) -> Iterable[IndexDocument]:
        wanted = Recommendation.objects.filter(pk__in=keys).order_by()
        batch = Batch(Session.objects.published().filter(pk__in=wanted.values("session")))
        made_by = _grouped(Recommendation.made_by.through, keys, "appearance_id")
        own_topics = _grouped(Recommendation.topics.through, keys, "topic_id")
        wanted_keys = set(keys)
        for session in batch.sessions.values():
            for advice in batch.advice_of[session.key]:
                if advice.key not in wanted_keys:
                    continue
                topics = batch.with_ancestors(
                    [*own_topics[advice.key], *batch.topics_of[session.key]]
                )
                # Advice without authors belongs to all speakers; other advice belongs to its
                # authors and to their organisations on that day.
                appearances = batch.appearances[session.key]
                makers = [
                    appearance
                    for appearance in appearances
                    if appearance.key in made_by[advice.key]
                ] or appearances
                facets = batch.facets(session, topics, makers)
                facets["audience"] = [advice.audience] if advice.audience else []
                yield IndexDocument(
                    key=advice.key,
                    slug=f"{session.slug}-{advice.number}",
                    text={
                        "title": [TextPart(session.title)],
                        **batch.context(session, topics, makers),
                        "recommendation": [TextPart(advice.text, label=str(advice.number))],
                        "audience": [TextPart(advice.audience)],
                    },
                    facets=facets,
                    names=batch.names(makers),
                    starts_on=session.held_on,
                    ends_on=session.ends_on or session.held_on,
                    published_at=session.published_at,
                    updated_at=session.updated_at,
                    true_from=batch.true_from(session),
                )


def _grouped(through, recommendations, column) -> dict[int, list[int]]:
    grouped: dict[int, list[int]] = defaultdict(list)
    rows = through.objects.filter(recommendation__in=recommendations).order_by("pk")
    for key, value in rows.values_list("recommendation_id", column):
        grouped[key].append(value)
    return grouped


register_document_source(SessionSource())
register_document_source(RecommendationSource())
