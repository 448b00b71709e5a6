"""Who may change what is or was public: role × writer × state of the record.

A writer is a function that tries to write something of a `Case` as its user, and returns the messages.
One table says whether it may; the stored record must have changed exactly then.
"""

from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from desk_app.merging.merge import merge_records
from desk_app.models import MergeRecord
from ingest_app import import_worker
from ingest_app.fingerprints import session_fingerprints
from ingest_app.models import ImportedRecord, ImportRun, RunMade
from ingest_app.runs.provenance import record_fingerprint
from recordings_app.models import Recording
from search_app import api
from search_app.models import Synonym
from sessions_app.editing import history
from sessions_app.editing.trash import put_into_bin
from sessions_app.models import Comment, Session
from site_app.admin_bases.permissions import PermittedAdmin
from site_app.models import OldAddress, SiteSettings
from site_app.permissions import may_change, protection_rule_of
from sma_archive.groups import GROUPS
from speakers_app.models import Speaker
from tests.factories import (
    AppearanceFactory,
    CommentFactory,
    OrganisationAliasFactory,
    OrganisationFactory,
    RecommendationFactory,
    RecordingFactory,
    RegionFactory,
    SeriesFactory,
    SessionFactory,
    SpeakerAliasFactory,
    SpeakerFactory,
    TopicAliasFactory,
    TopicFactory,
    TranscriptFactory,
    UserFactory,
)
from tests.ingest_app.incoming import fields_of
from tests.ingest_app.wordpress.exports import comment, export, item
from tests.places import one_archive, own_places
from tests.sessions_app.admin_forms import row, rows, shown_values

pytestmark = [pytest.mark.django_db, pytest.mark.walk]
EARLIER, AHEAD = datetime(2024, 3, 21, 12, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
NEW = "Written by the test"

ROLES = ("visitor", "no group", "Editors", "Publishers", "Access officers", "superuser")
STATES = ("draft", "in_review", "scheduled", "published", "withdrawn", "set back", "binned")
DRAFTS = ("draft", "in_review")
# The permissions of other roles do not depend on the state.
MAIN_STATES, STATE_ROLES = ("draft", "published", "binned"), ("Editors", "Publishers")
PUBLISHERS = {"Publishers", "superuser"}
EDITORS = {"Editors"} | PUBLISHERS
OFFICERS = {"Access officers", "superuser"}


def client_of(user):
    client = Client()
    if user:
        client.force_login(user)
    return client


def session_in(state, **values):
    """Return a session in that state, as the regular steps would leave it."""
    status = {"scheduled": "published", "set back": "draft", "binned": "published"}.get(
        state, state
    )
    times = {"scheduled": AHEAD, "draft": None, "in_review": None}
    session = SessionFactory(status=status, published_at=times.get(state, EARLIER), **values)
    if state in ("withdrawn", "set back"):
        Session.objects.filter(pk=session.pk).update(first_public_at=EARLIER)
    if state == "binned":
        put_into_bin(Session.objects.filter(pk=session.pk), user=None)
    session.refresh_from_db()
    return session


class Archive:
    """An archive of one session in `state` with all its parts, and a user of each role.

    It is created once for all writers and roles: each writes to it as a `Case`, and the changes are
    rolled back.
    """

    def __init__(self, state):
        self.state = state
        self.users = {"visitor": None, "root": UserFactory(is_superuser=True, username="root")}
        for role in ROLES[1:]:
            group = role if role in GROUPS else None
            self.users[role] = UserFactory(group=group, is_superuser=role == "superuser")
        self.clients = {role: client_of(user) for role, user in self.users.items()}
        session = session_in(
            state,
            series=SeriesFactory(),
            import_ref="page:tides",
            created_by=self.users["Editors"],
        )
        topic, region = TopicFactory(), RegionFactory()
        session.topics.add(topic)
        session.regions.add(region)
        appearance = AppearanceFactory(session=session)
        # As an import left it: imports keep what was entered by hand since.
        ImportedRecord.objects.create(
            session=session, digest="before", fields=session_fingerprints(session)
        )
        self.records = {
            "session": session,
            "series": session.series,
            "topic": topic,
            "region": region,
            "appearance": appearance,
            "speaker": appearance.speaker,
            "organisation": appearance.organisation,
        }
        self.forms = {}  # URL: the form as shown to a user with all permissions


@pytest.fixture(scope="module", autouse=True)
def clean_places(tmp_path_factory):
    """Give the module its own folders: its tests share the files of their archive."""
    with own_places(tmp_path_factory.mktemp("who")):
        yield


@pytest.fixture(scope="module")
def archive(request, clean_places, django_db_setup, django_db_blocker):
    with one_archive(django_db_blocker):
        yield Archive(request.param)


class Case:
    """A user of a role with a client, and the stored archive."""

    def __init__(self, archive: Archive, role: str):
        self.archive, self.state = archive, archive.state
        self.user, self.client = archive.users[role], archive.clients[role]
        self.root = archive.clients["root"]
        for name, record in archive.records.items():
            setattr(self, name, type(record)._base_manager.get(pk=record.pk))

    @cached_property
    def recording(self):
        return RecordingFactory(session=self.session)

    def form_of(self, record):
        """Return the values of the form of `record` as shown to a user with all permissions.

        That of a record of the archive is the same for all roles, and requested once.
        """
        address = address_of(record)
        if address in self.archive.forms:
            return self.archive.forms[address]
        shown = self.root.get(address)
        values = shown_values(shown) if shown.status_code == 200 else {}
        if record in self.archive.records.values():
            self.archive.forms[address] = values
        return values

    def own(self):
        Session.objects.filter(pk=self.session.pk).update(created_by=self.user)

    def stored(self, record, name):
        return type(record)._base_manager.values_list(name, flat=True).get(pk=record.pk)


def address_of(record, page="change"):
    opts = record._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=[record.pk])


