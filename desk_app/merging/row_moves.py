"""Moves rows from some records to another and merges duplicates. Used by merge and split."""

from dataclasses import dataclass, field

from django.db.models import ForeignKey, Model
from django.utils.translation import gettext

from .journal import Journal
from .relations import (
    foreign_keys_to,
    other_columns_of_unique_constraints,
    referring_rows_label,
    rows_referring_to,
    rows_with_names,
)
from .rules import merge_rules

MAX_ROWS_NAMED = 12  # rows per kind that a preview lists by name


class MergeError(Exception):
    """Why records cannot be merged or split, worded for staff."""


@dataclass
class MovedRowsSummary:
    """Moved rows of one kind: how many, the names of the first, how many were merged."""

    label: str
    count: int
    names: list[str]
    united: int = 0
    united_names: list[str] = field(default_factory=list)

    @property
    def count_without_name(self):
        return self.count - len(self.names)

    def as_json(self):
        return {
            "label": self.label,
            "count": self.count,
            "names": self.names,
            "united": self.united,
            "united_names": self.united_names,
        }


def move_rows(
    journal: Journal,
    reference: ForeignKey,
    sources: list[int],
    target: int,
    chosen: list[int] | None = None,
) -> MovedRowsSummary | None:
    """Make rows that refer to `sources` refer to `target`; `chosen`: only those with these keys.

    A row that conflicts with one of the target's, such as a second appearance of one person
    at a session, is united with it. Raises MergeError where nobody said how.
    """
    rows = rows_referring_to(reference, sources)
    if chosen is not None:
        rows = rows.filter(pk__in=chosen)
    if reference.model is reference.remote_field.model:
        # In a tree, a merged record must not become its own parent.
        rows = rows.exclude(pk=target)
    named = rows_with_names(reference, rows[:MAX_ROWS_NAMED])
    moving: dict[int, list[int]] = {}
    clashes = []
    others = other_columns_of_unique_constraints(reference)
    columns = sorted({name for names in others for name in names})
    taken = [
        {
            _values_of_unique_columns(row, names): row["pk"]
            for row in rows_referring_to(reference, [target]).values("pk", *columns)
        }
        for names in others
    ]
    for row in rows.values("pk", reference.attname, *columns):
        places = [_values_of_unique_columns(row, names) for names in others]
        standing = [
            known[place]
            for known, place in zip(taken, places, strict=True)
            if place is not None and place in known
        ]
        if standing:
            clashes.append((standing[0], row["pk"]))
            continue
        moving.setdefault(row[reference.attname], []).append(row["pk"])
        for known, place in zip(taken, places, strict=True):
            if place is not None:
                known[place] = row["pk"]
    journal.move_rows(reference, moving, target)
    count = sum(map(len, moving.values())) + len(clashes)
    if not count:
        return None
    lost = [other for _standing, other in clashes][:MAX_ROWS_NAMED]
    united = rows_with_names(reference, rows.filter(pk__in=lost)) if lost else []
    told = MovedRowsSummary(
        referring_rows_label(reference, count),
        count,
        [name for _row, name in named],
        len(clashes),
        [name for _row, name in united],
    )
    for standing, other in clashes:
        merge_conflicting_rows(journal, reference, standing, other)
    return told


def _values_of_unique_columns(row: dict, names: tuple[str, ...]):
    """The values of a row in columns that are unique together; None if NULL makes it unique."""
    values = tuple(row[name] for name in names)
    return None if None in values else values


def merge_conflicting_rows(
    journal: Journal, reference: ForeignKey, standing: int, other: int
) -> None:
    """Merge the row `other` of a foreign key into the row `standing`; keys of both.

    Raises MergeError where nobody said how.
    """
    model = reference.model
    if model._meta.auto_created:
        journal.delete_record(model._base_manager.get(pk=other))
        return
    kept, lost = (model._base_manager.get(pk=key) for key in (standing, other))
    for inner in foreign_keys_to(model):
        move_rows(journal, inner, [lost.pk], kept.pk)
    if unite_rows := merge_rules(model).unite:
        unite_rows(journal, kept, lost)
    elif _comparable_values(kept, reference) != _comparable_values(lost, reference):
        raise MergeError(
            gettext("%(capitalize)s “%(lost)s” would exist twice.")
            % {"capitalize": str(model._meta.verbose_name).capitalize(), "lost": lost}
        )
    delete_or_refuse_if_referenced(journal, lost)


def _comparable_values(record: Model, reference) -> dict:
    left_out = {"id", reference.attname, "position"}
    return {
        column.attname: column.value_from_object(record)
        for column in record._meta.concrete_fields
        if column.attname not in left_out
    }


def delete_or_refuse_if_referenced(journal: Journal, record: Model) -> None:
    """Delete a record to which nothing refers any more; MergeError if something does."""
    if left := descriptions_of_references(record):
        raise MergeError(
            gettext("“%(record)s” is still referred to by %(left)s.")
            % {"record": record, "left": ", ".join(left)}
        )
    record.refresh_from_db()  # its position in a tree may have changed
    journal.delete_record(record)


def descriptions_of_references(record: Model) -> list[str]:
    """Return what still refers to a record, in words: "3 appearances: Session A, …"."""
    descriptions = []
    for reference in foreign_keys_to(type(record)):
        rows = rows_referring_to(reference, [record.pk])
        if count := rows.count():
            names = ", ".join(name for _row, name in rows_with_names(reference, rows[:3]))
            descriptions.append(f"{count} {referring_rows_label(reference, count)}: {names}")
    return descriptions
