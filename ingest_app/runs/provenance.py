"""The journal of an import: records created and changed, for the rollback."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.db.models.signals import post_save, pre_delete, pre_save
from django.dispatch import receiver

from ingest_app.models import ImportedRecord, ImportRun, RunMade
from sessions_app.editing import history
from sessions_app.editing.resources import session_will_change
from sessions_app.editing.snapshots import field_values, load_snapshot
from sessions_app.models import (
    Comment,
    Region,
    Series,
    Session,
    Topic,
    TopicAlias,
)
from speakers_app.models import Organisation, OrganisationAlias, Speaker, SpeakerAlias

RECORDED_MODELS = (
    Session,
    Comment,
    Speaker,
    SpeakerAlias,
    Organisation,
    OrganisationAlias,
    Topic,
    TopicAlias,
    Region,
    Series,
)
# The only models from which imports delete records.
ALIAS_MODELS = (SpeakerAlias, OrganisationAlias, TopicAlias)
DELETED_FINGERPRINT = ""  # used instead of the fingerprint of a record that the run deleted
# Fields that other changes update automatically.
_FIELDS_NOT_COMPARED = {"sort_key", "updated_at", "created_at", "entry_changed_at"}
_active_recorder: ContextVar["ProvenanceRecorder | None"] = ContextVar(
    "notes of an import", default=None
)


class ProvenanceRecorder:
    """The records that one step of an import touched: key → (record, values before or None)."""

    def __init__(self):
        self.touched: dict[tuple[type[Model], int], dict | None] = {}

    def remember_values_before(self, record: Model) -> None:
        key = (type(record), record.pk)
        if record.pk is None or key in self.touched:
            return
        if isinstance(record, Session):
            history.record_state_missing_in_history([record.pk])
            version = history.versions_of_session(record.pk).first()
            imported = ImportedRecord.objects.filter(session=record.pk)
            self.touched[key] = {
                "version": version.pk,
                "imported": imported.values("digest", "fields", "comments").first(),
            }
            return
        stored = type(record)._base_manager.filter(pk=record.pk).first()
        if stored is not None:
            self.touched[key] = editable_values(stored)

    def remember_created(self, record: Model, is_new: bool) -> None:
        if is_new:
            self.touched.setdefault((type(record), record.pk), None)

    def remember_deleted(self, record: Model) -> None:
        key = (type(record), record.pk)
        if key in self.touched and self.touched[key] is None:
            del self.touched[key]  # created and deleted again
        else:
            self.remember_values_before(record)

    def save_to_run(self, run: ImportRun) -> None:
        """Keep the notes with the run, in the transaction of the step they are of."""
        keys: dict[type[Model], list[int]] = {}
        for model, key in self.touched:
            keys.setdefault(model, []).append(key)
        new = []
        for model, of_model in keys.items():
            label = model._meta.label_lower
            records = model._base_manager.in_bulk(of_model)
            known = {made.key: made for made in run.made.filter(model=label, key__in=of_model)}
            for key, record in records.items():
                before, fingerprint = self.touched[model, key], record_fingerprint(record)
                if made := known.get(key):
                    made.fingerprint = fingerprint
                    continue
                made = RunMade(run=run, model=label, key=key, label=str(record)[:300])
                made.is_new, made.before = before is None, before or {}
                made.fingerprint = fingerprint
                new.append(made)
            if model in ALIAS_MODELS:
                for key in set(of_model) - set(records) - set(known):
                    before = self.touched[model, key]
                    values = {"run": run, "model": label, "key": key, "is_new": False}
                    values |= {
                        "label": before["name"],
                        "before": before,
                        "fingerprint": DELETED_FINGERPRINT,
                    }
                    new.append(RunMade(**values))
            RunMade.objects.bulk_update(known.values(), ["fingerprint"])
        RunMade.objects.bulk_create(new)


@contextmanager
def recording_provenance(run: ImportRun | None) -> Iterator[ProvenanceRecorder]:
    """Record what is saved inside for `run`, and store it at the end. None: record nothing."""
    notes = ProvenanceRecorder()
    if run is None:
        yield notes
        return
    token = _active_recorder.set(notes)
    try:
        yield notes
    finally:
        _active_recorder.reset(token)
    notes.save_to_run(run)


def _remember_before_save(instance, raw=False, **kwargs):
    if (notes := _active_recorder.get()) is not None and not raw:
        notes.remember_values_before(instance)


def _remember_after_creation(instance, created, raw=False, **kwargs):
    if (notes := _active_recorder.get()) is not None and not raw:
        notes.remember_created(instance, created)


def _remember_before_deletion(instance, **kwargs):
    if (notes := _active_recorder.get()) is not None:
        notes.remember_deleted(instance)


@receiver(session_will_change)
def _remember_session_before_parts_change(session, **kwargs):
    if (notes := _active_recorder.get()) is not None:
        notes.remember_values_before(session)


for _model in ALIAS_MODELS:
    pre_delete.connect(_remember_before_deletion, sender=_model)
for _model in RECORDED_MODELS:
    pre_save.connect(_remember_before_save, sender=_model)
    post_save.connect(_remember_after_creation, sender=_model)


def editable_values(record: Model) -> dict:
    """Return the values of a record that an editor can change, as JSON knows them."""
    values = {
        name: value
        for name, value in field_values(record).items()
        if name not in _FIELDS_NOT_COMPARED
    }
    return json.loads(json.dumps(values, cls=DjangoJSONEncoder))


def record_fingerprint(record: Model) -> str:
    """Return a digest that differs whenever an editor changed a record, of a session any part."""
    if isinstance(record, Session):
        return load_snapshot(record.pk).fingerprint()
    text = json.dumps(editable_values(record), sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
