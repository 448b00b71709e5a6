"""Records as rows of a spreadsheet: types of columns, and permissions to write."""

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.html import conditional_escape
from django.utils.text import Truncator, capfirst
from django.utils.timezone import is_aware, localtime, make_aware
from django.utils.translation import gettext, override
from import_export import fields, resources, widgets
from import_export.resources import Diff

from site_app.permissions import change_refusal
from site_app.text.dates import read_day, read_moment
from site_app.text.numbers import parse_whole_number
from site_app.text.word_diff import mark_differences_in_one_text

CELL_VALUE_SEPARATOR = "; "
MAX_UNCHANGED_CHARACTERS = 120  # characters
MAX_PROBLEM_SENTENCES = 20  # per file and kind


_VALUE_IN_CELL = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*(?=;|\Z)|([^;]*))(?:;|\Z)')


def split_cell_into_values(text) -> list[str]:
    """Return the values of a cell with several values, separated by semicolons.

    A value in double quotes may contain semicolons; "" in it is a quotation mark.
    """
    values = []
    for match in _VALUE_IN_CELL.finditer(str(text or "")):
        quoted, plain = match.groups()
        value = plain.strip() if quoted is None else quoted.replace('""', '"')
        if value:
            values.append(value)
    return values


def join_values_into_cell(values: Iterable[str]) -> str:
    """Return one cell of several values, which `split_cell_into_values` makes the same values of."""
    return CELL_VALUE_SEPARATOR.join(map(_quoted_if_needed, values))


def _quoted_if_needed(value: str) -> str:
    if ";" in value or value.startswith('"') or value != value.strip():
        return '"' + value.replace('"', '""') + '"'
    return value


class TextWidget(widgets.CharWidget):
    """Text; `check` returns its normal form or raises ValueError."""

    def __init__(self, check: Callable[[str], str] | None = None):
        super().__init__(coerce_to_string=True, allow_blank=True)
        self.check = check

    def clean(self, value, row=None, **kwargs):
        text = str(value or "").replace("\r\n", "\n").strip()
        if "\x00" in text:
            raise ValueError(gettext("It contains a character that is not allowed in text."))
        try:
            return self.check(text) if self.check else text
        except ValidationError as error:
            raise ValueError(" ".join(error.messages)) from error


class ChoiceWidget(TextWidget):
    """One of the values of a TextChoices; its label is read too."""

    def __init__(self, choices: type[models.TextChoices]):
        super().__init__()
        self.choices = choices

    def clean(self, value, row=None, **kwargs):
        text = super().clean(value, row, **kwargs)
        for choice in self.choices:
            if text.casefold() in (choice.value, choice.label.casefold()):
                return choice
        raise ValueError(
            gettext("“%(text)s” is not a valid choice; use %(values)s.")
            % {"text": text, "values": ", ".join(self.choices.values)}
        )


class DayWidget(widgets.Widget):
    """A day in any form that site_app.text.dates reads; written in ISO 8601."""

    def clean(self, value, row=None, **kwargs):
        text = str(value or "").strip()
        return read_day(text) if text else None

    def render(self, value, obj=None, **kwargs):
        return value.isoformat() if value else ""


class NumberWidget(widgets.Widget):
    def clean(self, value, row=None, **kwargs):
        text = str(value or "").strip()
        if not text:
            return None
        number = parse_whole_number(text, minimum=0)
        if number is None:
            raise ValueError(gettext("“%(text)s” is not a whole number.") % {"text": text[:50]})
        return number

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else str(value)


class MomentWidget(widgets.Widget):
    """A moment to the microsecond, with its offset; without one it is the site's own time."""

    def clean(self, value, row=None, **kwargs):
        text = str(value or "").strip()
        if not text:
            return None
        moment = read_moment(text)
        return moment if is_aware(moment) else make_aware(moment)

    def render(self, value, obj=None, **kwargs):
        return localtime(value).isoformat(" ") if value else ""


class RecordLookup:
    """Finds records by the text of a cell: their slug, or their name if `name` is its field.

    The exact name takes precedence over the slug, also if the name of one record is the slug of another.
    """

    def __init__(self, model, name=""):
        self.model, self.name = model, name

    def find_record(self, text: str):
        """Return the record. Raises ValueError where there is none, or more than one."""
        records = self.model._default_manager
        ways = [{"slug": text}]
        if self.name:
            ways = [{self.name: text}, *ways, {f"{self.name}__iexact": text}]
        kind = self.model._meta.verbose_name
        for way in ways:
            named = list(records.filter(**way)[:2])
            if len(named) > 1:
                raise ValueError(
                    gettext("Several have the name “%(text)s”; write the slug.") % {"text": text}
                )
            if named:
                return named[0]
        raise ValueError(
            gettext("There is no %(kind)s “%(text)s”.") % {"kind": kind, "text": text}
        )

    def cell_text(self, record) -> str:
        return getattr(record, self.name or "slug")


