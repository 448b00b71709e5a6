"""A marker word in every text field of everything that visitors may not see.

`build()` creates the records. The fields are read from the models: one that neither contains a marker
nor is listed in `NOT_MARKED` with a reason fails a test.
"""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from django.apps import apps
from django.core.files.base import ContentFile
from django.db import models
from django.utils import timezone

from alerts_app.models import Alert
from desk_app.models import Absorbed, Finding, LookAlike, MergeRecord
from ingest_app.models import (
    ImportedRecord,
    ImportRun,
    IncomingPage,
    MappingRule,
    RunItem,
    RunMade,
)
from recordings_app.models import AccessLog, Recording, RecordingUpload, Transcript
from search_app import api
from search_app.models import SearchCount
from sessions_app.catalogue.recurring import update_groups
from sessions_app.models import (
    BinnedSession,
    Comment,
    FormerImportRef,
    LinkCheck,
    ReviewNote,
    Tombstone,
)
from site_app.models import ContactMessage, MailMessage, OldAddress
from sma_archive.cache import page_cache
from tests import factories

OUR_APPS = {
    "alerts_app",
    "desk_app",
    "ingest_app",
    "recordings_app",
    "search_app",
    "sessions_app",
    "site_app",
    "speakers_app",
}
TEXT_FIELDS = (models.CharField, models.TextField, models.JSONField, models.FileField)
DAY = timedelta(days=1)

HASH = "random, a hash or a key"
DERIVED = "made from other fields"
FORMAT = "a value of a fixed form, of which no word is a secret"
MACHINE = "written by the program about itself"
PUBLIC = "public by intent"
NOT_MARKED = {
    **dict.fromkeys(
        [
            "alerts_app.Alert.nonce",
            "recordings_app.Recording.sha256", "recordings_app.RecordingRequest.reference",
            "recordings_app.RecordingRequest.nonce", "recordings_app.Grant.nonce",
            "recordings_app.Sitting.key_hash",
            "recordings_app.RecordingUpload.key", "ingest_app.ImportRun.source_sha256",
            "ingest_app.RunMade.fingerprint", "ingest_app.ImportedRecord.digest",
            "sessions_app.BulkFile.name", "sessions_app.BulkFile.path", "sessions_app.BulkFile.sha256",
            "sessions_app.Document.sha256", "site_app.FormAttempt.key",
            "site_app.MailMessage.message_id", "search_app.SearchCount.digest",
        ],
        HASH,
    ),
    **dict.fromkeys(
        [
            "sessions_app.Series.sort_key", "sessions_app.Region.sort_key",
            "sessions_app.Topic.sort_key", "sessions_app.Session.summary_text",
            "sessions_app.BinnedSession.summary_text", "speakers_app.Organisation.sort_key",
            "speakers_app.Speaker.sort_key", "speakers_app.Organisation.renditions",
            "speakers_app.Speaker.renditions", "recordings_app.Recording.peaks",
        ],
        DERIVED,
    ),
    **dict.fromkeys(
        [
            "recordings_app.Recording.media_type", "recordings_app.Recording.facts",
            "recordings_app.Transcript.language", "sessions_app.Session.time_zone",
            "sessions_app.Session.language", "sessions_app.BinnedSession.time_zone",
            "sessions_app.BinnedSession.language", "sessions_app.Document.media_type",
            "desk_app.MergeRecord.model", "desk_app.Absorbed.model", "desk_app.LookAlike.model",
            "ingest_app.RunMade.model", "site_app.MailMessage.kind", "site_app.MailText.kind",
            "search_app.Change.kind", "desk_app.Finding.check_name",
            "desk_app.CheckedRecord.check_name", "desk_app.CheckRun.name",
            "sessions_app.DeletedSession.set_specs",
        ],
        FORMAT,
    ),
    **dict.fromkeys(
        [
            "site_app.JobState.name", "site_app.JobState.last_error", "site_app.JobState.held_by",
            "site_app.ClockReading.machine", "site_app.ClockReading.boot",
        ],
        MACHINE,
    ),
    **dict.fromkeys(
        [
            "site_app.SiteSettings.name", "site_app.SiteSettings.tagline",
            "site_app.SiteSettings.contact_email", "site_app.SiteSettings.about",
            "site_app.SiteSettings.owner", "site_app.SiteSettings.licence",
            "site_app.SiteSettings.rights", "site_app.SiteSettings.privacy",
            "site_app.SiteSettings.accessibility",
            "site_app.SiteSettings.recording_terms", "recordings_app.RequestSettings.reply_to",
            "recordings_app.RequestSettings.team_copy", "site_app.MailText.subject",
            "site_app.MailText.body", "search_app.Synonym.term", "search_app.Synonym.equivalent",
        ],
        PUBLIC,
    ),
}  # fmt: skip

