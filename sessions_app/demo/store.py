"""Storing the demonstration in bulk, and taking exactly it away again."""

import hashlib
from collections.abc import Callable
from itertools import islice

from django.core.files.base import ContentFile
from django.db import transaction

from desk_app.merging.merge import merge_records
from desk_app.models import MergeRecord
from search_app.change_log import record_that_everything_changed
from sessions_app.indexing.change_signals import record_session_changes
from site_app.models import OldAddress
from site_app.redirects.slugged_model import unique_slugs
from site_app.text.slugs import slug_from_text
from speakers_app.models import Organisation, OrganisationAlias, Speaker, SpeakerAlias

from ..models import (
    Appearance,
    Comment,
    Document,
    Recommendation,
    Region,
    Series,
    Session,
    Topic,
    TopicAlias,
)
from . import handwritten
from .demonstration import Demonstration
from .portraits import draw_portrait
from .records import DemoRecording, DemoSession

SESSIONS_PER_BATCH = 500
MIN_SESSIONS_FOR_INDEX_REBUILD = 2000  # else it is updated
IMPORT_REF_PREFIX = "demo:"
DEMO_RECORD_NOTE = "Invented for the demonstration."
MEDIA_TYPE_BY_SUFFIX = {"pdf": "application/pdf"}


def add_demo_note(text: str) -> str:
    """Return a description marked as fictional, by which `remove` recognises the record."""
    return f"{text.strip()}\n\n{DEMO_RECORD_NOTE}".strip()