def said_by(response):
    """Return all text of a response, of the page it redirects to and of an error."""
    return response.content.decode().replace("&quot;", '"')


def post_form(case, record, **values):
    """Post the form of `record` as shown to a user with all permissions, with changes."""
    return said_by(
        case.client.post(address_of(record), case.form_of(record) | values, follow=True)
    )


def post_new(case, model, **values):
    opts = model._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_add")
    forged = shown_values(case.root.get(address))
    return said_by(case.client.post(address, forged | values, follow=True))


def post_action(case, model, action, *records, **values):
    opts = model._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    chosen = {"action": action, "_selected_action": [record.pk for record in records]}
    return said_by(case.client.post(address, chosen | values, follow=True))


def bring_in_sheet(case, kind, content):
    """Import a spreadsheet in both steps; return the messages."""
    file = SimpleUploadedFile("rows.csv", content.encode())
    shown = case.client.post(
        reverse(f"admin:{kind}_import"), {"import_file": file, "resource": "0"}, follow=True
    )
    form = (shown.context or {}).get("confirm_form")
    if form is None:
        return said_by(shown)
    values = {bound.html_name: bound.value() or "" for bound in form}
    answer = case.client.post(reverse(f"admin:{kind}_process_import"), values, follow=True)
    return said_by(shown) + said_by(answer)


def import_wordpress(case, *pieces):
    """Upload an export and run the worker; return the messages."""
    file = SimpleUploadedFile("old.xml", export(*pieces), content_type="text/xml")
    answer = case.client.post(
        reverse("admin:ingest_app_importrun_add"), {"file": file}, follow=True
    )
    run = ImportRun.objects.first()
    if run is None:
        return said_by(answer)
    while import_worker.run_slice(run.pk):
        pass
    return " ".join(said for each in run.items.all() for said in [*each.remarks, *each.doubts])


class Writer(NamedTuple):
    write: Callable[[Case], tuple[str, bool]]
    may: Callable[[str], set[str]]
    says: bool
    states: tuple[str, ...]


WRITERS: dict[str, Writer] = {}


def writer(*, may, says=True, states=STATES):
    """Register a writer: (case) → (its messages, whether the record changed).

    `may`: state → the roles that may. `says`: whether the message to an editor names who may, in the
    state of the record. `states`: those in which there is anything to write to.
    """

    def keep(function):
        WRITERS[function.__name__] = Writer(function, may, says, states)
        return function

    return keep