# Never shown on any page of the site, even if public: whole models, and fields of others.
NEVER_TOLD_MODELS = {
    "alerts_app.Alert", "desk_app.Absorbed", "desk_app.Finding", "desk_app.LookAlike",
    "desk_app.MergeRecord", "ingest_app.ImportRun", "ingest_app.ImportedRecord",
    "ingest_app.IncomingPage", "ingest_app.MappingRule", "ingest_app.RunItem",
    "ingest_app.RunMade", "recordings_app.AccessLog", "recordings_app.Grant", "recordings_app.RecordingRequest",
    "recordings_app.RecordingUpload", "recordings_app.RequestedRecording",
    "search_app.SearchCount", "sessions_app.FormerImportRef", "sessions_app.LinkCheck",
    "sessions_app.ReviewNote", "sessions_app.Tombstone", "site_app.ContactMessage",
    "site_app.MailMessage", "site_app.OldAddress",
}  # fmt: skip
NEVER_TOLD = {
    "recordings_app.Recording.file",
    "recordings_app.Recording.file_remark",
    "recordings_app.Recording.original_name",
    "sessions_app.BinnedSession.internal_note",
    "sessions_app.BinnedSession.source_url",
    "sessions_app.Comment.email",
    "sessions_app.Comment.import_ref",
    "sessions_app.Session.internal_note",
    "sessions_app.Session.settled_remains",
    "sessions_app.Session.source_url",
    "sessions_app.BinnedSession.settled_remains",
}

NOT_PUBLIC = {
    "draft": {"status": "draft"},
    "in review": {"status": "in_review"},
    "scheduled": {
        "status": "published",
        "published_at": timezone.now() + 9 * DAY,
        "held_on": timezone.localdate() + 9 * DAY,
    },
    "withdrawn": {
        "status": "withdrawn",
        "published_at": timezone.now() - 9 * DAY,
        "first_public_at": timezone.now() - 9 * DAY,
    },
    "binned": {
        "status": "binned",
        "status_before_bin": "published",
        "published_at": timezone.now() - 9 * DAY,
        "first_public_at": timezone.now() - 9 * DAY,
        "binned_at": timezone.now() - DAY,
    },
}
ONCE_PUBLIC = ("withdrawn", "binned")


def text_fields() -> set[str]:
    """Return "app.Model.field" for every field of the project that can contain text by people."""
    return {
        f"{model._meta.label}.{name.name}"
        for model in apps.get_models()
        if model._meta.app_label in OUR_APPS
        for name in model._meta.concrete_fields
        if isinstance(name, TEXT_FIELDS) and not name.choices
    }


