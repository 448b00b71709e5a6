"""Talks in bulk: batches with bulk statements; a batch that fails is repeated one by one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from django.db import DatabaseError
from django.utils import timezone

from desk_app.merging.merge import names_of_merged_records
from ingest_app.fingerprints import (
    fingerprint,
    session_fingerprints,
    session_fingerprints_from_parts,
)
from ingest_app.models import ImportedRecord
from ingest_app.runs.dry_runs import rolled_back_if_dry
from sessions_app.editing.import_remains import replace_open_remains
from sessions_app.formats.entry_times import compare_entries_around
from sessions_app.indexing.authorities import record_entry_changes
from sessions_app.indexing.change_signals import record_session_changes, touch_sessions
from sessions_app.models import (
    Appearance,
    FormerImportRef,
    Recommendation,
    Region,
    Series,
    Session,
    StatusChange,
    Topic,
    TopicAlias,
)
from site_app.redirects.slugged_model import unique_slugs
from site_app.text.rich_text import paragraphs_of_plain_text
from site_app.text.slugs import slug_from_text
from speakers_app.models import Organisation, OrganisationAlias, Speaker, SpeakerAlias
from speakers_app.names.comparison import fold_name
from speakers_app.names.parsing import parse_person_name
from speakers_app.people_line.affiliations import split_name_and_abbreviation

from .talk_reader import Talk, heading_key, normalised_name

TALKS_PER_BATCH = 200  # talks per transaction: on SQLite other writers wait for it
IN_BIN_REMARK = "it is in the bin and was left there"


@dataclass
class TalkOutcome:
    """What became of one talk: created, updated, unchanged or failed, and remarks."""

    status: str
    remarks: list[str] = field(default_factory=list)


class RecordsByName:
    """Records of one kind by the key under which equal names are one; made in bulk when new.

    `keys`: the primary keys of what is made; without them the database gives these.
    """

    def __init__(self, model, key, fields_of, known, keys=None):
        self.model, self.key, self.fields_of, self.keys = model, key, fields_of, keys
        self.ids: dict[str, int] = known
        self.made: dict[str, int] = {}

    def create_missing(self, names: Sequence[str]) -> None:
        missing = {
            self.key(name): name for name in reversed(names) if self.key(name) not in self.ids
        }
        if not missing:
            return
        records = [self.model(**self.fields_of(name)) for name in missing.values()]
        if self.keys:
            for record in records:
                record.pk = next(self.keys)
        kind = self.model._meta.model_name
        bases = [slug_from_text(record.slug_source, fallback=kind) for record in records]
        for record, slug in zip(records, unique_slugs(self.model, bases), strict=True):
            record.slug = slug
        made = self.model.objects.bulk_create(records)
        new = dict(zip(missing, (record.pk for record in made), strict=True))
        self.ids |= new
        self.made |= new
        record_entry_changes(kind, [record.pk for record in made])

    def __getitem__(self, name):
        return self.ids[self.key(name)]


def _speaker_fields(name):
    parts = parse_person_name(name)
    # The parts must give the whole name again, or two equal names could become different.
    if f"{parts.given} {parts.family}".strip() != name:
        given, _, family = name.rpartition(" ")
        return {"family_name": family[:200], "given_name": given[:200]}
    return {"family_name": parts.family[:200], "given_name": parts.given[:200]}


def _organisation_fields(text):
    name, abbreviation = split_name_and_abbreviation(text)
    return {"name": name[:300], "abbreviation": abbreviation[:50]}


def _record_keys_by_name(key, names, aliases) -> dict[str, int]:
    """Return {key of a name: record} from rows (name, record); no alias that several bear."""
    bearers = defaultdict(set)
    for alias, record in aliases:
        bearers[key(alias)].add(record)
    by_alias = {alias: min(records) for alias, records in bearers.items() if len(records) == 1}
    return by_alias | {key(name): record for name, record in names}


class TalkWriter:
    """Writes talks and remembers known names between batches.

    Without `stores` each batch is written and rolled back. New records are remembered for the next
    batches, under negative keys, which the database never uses.
    """

    def __init__(self, *, publish: bool, stores: bool = True):
        self.publish, self.stores = publish, stores
        self.keys = None if stores else count(-1, -1)
        self.rolled_back: dict[type, dict[str, int]] = defaultdict(dict)
        self.load_names()

    def load_names(self) -> None:
        """Read the known names; after a batch that failed they are read again."""
        people = Speaker.objects.order_by("-pk").values_list("given_name", "family_name", "pk")
        names = [(f"{given} {family}", pk) for given, family, pk in people]
        aliases = SpeakerAlias.objects.values_list("name", "speaker")
        self.speakers = self._records_by_name(
            Speaker,
            normalised_name,
            _speaker_fields,
            _record_keys_by_name(normalised_name, names, aliases),
        )
        names = Organisation.objects.order_by("-pk").values_list("name", "pk")
        aliases = OrganisationAlias.objects.values_list("name", "organisation")
        self.organisations = self._records_by_name(
            Organisation,
            lambda text: fold_name(split_name_and_abbreviation(text)[0]),
            _organisation_fields,
            _record_keys_by_name(fold_name, names, aliases),
        )
        topic_aliases = TopicAlias.objects.values_list("name", "topic")
        self.topics, self.regions, self.series = (
            self._records_by_name(
                model,
                heading_key,
                lambda name: {"name": name},
                _record_keys_by_name(
                    heading_key, model.objects.values_list("name", "pk"), aliases
                ),
            )
            for model, aliases in (
                (Topic, topic_aliases),
                (Region, names_of_merged_records(Region)),
                (Series, names_of_merged_records(Series)),
            )
        )

    def _records_by_name(self, model, key, fields_of, known):
        return RecordsByName(model, key, fields_of, self.rolled_back[model] | known, self.keys)

    def write_talks(self, talks: Sequence[Talk]) -> list[TalkOutcome]:
        """Write a batch; return one outcome a talk, in order. Nothing is half written."""
        try:
            return self._write_batch_or_nothing(talks)
        except (DatabaseError, ValueError):
            pass
        outcomes = []
        for talk in talks:
            try:
                outcomes += self._write_batch_or_nothing([talk])
            except (DatabaseError, ValueError) as error:
                outcomes.append(TalkOutcome("failed", [f"{type(error).__name__}: {error}"]))
        return outcomes

    def _write_batch_or_nothing(self, talks):
        try:
            with rolled_back_if_dry(stores=self.stores):
                outcomes = self._write_batch(talks)
        except (DatabaseError, ValueError):
            self.load_names()
            raise
        if not self.stores:
            for names in (
                self.speakers,
                self.organisations,
                self.topics,
                self.regions,
                self.series,
            ):
                self.rolled_back[names.model] |= names.made
        return outcomes

    def _write_batch(self, talks):
        refs = [talk.import_ref for talk in talks]
        stored = {
            session.import_ref: session
            for session in Session.objects.filter(import_ref__in=refs).select_related("imported")
        }
        merged = {
            former.ref: former.session
            for former in FormerImportRef.objects.filter(ref__in=refs).select_related("session")
        }
        outcomes: list[TalkOutcome] = []
        new: list[Talk] = []
        for talk in talks:
            session = stored.get(talk.import_ref)
            imported = getattr(session, "imported", None)
            if session is None and talk.import_ref in merged:
                told = f"Its session was merged into “{merged[talk.import_ref]}”."
                outcomes.append(TalkOutcome("unchanged", [*talk.remarks, told]))
            elif session is None:
                new.append(talk)
                outcomes.append(TalkOutcome("created", list(talk.remarks)))
            elif session.status == Session.Status.BINNED:
                outcomes.append(TalkOutcome("unchanged", [*talk.remarks, IN_BIN_REMARK]))
            elif imported and imported.digest == fingerprint(talk.comparable_content()):
                outcomes.append(TalkOutcome("unchanged", list(talk.remarks)))
            else:
                outcomes.append(self._update_session(talk, session, imported))
        self._create_sessions(new)
        for talk, outcome in zip(talks, outcomes, strict=True):
            if outcome.status in ("created", "updated"):
                outcome.remarks += self._same_record_remarks(talk)
        return outcomes

    def _same_record_remarks(self, talk):
        """Return a remark for each name of the talk that means the same record as one before it."""
        remarks = []
        for kind, records, names in (
            ("topic", self.topics, talk.topics),
            ("region", self.regions, talk.regions),
            ("speaker", self.speakers, [speaker.name for speaker in talk.speakers]),
        ):
            first: dict[int, str] = {}
            for name in names:
                if (other := first.setdefault(records[name], name)) != name:
                    remarks.append(f"“{name}” is the same {kind} as “{other}”")
        return remarks

    def _create_missing_records(self, talks):
        self.speakers.create_missing([s.name for talk in talks for s in talk.speakers])
        self.organisations.create_missing(
            [s.affiliation for talk in talks for s in talk.speakers if s.affiliation]
        )
        self.topics.create_missing([name for talk in talks for name in talk.topics])
        self.regions.create_missing([name for talk in talks for name in talk.regions])
        self.series.create_missing([talk.series for talk in talks if talk.series])

    def _create_sessions(self, talks):
        if not talks:
            return
        self._create_missing_records(talks)
        sessions = [
            self._fill_in_session(Session(import_ref=talk.import_ref), talk) for talk in talks
        ]
        bases = [talk.slug or slug_from_text(talk.title, fallback="session") for talk in talks]
        for session, slug in zip(sessions, unique_slugs(Session, bases), strict=True):
            session.slug = slug
        for session, talk in zip(sessions, talks, strict=True):
            session.last_recommendation_number = len(talk.recommendations)
            session.prepare()
        Session.objects.bulk_create(sessions, batch_size=TALKS_PER_BATCH)
        keys = [session.pk for session in sessions]
        StatusChange.log(sessions)
        parts = self._create_parts(zip(sessions, talks, strict=True))
        ImportedRecord.objects.bulk_create(
            [
                ImportedRecord(
                    session=session,
                    digest=fingerprint(talk.comparable_content()),
                    fields=session_fingerprints_from_parts(session, **parts[session.pk]),
                )
                for session, talk in zip(sessions, talks, strict=True)
            ],
            batch_size=TALKS_PER_BATCH,
        )
        record_session_changes(keys)

    def _create_parts(self, pairs) -> dict[int, dict[str, list]]:
        """Store the parts of sessions; return {session: its parts as `session_fingerprints_from_parts` takes them}."""
        parts = {}
        for session, talk in pairs:
            first = session.last_recommendation_number - len(talk.recommendations) + 1
            parts[session.pk] = {
                "appearances": [
                    Appearance(
                        session=session,
                        speaker_id=self.speakers[speaker.name],
                        organisation_id=(
                            self.organisations[speaker.affiliation]
                            if speaker.affiliation
                            else None
                        ),
                        role_title=speaker.role,
                        position=position,
                    )
                    for position, speaker in enumerate(self._distinct_speakers(talk))
                ],
                "recommendations": [
                    Recommendation(
                        session=session,
                        number=number,
                        position=number,
                        text=advice.text,
                        audience=advice.audience,
                    )
                    for number, advice in enumerate(talk.recommendations, first)
                ],
                # Through another name or a merge, two names can mean one record.
                "topic_ids": list(dict.fromkeys(self.topics[name] for name in talk.topics)),
                "region_ids": list(dict.fromkeys(self.regions[name] for name in talk.regions)),
            }
        for model, name in ((Appearance, "appearances"), (Recommendation, "recommendations")):
            model.objects.bulk_create([part for of in parts.values() for part in of[name]])
        for through, name, column in (
            (Session.topics.through, "topic_ids", "topic_id"),
            (Session.regions.through, "region_ids", "region_id"),
        ):
            through.objects.bulk_create(
                [
                    through(session_id=session, **{column: key})
                    for session, of in parts.items()
                    for key in of[name]
                ]
            )
        return parts

    def _distinct_speakers(self, talk):
        """Two spellings of a name may be one speaker, who appears once."""
        return list({self.speakers[speaker.name]: speaker for speaker in talk.speakers}.values())

    def _fill_in_session(self, session, talk, kept=frozenset()):
        values = {
            "title": talk.title,
            "held_on": talk.held_on,
            "summary": paragraphs_of_plain_text(talk.summary),
            "language": talk.language,
            "source_url": talk.source_url,
            "series_id": self.series[talk.series] if talk.series else None,
        }
        for name, value in values.items():
            if name.removesuffix("_id") not in kept:
                setattr(session, name, value)
        if "import_remains" not in kept:
            replace_open_remains(
                session, [{"kind": "no such field", "text": text} for text in talk.remains]
            )
        if self.publish and session.status == Session.Status.DRAFT:
            session.status = Session.Status.PUBLISHED
            session.published_at = session.published_at or timezone.now()
        return session

    def _update_session(self, talk, session, imported):
        """Write a changed talk, field by field; what somebody edited since is kept and named."""
        present = session_fingerprints(Session.objects.with_everything().get(pk=session.pk))
        kept = (
            {name for name, was in imported.fields.items() if present[name] != was}
            if imported
            else set()
        )
        self._create_missing_records([talk])
        with compare_entries_around([session.pk]):
            self._rewrite_session(session, talk, kept)
        touch_sessions([session.pk])
        written = session_fingerprints(Session.objects.with_everything().get(pk=session.pk))
        # An edited field stays marked as edited: its fingerprint is that of the last imported
        # value.
        fields = written | {name: imported.fields[name] for name in kept}
        ImportedRecord.objects.update_or_create(
            session=session,
            defaults={"digest": fingerprint(talk.comparable_content()), "fields": fields},
        )
        remarks = [*talk.remarks, *(f"kept as edited: {name}" for name in sorted(kept))]
        return TalkOutcome("updated", remarks)

    def _rewrite_session(self, session, talk, kept):
        session.changed_by = None
        self._fill_in_session(session, talk, kept).save()
        if "speakers" not in kept:
            session.appearances.all().delete()
        if "recommendations" not in kept:
            session.recommendations.all().delete()
            session.last_recommendation_number += len(talk.recommendations)
            session.save(update_fields=["last_recommendation_number"])
        for attribute in ("topics", "regions"):
            if attribute not in kept:
                getattr(session, attribute).clear()
        partial = Talk(
            id=talk.id,
            title=talk.title,
            speakers=() if "speakers" in kept else talk.speakers,
            recommendations=() if "recommendations" in kept else talk.recommendations,
            topics=() if "topics" in kept else talk.topics,
            regions=() if "regions" in kept else talk.regions,
        )
        self._create_parts([(session, partial)])
