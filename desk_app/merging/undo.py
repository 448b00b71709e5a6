"""Undo a merge or split from its record, unless what was edited since makes that impossible."""

import json

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import CASCADE, ForeignKey, Model
from django.utils import timezone
from django.utils.translation import gettext

from desk_app.models import MergeRecord
from site_app.models import OldAddress
from site_app.permissions import require_may_change
from site_app.redirects.addresses import add_redirect, normalise_path

from .journal import (
    json_values_of_columns,
    python_values_of_columns,
    rebuild_deleted_record,
    set_foreign_key_of_rows,
)
from .merge import keys_of_merge_successors
from .relations import (
    other_columns_of_unique_constraints,
    referring_rows_label,
    rows_referring_to,
    rows_with_names,
)
from .row_moves import descriptions_of_references
from .rules import merge_rules, observers_notified

MAX_ROWS_NAMED = 5


class UndoRefusedError(Exception):
    """`reasons`: what was edited since, each in words."""

    def __init__(self, reasons: list[str]):
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def undo_merge(record: MergeRecord, *, user) -> list[str]:
    """Undo a merge or split; return remarks on later changes that are kept.

    Raises UndoRefusedError or NotAllowedError without changing anything.
    """
    with transaction.atomic():
        record = MergeRecord.objects.select_for_update().get(pk=record.pk)
        return _MergeUndo(record).undo_and_mark_undone(user)


def reasons_against_undo(record: MergeRecord) -> list[str]:
    """Return why this cannot be undone now, empty if it can."""
    try:
        with transaction.atomic():
            _MergeUndo(
                MergeRecord.objects.select_for_update().get(pk=record.pk)
            ).undo_steps_or_refuse()
            transaction.set_rollback(True)
    except UndoRefusedError as refused:
        return refused.reasons
    return []