def drafts_by_editors(state):
    """The general rule, for records outside the bin."""
    return EDITORS if state in DRAFTS else set() if state == "binned" else PUBLISHERS


def entries_by_editors(state):
    """The rule for records that a session names: one in the bin that was public protects them, too."""
    return EDITORS if state in DRAFTS else PUBLISHERS


def only(roles):
    return lambda state: roles


NOT_BINNED = tuple(state for state in STATES if state != "binned")


@writer(may=drafts_by_editors, states=NOT_BINNED)
def session_form(case):
    said = post_form(case, case.session, title=NEW)
    return said, case.stored(case.session, "title") == NEW


@writer(may=drafts_by_editors, states=NOT_BINNED)
def recommendation_inline(case):
    advice = rows("recommendations", {"text": NEW})
    return post_form(case, case.session, **advice), case.session.recommendations.exists()


@writer(may=drafts_by_editors, states=NOT_BINNED)
def document_inline(case):
    link = rows("documents", {"kind": "paper", "title": NEW, "url": "https://example.org/x"})
    return post_form(case, case.session, **link), case.session.documents.exists()


@writer(
    may=lambda state: PUBLISHERS if state != "binned" else set(), says=False, states=NOT_BINNED
)
def status_by_the_form(case):
    target = "withdrawn" if case.state == "published" else "published"
    said = post_form(
        case, case.session, status=target, published_at_0="2024-01-01", published_at_1="10:00"
    )
    case.session.refresh_from_db()
    return said, case.session.status == target and case.session.published_at.year == 2024


@writer(may=drafts_by_editors, says=False)
def change_many(case):
    topic = TopicFactory()
    post_action(
        case, Session, "change_chosen", case.session, change_many="1", add_topics=[topic.pk]
    )
    return "", topic in case.session.topics.all()


@writer(may=only(PUBLISHERS), says=False, states=("draft", "in_review", "withdrawn", "set back"))
def publish_chosen(case):
    said = post_action(case, Session, "publish_chosen", case.session)
    return said, case.stored(case.session, "status") == "published"


@writer(may=only(PUBLISHERS), says=False, states=("published", "scheduled"))
def withdraw_chosen(case):
    said = post_action(case, Session, "withdraw_chosen", case.session)
    return said, case.stored(case.session, "status") == "withdrawn"


@writer(may=drafts_by_editors, states=NOT_BINNED)
def delete_own_session(case):
    case.own()
    said = said_by(
        case.client.post(address_of(case.session, "delete"), {"post": "yes"}, follow=True)
    )
    return said, case.stored(case.session, "status") == "binned"


@writer(may=drafts_by_editors, states=NOT_BINNED)
def delete_own_session_from_the_list(case):
    case.own()
    said = post_action(case, Session, "delete_selected", case.session, post="yes")
    return said, case.stored(case.session, "status") == "binned"


@writer(may=only(PUBLISHERS), states=NOT_BINNED)
def delete_the_session_of_another(case):
    Session.objects.filter(pk=case.session.pk).update(created_by=UserFactory())
    said = said_by(
        case.client.post(address_of(case.session, "delete"), {"post": "yes"}, follow=True)
    )
    return said, case.stored(case.session, "status") == "binned"


@writer(may=only(PUBLISHERS), says=False, states=("binned",))
def restore_from_the_bin(case):
    address = reverse("admin:sessions_app_binnedsession_changelist")
    said = said_by(case.client.post(address, {"restore": case.session.pk}, follow=True))
    return said, case.stored(case.session, "status") != "binned"


@writer(may=only(PUBLISHERS), says=False, states=("binned",))
def delete_for_good(case):
    opts = "sessions_app_binnedsession"
    said = said_by(
        case.client.post(
            reverse(f"admin:{opts}_delete", args=[case.session.pk]), {"post": "yes"}, follow=True
        )
    )
    return said, not Session.objects.filter(pk=case.session.pk).exists()


