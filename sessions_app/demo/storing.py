"""Storing the demonstration in bulk, and taking exactly it away again."""

import hashlib
from collections.abc import Callable
from itertools import islice

from django.core.files.base import ContentFile
from django.db import transaction

from desk_app.merging.merge import merge
from desk_app.models import MergeRecord
from search_app.change_log import record_everything
from sessions_app.indexing.change_signals import record_sessions
from site_app.models import OldAddress
from site_app.redirects.slugged_model import unique_slugs
from site_app.text.slugs import slug_base
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
from . import written
from .demonstration import Demonstration
from .portraits import portrait
from .records import DemoRecording, DemoSession

BATCH = 500
MANY = 2000  # sessions from which the index is rebuilt instead of updated
REF = "demo:"
NOTE = "Invented for the demonstration."
MEDIA_TYPES = {"pdf": "application/pdf"}


def with_note(text: str) -> str:
    """Return a description marked as fictional, by which `remove` recognises the record."""
    return f"{text.strip()}\n\n{NOTE}".strip()


class Store:
    """Writes a Demonstration; existing names are used and not removed later."""

    def __init__(self, demonstration: Demonstration):
        self.demonstration = demonstration
        # Recordings of the sessions created in this run, by key of the session.
        self.recordings: dict[int, tuple[DemoRecording, ...]] = {}

    def save(self, progress: Callable[[int], None] = lambda count: None) -> int:
        """Store all sessions with what they need; return how many were made."""
        with transaction.atomic():
            self._headings()
            self._organisations()
            self._speakers()
        sessions = self.demonstration.sessions()
        made = 0
        while batch := list(islice(sessions, BATCH)):
            with transaction.atomic():
                made += self._batch(batch)
            progress(len(batch))
        if made:
            self._merge_speakers()
        if self.demonstration.count > MANY:
            record_everything()
        return made

    def _headings(self):
        def stored(model, heading, **values):
            return model.objects.get_or_create(
                name=heading.name,
                defaults={"description": with_note(heading.description), **values},
            )[0]

        self.series = {one.name: stored(Series, one) for one in written.headings("series")}
        self.regions = {one.name: stored(Region, one) for one in written.headings("regions")}
        self.topics = {}
        for topic in written.headings("topics"):
            parent = self.topics[topic.parent] if topic.parent else None
            self.topics[topic.name] = stored(Topic, topic, parent=parent)
            for alias in topic.aliases:
                TopicAlias.objects.get_or_create(topic=self.topics[topic.name], name=alias)

    def _organisations(self):
        organisations = self.demonstration.organisations
        self.organisations = self._bulk(
            Organisation,
            [
                Organisation(
                    name=organisation.name,
                    abbreviation=organisation.abbreviation,
                    description=with_note(organisation.description),
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

    def _speakers(self):
        speakers = [
            speaker
            for speaker in self.demonstration.speakers
            if not speaker.same_as or not self._is_merged(speaker)
        ]
        self.speakers = self._bulk(
            Speaker,
            [
                Speaker(
                    family_name=speaker.family_name,
                    given_name=speaker.given_name,
                    honorific=speaker.honorific,
                    suffix=speaker.suffix,
                    biography=with_note(speaker.biography),
                )
                for speaker in speakers
            ],
        )
        for speaker in speakers:
            record = self.speakers[speaker.name]
            if speaker.has_portrait and not record.photo:
                record.picture_alt = f"{record.name}, a drawing of nobody"
                record.focus_x, record.focus_y = 50, 45
                content = ContentFile(portrait(record.slug))
                record.photo.save(f"demo-{record.slug[:60]}.webp", content, save=True)
            for alias in speaker.aliases:
                SpeakerAlias.objects.get_or_create(speaker=record, name=alias)

    def _is_merged(self, speaker):
        """Return whether an earlier run has merged this speaker."""
        name = Speaker(family_name=speaker.family_name, given_name=speaker.given_name).sort_name
        return SpeakerAlias.objects.filter(name=name, speaker__biography__contains=NOTE).exists()

    def _merge_speakers(self):
        for speaker in self.demonstration.speakers:
            if speaker.same_as and (record := self.speakers.get(speaker.name)):
                merge(self.speakers[speaker.same_as], [record], user=None)

    def _bulk(self, model, records):
        """Make the records that are not there; return {name: record}.

        A second run finds its own by their note.
        """
        field = "biography" if model is Speaker else "description"
        known = {
            record.name: record for record in model.objects.filter(**{f"{field}__contains": NOTE})
        }
        new = [record for record in records if record.name not in known]
        bases = [slug_base(record.slug_source, model._meta.model_name) for record in new]
        for record, slug in zip(new, unique_slugs(model, bases), strict=True):
            record.slug = slug
        model.objects.bulk_create(new, batch_size=BATCH)
        return known | {record.name: record for record in new}

    def _batch(self, batch):
        refs = [f"{REF}{demo.ref}" for demo in batch]
        there = set(
            Session.objects.filter(import_ref__in=refs).values_list("import_ref", flat=True)
        )
        batch = [demo for demo in batch if f"{REF}{demo.ref}" not in there]
        sessions = [self._session(demo) for demo in batch]
        bases = [slug_base(session.title, "session") for session in sessions]
        for session, slug in zip(sessions, unique_slugs(Session, bases), strict=True):
            session.slug = slug
        Session.objects.bulk_create(sessions)
        pairs = list(zip(sessions, batch, strict=True))
        self._parts(pairs)
        if self.demonstration.count <= MANY:
            record_sessions([session.pk for session in sessions])
        self.recordings |= {
            session.pk: demo.recordings for session, demo in pairs if demo.recordings
        }
        return len(sessions)

    def _session(self, demo: DemoSession) -> Session:
        session = Session(
            import_ref=f"{REF}{demo.ref}",
            title=demo.title,
            held_on=demo.held_on,
            ends_on=demo.ends_on,
            start_time=demo.start_time,
            time_zone=demo.time_zone,
            series=self.series[demo.series] if demo.series else None,
            summary=demo.summary,
            internal_note=NOTE,
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

    def _parts(self, pairs: list[tuple[Session, DemoSession]]):
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
        self._further_organisations(appearances, pairs)
        self._recommendations(appearances, pairs)
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
        self._documents(pairs)
        self._comments(pairs)

    def _further_organisations(self, appearances, pairs):
        through = Appearance.further_organisations.through
        demos = [appearance for _, demo in pairs for appearance in demo.appearances]
        through.objects.bulk_create(
            [
                through(appearance_id=record.pk, organisation_id=self.organisations[name].pk)
                for record, appearance in zip(appearances, demos, strict=True)
                for name in appearance.further_organisations
            ]
        )

    def _recommendations(self, appearances, pairs):
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

    def _comments(self, pairs):
        comments: list[Comment] = []
        replies: list[tuple[Comment, Comment]] = []  # (the reply, the comment that it replies to)
        for session, demo in pairs:
            asked = None
            for demo_comment in demo.comments:
                comment = Comment(
                    session=session,
                    name=demo_comment.name,
                    body=demo_comment.body,
                    email=f"{slug_base(demo_comment.name, 'reader')}@reader.example",
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

    def _documents(self, pairs):
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
                    content = (written.DOCUMENTS / demo_document.file).read_bytes()
                    document.file.save(demo_document.file, ContentFile(content), save=False)
                    document.sha256 = hashlib.sha256(content).hexdigest()
                    document.media_type = MEDIA_TYPES[demo_document.file.rpartition(".")[2]]
                    document.byte_count = len(content)
                documents.append(document)
        Document.objects.bulk_create(documents)


def remove() -> int:
    """Remove demonstration records that nothing else uses; return the removed sessions."""
    removed = 0
    while keys := list(
        Session.objects.filter(import_ref__startswith=REF).values_list("pk", flat=True)[:BATCH]
    ):
        with transaction.atomic():
            for document in Document.objects.filter(session__in=keys).exclude(file=""):
                document.file.delete(save=False)
            record_sessions(keys)
            Session.objects.filter(pk__in=keys).delete()
        removed += len(keys)
    with transaction.atomic():
        speakers = Speaker.objects.filter(biography__contains=NOTE, appearances=None)
        _forget_merges(speakers)
        speakers.delete()
        while Organisation.objects.filter(
            description__contains=NOTE, appearances=None, further_appearances=None, parts=None
        ).delete()[0]:
            pass
        for model in (Series, Region):
            model.objects.filter(description__contains=NOTE, sessions=None).delete()
        while Topic.objects.filter(
            description__contains=NOTE, sessions=None, recommendations=None, children=None
        ).delete()[0]:
            pass
        record_everything()
    return removed


def _forget_merges(speakers):
    """Remove the traces of merges into these speakers: the record and the old addresses."""
    merges = MergeRecord.objects.filter(
        model=Speaker._meta.label_lower, key__in=list(speakers.values_list("pk", flat=True))
    )
    addresses = [speaker.get_absolute_url() for speaker in speakers]
    OldAddress.objects.filter(leads_to__in=addresses, origin=OldAddress.Origin.RENAMED).delete()
    merges.delete()
