"""How sessions are merged: parts are renumbered, addresses redirect, imports match the kept one."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext

from desk_app.merging.journal import Journal
from desk_app.merging.relations import record_name_in_preview, relations_to_load_for_names
from desk_app.merging.row_moves import MergeError, MovedRowsSummary, merge_conflicting_rows
from desk_app.merging.rules import merge_rules
from sessions_app.models import (
    Document,
    FormerImportRef,
    LinkCheck,
    Recommendation,
    Recurrence,
    Session,
)
from sessions_app.models.numbered_parts import NumberedPart
from site_app.models import OldAddress
from site_app.redirects.addresses import normalise_path
from speakers_app.names.comparison import fold_name

from .publishing import require_publisher

MAX_PARTS_NAMED = 12


@dataclass(frozen=True)
class NumberedPartsRule:
    """How numbered parts of merged sessions become parts of one.

    `twin`: (part, those of the kept session) → the one that says the same, if any. `addresses`:
    (slug of the session, number, part or None for one that is gone) → paths, in a fixed order.
    `forget` drops what is derived of a part that goes, before it does.
    """

    model: type[NumberedPart]
    twin: Callable
    addresses: Callable[[str, int, NumberedPart | None], list[str]]
    forget: Callable[[NumberedPart], None]


_rules: list[NumberedPartsRule] = []


def register_numbered_parts(model, *, twin, addresses, forget=lambda part: None) -> None:
    """Register how the numbered parts of a model are merged; see NumberedRule."""
    _rules.append(NumberedPartsRule(model, twin, addresses, forget))


def _earliest_first_public_at(sessions):
    times = [session.first_public_at for session in sessions if session.first_public_at]
    return min(times) if times else None


def values_derived_from_all(kept: Session, others: list[Session]) -> dict:
    """Return what follows from all: public since the first was, under an import's reference."""
    refs = [session.import_ref for session in (kept, *others) if session.import_ref]
    return {
        "first_public_at": _earliest_first_public_at([kept, *others]),
        "import_ref": refs[0] if refs else None,
    }


def store_former_import_refs(journal: Journal, kept: Session, others: list[Session]) -> None:
    """Store every import reference except the one that the kept session has afterwards."""
    if any(session.status == Session.Status.BINNED for session in (kept, *others)):
        raise MergeError(gettext("A session in the bin cannot be merged: restore it first."))
    # The user who merges; a logged change of status names this user.
    kept.refresh_from_db(fields=["changed_by"])
    handed_on = values_derived_from_all(kept, others)["import_ref"]
    for other in others:
        if other.import_ref and other.import_ref != handed_on:
            journal.create_record(FormerImportRef(ref=other.import_ref, session=kept))


def move_numbered_parts(
    journal: Journal, kept: Session, others: list[Session]
) -> list[MovedRowsSummary]:
    """Renumber the parts of the others for the kept session, and redirect their addresses.

    A part that says the same as one of the kept session becomes one with it.
    """
    told = []
    for rule in _rules:
        moved = _NumberedPartsMerge(journal, rule, kept).move_parts(others)
        if moved.count:
            told.append(moved)
    return told


