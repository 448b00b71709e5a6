"""Merge records of one model into one: everything moves, nothing is lost, addresses still work.

A preview is the merge itself, rolled back, so it reports exactly what will happen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Field, FileField, ForeignKey, Model, TextField
from django.utils.translation import gettext

from desk_app.models import Absorbed, LookAlike, MergeRecord
from site_app.permissions import require_may_change

from .journal import Journal
from .relations import foreign_keys_to, rows_referring_to
from .row_moves import MergeError, MovedRowsSummary, delete_or_refuse_if_referenced, move_rows
from .rules import merge_rules, observers, observers_notified

KEEP_BOTH_TEXTS_CHOICE = (
    "both"  # used instead of a key: the texts of all records, one after the other
)


@dataclass
class MergeOutcome:
    """What a merge or split did, or would do."""

    kept: Model
    moved: list[MovedRowsSummary] = field(default_factory=list)
    # Names that became other names of the kept record.
    names: list[str] = field(default_factory=list)
    addresses: list[tuple[str, str]] = field(default_factory=list)  # (old, new)
    shown: dict[str, int] = field(default_factory=dict)  # such as {"sessions": 30}
    values: list[tuple[str, str]] = field(default_factory=list)  # changed fields: (label, text)
    record: MergeRecord | None = None


def fields_to_choose(model: type[Model]) -> list[Field]:
    """Return the fields for which a merge uses the value of one record."""
    rules = merge_rules(model)
    return [
        column
        for column in model._meta.concrete_fields
        if column.editable
        and not column.primary_key
        and column.name not in rules.not_chosen
        and column.name not in rules.follows
    ]


def can_keep_both_texts(column: Field) -> bool:
    """Whether the texts of all records can be kept, one below the other."""
    return isinstance(column, TextField)


def default_field_choices(records: Sequence[Model]) -> dict[str, int]:
    """Return {field: key of the record whose value is taken}: the first that has one."""
    return {
        column.name: next(
            (record.pk for record in records if column.value_from_object(record)), records[0].pk
        )
        for column in fields_to_choose(type(records[0]))
    }


def preview_merge(
    keep: Model, others: Sequence[Model], choices: dict | None = None
) -> MergeOutcome:
    """Return what `merge` would do; nothing is stored."""
    with transaction.atomic():
        outcome = _lock_and_merge(keep, others, choices, user=None, is_trial=True)
        transaction.set_rollback(True)
    return outcome


def merge_records(
    keep: Model, others: Sequence[Model], choices: dict | None = None, *, user
) -> MergeOutcome:
    """Merge `others` into `keep`, in one transaction; a `user` of None means a command.

    `choices`: {field: key of the record whose value to use, or KEEP_BOTH_TEXTS_CHOICE}; by default the value
    of the kept record, if it has one. Raises MergeError or NotAllowedError without changing anything.
    """
    with transaction.atomic():
        return _lock_and_merge(keep, others, choices, user=user, is_trial=False)


def _lock_and_merge(keep, others, choices, *, user, is_trial):
    model = type(keep)
    keep, others = _lock_records(model, keep.pk, [other.pk for other in others])
    require_may_change(user, keep, *others)
    rules = merge_rules(model)
    rules.require(user)
    before = {record.pk: rules.names(record) for record in (keep, *others)}
    old_addresses = [other.get_absolute_url() for other in others]
    title = f"{', '.join(map(str, others))} into {keep}"
    keys = [other.pk for other in others]
    touched = {
        observer.label: keys_of_records_showing_rows(observer, model, keys)
        for observer in observers
    }
    for observer in observers:
        if observer.model is model:
            touched[observer.label] = sorted({*touched[observer.label], keep.pk, *keys})
    comment = f"Merged: {title}."
    with observers_notified(touched, user=user, comment=comment, is_trial=is_trial):
        values = _values_for_kept_record(
            keep, others, {**default_field_choices([keep, *others]), **(choices or {})}
        )
        outcome = MergeOutcome(keep, values=_changed_field_texts(keep, values))
        derived = rules.derived(keep, others)
        journal = Journal(is_trial=is_trial)
        if rules.parent:
            _move_merged_children_to_kept(journal, keep, keys, rules.parent, values)
        for prepare in rules.prepare:
            outcome.moved += prepare(journal, keep, others) or ()
        for reference in foreign_keys_to(model):
            told = move_rows(journal, reference, keys, keep.pk)
            if told:
                outcome.moved.append(told)
        rules.after_rows_moved(journal, keep)
        for other in others:
            delete_or_refuse_if_referenced(journal, other)
        # The other records are deleted, so their unique names are available.
        journal.change_columns(keep, values | derived)
        outcome.names = _add_lost_names_as_aliases(journal, rules, keep, before)
        new_address = keep.get_absolute_url()
        for old in old_addresses:
            journal.redirect_address(old, new_address)
            outcome.addresses.append((old, new_address))
        outcome.shown = {
            observer.label: len(touched[observer.label])
            for observer in observers
            if observer.is_told
        }
        label = model._meta.label_lower
        pairs = LookAlike.objects.filter(model=label)
        (pairs.filter(first__in=keys) | pairs.filter(second__in=keys)).delete()
        if not is_trial:
            outcome.record = create_merge_record(
                MergeRecord.Kind.MERGE, keep, title, journal, touched, outcome, user
            )
            Absorbed.objects.bulk_create(
                Absorbed(
                    merge=outcome.record,
                    model=label,
                    key=key,
                    into=keep.pk,
                    name=str(other)[:500],
                )
                for key, other in zip(keys, others, strict=True)
            )
    return outcome


def create_merge_record(kind, kept, title, journal, touched, outcome, user) -> MergeRecord:
    return MergeRecord.objects.create(
        kind=kind,
        model=kept._meta.label_lower,
        key=kept.pk,
        title=title[:500],
        steps=journal.steps,
        touched=touched,
        report=[told.as_json() for told in outcome.moved],
        made_by=user,
    )


def _lock_records(model, keep_key, other_keys):
    """Return the records, read again under a lock, so that a concurrent merge is detected."""
    if keep_key in other_keys:
        raise MergeError(gettext("A record cannot be merged into itself."))
    if not other_keys:
        raise MergeError(gettext("Choose at least two records."))
    wanted = model._base_manager.filter(pk__in=[keep_key, *other_keys]).order_by("pk")
    locked = {record.pk: record for record in wanted.select_for_update()}
    if missing := [key for key in (keep_key, *other_keys) if key not in locked]:
        raise MergeError(
            gettext(
                "%(number)s of the selected records no longer exist; someone merged or "
                "deleted them meanwhile."
            )
            % {"number": len(missing)}
        )
    return locked[keep_key], [locked[key] for key in other_keys]


def keys_of_records_showing_rows(watching, model, keys, chosen=None) -> list[int]:
    """Return the keys of what shows rows that refer to the records with `keys`.

    `chosen`: {reference: keys of the only rows that count}.
    """
    shown = set()
    for reference in foreign_keys_to(model):
        path = watching.paths.get(reference.model)
        if path is None or (chosen is not None and reference not in chosen):
            continue
        rows = rows_referring_to(reference, keys)
        if chosen is not None:
            rows = rows.filter(pk__in=chosen[reference])
        shown.update(rows.order_by().values_list(path, flat=True).distinct())
    return sorted(shown)


def _values_for_kept_record(keep, others, choices) -> dict:
    """Return {attname: value} that the kept record gets."""
    records = {record.pk: record for record in (keep, *others)}
    rules = merge_rules(type(keep))
    values = {}
    for column in fields_to_choose(type(keep)):
        choice = choices[column.name]
        if choice == KEEP_BOTH_TEXTS_CHOICE and can_keep_both_texts(column):
            texts = [str(column.value_from_object(record)).strip() for record in records.values()]
            values[column.attname] = "\n\n".join(dict.fromkeys(text for text in texts if text))
        elif choice in records:
            value = column.value_from_object(records[choice])
            values[column.attname] = (value.name or "") if isinstance(column, FileField) else value
        else:
            raise MergeError(
                gettext("%(verbose_name)s: choose one of the records.")
                % {"verbose_name": column.verbose_name}
            )
    for name, leader in rules.follows.items():
        chosen = records.get(choices[leader], keep)
        each = type(keep)._meta.get_field(name)
        values[each.attname] = each.value_from_object(chosen)
    if rules.parent:
        attname = type(keep)._meta.get_field(rules.parent).attname
        values[attname] = _parent_outside_merged_records(
            type(keep), attname, values[attname], set(records)
        )
    return values


def _parent_outside_merged_records(model, attname, parent, merged):
    """Return the parent above all merged records, if the chosen one is below one of them.

    Merging a topic with its ancestor, or using a parent that is a descendant, would create a cycle.
    """
    parents = dict(model._base_manager.order_by().values_list("pk", attname))
    path, at = [], parent
    while at is not None and at not in path:
        path.append(at)
        at = parents.get(at)
    inside = [place for place, key in enumerate(path) if key in merged]
    if not inside:
        return parent
    above = path[inside[-1] + 1 :]
    return above[0] if above else None


def _move_merged_children_to_kept(journal, keep, keys, parent, values):
    """Move children of merged records that are merged themselves."""
    reference = type(keep)._meta.get_field(parent)
    journal.change_columns(keep, {reference.attname: values[reference.attname]})
    inside = (
        rows_referring_to(reference, keys).filter(pk__in=keys).values_list("pk", reference.attname)
    )
    for key, former in inside:
        journal.move_rows(reference, {former: [key]}, keep.pk)


def _changed_field_texts(keep, values) -> list[tuple[str, str]]:
    told = []
    for column in fields_to_choose(type(keep)):
        old, new = column.value_from_object(keep), values[column.attname]
        if (old.name or "" if isinstance(column, FileField) else old) != new:
            text = str(new)
            if isinstance(column, ForeignKey):
                text = str(
                    column.remote_field.model._base_manager.filter(pk=new).first()
                    or gettext("none")
                )
            label = str(column.verbose_name)
            told.append((label[0].upper() + label[1:], text))
    return told


def _add_lost_names_as_aliases(journal, rules, keep, before) -> list[str]:
    """Keep every name that is no name of the kept record any more as an alias of it."""
    if not rules.alias:
        return []
    relation = type(keep)._meta.get_field(rules.alias)
    aliases, owner = relation.related_model, relation.field
    longest = aliases._meta.get_field("name").max_length
    known = {*rules.names(keep), *getattr(keep, rules.alias).values_list("name", flat=True)}
    added = []
    for name in dict.fromkeys(name for names in before.values() for name in names):
        name = name[:longest]
        if name and name not in known:
            journal.create_record(aliases(**{owner.name: keep, "name": name}))
            added.append(name)
            known.add(name)
    return added


def keys_of_merge_successors(model: type[Model], keys) -> dict[int, int]:
    """Return {key: key of the record it was merged into} for those of `keys` that were merged."""
    into: dict[int, int] = {}
    wanted = set(keys)
    while wanted:
        rows = Absorbed.objects.filter(
            model=model._meta.label_lower, key__in=wanted, merge__undone_at=None
        )
        into.update(rows.values_list("key", "into"))
        wanted = set(into.values()) - set(into) - wanted
    return {key: _follow_to_last_successor(key, into) for key in keys if key in into}


def names_of_merged_records(model: type[Model]) -> list[tuple[str, int]]:
    """Return (name, key of the record it belongs to by now) of what was merged; for imports."""
    label = model._meta.label_lower
    rows = Absorbed.objects.filter(model=label, merge__undone_at=None).order_by("pk")
    names = list(rows.values_list("name", "key"))
    into = keys_of_merge_successors(model, {key for _name, key in names})
    return [(name, into[key]) for name, key in names]


def _follow_to_last_successor(key, into):
    seen = set()
    while key in into and key not in seen:
        seen.add(key)
        key = into[key]
    return key
