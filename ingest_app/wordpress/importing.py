"""An import from beginning to end, in steps that a command or a worker takes.

Sessions come first and people second: a person's page has no affiliation, and would be taken for
somebody else than the "Greer, T. (Coast Desk)" of a session.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.db import DatabaseError

from ingest_app.matching.matcher import Matcher
from ingest_app.matching.scoped_matcher import known_names
from ingest_app.runs import dry_runs
from ingest_app.runs.provenance import recording_provenance
from ingest_app.wordpress_mapping_choices import MappingKind, MappingTarget
from site_app.models import OldAddress
from site_app.permissions import NotAllowedError
from site_app.redirects.addresses import store_old_site_redirects

from ..models import ImportRun, MappingRule, RunItem
from . import wxr
from .inventory import ExportSurvey
from .mapping import Mapping, TargetRule, proposed_rules
from .media import NoMedia
from .person_writer import PersonWriter
from .piece_scanner import READ_CHUNK_BYTES
from .post_reader import read_post
from .post_writer import PostWriter
from .terms import TermEntries


@dataclass(frozen=True)
class ImportStep:
    """One thing that was read; `position` is where the next step begins."""

    record: object
    phase: int
    position: int


def stored_mapping(survey: ExportSurvey) -> Mapping:
    """Return the rules that staff see, and proposals for what has none yet."""
    stored = MappingRule.objects.all()
    return Mapping.from_rules(
        (TargetRule(rule.kind, rule.source, rule.target, rule.name) for rule in stored), survey
    )


def store_proposed_rules(survey: ExportSurvey) -> None:
    """Write down a proposed rule for all that has none, and how often everything occurs."""
    known = {(rule.kind, rule.source): rule for rule in MappingRule.objects.all()}
    new, changed = [], []
    for rule, label, occurs in proposed_rules(survey):
        stored = known.get((rule.kind, rule.source))
        if stored is None:
            new.append(
                MappingRule(
                    kind=rule.kind,
                    source=rule.source[:250],
                    label=label[:300],
                    target=rule.target,
                    occurs=occurs,
                )
            )
        elif (stored.label, stored.occurs) != (label[:300], occurs):
            stored.label, stored.occurs = label[:300], occurs
            changed.append(stored)
    MappingRule.objects.bulk_create(new, batch_size=200, ignore_conflicts=True)
    MappingRule.objects.bulk_update(changed, ["label", "occurs"], batch_size=200)


class WordpressImport:
    """An open export with what is known of it and of the archive.

    `stores` off makes it a dry run: every step is taken and rolled back, and what is new is
    remembered in memory. `run` is where it is noted what was made.
    """

    def __init__(
        self,
        file: BinaryIO,
        survey: ExportSurvey,
        media: NoMedia | None = None,
        *,
        publish: bool = False,
        stores: bool = True,
        run: ImportRun | None = None,
        here_already: dict[str, str] | None = None,
    ):
        self.here_already = here_already or (run.options.get("here_already") if run else None)
        self.file, self.survey, self.media = file, survey, media or NoMedia()
        self.publish, self.stores, self.run = publish, stores, run
        self.length = file.seek(0, 2)
        self.used_attachments: set[int] = set()  # attachments that a dry run found in use
        self.position = 0
        self.mapping = stored_mapping(survey)
        self.load_archive()

    def load_archive(self) -> None:
        """Read what the archive has; also after a step that was rolled back."""
        user = self.run.acting_user if self.run else None
        self.user = user
        self.matcher = Matcher.from_database(stores=self.stores, user=user)
        self.known = known_names()
        self.headings = TermEntries(self.survey, self.mapping, stores=self.stores)
        self.posts = PostWriter(
            self.survey,
            self.headings,
            self.media,
            publish=self.publish,
            stores=self.stores,
            user=user,
            here_already=self.here_already,
        )
        self.people = PersonWriter(self.survey, self.media, stores=self.stores, user=user)

    def steps(self, position: int = 0) -> Iterator[ImportStep]:
        """Yield what there is to do from `position` on, twice through the file."""
        for phase in (0, 1):
            offset = position - phase * self.length
            if offset >= self.length:
                continue
            offset = max(offset, 0)
            for piece in wxr.read_export(
                self.file, self.survey.head, offset, self._line_number_at(offset)
            ):
                yield ImportStep(piece.record, phase, phase * self.length + piece.offset)
            position = max(position, (phase + 1) * self.length)
            yield ImportStep(None, phase, position)

    def _line_number_at(self, offset):
        self.file.seek(0)
        line, left = 1, offset
        while left > 0 and (chunk := self.file.read(min(left, READ_CHUNK_BYTES))):
            line += chunk.count(b"\n")
            left -= len(chunk)
        return line

    def run_step(self, step: ImportStep) -> RunItem | None:
        """Run a step atomically; return its outcome, or None if there is nothing to report."""
        record = step.record
        if record is None:
            if step.phase == 0 and self.stores:
                self.load_archive()  # includes the series that the texts name
            return None
        if isinstance(record, wxr.RefusedPiece) and step.phase:
            return None
        if isinstance(record, wxr.RefusedPiece):
            return RunItem(
                line=record.line, status=RunItem.Status.REFUSED, remarks=[record.reason]
            )
        item = None
        try:
            with (
                dry_runs.rolled_back_if_dry(stores=self.stores),
                recording_provenance(self.run if self.stores else None),
            ):
                item = self._import_record(record, step.phase)
            self.matcher.commit_learned()
        except (DatabaseError, NotAllowedError, ValueError, RecursionError) as error:
            item = self._refused_or_left_out_item(record, error)
        if item is not None:
            item.line = getattr(record, "line", None)
            item.is_doubtful = bool(item.doubts)
        return item

    def _refused_or_left_out_item(self, record, error):
        # Raised before any record was created.
        is_ours = type(error) in (ValueError, NotAllowedError)
        if self.stores and not is_ours:
            self.load_archive()  # the records created by the step are rolled back
        elif not is_ours:
            self.matcher.undo_learned()
        text = str(error) if is_ours else f"{type(error).__name__}: {error}"
        left_out = text.startswith("Left out: ")
        return RunItem(
            ref=f"wordpress:post:{record.number}" if isinstance(record, wxr.WxrItem) else "",
            title=getattr(record, "title", "")[:300],
            status=RunItem.Status.LEFT_OUT if left_out else RunItem.Status.REFUSED,
            remarks=[text.removeprefix("Left out: ")],
        )

    def _import_record(self, record, phase) -> RunItem | None:
        match record:
            case wxr.WxrItem() if record.type == "attachment":
                return self._unused_file_item(record) if phase else None
            case wxr.WxrItem():
                return self._import_item(record, phase)
            case wxr.WxrTerm() if phase:
                self._redirect_term_addresses(record)
            case wxr.WxrAuthor() if phase:
                if (
                    self.mapping.target_of_source(MappingKind.AUTHOR, record.login)
                    == MappingTarget.SPEAKERS
                ):
                    self.people.redirect_author_address(record)
        return None

    def _import_item(self, item, phase):
        target, reason = self.mapping.target_of_item(item, self.survey)
        if target == MappingTarget.SESSIONS and phase == 0:
            post = read_post(item, self.survey, self.mapping, self.known)
            self.used_attachments.update(file.number for file in post.files)
            return self.posts.write(post, self.matcher)
        if target == MappingTarget.SPEAKERS and phase == 1:
            return self.people.write(item, self.matcher)
        if target not in (MappingTarget.SESSIONS, MappingTarget.SPEAKERS) and phase == 0:
            return RunItem(
                ref=f"wordpress:post:{item.number}",
                title=item.title[:300],
                status=RunItem.Status.LEFT_OUT,
                remarks=[reason],
            )
        return None

    def _unused_file_item(self, item):
        """Name a file that nothing shows, so that it is not lost unseen."""
        is_of_page = item.parent in self.survey.pages
        is_portrait = (
            is_of_page
            and self.mapping.target_of_page(item.parent, self.survey) == MappingTarget.SPEAKERS
        )
        if is_portrait or item.number in self.used_attachments:
            return None
        if self.stores and OldAddress.objects.filter(path=f"/?p={item.number}").exists():
            return None
        return RunItem(
            ref=f"wordpress:post:{item.number}",
            title=(item.title or item.attachment_url)[:300],
            status=RunItem.Status.LEFT_OUT,
            remarks=[f"No session or speaker shows this file: {item.attachment_url}"],
        )

    def _redirect_term_addresses(self, term):
        entry = self.headings.entry_of_term(term.taxonomy, term.slug, makes=False)
        if entry is not None and entry.slug:
            addresses = self.headings.old_addresses(term.taxonomy, term.slug)
            store_old_site_redirects(
                dict.fromkeys(addresses, entry.get_absolute_url()), user=self.user
            )
