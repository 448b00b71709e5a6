"""Uploaded pages: each is shown next to its draft, and stored when a user saves it."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from ingest_app.fingerprints import fingerprint
from ingest_app.matching.scoped_matcher import known_names, matcher_for_people
from ingest_app.models import ImportedRecord, ImportRun, IncomingPage
from ingest_app.pages.page_parser import PageRecord, read_page_record
from ingest_app.pages.page_text import NotAPageError, decode_page
from ingest_app.pages.page_writer import (
    IN_BIN_REMARK,
    Correction,
    FurtherContent,
    WriteOutcome,
    write_page,
)
from ingest_app.pages.uploads import UploadedPage
from ingest_app.runs.provenance import recording_provenance
from ingest_app.runs.run_records import store_page_item
from search_app.batch_deletion import delete_batch
from sessions_app.editing.publishing import UNPUBLISHED_STATUSES
from sessions_app.models import FormerImportRef, Session
from sessions_app.worklists.duplicate_sessions import possible_duplicate_sessions
from site_app.models import OldAddress
from site_app.permissions import NotAllowedError, change_refusal, may_publish
from site_app.redirects.addresses import normalise_path
from site_app.text.slugs import slug_from_text

SAVE_AS_NEW_HINT = gettext_lazy("You can save this page as a session of its own.")
MAX_SIMILAR_SESSIONS = 5
PASTED_TEXT_LABEL = gettext_lazy("The pasted text")
RETENTION_DAYS_UNSAVED_PAGES = 90  # since the last change, if it was not saved
RETENTION_DAYS_SAVED_PAGES = 7


@dataclass
class QueuedPages:
    pages: list[IncomingPage] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)  # rejected files: (name, reason)


def queue_uploads(
    user, uploads: Iterable[UploadedPage | str], *, address: str = ""
) -> QueuedPages:
    """Store uploaded or pasted pages of `user`; the archive does not change.

    A file that is not a page is reported with the reason; the others are accepted.
    """
    taken, seen = QueuedPages(), set()
    known = known_names()
    batch = uuid.uuid4()
    for upload in uploads:
        is_pasted = isinstance(upload, str)
        name = "" if is_pasted else upload.name[-300:]
        try:
            source = upload.replace("\r\n", "\n") if is_pasted else decode_page(upload.content)[0]
            record = read_page_record(source, known)
            ref = _import_ref_of_upload(upload, record, address)
            if ref in seen:
                raise NotAPageError(gettext("Another page of this upload has the same name."))
        except NotAPageError as error:
            taken.refused.append((name or PASTED_TEXT_LABEL, str(error)))
            continue
        seen.add(ref)
        taken.pages.append(
            IncomingPage(
                owner=user,
                batch=batch,
                position=len(taken.pages),
                name=name,
                source=source,
                title=record.title[:500],
                import_ref=ref,
                address=(address if is_pasted else "") or record.address,
            )
        )
    IncomingPage.objects.bulk_create(taken.pages)
    return taken


def _import_ref_of_upload(upload, record, address):
    """Return the identifier of this page, the same as import_pages gives to a file.

    A pasted page that was imported before, under whatever name, is that page. A new one is called
    after its address on the old site or its title.
    """
    if isinstance(upload, UploadedPage):
        return f"page:{upload.stem}"[:250]
    digest = fingerprint(record.comparable_content())
    known = ImportedRecord.objects.filter(digest=digest, session__import_ref__startswith="page:")
    if ref := known.values_list("session__import_ref", flat=True).first():
        return ref
    last = PurePosixPath(address.split("?")[0].split("#")[0].rstrip("/")).stem
    is_path = "/" in address.partition("://")[2].rstrip("/")
    return f"page:{slug_from_text(last if is_path else record.title, fallback='page')}"


def pages_of_user(user) -> QuerySet[IncomingPage]:
    """Return the pages that wait for somebody, without their sources."""
    return IncomingPage.objects.filter(owner=user).defer("source", "typed")


def store_typed_values(page: IncomingPage, posted: QueryDict) -> None:
    """Save what was typed, unless the page has become a session."""
    typed = {name: values for name, values in posted.lists() if name != "csrfmiddlewaretoken"}
    IncomingPage.objects.filter(pk=page.pk).exclude(state=IncomingPage.State.SAVED).update(
        typed=typed, changed_at=timezone.now()
    )


def upload_progress(page: IncomingPage) -> dict:
    """Return {"number", "total", "done"} of a page within its upload, and its neighbours waiting."""
    pages = list(
        IncomingPage.objects.filter(owner=page.owner_id, batch=page.batch).values_list(
            "pk", "state"
        )
    )
    keys = [pk for pk, _ in pages]
    place = keys.index(page.pk)
    waiting = [pk for pk, state in pages if state == IncomingPage.State.WAITING and pk != page.pk]
    before = [pk for pk in waiting if keys.index(pk) < place]
    after = [pk for pk in waiting if keys.index(pk) > place]
    return {
        "number": place + 1,
        "total": len(pages),
        "done": sum(state != IncomingPage.State.WAITING for _, state in pages),
        "before": before[-1] if before else None,
        "next": (after or before or [None])[0],
    }


def session_of_import(import_ref: str) -> Session | None:
    return Session.objects.of_import(import_ref)


def similar_sessions(record: PageRecord, address: str = "") -> list[tuple[Session, str]]:
    """Return [(session, reason)] of stored sessions that the page may be about; three queries.

    They have its address on the old site, its title, or its day and much the same title.
    """
    similar: dict[int, tuple[Session, str]] = {}
    sessions = Session.objects.outside_bin()
    old = normalise_path(address or record.address)
    if old and old != "/":
        there = OldAddress.objects.filter(path=old, leads_to__startswith="/sessions/")
        slugs = [path.split("/")[2] for path in there.values_list("leads_to", flat=True)]
        written = Q(slug__in=slugs) | Q(source_url__in={address, record.address} - {""})
        for session in sessions.filter(written):
            similar[session.pk] = (session, gettext("the same address on the old site"))
    for session, reason in possible_duplicate_sessions(record.title, record.date):
        similar.setdefault(session.pk, (session, reason))
    return list(similar.values())[:MAX_SIMILAR_SESSIONS]


def bind_import_ref(session: Session, ref: str) -> None:
    """Let imports under `ref` find a session, whatever it was imported under before."""
    if session.import_ref is None:
        Session.objects.filter(pk=session.pk).update(import_ref=ref)
    elif session.import_ref != ref:
        FormerImportRef.objects.get_or_create(ref=ref, defaults={"session": session})


def next_free_import_ref(import_ref: str) -> str:
    """Return the first of ref-2, ref-3 … that no session has."""
    taken = set(
        Session.objects.filter(import_ref__startswith=import_ref[:240]).values_list(
            "import_ref", flat=True
        )
    )
    number = 2
    while f"{import_ref[:240]}-{number}" in taken:
        number += 1
    return f"{import_ref[:240]}-{number}"


def save_page_as_session(
    page: IncomingPage,
    record: PageRecord,
    correction: Correction,
    further: FurtherContent,
    *,
    as_new: bool = False,
    into: Session | None = None,
) -> WriteOutcome:
    """Store the corrected record of a page as its session; the page leaves the queue.

    `into`: the session to bring up to date, which later imports of the page find from then on.
    Raises NotAllowedError where the person may not.
    """
    user = correction.user
    if not user.has_perm("sessions_app.add_session"):
        raise NotAllowedError(gettext("You may not add sessions."))
    if correction.status not in UNPUBLISHED_STATUSES and not may_publish(user):
        raise NotAllowedError(
            gettext("Only publishers can publish: save it as a draft or for review.")
        )
    with transaction.atomic():
        page = IncomingPage.objects.select_for_update().get(pk=page.pk)
        if page.state == IncomingPage.State.SAVED and page.session_id:
            return WriteOutcome("unchanged", page.session)
        ref = next_free_import_ref(page.import_ref) if as_new else page.import_ref
        before = into or session_of_import(ref)
        if before and not user.has_perm("sessions_app.change_session"):
            raise NotAllowedError(
                gettext("You may not change sessions: “%(session)s”. %(as_new)s")
                % {"session": before, "as_new": SAVE_AS_NEW_HINT}
            )
        if said := change_refusal(user, before):
            raise NotAllowedError(f"{said} {SAVE_AS_NEW_HINT}")
        run = _run_of_upload(page, user)
        matcher = matcher_for_people(record.speakers, stores=True, user=user)
        with recording_provenance(run):
            if into:
                bind_import_ref(into, ref)
            outcome = write_page(
                record, ref, matcher, publish=False, further=further, correction=correction
            )
        if IN_BIN_REMARK in outcome.remarks:
            raise NotAllowedError(
                gettext(
                    "This page's session is in the bin: restore it there, or save this page as a "
                    "session of its own."
                )
            )
        page.session = outcome.session
        page.import_ref = ref
        page.state = IncomingPage.State.SAVED
        page.typed = {}
        page.changed_at = timezone.now()
        page.run = _record_saved_page(run, page, record, correction, outcome)
        page.save()
        LogEntry.objects.create(
            user=user,
            content_type=ContentType.objects.get_for_model(Session),
            object_id=str(outcome.session.pk),
            object_repr=str(outcome.session)[:200],
            action_flag=ADDITION if outcome.status == "created" else CHANGE,
            change_message="From a page of the old site.",
        )
    return outcome


def _run_of_upload(page, user):
    """Return the import run of the page's upload; the first page that is saved begins it."""
    pages = IncomingPage.objects.filter(batch=page.batch)
    run = (
        ImportRun.objects.select_for_update()
        .filter(pk__in=pages.exclude(run=None).values("run"))
        .exclude(state__in=(ImportRun.State.TAKING_BACK, ImportRun.State.TAKEN_BACK))
        .first()
    )
    if run is None:
        digest, names = hashlib.sha256(), []
        for name, source in pages.values_list("name", "source").iterator(chunk_size=1):
            digest.update(source.encode())
            names.append(name or "pasted")
        run = ImportRun.objects.create(
            kind=ImportRun.Kind.PAGES,
            source_name=", ".join(names)[:300],
            source_sha256=digest.hexdigest(),
            started_at=page.created_at,
            started_by=user,
        )
    return run


def _record_saved_page(run, page, record, correction, outcome):
    """Record this page's outcome in its run, and return the run."""
    store_page_item(run, page.name, record, page.import_ref, outcome)
    run.counts = dict(Counter(run.counts) + Counter({outcome.status: 1}))
    entry = correction.read.as_report(page.name or "pasted")
    run.report = [
        *run.report,
        {
            **entry,
            "status": outcome.status,
            "import_ref": page.import_ref,
            "session": outcome.session.slug,
            "corrected": sorted(correction.fields),
            "doubts": outcome.doubts,
        },
    ]
    run.finished_at = timezone.now()
    run.save()
    return run


def purge_old_pages(now: datetime | None = None) -> int:
    """Delete pages that nobody has touched for long; the sessions made of them stay."""
    now = now or timezone.now()
    old = IncomingPage.objects.filter(
        Q(changed_at__lt=now - timedelta(days=RETENTION_DAYS_UNSAVED_PAGES))
        | Q(
            state=IncomingPage.State.SAVED,
            changed_at__lt=now - timedelta(days=RETENTION_DAYS_SAVED_PAGES),
        )
    )
    return delete_batch(old)
