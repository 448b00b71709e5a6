"""Tables of the database as JSON Lines, one object per row, identical on SQLite and PostgreSQL.

Times are ISO 8601 in UTC, bytes are base64, and JSON columns are strings of JSON, so that a JSON null
differs from an empty column. Tables are compared by content digests, which do not depend on the order
of rows, nor on how PostgreSQL writes JSON.
"""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from types import SimpleNamespace
from uuid import UUID

from django.apps import apps as current_apps
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connections, models
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import JSONField, TextField, Value
from django.db.models.functions import Cast
from django.db.models.sql import InsertQuery

ROWS_PER_BATCH = 1000
Row = dict[str, object]


class LoadError(Exception):
    """A row that the database rejects; the message names table, row and reason."""


def stored_models(apps=current_apps) -> list[type[models.Model]]:
    """Return one model for each table, by its name: many-to-many tables and migrations too."""
    found = {
        model._meta.db_table: model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    migrations = MigrationRecorder.Migration
    found[migrations._meta.db_table] = migrations
    return [found[table] for table in sorted(found)]


def column_names(model) -> list[str]:
    return [field.attname for field in model._meta.local_concrete_fields]


def table_rows(model, using: str, query: models.QuerySet | None = None) -> Iterator[Row]:
    """Yield every row as {column: value ready for JSON}, by primary key, in bounded memory."""
    key = model._meta.pk.attname
    names = column_names(model)
    wanted = [
        Cast(field.attname, TextField()) if isinstance(field, JSONField) else field.attname
        for field in model._meta.local_concrete_fields
    ]
    everything = model._base_manager.using(using) if query is None else query.using(using)
    everything = everything.order_by(key)
    place, last = names.index(key), None
    while True:
        # Pages by key instead of a server-side cursor, which connection poolers for PostgreSQL do
        # not support.
        page = everything if last is None else everything.filter(**{f"{key}__gt": last})
        batch = list(page.values_list(*wanted)[:ROWS_PER_BATCH])
        for values in batch:
            yield {name: _json_value(value) for name, value in zip(names, values, strict=True)}
        if len(batch) < ROWS_PER_BATCH:
            return
        last = batch[-1][place]


def _json_value(value):
    if value is None or isinstance(value, str | int | float):  # bool is an int
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return b64encode(value).decode("ascii")
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def json_line(row: Row) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class ContentDigest:
    """Digest of the rows of one table, the same in whatever order they are added."""

    def __init__(self, model):
        self.json_columns = [
            field.attname
            for field in model._meta.local_concrete_fields
            if isinstance(field, JSONField)
        ]
        self.row_count = 0
        self._sum = 0

    def add(self, row: Row) -> None:
        if self.json_columns:
            canonical = {name: _canonical_json(row[name]) for name in self.json_columns}
            row = {**row, **canonical}
        text = json.dumps(row, separators=(",", ":"), sort_keys=True)
        self.row_count += 1
        self._sum += int.from_bytes(hashlib.sha256(text.encode()).digest())

    def hexdigest(self) -> str:
        return f"{self._sum % 2**256:064x}"


def _canonical_json(text):
    """Return JSON text in a normal form: PostgreSQL keeps neither the order of keys nor 1.0 or 1e3."""
    if text is None:
        return None
    value = json.loads(text, parse_float=_integer_if_whole)
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _integer_if_whole(text):
    number = float(text)
    return int(number) if number.is_integer() else number


def dump_table(model, using: str, write: Callable[[bytes], object]) -> ContentDigest:
    """Write a table as lines; return its digest."""
    digest = ContentDigest(model)
    for row in table_rows(model, using):
        digest.add(row)
        write(json_line(row))
    return digest


def table_digest(model, using: str) -> ContentDigest:
    digest = ContentDigest(model)
    for row in table_rows(model, using):
        digest.add(row)
    return digest


def load_table(
    model,
    lines: Iterable[bytes],
    using: str,
    on_loaded=lambda count: None,
    *,
    adapt_row: Callable[[Row], Row] | None = None,
) -> int:
    """Insert the rows of JSON Lines unchanged: no signals, defaults or save times.

    `model` may be one of an older state of migrations. Calls `on_loaded` with the number of rows of
    each batch and returns how many there were. `adapt_row`: applied to each row first; columns
    that a row then lacks have their defaults. Raises LoadError.
    """
    connection = connections[using]
    fields = list(model._meta.local_concrete_fields)
    size = max(
        1, min(ROWS_PER_BATCH, connection.ops.bulk_batch_size(fields, [None] * ROWS_PER_BATCH))
    )
    lines, total = iter(lines), 0
    while batch := list(islice(lines, size)):
        instances = [
            _instance_of_line(model, fields, line, total + n, adapt_row)
            for n, line in enumerate(batch, 1)
        ]
        try:
            _insert_rows(model, fields, instances, using)
        except (DatabaseError, ValueError) as error:
            raise LoadError(_load_error_message(model, instances, error)) from error
        total += len(batch)
        on_loaded(len(batch))
    return total


def _insert_rows(model, fields, instances, using):
    query = InsertQuery(model)
    # raw: the pre_save of some fields would change the value
    query.insert_values(fields, instances, raw=True)
    query.get_compiler(using=using).execute_sql()


def _instance_of_line(model, fields, line, number, adapt_row):
    try:
        row = json.loads(line)
        if adapt_row:
            defaults = {
                field.attname: field.get_default() for field in fields if field.attname not in row
            }
            row = defaults | adapt_row(row)
        values = {field.attname: _database_value(field, row[field.attname]) for field in fields}
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        said = f"{type(error).__name__}: {error}"
        raise LoadError(f"{model._meta.db_table}, line {number}: {said}") from error
    return SimpleNamespace(**values)


def _database_value(field, value):
    if value is None:
        return None
    if isinstance(field, JSONField):
        # Without Value, JSON null would become SQL NULL.
        return Value(json.loads(value), JSONField(encoder=field.encoder))
    if isinstance(field, models.ForeignKey):
        return field.target_field.to_python(value)
    return field.to_python(value)


def _load_error_message(model, instances, error):
    said = " ".join(str(error).split())
    key = model._meta.pk.attname
    first, last = getattr(instances[0], key), getattr(instances[-1], key)
    return f"{model._meta.db_table}, rows {first} to {last}: {said}"


def last_ids(using: str) -> dict[str, int]:
    """Return {table: the highest id ever given}, so that none is given twice after a restore."""
    connection = connections[using]
    found = {}
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
            given = dict(cursor.fetchall())
            return {
                model._meta.db_table: given[model._meta.db_table]
                for model in stored_models()
                if given.get(model._meta.db_table)
            }
        for model, sequence in _models_and_sequences(cursor, current_apps):
            cursor.execute(f"SELECT last_value, is_called FROM {sequence}")  # noqa: S608 - its name
            last, is_called = cursor.fetchone()
            if is_called:
                found[model._meta.db_table] = last
    return found


def set_last_ids(last: dict[str, int], using: str, apps=current_apps) -> None:
    """Make the ids of all tables continue after these."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence")
            cursor.executemany(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", list(last.items())
            )
            return
        for model, sequence in _models_and_sequences(cursor, apps):
            given = last.get(model._meta.db_table)
            cursor.execute("SELECT setval(%s, %s, %s)", [sequence, given or 1, bool(given)])


def _models_and_sequences(cursor, apps):
    for model in stored_models(apps):
        key = model._meta.pk
        if isinstance(key, models.AutoField):
            table = f'"{model._meta.db_table}"'
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, key.column])
            if sequence := cursor.fetchone()[0]:
                yield model, sequence