@writer(may=drafts_by_editors, states=NOT_BINNED)
def restore_from_history(case):
    history.record_current_state([case.session.pk], user=None, comment="Then")
    version = history.versions_of_session(case.session.pk).first()
    Session.objects.filter(pk=case.session.pk).update(title="Now")
    address = reverse("admin:sessions_app_session_revision", args=[case.session.pk, version.pk])
    said = said_by(case.client.post(address, {}, follow=True))
    return said, case.stored(case.session, "title") != "Now"


@writer(may=only(EDITORS), says=False, states=("draft",))
def ask_for_review(case):
    address = reverse("admin:sessions_app_session_review", args=[case.session.pk])
    said = said_by(case.client.post(address, {"do": "ask"}, follow=True))
    return said, case.stored(case.session, "status") == "in_review"


@writer(may=only(PUBLISHERS), states=DRAFTS)
def publish_by_the_panel(case):
    address = reverse("admin:sessions_app_session_review", args=[case.session.pk])
    said = said_by(case.client.post(address, {"do": "publish"}, follow=True))
    return said, case.stored(case.session, "status") == "published"


@writer(may=drafts_by_editors, states=NOT_BINNED)
def session_sheet(case):
    said = bring_in_sheet(case, "sessions_app_session", f"slug,title\n{case.session.slug},{NEW}\n")
    return said, case.stored(case.session, "title") == NEW


@writer(may=drafts_by_editors, states=NOT_BINNED)
def appearance_sheet(case):
    text = f"session,speaker,role_title\n{case.session.slug},{case.speaker.slug},{NEW}\n"
    said = bring_in_sheet(case, "sessions_app_appearance", text)
    return said, case.stored(case.appearance, "role_title") == NEW


@writer(may=drafts_by_editors, states=NOT_BINNED)
def recommendation_sheet(case):
    text = f"session,number,text\n{case.session.slug},,{NEW}\n"
    said = bring_in_sheet(case, "sessions_app_recommendation", text)
    return said, case.session.recommendations.exists()


def entry_sheet(name, kind, column):
    def write(case):
        record = getattr(case, name)
        said = bring_in_sheet(case, kind, f"slug,{column}\n{record.slug},{NEW}\n")
        return said, case.stored(record, column) == NEW

    write.__name__ = f"{name}_sheet"
    writer(may=entries_by_editors)(write)


def entry_form(name, column):
    def write(case):
        record = getattr(case, name)
        said = post_form(case, record, **{column: NEW})
        return said, case.stored(record, column) == NEW

    write.__name__ = f"{name}_form"
    writer(may=entries_by_editors)(write)


for _name, _app, _column in (
    ("speaker", "speakers_app", "biography"),
    ("organisation", "speakers_app", "description"),
    ("series", "sessions_app", "description"),
    ("topic", "sessions_app", "description"),
    ("region", "sessions_app", "description"),
):
    entry_sheet(_name, f"{_app}_{_name}", _column)
    entry_form(_name, _column)


def alias_pages(name, factory):
    """Register the admin page of other names: a new one, and one that moves to the record."""

    def add(case):
        model = factory._meta.model
        record = getattr(case, name)
        said = post_new(case, model, **{name: record.pk, "name": NEW})
        return said, record.aliases.filter(name=NEW).exists()

    def move(case):
        record = getattr(case, name)
        said = post_form(case, factory(name=NEW), **{name: record.pk})
        return said, record.aliases.filter(name=NEW).exists()

    def take(case):
        record = getattr(case, name)
        alias = factory(**{name: record})
        said = post_form(
            case, alias, **{name: type(record).objects.exclude(pk=record.pk).get().pk}
        )
        return said, not record.aliases.exists()

    def take_to_another(case):
        type(getattr(case, name))  # another record of the kind, which no session refers to
        other = {"speaker": SpeakerFactory, "organisation": OrganisationFactory}.get(
            name, TopicFactory
        )
        other()
        return take(case)

    def delete(case):
        record = getattr(case, name)
        alias = factory(**{name: record})
        said = said_by(case.client.post(address_of(alias, "delete"), {"post": "yes"}, follow=True))
        return said, not record.aliases.exists()

    for function, verb in (
        (add, "add"),
        (move, "move"),
        (take_to_another, "take"),
        (delete, "delete"),
    ):
        function.__name__ = f"{name}_alias_{verb}"
        writer(may=entries_by_editors)(function)