@dataclass
class HiddenWorld:
    """The hidden records, and which marker is where."""

    labels: dict[str, str] = field(default_factory=dict)  # marker: "state: app.Model.field"
    marked: set[str] = field(default_factory=set)  # "app.Model.field"
    # Model name: slugs, including old ones.
    slugs: dict[str, list[str]] = field(default_factory=dict)
    former: list[str] = field(default_factory=list)  # old slugs
    filenames: list[str] = field(default_factory=list)

    def marker(self, state: str, label: str) -> str:
        """Return a unique word in lower case."""
        number = len(self.labels) + 1
        letters = "".join("bcdfghklmnprstvw"[number // 16**place % 16] for place in range(3))
        word = f"zq{letters[::-1]}{letters}"
        self.labels[word] = f"{state}: {label}"
        self.marked.add(label)
        return word

    def hide(self, state: str, record: models.Model) -> models.Model:
        """Put a marker into each text field of a record and save it as staff would."""
        old_slug = getattr(record, "slug", "")
        for column in record._meta.concrete_fields:
            label = f"{record._meta.label}.{column.name}"
            if not isinstance(column, TEXT_FIELDS) or column.choices or label in NOT_MARKED:
                continue
            value = self.value(column, self.marker(state, label))
            setattr(record, column.name, value)
        record.save()
        if old_slug:
            self.slugs.setdefault(record._meta.model_name, []).extend([old_slug, record.slug])
            self.former.append(old_slug)
        return record

    def value(self, column, word):
        match column:
            case models.FileField():
                if column.name == "file" and column.model._meta.model_name == "document":
                    self.filenames.append(f"{word}.pdf")
                    return ContentFile(factories.PDF, name=f"{word}.pdf")
                return (
                    f"{'portraits' if isinstance(column, models.ImageField) else 'x'}/{word}.png"
                )
            case models.EmailField():
                return f"{word}@hidden.example"
            case models.URLField():
                return f"https://hidden.example/{word}"
            case models.JSONField():
                return _as_stored(f"{column.model._meta.label}.{column.name}", word)
            case _ if column.name == "chapters":
                return f"0:00 {word}"
            case _ if column.name in ("path", "leads_to"):
                return f"/{word}/"
        return word


def _as_stored(label: str, word: str):
    """Return a JSON value in the form in which the site itself stores it."""
    match label.partition(".")[2]:
        case "MergeRecord.steps":
            return [{"do": "moved", "field": word}]
        case "MergeRecord.touched":
            return {word: [1]}
        case "MergeRecord.report":
            return [{"label": word, "count": 1, "names": [word], "united": 0}]
        case "ImportRun.options" | "RunMade.before" | "ImportedRecord.fields":
            return {"name": word}
        case "MailMessage.about":
            return {"message": word}
        case "ImportRun.counts":
            return {word: 1}
        case "ImportRun.report":
            return [{"file": "x.html", "text": word}]
        case "RunItem.doubts" | "RunItem.remarks" | "ImportedRecord.comments":
            return [word]
        case "IncomingPage.typed":
            return {"title": [word]}
        case "Session.import_remains" | "Session.settled_remains":
            return [{"kind": "missing file", "text": word}]
        case "BinnedSession.import_remains" | "BinnedSession.settled_remains":
            return [{"kind": "missing file", "text": word}]
    raise AssertionError(f"{label}: say in _as_stored what it holds")


def build() -> HiddenWorld:
    """Create a small public archive, and with it everything that must not be visible."""
    world = HiddenWorld()
    public = _public_session()
    for state, fields in NOT_PUBLIC.items():
        _hidden_session(world, state, fields, public)
    _hidden_parts_of_a_public_session(world, public)
    _records_of_staff(world, public)
    return world


def publish_everything() -> None:
    """Make everything public, as if by each regular step; the index is built again."""
    past = timezone.now() - 9 * DAY
    factories.Session.objects.update(
        status="published",
        published_at=past,
        first_public_at=past,
        status_before_bin="",
        binned_at=None,
    )
    Comment.objects.update(status="approved")
    Recording.objects.update(sealed_until=None, is_sealed=False)
    Recording.objects.exclude(access="request").update(access="open")
    Transcript.objects.update(access="public")
    update_groups()
    api.discard_indexes()
    page_cache.cached_pages.clear()


def _public_session():
    """A session that shares no advice or speaker with a hidden one, and shows everything."""
    session = factories.SessionFactory(title="In public", slug="in-public", summary="<p>Ports</p>")
    session.topics.add(factories.TopicFactory(name="Public", slug="public"))
    session.regions.add(factories.RegionFactory(name="Public", slug="public"))
    session.series = factories.SeriesFactory(name="Public", slug="public")
    session.save()
    appearance = factories.AppearanceFactory(
        session=session,
        speaker=factories.SpeakerFactory(slug="public"),
        organisation=factories.OrganisationFactory(slug="public"),
    )
    advice = factories.RecommendationFactory(session=session, number=1, text="Guard every cable")
    advice.made_by.add(appearance)
    factories.CommentFactory(session=session)
    factories.RecordingFactory(session=session, number=1, access="open", has_audio=True)
    factories.RecordingFactory(session=session, number=2, access="request", has_audio=True)
    return session


def _hidden_session(world, state, fields, public):
    hide = world.hide
    name = state.replace(" ", "-")
    session = factories.SessionFactory(slug=f"old-{name}", **fields)
    session.series = hide(state, factories.SeriesFactory(slug=f"old-{name}"))
    if state == "binned":
        session = BinnedSession.objects.get(pk=session.pk)
        session.series = hide(state, factories.SeriesFactory(slug=f"old-{name}-2"))
    hide(state, session)
    if state == "binned":
        world.slugs.setdefault("session", []).extend(world.slugs.pop("binnedsession"))
        session = factories.Session.objects.get(pk=session.pk)
    topic = hide(state, factories.TopicFactory(slug=f"old-{name}"))
    hide(state, factories.TopicAliasFactory(topic=topic))
    session.topics.add(topic)
    session.regions.add(hide(state, factories.RegionFactory(slug=f"old-{name}")))
    speaker = hide(state, factories.SpeakerFactory(slug=f"old-{name}"))
    hide(state, factories.SpeakerAliasFactory(speaker=speaker))
    organisations = [
        hide(state, factories.OrganisationFactory(slug=f"old-{name}-{number}"))
        for number in (1, 2)
    ]
    hide(state, factories.OrganisationAliasFactory(organisation=organisations[0]))
    appearance = hide(
        state,
        factories.AppearanceFactory(
            session=session, speaker=speaker, organisation=organisations[0]
        ),
    )
    appearance.further_organisations.add(organisations[1])
    advice = hide(state, factories.RecommendationFactory(session=session, number=1))
    advice.made_by.add(appearance)
    advice.topics.add(topic)
    document = factories.DocumentFactory(session=session, number=1, as_file=True)
    document.title, document.url = world.marker(state, "sessions_app.Document.title"), ""
    document.file = world.value(
        document._meta.get_field("file"), world.marker(state, "sessions_app.Document.file")
    )
    document.save()
    link = factories.DocumentFactory(session=session, number=2)
    link.url = f"https://hidden.example/{world.marker(state, 'sessions_app.Document.url')}"
    link.save()
    hide(state, LinkCheck(document=link, outcome="dead", checked_at=timezone.now()))
    hide(state, factories.CommentFactory(session=session))
    hide(state, ReviewNote(session=session))
    hide(state, FormerImportRef(session=session))
    recording = hide(
        state,
        factories.RecordingFactory(session=session, number=1, access="open", with_audio=True),
    )
    # Whom to ask about recordings is said where one can be requested.
    factories.RecordingFactory(session=session, number=2, access="request", has_audio=True)
    transcript = hide(state, factories.TranscriptFactory(recording=recording))
    _hide_cue(world, state, transcript)
    if state in ONCE_PUBLIC:
        hide(state, Tombstone(slug=f"deleted-{name}", first_public_at=timezone.now() - 9 * DAY))


def _hide_cue(world, state, transcript):
    voice = world.marker(state, "recordings_app.TranscriptCue.voice")
    text = world.marker(state, "recordings_app.TranscriptCue.text")
    factories.replace_cues(transcript, [factories.Cue(0, 1500, voice, text)])


def _hidden_parts_of_a_public_session(world, public):
    for status in ("pending", "rejected"):
        world.hide(f"comment {status}", factories.CommentFactory(session=public, status=status))
    for number, (access, sealed) in enumerate(
        [("closed", None), ("open", timezone.localdate() + 9 * DAY)], start=3
    ):
        recording = factories.RecordingFactory(
            session=public, number=number, access=access, sealed_until=sealed, has_audio=True
        )
        state = f"recording {access}, sealed until {sealed}"
        transcript = factories.TranscriptFactory(recording=recording, access="public")
        if sealed:
            _hide_cue(world, state, transcript)
    for number, access in enumerate(("closed", "findable"), start=5):
        recording = factories.RecordingFactory(session=public, number=number, access="request")
        transcript = factories.TranscriptFactory(recording=recording, access=access)
        _hide_cue(world, f"transcript {access}", transcript)
    public.internal_note = world.marker("public session", "sessions_app.Session.internal_note")
    public.save()
    world.hide("review note", ReviewNote(session=public))
    request = world.hide("request", factories.RecordingRequestFactory())
    world.hide("request", request.requested_recordings.get())
    grant = factories.GrantFactory()
    world.hide("grant", grant)
    world.hide("access", AccessLog(recording=recording, what="staff"))
    world.hide("upload", RecordingUpload(recording=recording, byte_count=1))


def _records_of_staff(world, public):
    now = timezone.now()
    hide = world.hide
    hide("alert", Alert(kind="sessions"))
    hide("contact", ContactMessage())
    # Scheduled for later, so that it is not sent as something else.
    hide("mail", MailMessage(kind="contact", message_id="<x>", next_attempt_at=now + 9 * DAY))
    old = OldAddress()
    hide("old address", old)
    hide("search", SearchCount(digest="0" * 64, last_on=now.date()))
    merge = hide("merge", MergeRecord(kind="merge", model="speakers_app.speaker", key=1))
    hide("merge", Absorbed(merge=merge, model="speakers_app.speaker", key=1, into=2))
    hide("look-alike", LookAlike(model="speakers_app.speaker", first=1, second=2, likeness=90))
    hide("finding", Finding(check_name="x", key=public.pk))
    run = ImportRun(kind="pages")
    hide("import", run)
    hide("import", RunItem(run=run, status="created"))
    hide("import", RunMade(run=run, model="sessions_app.session", key=public.pk, is_new=True))
    hide(
        "import",
        MappingRule(kind=MappingRule._meta.get_field("kind").choices[0][0], target="topic"),
    )
    hide("import", ImportedRecord(session=public))
    hide("import", IncomingPage(owner=factories.UserFactory(), batch=uuid.uuid4()))