class _NumberedPartsMerge:
    def __init__(self, journal, rule, kept):
        self.journal, self.rule, self.kept = journal, rule, kept
        self.counter = rule.model.counter_field
        self.reference = rule.model._meta.get_field("session")
        self.present = list(self._ordered_parts_of(kept))
        self.last = getattr(kept, self.counter)
        last = rule.model.objects.filter(session=kept).aggregate(last=Max("position"))["last"]
        self.position = -1 if last is None else last
        self.names, self.united_names = [], []

    def _ordered_parts_of(self, session):
        related = relations_to_load_for_names(self.rule.model)
        parts = self.rule.model.objects.filter(session=session).order_by("position", "number")
        return parts.select_related(*related) if related else parts

    def move_parts(self, others) -> MovedRowsSummary:
        for other in others:
            numbers = set()
            self.slugs = former_slugs_of(other)
            for part in self._ordered_parts_of(other):
                numbers.add(part.number)
                self._move_or_unite_part(other, part)
            for number in range(1, getattr(other, self.counter) + 1):
                if number not in numbers:
                    self._redirect_paths(other, self._paths_by_slug(other, number, None), None)
        # Not in the journal: after an undo a number is still not reused.
        Session.objects.filter(pk=self.kept.pk).update(**{self.counter: self.last})
        setattr(self.kept, self.counter, self.last)
        options = self.rule.model._meta
        count = len(self.names)
        label = options.verbose_name if count == 1 else options.verbose_name_plural
        united = self.united_names
        return MovedRowsSummary(
            str(label), count, self.names[:MAX_PARTS_NAMED], len(united), united[:MAX_PARTS_NAMED]
        )

    def _move_or_unite_part(self, other, part):
        self.names.append(record_name_in_preview(part))
        old = self._paths_by_slug(other, part.number, part)
        twin = self.rule.twin(part, self.present)
        if twin is None:
            self.last += 1
            self.position += 1
            values = {
                "session_id": self.kept.pk,
                "number": self.last,
                "position": self.position,
            }
            self.journal.change_columns(part, values)
            self.present.append(part)
            twin = part
        else:
            self.united_names.append(record_name_in_preview(part))
            self.rule.forget(part)
            merge_conflicting_rows(self.journal, self.reference, twin.pk, part.pk)
        self._redirect_paths(other, old, self.rule.addresses(self.kept.slug, twin.number, twin))

    def _paths_by_slug(self, other, number, part):
        return {
            slug: self.rule.addresses(slug, number, part) for slug in (other.slug, *self.slugs)
        }

    def _redirect_paths(self, other, old, new):
        """Let old addresses lead to new ones, those of a part that is gone to the session."""
        for slug, paths in old.items():
            for place, path in enumerate(paths):
                if (
                    slug != other.slug
                    and OldAddress.objects.filter(path=normalise_path(path)).exists()
                ):
                    continue  # of a session that was merged earlier: it already redirects
                target = new[place] if new and place < len(new) else self.kept.get_absolute_url()
                self.journal.redirect_address(path, target)


def former_slugs_of(session: Session) -> list[str]:
    """Return the slugs under which a session, or what was merged into it, was known before."""
    entries = OldAddress.objects.filter(
        leads_to=session.get_absolute_url(), path__startswith="/sessions/"
    ).exclude(origin=OldAddress.Origin.OLD_SITE)
    slugs = [path.split("/")[2] for path in entries.values_list("path", flat=True)]
    return [slug for slug in dict.fromkeys(slugs) if slug]


def recommendation_paths(slug, number, part):
    return [reverse("sessions:recommendation", args=[f"{slug}-{number}"])]


def find_recommendation_with_same_text(advice, present):
    return next(
        (
            recommendation
            for recommendation in present
            if fold_name(recommendation.text) == fold_name(advice.text)
        ),
        None,
    )


def document_paths(slug, number, document):
    """Return where a stored file is; a link has no address here."""
    if document is None or document.url:
        return []
    return [reverse("sessions:document", args=[slug, number, document.filename])]


def find_document_with_same_content(document, present):
    """Return the one with the same content, or the same address."""
    return next(
        (
            candidate
            for candidate in present
            if (document.sha256 and candidate.sha256 == document.sha256)
            or (document.url and candidate.url == document.url)
        ),
        None,
    )


def delete_recurrence(advice):
    Recurrence.objects.filter(recommendation=advice.pk).delete()  # the groups are computed again


register_numbered_parts(
    Recommendation,
    twin=find_recommendation_with_same_text,
    addresses=recommendation_paths,
    forget=delete_recurrence,
)
register_numbered_parts(Document, twin=find_document_with_same_content, addresses=document_paths)


def keep_audience_of_either(journal: Journal, kept: Recommendation, other: Recommendation) -> None:
    journal.change_columns(kept, {"audience": kept.audience or other.audience})


def take_nothing_from_document(journal: Journal, kept: Document, other: Document) -> None:
    """The same content or address says nothing more."""


def take_nothing_from_link_check(journal: Journal, kept: LinkCheck, other: LinkCheck) -> None:
    """The next check asks for this address again."""


merge_rules(
    Session,
    names=lambda session: [session.title],
    follows={
        "ends_on": "held_on",
        "start_time": "held_on",
        "time_zone": "held_on",
        "published_at": "status",
    },
    derived=values_derived_from_all,
    require=require_publisher,
)
merge_rules(Session).prepare += [store_former_import_refs, move_numbered_parts]
merge_rules(Recommendation, unite=keep_audience_of_either)
merge_rules(Document, unite=take_nothing_from_document)
merge_rules(LinkCheck, unite=take_nothing_from_link_check)