class RelatedRecordWidget(widgets.ForeignKeyWidget):
    def __init__(self, model, name=""):
        super().__init__(model)
        self.lookup = RecordLookup(model, name)

    def clean(self, value, row=None, **kwargs):
        text = str(value or "").strip()
        return self.lookup.find_record(text) if text else None

    def render(self, value, obj=None, **kwargs):
        return self.lookup.cell_text(value) if value else ""


class RelatedRecordsWidget(widgets.ManyToManyWidget):
    def __init__(self, model, name=""):
        super().__init__(model)
        self.lookup = RecordLookup(model, name)

    def clean(self, value, row=None, **kwargs):
        return list(
            dict.fromkeys(self.lookup.find_record(text) for text in split_cell_into_values(value))
        )

    def render(self, value, obj=None, **kwargs):
        return (
            join_values_into_cell(self.lookup.cell_text(record) for record in value.all())
            if value
            else ""
        )


def text_column(name, check=None):
    return fields.Field(attribute=name, column_name=name, widget=TextWidget(check))


def choice_column(name, choices):
    return fields.Field(attribute=name, column_name=name, widget=ChoiceWidget(choices))


def day_column(name):
    return fields.Field(attribute=name, column_name=name, widget=DayWidget())


def moment_column(name):
    return fields.Field(attribute=name, column_name=name, widget=MomentWidget())


def number_column(name):
    return fields.Field(attribute=name, column_name=name, widget=NumberWidget())


def related_column(name, model, by=""):
    return fields.Field(attribute=name, column_name=name, widget=RelatedRecordWidget(model, by))


def related_list_column(name, model, by=""):
    return fields.Field(attribute=name, column_name=name, widget=RelatedRecordsWidget(model, by))


class OtherNamesColumn(fields.Field):
    """The aliases of a record in one cell; rows of their own in the database."""

    def __init__(self):
        super().__init__(attribute="other_names", column_name="other_names", widget=TextWidget())

    def get_value(self, instance):
        pending = instance.__dict__.get("_other_names")
        if pending is None:
            pending = sorted(alias.name for alias in instance.aliases.all()) if instance.pk else []
        return join_values_into_cell(pending)

    def save(self, instance, row, is_m2m=False, **kwargs):
        instance._other_names = sorted(set(split_cell_into_values(self.clean(row, **kwargs))))


class MarkedWordDiff(Diff):
    """Replaces the library's diff, which has style attributes and compares letters."""

    def as_html(self):
        pairs = zip(self.left, self.right, strict=True)
        return [
            mark_differences_in_one_text("" if self.new and then != now else then, now)
            if then != now
            else conditional_escape(Truncator(now).chars(MAX_UNCHANGED_CHARACTERS))
            for then, now in ((str(then), str(now)) for then, now in pairs)
        ]


