"""The smallest public record of each kind; a test sets only what it is about.

Dates are fixed: a session is held in March 2024 and published a week later.
"""

import hashlib
from datetime import UTC, date, datetime

import factory
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.utils import timezone

from recordings_app.models import (
    Grant,
    Recording,
    RecordingRequest,
    RequestedRecording,
    Transcript,
)
from recordings_app.transcripts.cues import Cue
from recordings_app.transcripts.storing import replace_cues
from sessions_app.models import (
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
from speakers_app.models import Organisation, OrganisationAlias, Speaker, SpeakerAlias
from tests.sound import tone

HELD_ON = date(2024, 3, 14)
PUBLISHED_AT = datetime(2024, 3, 21, 12, tzinfo=UTC)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


class SeriesFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Series

    name = factory.Sequence("Series {}".format)


class TopicFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Topic

    name = factory.Sequence("Topic {}".format)


class TopicAliasFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TopicAlias

    topic = factory.SubFactory(TopicFactory)
    name = factory.Sequence("Topic alias {}".format)


class RegionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Region

    name = factory.Sequence("Region {}".format)


class OrganisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence("Organisation {}".format)


class OrganisationAliasFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OrganisationAlias

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence("Organisation alias {}".format)


class SpeakerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Speaker

    family_name = factory.Sequence("Family{}".format)
    given_name = factory.Sequence("Given{}".format)


class SpeakerAliasFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SpeakerAlias

    speaker = factory.SubFactory(SpeakerFactory)
    name = factory.Sequence("Speaker alias {}".format)


class SessionFactory(factory.django.DjangoModelFactory):
    """A published session. Set `status` for another state; a draft gets no publication time."""

    class Meta:
        model = Session

    title = factory.Sequence("Session {}".format)
    held_on = HELD_ON
    status = Session.Status.PUBLISHED
    published_at = factory.Maybe(
        factory.LazyAttribute(
            lambda session: session.status in (Session.Status.PUBLISHED, Session.Status.WITHDRAWN)
        ),
        yes_declaration=PUBLISHED_AT,
        no_declaration=None,
    )


class AppearanceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Appearance

    session = factory.SubFactory(SessionFactory)
    speaker = factory.SubFactory(SpeakerFactory)
    organisation = factory.SubFactory(OrganisationFactory)


class RecommendationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Recommendation

    session = factory.SubFactory(SessionFactory)
    text = factory.Sequence("Recommendation {}".format)


class DocumentFactory(factory.django.DjangoModelFactory):
    """A link; `DocumentFactory(as_file=True)` is a small PDF in private storage."""

    class Meta:
        model = Document

    class Params:
        as_file = factory.Trait(
            url="",
            file=factory.LazyFunction(lambda: ContentFile(PDF, name="paper.pdf")),
            media_type="application/pdf",
            byte_count=len(PDF),
        )

    session = factory.SubFactory(SessionFactory)
    title = factory.Sequence("Document {}".format)
    url = factory.Sequence("https://example.org/document-{}".format)


class CommentFactory(factory.django.DjangoModelFactory):
    """An approved comment; set `status="pending"` for one that is not approved yet."""

    class Meta:
        model = Comment

    session = factory.SubFactory(SessionFactory)
    name = factory.Sequence("Reader {}".format)
    email = factory.Sequence("reader{}@example.org".format)
    body = factory.Sequence("Comment {}".format)
    status = Comment.Status.APPROVED
    created_at = PUBLISHED_AT


class RecordingFactory(factory.django.DjangoModelFactory):
    """A recording that can be requested and has no audio yet.

    `with_audio=True` adds placeholder bytes, `has_audio=True` ten seconds of a tone.
    """

    class Meta:
        model = Recording

    class Params:
        with_audio = factory.Trait(
            file="recordings/stand-in.mp3",
            media_type="audio/mpeg",
            sha256="0" * 64,
            duration_seconds=1.0,
            byte_count=1,
        )
        has_audio = factory.Trait(
            file=factory.LazyFunction(lambda: ContentFile(tone(10), name="tone.wav")),
            media_type="audio/wav",
            duration_seconds=10.0,
            byte_count=len(tone(10)),
            sha256=hashlib.sha256(tone(10)).hexdigest(),
            attached_at=PUBLISHED_AT,
            peaks=[],
        )

    session = factory.SubFactory(SessionFactory)


class RecordingRequestFactory(factory.django.DjangoModelFactory):
    """A confirmed request for one recording, not decided yet.

    `recordings=[...]` requests these instead of a new one.
    """

    class Meta:
        model = RecordingRequest
        skip_postgeneration_save = True

    name = "Ada Reader"
    email = "ada@reader.example"
    purpose = "A study of ports"
    agreed_terms = "Terms"
    status = RecordingRequest.Status.OPEN
    confirmed_at = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def recordings(self, create, extracted, **kwargs):
        if create:
            for recording in extracted or [RecordingFactory(**kwargs)]:
                RequestedRecording.objects.create(request=self, recording=recording)


class TranscriptFactory(factory.django.DjangoModelFactory):
    """A public transcript without cues; `cues=[(0, 1500, "Dr. Abara", "Good morning.")]` adds some."""

    class Meta:
        model = Transcript
        skip_postgeneration_save = True

    recording = factory.SubFactory(RecordingFactory)
    access = Transcript.Access.PUBLIC

    @factory.post_generation
    def cues(self, create, extracted, **kwargs):
        if create and extracted:
            replace_cues(self, [Cue(*each) for each in extracted])


class GrantFactory(factory.django.DjangoModelFactory):
    """A grant of five plays until 2099, for a recording with audio."""

    class Meta:
        model = Grant

    class Params:
        recording = factory.SubFactory(RecordingFactory, has_audio=True)

    requested = factory.LazyAttribute(lambda grant: request_for(grant.recording))
    expires_at = datetime(2099, 1, 1, tzinfo=UTC)
    plays_allowed = 5


def request_for(recording):
    """Return the row of a confirmed request for this recording."""
    return RecordingRequestFactory(recordings=[recording]).requested_recordings.get()


class UserFactory(factory.django.DjangoModelFactory):
    """A staff account without permissions; `group="Editors"` adds those of the group."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence("staff{}".format)
    email = factory.LazyAttribute(lambda user: f"{user.username}@archive.example")
    is_staff = True

    @factory.post_generation
    def group(self, create, extracted, **kwargs):
        if create and extracted:
            self.groups.add(Group.objects.get(name=extracted))