alias_pages("speaker", SpeakerAliasFactory)
alias_pages("organisation", OrganisationAliasFactory)
alias_pages("topic", TopicAliasFactory)


@writer(may=entries_by_editors)
def topic_above_form(case):
    """A topic is public through its child topics."""
    above = TopicFactory()
    case.topic.parent = above
    case.topic.save()
    said = post_form(case, above, description=NEW)
    return said, case.stored(above, "description") == NEW


@writer(may=entries_by_editors)
def organisation_above_form(case):
    above = OrganisationFactory()
    case.organisation.parent = above
    case.organisation.save()
    said = post_form(case, above, description=NEW)
    return said, case.stored(above, "description") == NEW


@writer(may=only(PUBLISHERS), says=False)
def merge_speakers(case):
    other = SpeakerFactory()
    address = reverse("admin:speakers_app_speaker_merge")
    sent = {"id": [other.pk, case.speaker.pk], "keep": other.pk}
    shown = case.client.post(address, sent | {"preview": "1"}, follow=True)
    digest = (shown.context or {}).get("digest", "x")
    said = said_by(case.client.post(address, sent | {"confirm": digest}, follow=True))
    return said, not Speaker.objects.filter(pk=case.speaker.pk).exists()


@writer(may=only(PUBLISHERS), says=False)
def undo_merge(case):
    other = SpeakerFactory()
    merge_records(case.speaker, [other], user=None)
    record = MergeRecord.objects.get()
    address = reverse("admin:desk_app_mergerecord_undo", args=[record.pk])
    said = said_by(case.client.post(address, {}, follow=True))
    return said, Speaker.objects.filter(pk=other.pk).exists()


@writer(may=drafts_by_editors, states=NOT_BINNED)
def page_import(case):
    page = (
        f"{NEW}\nSpeakers: Greer, T. (Coast Desk)\nDate: 6 May 2020\nSpeaker Session Summary\nAir."
    )
    file = SimpleUploadedFile("tides.txt", page.encode())
    shown = case.client.post(
        reverse("admin:ingest_app_incomingpage_add"), {"files": [file]}, follow=True
    )
    if b"incoming-form" not in shown.content:
        return said_by(shown), case.stored(case.session, "title") == NEW
    fields = fields_of(shown) | {"_draft": "1"}
    said = said_by(case.client.post(shown.wsgi_request.path, fields, follow=True))
    return said, case.stored(case.session, "title") == NEW


@writer(may=drafts_by_editors, states=NOT_BINNED)
def wordpress_import(case):
    Session.objects.filter(pk=case.session.pk).update(import_ref="wordpress:post:7")
    said = import_wordpress(case, item(7, title=NEW), item(8, title="Another"))
    if ImportRun.objects.exists():  # the other records of the run are processed
        assert Session.objects.filter(title="Another").exists()
    return said, case.stored(case.session, "title") == NEW


@writer(may=only(PUBLISHERS), says=False, states=("published", "draft"))
def comments_of_wordpress(case):
    Session.objects.filter(pk=case.session.pk).update(import_ref="wordpress:post:7")
    said = import_wordpress(case, item(7, title=NEW, inside=comment(1)))
    return said, Comment.objects.filter(status="approved").exists()


@writer(may=entries_by_editors)
def wordpress_page_of_a_person(case):
    Speaker.objects.filter(pk=case.speaker.pk).update(given_name="Karin", family_name="Lund")
    OldAddress.objects.create(path="/?p=9", leads_to=case.speaker.get_absolute_url())
    apps.get_model("ingest_app", "MappingRule").objects.create(
        kind="type", source="person", target="speakers"
    )
    said = import_wordpress(case, item(9, f"<p>{NEW}</p>", title="Karin Lund", post_type="person"))
    return said, case.stored(case.speaker, "biography") == NEW


