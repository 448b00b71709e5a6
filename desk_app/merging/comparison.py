"""Records of one model side by side, as the page shows them on which a merge is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Field, FileField, ForeignKey, Model

from .merge import KEEP_BOTH_TEXTS_CHOICE, can_keep_both_texts, fields_to_choose
from .relations import foreign_keys_to, referring_rows_label, rows_referring_to, rows_with_names

MAX_ROWS_NAMED = 60  # rows per kind that are listed by name, over all records


@dataclass
class ComparisonCell:
    """What one record has in one field. `picture`: the address of an image."""

    key: int
    text: str
    picture: str = ""
    is_chosen: bool = False


@dataclass
class ComparisonRow:
    """A field over all records; `is_same` where there is nothing to choose."""

    name: str
    label: str
    cells: list[ComparisonCell]
    is_same: bool
    offers_both: bool = False
    both_chosen: bool = False


@dataclass
class RelatedRows:
    """What a record has of one kind: how many, and the names of some."""

    label: str
    count: int
    names: list[str] = field(default_factory=list)

    @property
    def count_without_name(self):
        return self.count - len(self.names)


def comparison_rows(records: Sequence[Model], choices: dict) -> list[ComparisonRow]:
    """Return the fields in which records can differ, empty ones left out; a query a foreign key."""
    model = type(records[0])
    compared = []
    for column in fields_to_choose(model):
        values = [_comparable_value(column, record) for record in records]
        if not any(values):
            continue
        texts = _displayed_values(column, values)
        chosen = choices.get(column.name)
        compared.append(
            ComparisonRow(
                name=column.name,
                label=str(column.verbose_name)[:1].upper() + str(column.verbose_name)[1:],
                cells=[
                    ComparisonCell(
                        record.pk, text, _picture_url(column, record), chosen == record.pk
                    )
                    for record, text in zip(records, texts, strict=True)
                ],
                is_same=len(set(values)) == 1,
                offers_both=can_keep_both_texts(column) and sum(map(bool, values)) > 1,
                both_chosen=chosen == KEEP_BOTH_TEXTS_CHOICE,
            )
        )
    return compared


def _comparable_value(column: Field, record):
    value = column.value_from_object(record)
    return (value.name or "") if isinstance(column, FileField) else value


def _displayed_values(column: Field, values):
    if isinstance(column, ForeignKey):
        known = column.remote_field.model._base_manager.in_bulk(
            [value for value in values if value]
        )
        return [str(known.get(value, "")) for value in values]
    if isinstance(column, FileField):
        return [value.rsplit("/", 1)[-1] for value in values]
    labels = dict(column.flatchoices or ())
    return ["" if value is None else str(labels.get(value, value)) for value in values]


def _picture_url(column: Field, record):
    file = getattr(record, column.name) if isinstance(column, FileField) else None
    return file.url if file else ""


def related_rows_by_record(records: Sequence[Model]) -> dict[int, list[RelatedRows]]:
    """Return {key of a record: what refers to it}; two queries a kind."""
    keys = [record.pk for record in records]
    related: dict[int, list[RelatedRows]] = {key: [] for key in keys}
    for reference in foreign_keys_to(type(records[0])):
        every = rows_referring_to(reference, keys)
        counts = every.order_by().values_list(reference.attname).annotate(n=Count("pk"))
        kinds = {
            key: RelatedRows(referring_rows_label(reference, count), count)
            for key, count in counts
        }
        if not kinds:
            continue
        for row, name in rows_with_names(reference, every[:MAX_ROWS_NAMED]):
            kinds[getattr(row, reference.attname)].names.append(name)
        for key, kind in kinds.items():
            related[key].append(kind)
    return related
