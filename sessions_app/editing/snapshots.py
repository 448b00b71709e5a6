"""The state of a session: all its own values and those of its parts, as the history stores them."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.db.models.fields.files import FieldFile

from sessions_app.models import Appearance, Document, Recommendation, Session

MODEL_BY_PART_NAME = {
    "appearances": Appearance,
    "recommendations": Recommendation,
    "documents": Document,
}
PREFETCH_FOR_SNAPSHOT = (
    "topics",
    "regions",
    "appearances__further_organisations",
    "recommendations__made_by",
    "recommendations__topics",
    "documents",
)
# Fields that other changes or the clock update; by themselves they are not a change.
FIELDS_NOT_EDITED_BY_PEOPLE = {
    "updated_at",
    "changed_by_id",
    "first_public_at",
    "has_recording",
    "has_transcript",
    "last_recording_number",
    "reviewer_id",
    "uid",
    "entry_changed_at",
    "calendar_changed_at",
    "calendar_sequence",
}


@dataclass(frozen=True)
class SessionSnapshot:
    """Values by column name, many-to-many fields as sorted lists of keys; parts in their order."""

    values: dict
    parts: dict[str, list[dict]] = field(default_factory=dict)

    def fingerprint(self) -> str:
        """Return a digest that differs whenever something differs that a person can change."""
        own = _values_edited_by_people(self.values)
        parts = {
            name: [_values_edited_by_people(part) for part in parts]
            for name, parts in self.parts.items()
        }
        text = json.dumps([own, parts], sort_keys=True, cls=DjangoJSONEncoder)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _values_edited_by_people(values: dict) -> dict:
    return {
        name: value for name, value in values.items() if name not in FIELDS_NOT_EDITED_BY_PEOPLE
    }


def snapshot_of(session: Session) -> SessionSnapshot:
    """Return the state of a session read with `PREFETCH_FOR_SNAPSHOT`; 7 queries without it."""
    return SessionSnapshot(
        values=field_values(session),
        parts={
            name: sort_parts(map(field_values, getattr(session, name).all()))
            for name in MODEL_BY_PART_NAME
        },
    )


def load_snapshot(pk: int) -> SessionSnapshot | None:
    """Return the current state of a session in the database, or None."""
    session = Session.objects.prefetch_related(*PREFETCH_FOR_SNAPSHOT).filter(pk=pk).first()
    return snapshot_of(session) if session else None


def field_values(record: Model) -> dict:
    opts = record._meta
    return values_as_history_stores(
        {
            **{field.attname: getattr(record, field.attname) for field in opts.concrete_fields},
            **{
                field.name: [other.pk for other in getattr(record, field.name).all()]
                for field in opts.many_to_many
            },
        }
    )


def values_as_history_stores(values: dict) -> dict:
    """Return values in the precision in which the history stores them: times to the millisecond."""
    return {name: _value_as_history_stores(value) for name, value in values.items()}


def _value_as_history_stores(value):
    match value:
        case datetime():
            return value.replace(microsecond=value.microsecond // 1000 * 1000)
        case FieldFile():
            return value.name or ""
        case list() if all(isinstance(item, int) for item in value):
            return sorted(value)
    return value


def sort_parts(parts) -> list[dict]:
    return sorted(parts, key=lambda values: (values["position"], values["id"]))