class DemonstrationStore:
    """Writes a Demonstration; existing names are used and not removed later."""

    def __init__(self, demonstration: Demonstration):
        self.demonstration = demonstration
        # Recordings of the sessions created in this run, by key of the session.
        self.recordings: dict[int, tuple[DemoRecording, ...]] = {}

    def save_all(self, progress: Callable[[int], None] = lambda count: None) -> int:
        """Store all sessions with what they need; return how many were made."""
        with transaction.atomic():
            self._store_headings()
            self._store_organisations()
            self._store_speakers()
        sessions = self.demonstration.all_sessions()
        made = 0
        while batch := list(islice(sessions, SESSIONS_PER_BATCH)):
            with transaction.atomic():
                made += self._store_sessions(batch)
            progress(len(batch))
        if made:
            self._merge_same_speakers()
        if self.demonstration.count > MIN_SESSIONS_FOR_INDEX_REBUILD:
            record_that_everything_changed()
        return made

    def _store_headings(self):
        def stored(model, heading, **values):
            return model.objects.get_or_create(
                name=heading.name,
                defaults={"description": add_demo_note(heading.description), **values},
            )[0]

        self.series = {
            one.name: stored(Series, one) for one in handwritten.load_headings("series")
        }
        self.regions = {
            one.name: stored(Region, one) for one in handwritten.load_headings("regions")
        }
        self.topics = {}
        for topic in handwritten.load_headings("topics"):
            parent = self.topics[topic.parent] if topic.parent else None
            self.topics[topic.name] = stored(Topic, topic, parent=parent)
            for alias in topic.aliases:
                TopicAlias.objects.get_or_create(topic=self.topics[topic.name], name=alias)

    def _store_organisations(self):
        organisations = self.demonstration.organisations
        self.organisations = self._create_missing(
            Organisation,
            [
                Organisation(
                    name=organisation.name,
                    abbreviation=organisation.abbreviation,
                    description=add_demo_note(organisation.description),
                    website=organisation.website,
                )
                for organisation in organisations
            ],
        )
        for organisation in organisations:
            record = self.organisations[organisation.name]
            if organisation.parent and record.parent_id is None:
                record.parent = self.organisations[organisation.parent]
                record.save()
            for alias in organisation.aliases:
                OrganisationAlias.objects.get_or_create(organisation=record, name=alias)

    def _store_speakers(self):
        speakers = [
            speaker
            for speaker in self.demonstration.speakers
            if not speaker.same_as or not self._is_already_merged(speaker)
        ]
        self.speakers = self._create_missing(
            Speaker,
            [
                Speaker(
                    family_name=speaker.family_name,
                    given_name=speaker.given_name,
                    honorific=speaker.honorific,
                    suffix=speaker.suffix,
                    biography=add_demo_note(speaker.biography),
                )
                for speaker in speakers
            ],
        )
        for speaker in speakers:
            record = self.speakers[speaker.name]
            if speaker.has_portrait and not record.photo:
                record.picture_alt = f"{record.name}, a drawing of nobody"
                record.focus_x, record.focus_y = 50, 45
                content = ContentFile(draw_portrait(record.slug))
                record.photo.save(f"demo-{record.slug[:60]}.webp", content, save=True)
            for alias in speaker.aliases:
                SpeakerAlias.objects.get_or_create(speaker=record, name=alias)

    def _is_already_merged(self, speaker):
        """Return whether an earlier run has merged this speaker."""
        name = Speaker(family_name=speaker.family_name, given_name=speaker.given_name).sort_name
        return SpeakerAlias.objects.filter(
            name=name, speaker__biography__contains=DEMO_RECORD_NOTE
        ).exists()

    def _merge_same_speakers(self):
        for speaker in self.demonstration.speakers:
            if speaker.same_as and (record := self.speakers.get(speaker.name)):
                merge_records(self.speakers[speaker.same_as], [record], user=None)

    def _create_missing(self, model, records):
        """Make the records that are not there; return {name: record}.

        A second run finds its own by their note.
        """
        field = "biography" if model is Speaker else "description"
        known = {
            record.name: record
            for record in model.objects.filter(**{f"{field}__contains": DEMO_RECORD_NOTE})
        }
        new = [record for record in records if record.name not in known]
        bases = [slug_from_text(record.slug_source, model._meta.model_name) for record in new]
        for record, slug in zip(new, unique_slugs(model, bases), strict=True):
            record.slug = slug
        model.objects.bulk_create(new, batch_size=SESSIONS_PER_BATCH)
        return known | {record.name: record for record in new}

    def _store_sessions(self, batch):
        refs = [f"{IMPORT_REF_PREFIX}{demo.ref}" for demo in batch]
        there = set(
            Session.objects.filter(import_ref__in=refs).values_list("import_ref", flat=True)
        )
        batch = [demo for demo in batch if f"{IMPORT_REF_PREFIX}{demo.ref}" not in there]
        sessions = [self._build_session(demo) for demo in batch]
        bases = [slug_from_text(session.title, "session") for session in sessions]
        for session, slug in zip(sessions, unique_slugs(Session, bases), strict=True):
            session.slug = slug
        Session.objects.bulk_create(sessions)
        pairs = list(zip(sessions, batch, strict=True))
        self._store_session_parts(pairs)
        if self.demonstration.count <= MIN_SESSIONS_FOR_INDEX_REBUILD:
            record_session_changes([session.pk for session in sessions])
        self.recordings |= {
            session.pk: demo.recordings for session, demo in pairs if demo.recordings
        }
        return len(sessions)

    def _build_session(self, demo: DemoSession) -> Session:
        session = Session(
            import_ref=f"{IMPORT_REF_PREFIX}{demo.ref}",
            title=demo.title,
            held_on=demo.held_on,
            ends_on=demo.ends_on,
            start_time=demo.start_time,
            time_zone=demo.time_zone,
            series=self.series[demo.series] if demo.series else None,
            summary=demo.summary,
            internal_note=DEMO_RECORD_NOTE,
            language=demo.language,
            status="published" if demo.status == "scheduled" else demo.status,
            published_at=(
                demo.published_at
                if demo.status in ("published", "scheduled", "withdrawn")
                else None
            ),
            first_public_at=demo.published_at if demo.status == "withdrawn" else None,
            last_recommendation_number=len(demo.recommendations),
            last_document_number=len(demo.documents),
        )
        session.prepare()
        return session

    def _store_session_parts(self, pairs: list[tuple[Session, DemoSession]]):
        appearances = Appearance.objects.bulk_create(
            [
                Appearance(
                    session=session,
                    speaker=self.speakers[appearance.speaker],
                    organisation=self.organisations.get(appearance.organisation),
                    role_title=appearance.role,
                    function=appearance.function,
                    position=position,
                )
                for session, demo in pairs
                for position, appearance in enumerate(demo.appearances)
            ]
        )
        self._store_further_organisations(appearances, pairs)
        self._store_recommendations(appearances, pairs)
        Session.topics.through.objects.bulk_create(
            [
                Session.topics.through(session_id=session.pk, topic_id=self.topics[name].pk)
                for session, demo in pairs
                for name in demo.topics
            ]
        )
        Session.regions.through.objects.bulk_create(
            [
                Session.regions.through(session_id=session.pk, region_id=self.regions[name].pk)
                for session, demo in pairs
                for name in demo.regions
            ]
        )
        self._store_documents(pairs)
        self._store_comments(pairs)

    def _store_further_organisations(self, appearances, pairs):
        through = Appearance.further_organisations.through
        demos = [appearance for _, demo in pairs for appearance in demo.appearances]
        through.objects.bulk_create(
            [
                through(appearance_id=record.pk, organisation_id=self.organisations[name].pk)
                for record, appearance in zip(appearances, demos, strict=True)
                for name in appearance.further_organisations
            ]
        )

    def _store_recommendations(self, appearances, pairs):
        speaking = {
            (appearance.session_id, appearance.speaker_id): appearance.pk
            for appearance in appearances
        }
        demos = [
            (session, number, demo_recommendation)
            for session, demo in pairs
            for number, demo_recommendation in enumerate(demo.recommendations, 1)
        ]
        records = Recommendation.objects.bulk_create(
            [
                Recommendation(
                    session=session,
                    number=number,
                    position=number,
                    text=recommendation.text,
                    audience=recommendation.audience,
                )
                for session, number, recommendation in demos
            ]
        )
        makers, topics = Recommendation.made_by.through, Recommendation.topics.through
        made = list(zip(records, demos, strict=True))
        makers.objects.bulk_create(
            [
                makers(
                    recommendation_id=record.pk,
                    appearance_id=speaking[session.pk, self.speakers[name].pk],
                )
                for record, (session, _, recommendation) in made
                for name in recommendation.made_by
            ]
        )
        topics.objects.bulk_create(
            [
                topics(recommendation_id=record.pk, topic_id=self.topics[name].pk)
                for record, (_, _, recommendation) in made
                for name in recommendation.topics
            ]
        )

    def _store_comments(self, pairs):
        comments: list[Comment] = []
        replies: list[tuple[Comment, Comment]] = []  # (the reply, the comment that it replies to)
        for session, demo in pairs:
            asked = None
            for demo_comment in demo.comments:
                comment = Comment(
                    session=session,
                    name=demo_comment.name,
                    body=demo_comment.body,
                    email=f"{slug_from_text(demo_comment.name, 'reader')}@reader.example",
                    status=demo_comment.status,
                    created_at=demo_comment.written_at,
                )
                if demo_comment.is_reply:
                    replies.append((comment, asked))
                else:
                    asked = comment
                    comments.append(comment)
        Comment.objects.bulk_create(comments)
        for reply, asked in replies:
            reply.reply_to = asked
        Comment.objects.bulk_create([reply for reply, _ in replies])

    def _store_documents(self, pairs):
        documents = []
        for session, demo in pairs:
            for number, demo_document in enumerate(demo.documents, 1):
                document = Document(
                    session=session,
                    number=number,
                    position=number,
                    kind=demo_document.kind,
                    title=demo_document.title,
                    url=demo_document.url,
                )
                if demo_document.file:
                    content = (handwritten.DOCUMENTS_FOLDER / demo_document.file).read_bytes()
                    document.file.save(demo_document.file, ContentFile(content), save=False)
                    document.sha256 = hashlib.sha256(content).hexdigest()
                    document.media_type = MEDIA_TYPE_BY_SUFFIX[
                        demo_document.file.rpartition(".")[2]
                    ]
                    document.byte_count = len(content)
                documents.append(document)
        Document.objects.bulk_create(documents)