class SheetResource(resources.ModelResource):
    """Rows are matched by slug; one without a slug, or with a new one, is a new record.

    `user` is who imports; `refusals` says what of a row may not be written.
    """

    class Meta:
        use_transactions = True
        skip_unchanged = True
        report_skipped = True
        clean_model_instances = True
        import_id_fields = ["slug"]
        # Columns of import_id_fields that may be missing or empty; the row is then a new record.
        given_by_the_archive = ("slug",)

    def __init__(self, user=None, **kwargs):
        super().__init__(**kwargs)
        self.user = user

    @classmethod
    def get_diff_class(cls):
        return MarkedWordDiff

    @classmethod
    def column_label(cls, name: str) -> str:
        """Return the label of a column in the form of the record."""
        try:
            label = cls._meta.model._meta.get_field(cls.fields[name].attribute).verbose_name
        except FieldDoesNotExist:
            label = gettext(name.replace("_", " "))
        return capfirst(str(label))

    def before_import(self, dataset, **kwargs):
        """Rename the columns to field names. Raises ValueError if rows cannot be read."""
        super().before_import(dataset, **kwargs)
        self.lines = list(getattr(dataset, "lines", range(2, len(dataset) + 2)))
        self.remark = getattr(dataset, "remark", "")
        wrong = self._rename_columns_to_fields(dataset) or self._problems_of_repeated_rows(dataset)
        if wrong:
            dataset.wipe()  # the rows add no headers
            raise ValueError(" ".join(wrong))

    def _rename_columns_to_fields(self, dataset) -> list[str]:
        fields = [field.column_name for field in self.get_import_fields()]
        known = {_fold_column_name(self.column_label(name)): name for name in fields}
        with override(None):  # a colleague's sheet may have English names
            known |= {_fold_column_name(self.column_label(name)): name for name in fields}
        known |= {_fold_column_name(name): name for name in fields}
        headers = [known.get(_fold_column_name(header), "") for header in dataset.headers]
        wrong = []
        for header, name in zip(dataset.headers, headers, strict=True):
            if not name:
                near = get_close_matches(_fold_column_name(header), known, n=1)
                values = {"name": header[:60], "near": known[near[0]] if near else ""}
                said = (
                    gettext("There is no column %(name)s; did you mean %(near)s?")
                    if near
                    else gettext("There is no column %(name)s.")
                )
                wrong.append(said % values)
            elif headers.count(name) > 1 and header != name:
                wrong.append(
                    gettext("%(header)s is the column %(name)s, which is there already.")
                    % {"header": header[:60], "name": name}
                )
        if wrong:
            return [
                *wrong,
                gettext("The columns are: %(fields)s.") % {"fields": ", ".join(fields)},
            ]
        dataset.headers = headers
        for name in self.get_import_id_fields():
            if name not in headers:
                if name not in self._meta.given_by_the_archive:
                    return [
                        gettext("The column %(name)s is needed: it says which record a row is.")
                        % {"name": name}
                    ]
                dataset.append_col([""] * len(dataset), header=name)
        return []

    def _problems_of_repeated_rows(self, dataset) -> list[str]:
        """Return a sentence for each record that two rows are of: which one is right?"""
        places = [dataset.headers.index(name) for name in self.get_import_id_fields()]
        seen: dict[tuple[str, ...], int] = {}
        wrong = []
        for line, row in zip(self.lines, dataset, strict=True):
            key = tuple(str(row[place] or "").strip() for place in places)
            if not all(key):
                continue  # a new record, or a row with an error of its own
            if key in seen:
                record = ", ".join(key)
                wrong.append(
                    gettext("Rows %(seen)s and %(line)s are both “%(record)s”: keep one of them.")
                    % {"seen": seen[key], "line": line, "record": record}
                )
            seen.setdefault(key, line)
        return wrong[:MAX_PROBLEM_SENTENCES]

    def after_init_instance(self, instance, new, row, **kwargs):
        """Leave out cells equal to what the archive would export: they change nothing.

        So an export comes back unchanged, even with values that no longer pass the checks, or
        that reading would tidy up.
        """
        super().after_init_instance(instance, new, row, **kwargs)
        if new:
            return
        for field in self.get_import_fields():
            name = field.column_name
            if name in self.get_import_id_fields() or name not in row:
                continue
            if _with_normal_line_breaks(row[name]) == _with_normal_line_breaks(
                field.export(instance)
            ):
                del row[name]

    def after_import(self, dataset, result, **kwargs):
        super().after_import(dataset, result, **kwargs)
        result.lines, result.remark = self.lines, self.remark

    def refused_values(self, instance) -> dict[str, str]:
        """Return {field: what is wrong}; the whole row is refused for it."""
        return {}

    def import_instance(self, instance, row, **kwargs):
        errors = {}
        for field in self.get_import_fields():
            # Before anything is saved, so that an unknown name is reported with its row and column.
            if isinstance(field.widget, RelatedRecordsWidget) and field.column_name in row:
                try:
                    field.clean(row, **kwargs)
                except ValueError as error:
                    errors[field.attribute] = ValidationError(str(error))
        try:
            super().import_instance(instance, row, **kwargs)
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def skip_row(self, instance, original, row, import_validation_errors=None):
        if import_validation_errors:
            return False  # names in the row cannot be compared
        return super().skip_row(instance, original, row, import_validation_errors)

    def validate_instance(self, instance, import_validation_errors=None, validate_unique=True):
        errors = dict(import_validation_errors or {})
        if said := change_refusal(self.user, instance):
            errors["__all__"] = [ValidationError(said)]
        for name, said in self.refused_values(instance).items():
            errors.setdefault(name, []).append(ValidationError(said))
        # Fields that are set when saving are not validated against the file.
        derived = {field.name for field in instance._meta.fields if not field.editable}
        try:
            instance.full_clean(exclude={*errors, *derived}, validate_unique=validate_unique)
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def after_save_instance(self, instance, row, **kwargs):
        names = instance.__dict__.pop("_other_names", None)
        if names is not None:
            for alias in instance.aliases.exclude(name__in=names):
                alias.delete()
            for name in set(names) - set(instance.aliases.values_list("name", flat=True)):
                instance.aliases.create(name=name)


def _fold_column_name(name: str) -> str:
    return " ".join(re.split(r"[\s_-]+", name.strip().casefold()))


def _with_normal_line_breaks(cell) -> str:
    return str("" if cell is None else cell).replace("\r\n", "\n")
