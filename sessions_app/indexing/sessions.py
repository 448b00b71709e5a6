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

from .transcripts import NO_SPOKEN_TEXT, last_seal_end_by_session, spoken_text_by_session

OTHER_NAME_LABEL = "other name"  # label of a name that is not the one shown on the session's page


class _SessionRow(NamedTuple):
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


class _OrganisationRow(NamedTuple):
    slug: str
    name: str
    abbreviation: str

    @property
    def label(self) -> str:
        return organisation_label(self.name, self.abbreviation)


class _AppearanceRow(NamedTuple):
    key: int
    speaker: int
    speaker_slug: str
    speaker_name: str
    organisations: list[_OrganisationRow]


class _RecommendationRow(NamedTuple):
    key: int
    session: int
    number: int
    text: str
    audience: str


class SessionBatchData:
    """The data for the documents of some public sessions; ten queries."""

    def __init__(self, sessions):
        rows = sessions.order_by("pk").values_list(*_SessionRow.COLUMNS)
        self.sessions = {row[0]: _SessionRow(*row) for row in rows}
        self.appearances = self._load_appearances_by_session()
        self.paths = self_and_ancestor_keys_by_topic()
        self.topics = {
            key: (slug, name)
            for key, slug, name in Topic.objects.order_by().values_list("pk", "slug", "name")
        }
        self.topics_of = self._many_to_many_values_by_session(
            Session.topics.through.objects, "session_id", "topic_id"
        )
        self.regions_of = self._many_to_many_values_by_session(
            Session.regions.through.objects, "session_id", "region__slug", "region__name"
        )
        self.advice_of: dict[int, list[_RecommendationRow]] = defaultdict(list)
        advice = Recommendation.objects.filter(session__in=self.sessions)
        for row in advice.order_by("position", "number").values_list(
            "pk", "session_id", "number", "text", "audience"
        ):
            self.advice_of[row[1]].append(_RecommendationRow(*row))
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
        self.ended_seals = last_seal_end_by_session(self.sessions)

    def showable_from(self, session: _SessionRow) -> datetime:
        """Return the time from which a session's document may be shown, including sealed parts."""
        return max(session.published_at, self.ended_seals.get(session.key, session.published_at))

    def _many_to_many_values_by_session(self, through, owner, *columns) -> dict[int, list]:
        """Return {owner: rows of the columns, a single one bare} of a many-to-many field."""
        pairs: dict[int, list] = defaultdict(list)
        rows = through.filter(**{f"{owner.removesuffix('_id')}__in": self.sessions}).order_by("pk")
        for key, *values in rows.values_list(owner, *columns):
            pairs[key].append(values[0] if len(values) == 1 else values)
        return pairs

    def _load_appearances_by_session(self) -> dict[int, list[_AppearanceRow]]:
        appearances: dict[int, list[_AppearanceRow]] = defaultdict(list)
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
            organisations = [_OrganisationRow(*organisation)] if organisation[0] else []
            name = given_and_family_name(given, family)
            by_key[key] = _AppearanceRow(key, speaker, speaker_slug, name, organisations)
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
            by_key[key].organisations.append(_OrganisationRow(*organisation))
        return appearances

    def topics_with_ancestors(self, topics: Iterable[int]) -> list[tuple[str, str]]:
        """Return (slug, name) of the topics and of all above them, each once."""
        keys = dict.fromkeys(key for topic in topics for key in self.paths.get(topic, ()))
        return [self.topics[key] for key in keys]

    def facet_values(self, session: _SessionRow, topics, appearances) -> dict[str, list[str]]:
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

    def searchable_names(
        self, session: _SessionRow, topics, appearances
    ) -> dict[str, list[TextPart]]:
        """Return the searchable names of a session: of these people and organisations, and headings."""
        return {
            "speaker": [
                part
                for appearance in appearances
                for part in (
                    TextPart(appearance.speaker_name),
                    *(
                        TextPart(alias, label=OTHER_NAME_LABEL)
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
    def complete_organisation_names(appearances) -> dict[str, list[str]]:
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


class SessionDocumentSource:
    kind = "session"

    def keys(self) -> Iterator[int]:
        return Session.objects.published().order_by("pk").values_list("pk", flat=True).iterator()

    def documents(self, keys: Sequence[int]) -> Iterable[IndexDocument]:
        batch = SessionBatchData(Session.objects.published().filter(pk__in=keys))
        spoken = spoken_text_by_session(batch.sessions)
        for session in batch.sessions.values():
            topics = batch.topics_with_ancestors(batch.topics_of[session.key])
            said = spoken.get(session.key, NO_SPOKEN_TEXT)
            appearances = batch.appearances[session.key]
            yield IndexDocument(
                key=session.key,
                slug=session.slug,
                text={
                    "title": [TextPart(session.title)],
                    **batch.searchable_names(session, topics, appearances),
                    "recommendation": [
                        TextPart(advice.text, label=str(advice.number))
                        for advice in batch.advice_of[session.key]
                    ],
                    "summary": [TextPart(session.summary_text)],
                    "transcript": said.public,
                },
                facets=batch.facet_values(session, topics, appearances),
                names=batch.complete_organisation_names(appearances),
                starts_on=session.held_on,
                ends_on=session.ends_on or session.held_on,
                published_at=session.published_at,
                updated_at=session.updated_at,
                true_from=batch.showable_from(session),
                findable={"transcript": said.findable},
            )


class RecommendationDocumentSource:
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
        batch = SessionBatchData(
            Session.objects.published().filter(pk__in=wanted.values("session"))
        )
        made_by = _values_by_recommendation(Recommendation.made_by.through, keys, "appearance_id")
        own_topics = _values_by_recommendation(Recommendation.topics.through, keys, "topic_id")
        wanted_keys = set(keys)
        for session in batch.sessions.values():
            for advice in batch.advice_of[session.key]:
                if advice.key not in wanted_keys:
                    continue
                topics = batch.topics_with_ancestors(
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
                facets = batch.facet_values(session, topics, makers)
                facets["audience"] = [advice.audience] if advice.audience else []
                yield IndexDocument(
                    key=advice.key,
                    slug=f"{session.slug}-{advice.number}",
                    text={
                        "title": [TextPart(session.title)],
                        **batch.searchable_names(session, topics, makers),
                        "recommendation": [TextPart(advice.text, label=str(advice.number))],
                        "audience": [TextPart(advice.audience)],
                    },
                    facets=facets,
                    names=batch.complete_organisation_names(makers),
                    starts_on=session.held_on,
                    ends_on=session.ends_on or session.held_on,
                    published_at=session.published_at,
                    updated_at=session.updated_at,
                    true_from=batch.showable_from(session),
                )


def _values_by_recommendation(through, recommendations, column) -> dict[int, list[int]]:
    grouped: dict[int, list[int]] = defaultdict(list)
    rows = through.objects.filter(recommendation__in=recommendations).order_by("pk")
    for key, value in rows.values_list("recommendation_id", column):
        grouped[key].append(value)
    return grouped


register_document_source(SessionDocumentSource())
register_document_source(RecommendationDocumentSource())
