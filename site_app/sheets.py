"""Records as rows of a spreadsheet: what a column is, and who may write what."""

from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.html import conditional_escape
from django.utils.text import Truncator
from django.utils.timezone import is_aware, localtime, make_aware
from import_export import fields, resources, widgets
from import_export.resources import Diff

from .permissions import refusal
from .word_diff import in_one

SEPARATOR = "; "
UNCHANGED_SHOWN = 120  # characters


def split(text) -> list[str]:
    """Return the values of a cell that holds several, parted by semicolons."""
    return [each for part in str(text or "").split(";") if (each := part.strip())]


class TextWidget(widgets.CharWidget):
    """Text as it stands; `check` returns it in its one form or raises ValueError."""

    def __init__(self, check: Callable[[str], str] | None = None):
        super().__init__(coerce_to_string=True, allow_blank=True)
        self.check = check

    def clean(self, value, row=None, **kwargs):
        text = str(value or "").replace("\r\n", "\n").strip()
        if "\x00" in text:
            raise ValueError("There is a character in it that no text has.")
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
        raise ValueError(f"“{text}” is none of {', '.join(self.choices.values)}.")


class DayWidget(widgets.DateWidget):
    def clean(self, value, row=None, **kwargs):
        try:
            return super().clean(value, row, **kwargs)
        except ValueError as error:
            raise ValueError(f"“{value}” is no date; write it as 2024-03-14.") from error


class MomentWidget(widgets.Widget):
    """A moment to the microsecond, with its offset; without one it is the site's own time."""

    def clean(self, value, row=None, **kwargs):
        text = str(value or "").strip()
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise ValueError(f"“{text}” is no time; write it as 2024-03-14 18:00.") from error
        return moment if is_aware(moment) else make_aware(moment)

    def render(self, value, obj=None, **kwargs):
        return localtime(value).isoformat(" ") if value else ""


class Lookup:
    """Finds records by what a cell says: their slug, or their name where `name` is its field."""

    def __init__(self, model, name=""):
        self.model, self.name = model, name

    def find(self, text: str):
        """Return the record. Raises ValueError where there is none, or more than one."""
        records = self.model._default_manager
        if found := records.filter(slug=text).first():
            return found
        kind = self.model._meta.verbose_name
        if self.name:
            named = list(records.filter(**{f"{self.name}__iexact": text})[:2])
            if len(named) > 1:
                raise ValueError(f"Several have the name “{text}”; write the slug.")
            if named:
                return named[0]
        raise ValueError(f"There is no {kind} “{text}”.")

    def text(self, record) -> str:
        return getattr(record, self.name or "slug")


class OneWidget(widgets.ForeignKeyWidget):
    def __init__(self, model, name=""):
        super().__init__(model)
        self.lookup = Lookup(model, name)

    def clean(self, value, row=None, **kwargs):
        text = str(value or "").strip()
        return self.lookup.find(text) if text else None

    def render(self, value, obj=None, **kwargs):
        return self.lookup.text(value) if value else ""


class SeveralWidget(widgets.ManyToManyWidget):
    def __init__(self, model, name=""):
        super().__init__(model)
        self.lookup = Lookup(model, name)

    def clean(self, value, row=None, **kwargs):
        return list(dict.fromkeys(self.lookup.find(text) for text in split(value)))

    def render(self, value, obj=None, **kwargs):
        return SEPARATOR.join(self.lookup.text(each) for each in value.all()) if value else ""


def text(name, check=None):
    return fields.Field(attribute=name, column_name=name, widget=TextWidget(check))


def choice(name, choices):
    return fields.Field(attribute=name, column_name=name, widget=ChoiceWidget(choices))


def day(name):
    return fields.Field(attribute=name, column_name=name, widget=DayWidget(coerce_to_string=True))


def moment(name):
    return fields.Field(attribute=name, column_name=name, widget=MomentWidget())


def number(name):
    widget = widgets.IntegerWidget(coerce_to_string=True)
    return fields.Field(attribute=name, column_name=name, widget=widget)


def one(name, model, by=""):
    return fields.Field(attribute=name, column_name=name, widget=OneWidget(model, by))


def several(name, model, by=""):
    return fields.Field(attribute=name, column_name=name, widget=SeveralWidget(model, by))


class OtherNames(fields.Field):
    """The aliases of a record in one cell; rows of their own in the database."""

    def __init__(self):
        super().__init__(attribute="other_names", column_name="other_names", widget=TextWidget())

    def get_value(self, instance):
        pending = instance.__dict__.get("_other_names")
        if pending is None:
            pending = sorted(each.name for each in instance.aliases.all()) if instance.pk else []
        return SEPARATOR.join(pending)

    def save(self, instance, row, is_m2m=False, **kwargs):
        instance._other_names = sorted(set(split(self.clean(row, **kwargs))))


class WordDiff(Diff):
    """The library's own has style attributes, which the policy forbids, and compares letters."""

    def as_html(self):
        pairs = zip(self.left, self.right, strict=True)
        return [
            in_one("" if self.new and then != now else then, now)
            if then != now
            else conditional_escape(Truncator(now).chars(UNCHANGED_SHOWN))
            for then, now in ((str(then), str(now)) for then, now in pairs)
        ]


class SheetResource(resources.ModelResource):
    """Rows are found by slug; one without a slug, or with a new one, is a new record.

    `user` is who imports; `refusals` says what of a row may not be written.
    """

    class Meta:
        use_transactions = True
        skip_unchanged = True
        report_skipped = True
        clean_model_instances = True
        import_id_fields = ["slug"]

    def __init__(self, user=None, **kwargs):
        super().__init__(**kwargs)
        self.user = user

    @classmethod
    def get_diff_class(cls):
        return WordDiff

    def refusals(self, instance) -> dict[str, str]:
        """Return {field: what is wrong}; the whole row is refused for it."""
        return {}

    def import_instance(self, instance, row, **kwargs):
        errors = {}
        for field in self.get_import_fields():
            # Before anything is saved, so that a wrong name stands beside its row and column.
            if isinstance(field.widget, SeveralWidget) and field.column_name in row:
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
            return False  # the names in it cannot be compared
        return super().skip_row(instance, original, row, import_validation_errors)

    def validate_instance(self, instance, import_validation_errors=None, validate_unique=True):
        errors = dict(import_validation_errors or {})
        if said := refusal(self.user, instance):
            errors["__all__"] = [ValidationError(said)]
        for name, said in self.refusals(instance).items():
            errors.setdefault(name, []).append(ValidationError(said))
        # What saving itself fills in is not the file's to be right about.
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