def remove_demonstration() -> int:
    """Remove demonstration records that nothing else uses; return the removed sessions."""
    removed = 0
    while keys := list(
        Session.objects.filter(import_ref__startswith=IMPORT_REF_PREFIX).values_list(
            "pk", flat=True
        )[:SESSIONS_PER_BATCH]
    ):
        with transaction.atomic():
            for document in Document.objects.filter(session__in=keys).exclude(file=""):
                document.file.delete(save=False)
            record_session_changes(keys)
            Session.objects.filter(pk__in=keys).delete()
        removed += len(keys)
    with transaction.atomic():
        speakers = Speaker.objects.filter(biography__contains=DEMO_RECORD_NOTE, appearances=None)
        _delete_merge_records(speakers)
        speakers.delete()
        while Organisation.objects.filter(
            description__contains=DEMO_RECORD_NOTE,
            appearances=None,
            further_appearances=None,
            parts=None,
        ).delete()[0]:
            pass
        for model in (Series, Region):
            model.objects.filter(description__contains=DEMO_RECORD_NOTE, sessions=None).delete()
        while Topic.objects.filter(
            description__contains=DEMO_RECORD_NOTE,
            sessions=None,
            recommendations=None,
            children=None,
        ).delete()[0]:
            pass
        record_that_everything_changed()
    return removed


def _delete_merge_records(speakers):
    """Remove the traces of merges into these speakers: the record and the old addresses."""
    merges = MergeRecord.objects.filter(
        model=Speaker._meta.label_lower, key__in=list(speakers.values_list("pk", flat=True))
    )
    addresses = [speaker.get_absolute_url() for speaker in speakers]
    OldAddress.objects.filter(leads_to__in=addresses, origin=OldAddress.Origin.RENAMED).delete()
    merges.delete()
