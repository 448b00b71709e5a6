"""Split a record: chosen rows move to another record, or to a new one."""

from copy import copy
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext

from desk_app.models import MergeRecord
from site_app.permissions import require_may_change

from .journal import Journal
from .merge import MergeOutcome, create_merge_record, keys_of_records_showing_rows
from .relations import dotted_name_of_foreign_key, foreign_keys_to
from .row_moves import MergeError, move_rows
from .rules import merge_rules, observers, observers_notified


@dataclass
class SplitSelection:
    """What moves: {name of a reference: keys of rows}, and {name of an extra: keys}."""

    rows: dict[str, list[int]] = field(default_factory=dict)
    extras: dict[str, list[int]] = field(default_factory=dict)

    def __bool__(self):
        return any(self.rows.values()) or any(self.extras.values())


def preview_split(source: Model, target: Model, picks: SplitSelection) -> MergeOutcome:
    """Return what `split` would do; nothing is stored."""
    with transaction.atomic():
        outcome = _lock_and_split(source, copy(target), picks, user=None, is_trial=True)
        transaction.set_rollback(True)
    return outcome


def split_record(source: Model, target: Model, picks: SplitSelection, *, user) -> MergeOutcome:
    """Move the selected rows from `source` to `target`, which is stored first if it is new.

    Raises MergeError or NotAllowedError, and leaves all as it was.
    """
    with transaction.atomic():
        return _lock_and_split(source, target, picks, user=user, is_trial=False)


def _lock_and_split(source, target, picks, *, user, is_trial):
    model = type(source)
    if not picks:
        raise MergeError(gettext("Choose what to move."))
    if source.pk == target.pk:
        raise MergeError(gettext("Choose another record to move it to."))
    keys = [key for key in (source.pk, target.pk) if key]
    locked = {
        record.pk: record
        for record in model._base_manager.filter(pk__in=keys).order_by("pk").select_for_update()
    }
    if len(locked) < len(keys):
        raise MergeError(gettext("One of the two records no longer exists."))
    source = locked[source.pk]
    require_may_change(user, *locked.values())
    chosen = {
        reference: picks.rows.get(dotted_name_of_foreign_key(reference), [])
        for reference in foreign_keys_to(model)
    }
    chosen = {reference: keys for reference, keys in chosen.items() if keys}
    extras = [
        (extra, keys)
        for extra in merge_rules(model).extras
        if (keys := picks.extras.get(extra.name))
    ]
    touched = {
        observer.label: _keys_of_records_showing_moved_rows(
            observer, model, source, chosen, extras
        )
        for observer in observers
    }
    is_new = target.pk is None
    if not is_new:
        target = locked[target.pk]
    title = f"{target} split off {source}" if is_new else f"From {source} to {target}"
    with observers_notified(touched, user=user, comment=f"Split: {title}.", is_trial=is_trial):
        journal = Journal(is_trial=is_trial)
        if is_new:
            try:
                with transaction.atomic():
                    journal.create_record(target)
            except IntegrityError as error:
                raise MergeError(
                    gettext("A record with this name already exists; choose it instead.")
                ) from error
        outcome = MergeOutcome(target)
        if is_new:
            outcome.addresses.append(("", target.get_absolute_url()))
        for reference, keys in chosen.items():
            if told := move_rows(journal, reference, [source.pk], target.pk, keys):
                outcome.moved.append(told)
        for extra, keys in extras:
            if told := extra.move(journal, source, target, keys):
                outcome.moved.append(told)
        if not outcome.moved:
            raise MergeError(gettext("What was chosen is no longer there."))
        rules = merge_rules(model)
        if rules.parent:
            _refuse_tree_cycle(target, rules.parent)
        for record in (source, target):
            rules.after_rows_moved(journal, record)
            record.save()  # updates the index of names and aliases
        outcome.shown = {
            observer.label: len(touched[observer.label])
            for observer in observers
            if observer.is_told
        }
        if not is_trial:
            outcome.record = create_merge_record(
                MergeRecord.Kind.SPLIT, source, title, journal, touched, outcome, user
            )
    return outcome


def _keys_of_records_showing_moved_rows(watching, model, source, chosen, extras) -> list[int]:
    touched = set(keys_of_records_showing_rows(watching, model, [source.pk], chosen))
    for extra, keys in extras:
        rows = extra.rows(source).filter(pk__in=keys).order_by()
        if path := watching.paths.get(rows.model):
            touched.update(rows.values_list(path, flat=True).distinct())
    return sorted(touched)


def _refuse_tree_cycle(record, parent):
    seen, at = {record.pk}, getattr(record, parent)
    while at is not None:
        if at.pk in seen:
            raise MergeError(
                gettext("“%(record)s” is below what would move to it.") % {"record": record}
            )
        seen.add(at.pk)
        at = getattr(at, parent)