@writer(may=only(PUBLISHERS), says=False, states=NOT_BINNED)
def take_a_run_back(case):
    run = ImportRun.objects.create(kind="wordpress", state=ImportRun.State.DONE)
    RunMade.objects.create(
        run=run,
        model="sessions_app.session",
        key=case.session.pk,
        is_new=True,
        before={},
        fingerprint=record_fingerprint(case.session),
    )
    address = reverse("admin:ingest_app_importrun_take_back", args=[run.pk])
    said = said_by(case.client.post(address, {}, follow=True))
    while import_worker.run_slice(run.pk):
        pass
    return said, not Session.objects.filter(pk=case.session.pk).exists()


def announced_by(state):
    return EDITORS | OFFICERS if state in DRAFTS else PUBLISHERS | OFFICERS


@writer(may=announced_by, states=NOT_BINNED)
def announce_on_the_page_of_recordings(case):
    said = post_new(case, Recording, session=case.session.pk, access="on_request", title=NEW)
    return said, case.session.recordings.exists()


@writer(may=only(OFFICERS), says=False, states=NOT_BINNED)
def announce_automatic_on_the_page_of_recordings(case):
    said = post_new(case, Recording, session=case.session.pk, access="automatic", title=NEW)
    return said, case.session.recordings.exists()


@writer(may=drafts_by_editors, states=NOT_BINNED)
def announce_on_the_page_of_the_session(case):
    given = rows("recordings", {"access": "on_request", "title": NEW})
    return post_form(case, case.session, **given), case.session.recordings.exists()


@writer(may=only({"superuser"}), says=False, states=NOT_BINNED)
def announce_automatic_on_the_page_of_the_session(case):
    given = rows("recordings", {"access": "automatic", "title": NEW})
    return post_form(case, case.session, **given), case.session.recordings.exists()


@writer(may=only(OFFICERS), says=False, states=NOT_BINNED)
def open_a_recording(case):
    recording = RecordingFactory(session=case.session, with_audio=True)
    said = post_form(case, recording, access="open")
    return said, case.stored(recording, "access") == "open"


@writer(may=only(OFFICERS), says=False, states=NOT_BINNED)
def open_a_transcript(case):
    transcript = TranscriptFactory(recording=case.recording, access="closed")
    given = row("transcript", 0, access="public")
    said = post_form(case, case.recording, **given)
    return said, case.stored(transcript, "access") == "public"


@writer(may=only(PUBLISHERS), says=False, states=NOT_BINNED)
def approve_a_comment(case):
    waiting = CommentFactory(session=case.session, status="pending")
    said = post_action(case, Comment, "approve_chosen", waiting)
    return said, case.stored(waiting, "status") == "approved"


@writer(may=only(PUBLISHERS), says=False, states=NOT_BINNED)
def change_a_comment(case):
    waiting = CommentFactory(session=case.session, status="pending")
    said = post_form(case, waiting, status="approved", body=NEW)
    return said, case.stored(waiting, "status") == "approved"


@writer(may=drafts_by_editors, states=NOT_BINNED, says=False)
def set_a_series_from_a_worklist(case):
    Session.objects.filter(pk=case.session.pk).update(series=None)
    address = reverse("worklists:worklist", args=["no-series"])
    sent = {"line": [case.session.pk], "fix": "series", "series": case.series.pk}
    said = said_by(case.client.post(address, sent, follow=True))
    return said, case.stored(case.session, "series") is not None


@writer(may=only(PUBLISHERS), says=False, states=("published",))
def synonym(case):
    return post_new(case, Synonym, term="one", equivalent="two"), Synonym.objects.exists()


@writer(may=only(PUBLISHERS), says=False, states=("published",))
def old_address(case):
    said = post_new(case, OldAddress, path="/old/", leads_to="/sessions/")
    return said, OldAddress.objects.exists()


@writer(may=only(PUBLISHERS), says=False, states=("published",))
def old_address_by_wordpress(case):
    """Redirects to a public page can be changed only by publishers."""
    path = "/2020/05/session-8/"
    OldAddress.objects.create(
        path=path, leads_to=case.session.get_absolute_url(), origin="old_site"
    )
    import_wordpress(case, item(8, title="Another"))
    return "", OldAddress.objects.get(path=path).leads_to != case.session.get_absolute_url()