class _MergeUndo:
    def __init__(self, record):
        self.record = record
        self.model = apps.get_model(record.model)
        self.reasons: list[str] = []
        self.remarks: list[str] = []
        # Could not be restored; `reasons` says why.
        self.missing: set[tuple[type[Model], int]] = set()

    def undo_and_mark_undone(self, user):
        comment = f"Undone: {self.record.title}."
        with observers_notified(self.record.touched, user=user, comment=comment):
            # Check before and after: of the two records of a split, only one may be public.
            self._require_permission(user)
            self.undo_steps_or_refuse()
            self._require_permission(user)
            self.record.undone_at, self.record.undone_by = timezone.now(), user
            self.record.save(update_fields=["undone_at", "undone_by"])
        return self.remarks

    def _require_permission(self, user):
        merge_rules(self.model).require(user)
        if kept := self.model._base_manager.filter(pk=self.record.key).first():
            require_may_change(user, kept)

    def undo_steps_or_refuse(self):
        if self.record.undone_at:
            raise UndoRefusedError([gettext("It has already been undone.")])
        kept = self.model._base_manager.select_for_update().filter(pk=self.record.key).first()
        if kept is None:
            raise UndoRefusedError([self._reason_record_is_gone()])
        for step in reversed(self.record.steps):
            getattr(self, f"_undo_{step['do']}")(step)
        if self.reasons:
            raise UndoRefusedError(self.reasons)
        kept.refresh_from_db()
        kept.save()  # updates the index

    def _reason_record_is_gone(self):
        into = keys_of_merge_successors(self.model, [self.record.key]).get(self.record.key)
        if into:
            later = MergeRecord.objects.filter(
                absorbed__key=self.record.key, model=self.record.model, undone_at=None
            ).first()
            return gettext("A later merge absorbed the record: “%(later)s”. Undo that first.") % {
                "later": later
            }
        return gettext("The record has since been deleted.")

    def _undo_move(self, step):
        model = apps.get_model(step["model"])
        reference = model._meta.get_field(step["field"])
        there = rows_referring_to(reference, [step["to"]])
        for former, keys in step["rows"].items():
            if (reference.remote_field.model, int(former)) in self.missing:
                continue
            mine = set(there.filter(pk__in=keys).values_list("pk", flat=True))
            if lost := len(keys) - len(mine):
                self.remarks.append(
                    gettext(
                        "%(lost)s of %(number)s %(label)s that moved were changed or deleted since, "
                        "and stay as they are."
                    )
                    % {"lost": lost, "number": len(keys), "label": referring_rows_label(reference)}
                )
            self._refuse_rows_whose_place_is_taken(reference, int(former), mine)
            set_foreign_key_of_rows(reference, sorted(mine), int(former))

    def _refuse_rows_whose_place_is_taken(self, reference, former, keys):
        """A row cannot be restored because another has taken its place."""
        for names in other_columns_of_unique_constraints(reference):
            places = {
                tuple(row[name] for name in names)
                for row in rows_referring_to(reference, [former]).values(*names)
            }
            coming = reference.model._base_manager.filter(pk__in=keys).order_by("pk")
            twins = [
                row["pk"]
                for row in coming.values("pk", *names)
                if tuple(row[name] for name in names) in places
            ]
            if twins:
                for _row, name in rows_with_names(
                    reference, coming.filter(pk__in=twins[:MAX_ROWS_NAMED])
                ):
                    self.reasons.append(
                        gettext("There is already another of the %(label)s: %(name)s.")
                        % {"label": referring_rows_label(reference), "name": name}
                    )
                keys.difference_update(twins)

    def _undo_delete(self, step):
        record = rebuild_deleted_record(step)
        for field in record._meta.concrete_fields:
            value = getattr(record, field.attname)
            if not isinstance(field, ForeignKey) or value is None:
                continue
            if field.remote_field.model._base_manager.filter(pk=value).exists():
                continue
            if field.remote_field.on_delete is CASCADE:
                self.remarks.append(
                    gettext("%(called)s belongs to what was deleted since.")
                    % {"called": self._record_in_words(record)}
                )
                return
            if (field.remote_field.model, value) in self.missing:
                return
            if not field.null:
                self.reasons.append(
                    gettext("%(called)s: its %(verbose_name)s is gone.")
                    % {"called": self._record_in_words(record), "verbose_name": field.verbose_name}
                )
                return
            setattr(record, field.attname, None)
            self.remarks.append(
                gettext("%(called)s comes back without %(verbose_name)s.")
                % {"called": self._record_in_words(record), "verbose_name": field.verbose_name}
            )
        try:
            if not record._meta.auto_created:
                record.validate_unique()
            with transaction.atomic():
                record.save_base(raw=True, force_insert=True)
        except ValidationError as error:
            self.missing.add((type(record), record.pk))
            self.reasons += [
                gettext("%(called)s: %(text)s")
                % {"called": self._record_in_words(record), "text": text}
                for text in error.messages
            ]
        except IntegrityError:
            self.missing.add((type(record), record.pk))
            self.reasons.append(
                gettext("%(called)s already exists.") % {"called": self._record_in_words(record)}
            )

    def _undo_change(self, step):
        model = apps.get_model(step["model"])
        record = model._base_manager.filter(pk=step["key"]).first()
        if record is None:
            name = str(model._meta.verbose_name).capitalize()
            self.reasons.append(
                gettext("%(name)s %(key)s was deleted since.") % {"name": name, "key": step["key"]}
            )
            return
        now = json.loads(json.dumps(json_values_of_columns(record), cls=DjangoJSONEncoder))
        edited = [
            str(field.verbose_name)
            for field in model._meta.concrete_fields
            if field.attname in step["after"]
            and now[field.attname]
            not in (step["after"][field.attname], step["before"][field.attname])
        ]
        if edited:
            self.reasons.append(
                gettext("%(called)s has since been edited: %(edited)s.")
                % {"called": self._record_in_words(record), "edited": ", ".join(edited)}
            )
            return
        # save() would apply the rules for editors to slugs and unique names.
        model._base_manager.filter(pk=record.pk).update(
            **python_values_of_columns(model, step["before"])
        )

    def _undo_create(self, step):
        model = apps.get_model(step["model"])
        record = model._base_manager.filter(pk=step["key"]).first()
        if record is None:
            return
        if left := descriptions_of_references(record):
            self.reasons.append(
                gettext("%(called)s is named elsewhere since: %(left)s.")
                % {"called": self._record_in_words(record), "left": left[0]}
            )
            return
        address = record.get_absolute_url() if model is self.model else ""
        record.delete()
        if address:  # it was public for a while
            kept = self.model._base_manager.get(pk=self.record.key)
            add_redirect(address, kept.get_absolute_url())

    def _undo_redirect(self, step):
        entry = OldAddress.objects.filter(path=normalise_path(step["old"]))
        if step["former"]:
            entry.update(**step["former"])
        else:
            entry.delete()
        for path, leads_to in step["turned"].items():
            OldAddress.objects.filter(path=path).update(leads_to=leads_to)

    def _record_in_words(self, record):
        if record._meta.auto_created:
            return gettext("A link")
        kind = str(record._meta.verbose_name).capitalize()
        try:
            return gettext("%(kind)s “%(name)s”") % {"kind": kind, "name": record}
        except ObjectDoesNotExist:  # its name uses a related record that no longer exists
            return f"{kind} {record.pk}"
