"""Sessions out of posts: the page by the writer of pages, and what the old site knew beyond it."""

from contextlib import suppress

from django.core.exceptions import ValidationError
from django.core.files import File as StoredFile
from django.db import transaction

from ingest_app.matching.matcher import Matcher
from ingest_app.pages.page_parser import SourceLink
from ingest_app.pages.page_writer import MAX_URL_CHARACTERS, FurtherContent, write_page
from ingest_app.runs.run_records import ITEM_STATUS_OF_OUTCOME
from sessions_app.editing import document_files, import_remains
from sessions_app.editing.comments import APPROVE_COMMENTS_PERMISSION
from sessions_app.models import Comment, Document, Session
from site_app.models import OldAddress
from site_app.permissions import require_may_change
from site_app.redirects.addresses import store_old_site_redirects
from speakers_app.names.comparison import fold_name, look_alike_key_of_folded

from ..models import RunItem
from .inventory import ExportSurvey
from .media import MediaError, NoMedia
from .post_reader import Post, PostFile, post_summary
from .terms import TermEntries

# What to do with an existing session from another source.
LEAVE_EXISTING, UPDATE_EXISTING, CREATE_SECOND = "leave", "update", "separate"
EXISTS_ALREADY_REMARK = "It is here already"


class PostWriter:
    """Writes posts one by one. With `stores` off no file is kept; the caller rolls back the rest."""

    def __init__(
        self,
        survey: ExportSurvey,
        headings: TermEntries,
        media: NoMedia,
        *,
        publish: bool,
        stores: bool,
        user=None,
        here_already: dict[str, str] | None = None,
    ):
        # {reference of a post: LEAVE, UPDATE or SEPARATE}; "" for all others.
        self.here_already = here_already or {}
        self.survey, self.headings, self.media = survey, headings, media
        self.publish, self.stores, self.user = publish, stores, user

    def write(self, post: Post, matcher: Matcher) -> RunItem:
        """Store a post, whole or not at all; return what became of it.

        Raises DatabaseError, ValueError or NotAllowedError; files written before are deleted again.
        A session that is here already, from pages or entered by hand, is neither doubled nor
        changed until somebody has said which it is to be.
        """
        import_ref, same, said = self._session_to_write(post)
        if import_ref is None:
            return RunItem(
                ref=post.import_ref,
                title=post.page.title[:300],
                status=RunItem.Status.LEFT_OUT,
                doubts=[said],
                address=same.get_absolute_url(),
            )
        files, missing = self._present_and_missing_files(post)
        post.page.links = [*post.links, *(SourceLink(file.label, None) for file in missing)]
        storing = _SessionPartsWriter(self, post, files)
        further = FurtherContent(
            content=[post.comparable_content(), [[file.path, size] for file, size in files]],
            values={
                "summary": post_summary(post, {}, self.survey),
                "source_url": post.source_url,
            },
            published_at=post.published_at if post.was_public else None,
            topics=lambda: self._entry_keys(post.topics),
            regions=lambda: self._entry_keys(post.regions),
            documents=storing.write_documents_text_and_redirects,
        )
        waiting = 0
        try:
            with transaction.atomic():
                outcome = write_page(
                    post.page,
                    import_ref,
                    matcher,
                    publish=self.publish and post.was_public,
                    further=further,
                    user=self.user,
                )
                session = outcome.session
                if outcome.status != "unchanged":
                    waiting = _add_new_comments(session, post, self.user)
        except BaseException:
            storing.delete_written_files()
            raise
        doubts = [*([said] if said else []), *post.doubts, *outcome.doubts, *storing.doubts]
        if waiting:
            doubts.append(f"Comments that wait until somebody approves them: {waiting}.")
        doubts += [f"File not found: {file.path}" for file in missing]
        return RunItem(
            ref=post.import_ref,
            title=post.page.title[:300],
            status=ITEM_STATUS_OF_OUTCOME[outcome.status],
            doubts=doubts,
            remarks=[
                *post.notes,
                *post.page.remarks,
                *outcome.remarks,
                *_remarks_on_remains(post),
            ],
            address=session.get_absolute_url(),
        )

    def _session_to_write(self, post: Post) -> tuple[str | None, Session | None, str]:
        """Return (reference of the session to write, None to leave it; which it is; what to say)."""
        if Session.objects.filter(import_ref=post.import_ref).exists():
            return post.import_ref, None, ""
        led = OldAddress.objects.filter(path=f"/?p={post.number}").first()
        if led and led.leads_to.startswith("/sessions/"):
            before = Session.objects.filter(slug=led.leads_to.split("/")[2]).first()
            if before and before.import_ref:
                return before.import_ref, before, ""  # updated by an earlier import
        same = session_of_title_and_day(post.page.title, post.page.date)
        if same is None:
            return post.import_ref, None, ""
        what = f"“{same}”, {day_in_words(same.held_on)}, has the same title and day"
        choice = self.here_already.get(post.import_ref) or self.here_already.get(
            "", LEAVE_EXISTING
        )
        if choice == CREATE_SECOND:
            return post.import_ref, None, f"A second session: {what}."
        if choice == LEAVE_EXISTING:
            return None, same, f"{EXISTS_ALREADY_REMARK}: {what}. Choose what to do with it."
        require_may_change(self.user, same)
        if not same.import_ref:
            Session.objects.filter(pk=same.pk).update(import_ref=post.import_ref)
            same.import_ref = post.import_ref
        return same.import_ref, same, ""

    def _present_and_missing_files(
        self, post: Post
    ) -> tuple[list[tuple[PostFile, int]], list[PostFile]]:
        """Return (files that are among the media, with their sizes; those that are not)."""
        present, missing = [], []
        for file in post.files:
            try:
                size = self.media.size(file.path)
            except MediaError as error:
                post.doubts.append(str(error))
                size = None
            if size is None:
                missing.append(file)
            else:
                present.append((file, size))
        return present, missing

    def _entry_keys(self, terms):
        entries = (self.headings.entry_of_term(taxonomy, slug) for taxonomy, slug in terms)
        return list(dict.fromkeys(entry.pk for entry in entries if entry is not None))


