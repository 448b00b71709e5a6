"""A journal that does what it notes: each step can be taken back from what it says."""

from django.apps import apps
from django.db.models import FileField, ForeignKey, Model

from site_app.models import OldAddress
from site_app.redirects.addresses import add_redirect, normalise_path

KEYS_PER_STATEMENT = 500  # keys per statement


class Journal:
    """The changes made to the database, in order, as JSON values.

    move: {model, field, to, rows: {former target: keys}}; change: {model, key, before, after};
    create: {model, key}; delete: {model, values}; redirect: {old, former, turned: {path: where it led}}.
    """

    def __init__(self, *, is_trial: bool = False):
        self.steps: list[dict] = []
        self.is_trial = is_trial  # rolled back afterwards; saving would create files that remain

    def _record_step(self, do: str, **values):
        self.steps.append({"do": do, **values})

    def move_rows(self, reference: ForeignKey, rows: dict[int, list[int]], to: int) -> None:
        if not rows:
            return
        set_foreign_key_of_rows(reference, [key for keys in rows.values() for key in keys], to)
        self._record_step(
            "move",
            model=reference.model._meta.label_lower,
            field=reference.name,
            to=to,
            rows={str(former): keys for former, keys in rows.items()},
        )

    def change_columns(self, record: Model, values: dict) -> None:
        """Set columns of a record and save it; `values` by attname."""
        before = {
            name: value for name, value in json_values_of_columns(record).items() if name in values
        }
        for name, value in values.items():
            setattr(record, name, value)
        if self.is_trial:
            type(record)._base_manager.filter(pk=record.pk).update(**values)
        else:
            record.save()
        after = {
            name: value for name, value in json_values_of_columns(record).items() if name in values
        }
        if before != after:
            self._record_step(
                "change",
                model=record._meta.label_lower,
                key=record.pk,
                before=before,
                after=after,
            )

    def create_record(self, record: Model) -> Model:
        record.save()
        self._record_step("create", model=record._meta.label_lower, key=record.pk)
        return record

    def delete_record(self, record: Model) -> None:
        self._record_step(
            "delete", model=record._meta.label_lower, values=json_values_of_columns(record)
        )
        record.delete()

    def redirect_address(self, old: str, new: str) -> None:
        ledger = OldAddress.objects.order_by("pk")
        former = ledger.filter(path=normalise_path(old)).values("leads_to", "origin").first()
        turned = ledger.filter(leads_to__startswith=old).exclude(path=new)
        turned = dict(turned.values_list("path", "leads_to"))
        add_redirect(old, new)
        self._record_step("redirect", old=old, former=former, turned=turned)


def set_foreign_key_of_rows(reference: ForeignKey, keys: list[int], to: int) -> None:
    """Let the foreign key of these rows lead to `to`."""
    for start in range(0, len(keys), KEYS_PER_STATEMENT):
        rows = reference.model._base_manager.filter(
            pk__in=keys[start : start + KEYS_PER_STATEMENT]
        )
        rows.update(**{reference.attname: to})


def json_values_of_columns(record: Model) -> dict:
    """Return every column of a record as a JSON value, by attname."""
    values = {}
    for field in record._meta.concrete_fields:
        value = field.value_from_object(record)
        values[field.attname] = (value.name or "") if isinstance(field, FileField) else value
    return values


def rebuild_deleted_record(step: dict) -> Model:
    """Return the record that a step of deletion held, not saved."""
    model = apps.get_model(step["model"])
    return model(**python_values_of_columns(model, step["values"]))


def python_values_of_columns(model: type[Model], values: dict) -> dict:
    """Return columns as Python values, without those that the model no longer has."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return {
        name: value if isinstance(fields[name], FileField) else fields[name].to_python(value)
        for name, value in values.items()
        if name in fields
    }
