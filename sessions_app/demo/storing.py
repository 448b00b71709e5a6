"""Storing the demonstration in bulk, and taking exactly it away again."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from itertools import islice

from django.core.files.base import ContentFile
from django.db import transaction

from search_app.changes import record_everything
from site_app.rich_text import paragraphs
from site_app.slugs import slug_base, unique_slugs
from speakers_app.models import Organisation, Speaker

from ..changes import record_sessions
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
from . import files, words
from .making import Demonstration

BATCH = 500
MANY = 2000  # sessions from which on the index is built anew instead of following each
PORTRAITS = 40
REF = "demo:"
FAR_AHEAD = datetime(2099, 1, 1, tzinfo=UTC)
NOTE = "Invented for the demonstration."


class Store:
    """Writes a Demonstration; names that exist already are used and not taken away later."""

    def __init__(self, demonstration: Demonstration):
        self.demonstration = demonstration

    def save(self, progress: Callable[[int], None] = lambda count: None) -> int:
        """Store all sessions with what they need; return how many were made."""
        with transaction.atomic():
            self._entries()
            self._people()
        sessions = self.demonstration.sessions()
        made = 0
        while batch := list(islice(sessions, BATCH)):
            with transaction.atomic():
                made += self._batch(batch)
            progress(len(batch))
        if self.demonstration.count > MANY:
            record_everything()
        return made

    def _entries(self):
        def one(model, name, **values):
            return model.objects.get_or_create(
                name=name, defaults={"description": f"{NOTE} {name}.", **values}
            )[0]

        self.series = {name: one(Series, name) for name in words.SERIES}
        self.regions = {name: one(Region, name) for name in words.REGIONS}
        self.topics = {}
        for name, parent, aliases in words.TOPICS:
            self.topics[name] = one(Topic, name, parent=self.topics.get(parent))
            for alias in aliases:
                TopicAlias.objects.get_or_create(topic=self.topics[name], name=alias)

    def _people(self):
        self.organisations = self._bulk(
            Organisation,
            [
                Organisation(
                    name=each.name,
                    abbreviation=each.abbreviation,
                    description=f"{NOTE} {each.name} does not exist.",
                    website=f"https://{slug_base(each.name, 'body')[:50].strip('-')}.example/",
                )
                for each in self.demonstration.organisations
            ],
        )
        self.speakers = self._bulk(
            Speaker,
            [
                Speaker(
                    family_name=each.family_name,
                    given_name=each.given_name,
                    honorific=each.honorific,
                    biography=f"{NOTE} {each.given_name} {each.family_name} has worked on questions "
                    "of strategy and society for many years and speaks about them plainly.",
                )
                for each in self.demonstration.speakers
            ],
        )
        for place, speaker in enumerate(self.speakers[: PORTRAITS * 2 : 2]):
            if not speaker.photo:
                speaker.picture_alt = f"{speaker.name}, a drawing of nobody"
                speaker.focus_x, speaker.focus_y = 50, 45
                speaker.photo.save(
                    f"demo-{place}.webp", ContentFile(files.portrait(speaker.slug)), save=True
                )

    def _bulk(self, model, records):
        """Make the records that are not there; a second run finds its own by their note."""
        field = "biography" if model is Speaker else "description"
        known = {
            record.slug_source: record
            for record in model.objects.filter(**{f"{field}__startswith": NOTE})
        }
        new = [record for record in records if record.slug_source not in known]
        bases = [slug_base(record.slug_source, model._meta.model_name) for record in new]
        for record, slug in zip(new, unique_slugs(model, bases), strict=True):
            record.slug = slug
        model.objects.bulk_create(new, batch_size=BATCH)
        known |= {record.slug_source: record for record in new}
        return [known[record.slug_source] for record in records]

    def _batch(self, batch):
        refs = [f"{REF}{each.number}" for each in batch]
        there = set(
            Session.objects.filter(import_ref__in=refs).values_list("import_ref", flat=True)
        )
        batch = [each for each in batch if f"{REF}{each.number}" not in there]
        sessions = [self._session(each) for each in batch]
        bases = [slug_base(session.title, "session") for session in sessions]
        for session, slug in zip(sessions, unique_slugs(Session, bases), strict=True):
            session.slug = slug
        Session.objects.bulk_create(sessions)
        pairs = list(zip(sessions, batch, strict=True))
        self._parts(pairs)
        if self.demonstration.count <= MANY:
            record_sessions([session.pk for session in sessions])
        return len(sessions)

    def _session(self, demo):
        day = demo.held_on or datetime(2020, 1, 1, tzinfo=UTC).date()
        published_at = datetime.combine(day + timedelta(days=9), time(9), tzinfo=UTC)
        session = Session(
            import_ref=f"{REF}{demo.number}",
            title=demo.title,
            held_on=demo.held_on,
            ends_on=demo.ends_on,
            series=self.series[demo.series],
            summary=paragraphs("\n\n".join((*demo.paragraphs, demo.closing))),
            recording_contact_email="recordings@archive.example" if demo.has_recording else "",
            internal_note=NOTE,
            language=demo.language,
            status={"scheduled": "published"}.get(demo.status, demo.status),
            published_at=published_at if demo.status in ("published", "withdrawn") else None,
            first_public_at=published_at if demo.status == "withdrawn" else None,
            last_recommendation_number=len(demo.advice),
            last_document_number=2 if demo.has_documents else 0,
        )
        if demo.status == "scheduled":
            session.published_at = FAR_AHEAD
        session.prepare()
        return session

    def _parts(self, pairs):
        appearances = Appearance.objects.bulk_create(
            [
                Appearance(
                    session=session,
                    speaker=self.speakers[each.speaker],
                    organisation=(
                        None
                        if each.organisation is None
                        else self.organisations[each.organisation]
                    ),
                    role_title=each.role,
                    function=each.function,
                    position=position,
                )
                for session, demo in pairs
                for position, each in enumerate(demo.appearances)
            ]
        )
        of_session: dict[int, list[Appearance]] = {}
        for appearance in appearances:
            of_session.setdefault(appearance.session_id, []).append(appearance)
        advice = Recommendation.objects.bulk_create(
            [
                Recommendation(
                    session=session,
                    number=number,
                    position=number,
                    text=each.text,
                    audience=each.audience,
                )
                for session, demo in pairs
                for number, each in enumerate(demo.advice, 1)
            ]
        )
        makers = [(session, each.made_by) for session, demo in pairs for each in demo.advice]
        Recommendation.made_by.through.objects.bulk_create(
            [
                Recommendation.made_by.through(
                    recommendation_id=recommendation.pk,
                    appearance_id=of_session[session.pk][place].pk,
                )
                for recommendation, (session, place) in zip(advice, makers, strict=True)
            ]
        )
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

    def _comments(self, pairs):
        """Under every fifth public session some comments, one of them waiting for staff."""
        comments, answers = [], []
        for session, demo in pairs:
            if demo.number % 5 or session.status != Session.Status.PUBLISHED:
                continue
            for place in range(1 + demo.number // 5 % 3):
                name, body = words.COMMENTS[(demo.number // 5 + place) % len(words.COMMENTS)]
                comments.append(
                    Comment(
                        session=session,
                        name=name,
                        body=body,
                        email=f"{slug_base(name, 'reader')}@reader.example",
                        status=Comment.Status.PENDING if place == 2 else Comment.Status.APPROVED,
                        created_at=session.published_at + timedelta(days=2 + place),
                    )
                )
        Comment.objects.bulk_create(comments)
        for comment in comments:
            if comment.body.endswith("?") and comment.status == Comment.Status.APPROVED:
                name, body = words.ANSWER
                answers.append(
                    Comment(
                        session_id=comment.session_id,
                        name=name,
                        body=body,
                        reply_to=comment,
                        status=Comment.Status.APPROVED,
                        created_at=comment.created_at + timedelta(days=1),
                    )
                )
        Comment.objects.bulk_create(answers)

    def _documents(self, pairs):
        documents = []
        for session, demo in pairs:
            if not demo.has_documents:
                continue
            names = [str(self.speakers[each.speaker]) for each in demo.appearances]
            documents.append(
                Document(
                    session=session,
                    number=1,
                    kind=Document.Kind.REPORT,
                    title="The report behind the session",
                    url=f"https://example.org/reports/{session.slug[:80]}",
                    position=1,
                )
            )
            paper = Document(
                session=session,
                number=2,
                kind=Document.Kind.BIOGRAPHIES,
                title="Biographies",
                position=0,
            )
            if self.demonstration.count > MANY:
                # Benchmarks want rows, not a hundred thousand files.
                paper.url = f"https://example.net/biographies/{session.slug[:80]}"
            else:
                content = files.pdf(session.title, [NOTE, "", *names])
                paper.file.save(
                    f"{session.slug[:60]}-biographies.pdf", ContentFile(content), save=False
                )
                paper.sha256 = hashlib.sha256(content).hexdigest()
                paper.media_type, paper.byte_count = "application/pdf", len(content)
            documents.append(paper)
        Document.objects.bulk_create(documents)


def remove() -> int:
    """Take away what the demonstration made and nothing else uses; return the sessions removed."""
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
        Speaker.objects.filter(biography__startswith=NOTE, appearances=None).delete()
        Organisation.objects.filter(
            description__startswith=NOTE, appearances=None, further_appearances=None, parts=None
        ).delete()
        for model in (Series, Region):
            model.objects.filter(description__startswith=NOTE, sessions=None).delete()
        while Topic.objects.filter(
            description__startswith=NOTE, sessions=None, recommendations=None, children=None
        ).delete()[0]:
            pass
        record_everything()
    return removed