def session_of_title_and_day(title: str, day) -> Session | None:
    """Return a session of another origin than a WordPress with this title, held on this day."""
    others = Session.objects.outside_bin().exclude(import_ref__startswith="wordpress:post:")
    near = others.filter(held_on=day) if day else others.filter(title__iexact=title, held_on=None)
    wanted = look_alike_key_of_folded(fold_name(title))
    for session in near.order_by("pk").only("title", "slug", "held_on", "status", "import_ref"):
        if look_alike_key_of_folded(fold_name(session.title)) == wanted:
            return session
    return None


def day_in_words(day) -> str:
    return f"{day.day} {day:%B %Y}" if day else "no day"


def _remarks_on_remains(post):
    sounds = [f"Recording, to be attached by hand: {address}" for address in post.sounds]
    told = {f"Recording: {address}" for address in post.sounds}
    return sounds + [f"Not understood: {text}" for text in post.page.remains if text not in told]


class _SessionPartsWriter:
    """Documents, text and old addresses of one session."""

    def __init__(self, writer: PostWriter, post: Post, files: list[tuple[PostFile, int]]):
        self.writer, self.post, self.files = writer, post, files
        self.addresses: dict[str, str] = {}  # lower-case path of a file: its current URL
        self.doubts: list[str] = []
        self.written: list[str] = []

    def delete_written_files(self):
        for name in self.written:
            with suppress(OSError):
                Document._meta.get_field("file").storage.delete(name)

    def write_documents_text_and_redirects(self, session: Session, kept: set[str]) -> None:
        if "documents" not in kept:
            self._update_documents(session)
        text = post_summary(self.post, self.addresses, self.writer.survey)
        if "summary" not in kept and session.summary != text:
            session.summary = text
            session.save()
        self._redirect_old_addresses(session)

    def _update_documents(self, session):
        """Keep the documents that are there still, with their numbers; make and delete others."""
        present = {}
        for document in session.documents.all():
            present[document.sha256 or document.url] = document
        wanted: dict[str, Document] = {}
        for file, _size in self.files:
            try:
                with self.writer.media.open(file.path) as content:
                    self._store_file_document(session, file, content, present, wanted)
            except (MediaError, OSError) as error:
                self._note_refused_file(session, file, str(error))
            except ValidationError as error:
                self._note_refused_file(session, file, " ".join(error.messages))
        for link in self.post.links:
            if link.url and len(link.url) <= MAX_URL_CHARACTERS and link.url not in wanted:
                document = present.get(link.url) or Document(session=session, url=link.url)
                self._save_document_if_changed(document, link.title, len(wanted))
                wanted[link.url] = document
        for key, document in present.items():
            if key not in wanted:
                document.delete()

    def _note_refused_file(self, session, file, reason):
        self.doubts.append(f"{file.path} was refused: {reason}")
        missing = {"kind": import_remains.MISSING_FILE_KIND, "text": file.label}
        import_remains.replace_open_remains(
            session, [*import_remains.remains_of_last_import(session), missing]
        )
        import_remains.save_remain_fields(session)

    def _store_file_document(self, session, file, content, present, wanted):
        inspection = document_files.inspect_upload(content)
        document = wanted.get(inspection.sha256)
        if document is None:
            document = present.get(inspection.sha256)
            if document is None:
                document = Document(
                    session=session,
                    sha256=inspection.sha256,
                    media_type=inspection.media_type,
                    byte_count=inspection.byte_count,
                )
                # The same content is stored once, even if several sessions use it.
                twins = Document.objects.filter(sha256=inspection.sha256).exclude(file="")
                twin = twins.order_by("pk").first()
                if not self.writer.stores:
                    document.file = f"documents/{inspection.name}"
                elif twin and twin.file.storage.exists(twin.file.name):
                    document.file = twin.file.name
                else:
                    content.seek(0)
                    document.file = StoredFile(content, name=inspection.name)
            is_new_file = not document.file._committed
            self._save_document_if_changed(document, file.label, len(wanted))
            if is_new_file:
                self.written.append(document.file.name)
            wanted[inspection.sha256] = document
        document.session = session  # its URL needs the session's slug
        self.addresses[file.path.lower()] = document.get_absolute_url()

    def _save_document_if_changed(self, document, title, position):
        kind = import_remains.guess_document_kind(f"{title} {document.url or document.file.name}")
        values = {"title": title[:500], "kind": kind, "position": position}
        if document.pk and all(getattr(document, name) == value for name, value in values.items()):
            return
        for name, value in values.items():
            setattr(document, name, value)
        document.save()

    def _redirect_old_addresses(self, session):
        survey, here = self.writer.survey, session.get_absolute_url()
        destinations = {}
        for file in self.post.files:
            there = self.addresses.get(file.path.lower(), here)
            urls = [f"/wp-content/uploads/{file.path}"]
            if attachment := survey.attachments.get(file.number):
                urls += [attachment.url, attachment.link]
                destinations[f"/?p={file.number}"] = there
            destinations |= dict.fromkeys(survey.old_addresses(*urls), there)
        destinations |= dict.fromkeys(survey.old_addresses(*self.post.sounds), here)
        destinations |= dict.fromkeys(self.post.addresses, here)
        store_old_site_redirects(destinations, user=self.writer.user)


def _add_new_comments(session: Session, post: Post, user) -> int:
    """Add the comments that were approved there and never came before; return how many wait.

    They are shown at once if `user` may approve comments. What staff did to the others stays.
    """
    imported = session.imported
    new = [comment for comment in post.comments if comment.number not in imported.comments]
    if not new:
        return 0
    is_approved = user is None or user.has_perm(APPROVE_COMMENTS_PERMISSION)
    made = {}
    for comment in sorted(new, key=lambda comment: comment.number):
        reference = f"wordpress:comment:{comment.number}"
        made[comment.number], _ = Comment.objects.get_or_create(
            import_ref=reference,
            defaults={
                "session": session,
                "reply_to": made.get(comment.reply_to)
                or Comment.objects.filter(
                    import_ref=f"wordpress:comment:{comment.reply_to}"
                ).first(),
                "name": comment.name,
                "email": comment.email,
                "body": comment.body,
                "status": Comment.Status.APPROVED if is_approved else Comment.Status.PENDING,
                **({"created_at": comment.written_at} if comment.written_at else {}),
            },
        )
    imported.comments = sorted({*imported.comments, *made})
    imported.save(update_fields=["comments"])
    return 0 if is_approved else len(new)
