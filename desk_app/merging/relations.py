"""Everything that refers to a record: relations, unique constraints, names of rows."""

from collections.abc import Iterable

from django.db.models import ForeignKey, Model, QuerySet, UniqueConstraint
from django.utils.translation import gettext

from .rules import merge_rules


def foreign_keys_to(model: type[Model]) -> list[ForeignKey]:
    """Return the foreign keys of other rows that lead to `model`, a many-to-many link's included.

    The rows of a many-to-many field are rows with two foreign keys; so one rule moves all.
    """
    foreign_keys = []
    for relation in model._meta.get_fields(include_hidden=True):
        is_reverse = relation.auto_created and not relation.concrete
        if is_reverse and (relation.one_to_many or relation.one_to_one):
            foreign_keys.append(relation.field)
    return sorted(foreign_keys, key=dotted_name_of_foreign_key)


def dotted_name_of_foreign_key(reference: ForeignKey) -> str:
    return f"{reference.model._meta.label_lower}.{reference.name}"


def other_columns_of_unique_constraints(reference: ForeignKey) -> list[tuple[str, ...]]:
    """Return, for each unique constraint with a foreign key, its other columns."""
    options = reference.model._meta
    sets = [tuple(names) for names in options.unique_together]
    sets += [
        constraint.fields
        for constraint in options.constraints
        if isinstance(constraint, UniqueConstraint) and constraint.fields
    ]
    if reference.unique:
        sets.append((reference.name,))
    return [
        tuple(options.get_field(name).attname for name in names if name != reference.name)
        for names in sets
        if reference.name in names
    ]


def rows_referring_to(reference: ForeignKey, keys: Iterable[int]) -> QuerySet:
    """Return the rows whose foreign key leads to one of `keys`."""
    rows = reference.model._base_manager.filter(**{f"{reference.attname}__in": list(keys)})
    return rows.order_by("pk")


def other_foreign_key_of_link(through: type[Model], reference: ForeignKey) -> ForeignKey:
    """Return the other foreign key of a many-to-many link."""
    return next(
        field
        for field in through._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.name != reference.name
    )


def referring_rows_label(reference: ForeignKey, count: int = 2) -> str:
    """Return the name of `count` rows: "appearances", "appearances: further organisations"."""
    model = reference.model
    source = model._meta.auto_created
    options = (source or model)._meta
    name = str(options.verbose_name if count == 1 else options.verbose_name_plural)
    if not source:
        return name
    link = next(
        field for field in source._meta.many_to_many if field.remote_field.through is model
    )
    return gettext("%(name)s: %(verbose_name)s") % {
        "name": name,
        "verbose_name": link.verbose_name,
    }


def rows_with_names(reference: ForeignKey, rows: QuerySet) -> list[tuple[Model, str]]:
    """Return (row, name) of some rows that refer by `reference`; one query."""
    model = reference.model
    prefix, naming = "", model
    if model._meta.auto_created:
        side = other_foreign_key_of_link(model, reference)
        prefix, naming = side.name, side.remote_field.model
    paths = [
        f"{prefix}__{path}" if prefix else path for path in relations_to_load_for_names(naming)
    ]
    if prefix:
        paths.append(prefix)
    rows = rows.select_related(*paths) if paths else rows
    return [(row, record_name_in_preview(getattr(row, prefix) if prefix else row)) for row in rows]


def relations_to_load_for_names(model: type[Model]) -> tuple[str, ...]:
    """Return what to load along with records of a model to name them."""
    return merge_rules(model).describe_related


def record_name_in_preview(record: Model) -> str:
    """Return how a preview names a record."""
    return merge_rules(type(record)).describe(record)