@writer(may=only(PUBLISHERS), says=False, states=("published",))
def site_texts(case):
    SiteSettings.objects.get_or_create(pk=1)
    said = post_form(case, SiteSettings.objects.get(), tagline=NEW)
    return said, SiteSettings.objects.filter(tagline=NEW).exists()


@pytest.mark.parametrize(
    ("archive", "name"),
    [(state, name) for state in STATES for name in WRITERS if state in WRITERS[name].states],
    indirect=["archive"],
)
def test_each_writer_writes_only_with_permission(archive, name):
    write, may, says, _states = WRITERS[name]
    state = archive.state
    for role in ROLES if state in MAIN_STATES else STATE_ROLES:
        with rolled_back():
            said, is_changed = write(Case(archive, role))
            cell = (name, role, state, said[-3000:])
            assert is_changed == (role in may(state)), cell
            if says and role == "Editors" and not is_changed:
                assert "only a publisher" in said.lower(), cell


@contextmanager
def rolled_back():
    """Roll back at the end what is stored inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    api.discard_indexes()


# Models that readers never see, or that require a permission editors do not have. Any other model
# must be protected by `site_app.permissions`.
NOT_SHOWN_OR_OWN_RIGHT = {
    "preservation_app.filecheck",
    "auth.group", "auth.user", "axes.accessattempt", "axes.accessfailurelog", "axes.accesslog",
    "alerts_app.alert", "desk_app.mergerecord", "django_tasks_database.dbtaskresult",
    "ingest_app.importrun", "ingest_app.incomingpage", "ingest_app.mappingrule",
    "recordings_app.accesslog", "recordings_app.recordingrequest",
    "recordings_app.requestsettings", "search_app.searchcount", "search_app.synonym",
    "site_app.contactmessage", "site_app.mailmessage", "site_app.mailtext",
    "site_app.oldaddress", "site_app.sitesettings",
}  # fmt: skip
SHOWN_AT_ONCE = (
    "search_app.synonym",
    "site_app.oldaddress",
    "site_app.sitesettings",
    "recordings_app.requestsettings",
)


def test_each_admin_page_checks_the_permission_to_change(rf):
    request = rf.get("/")
    # what is refused to a superuser is refused to everyone
    request.user = UserFactory(is_superuser=True)
    undecided = {
        model._meta.label_lower
        for model, page in admin.site._registry.items()
        if model._meta.label_lower not in NOT_SHOWN_OR_OWN_RIGHT
        and not (
            protection_rule_of(model)
            and (isinstance(page, PermittedAdmin) or not page.has_change_permission(request))
        )
    }

    assert undecided == set()


@pytest.mark.parametrize("action", ["add", "change", "delete"])
@pytest.mark.parametrize("label", SHOWN_AT_ONCE)
def test_editors_cannot_change_immediately_public_data(label, action):
    app, name = label.split(".")

    assert not UserFactory(group="Editors").has_perm(f"{app}.{action}_{name}")


@pytest.mark.parametrize("role", ["Editors", "Publishers", "Access officers"])
@pytest.mark.parametrize("archive", ["draft", "published"], indirect=True)
def test_pages_of_a_protected_record_are_open_to_permitted_users(archive, role):
    """Visits all admins: a user who is offered a form that saves must be allowed to save."""
    case, state = Case(archive, role), archive.state
    RecommendationFactory(session=case.session)
    CommentFactory(session=case.session)
    case.recording  # noqa: B018 - made when it is asked for
    for record in (case.speaker, case.organisation, case.topic):
        {Speaker: SpeakerAliasFactory}.get(
            type(record), TopicAliasFactory if record is case.topic else OrganisationAliasFactory
        )(**{type(record)._meta.model_name: record})
    walked = 0
    for model, page in admin.site._registry.items():
        record = model._base_manager.first() if protection_rule_of(model) else None
        if record is None or not isinstance(page, PermittedAdmin):
            continue
        walked += 1
        shown = case.client.get(address_of(record))
        is_form = shown.status_code == 200 and shown.context["has_change_permission"]
        assert not is_form or may_change(case.user, record), (model, role, state)
        if shown.status_code == 200 and not may_change(case.user, record):
            assert "or was public: only" in shown.content.decode(), (model, role, state)
    assert walked >= 11
