"""The names that Django derives from the code, in the reader's language.

A model or field without a `verbose_name` is called as its class or attribute is ("held on"). Such a
name is looked up in the catalogue each time it is shown, under a context of its own: a word such
as "series" is one thing as the name of a record, and another as that of many. It does not become
part of migrations, which only know names that were given.
"""

from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.models import Field, Model
from django.db.models.options import Options
from django.utils.text import camel_case_to_spaces
from django.utils.translation import override, pgettext_lazy

FIELD, ONE_RECORD, SEVERAL_RECORDS = "field", "one record", "several records"


def own_models() -> Iterator[type[Model]]:
    """Yield the models of the archive's own apps."""
    for app in apps.get_app_configs():
        if Path(app.path).parent == settings.BASE_DIR:
            yield from app.get_models()


def derived_names() -> Iterator[tuple[Options | Field, str, str, str]]:
    """Yield (what has the name, its attribute, English name, context) of each derived name."""
    for model in own_models():
        options = model._meta
        one = camel_case_to_spaces(options.object_name)
        if "verbose_name" in options.original_attrs:
            with override(None):
                one = str(options.verbose_name)
        else:
            yield options, "verbose_name", one, ONE_RECORD
        if "verbose_name_plural" not in options.original_attrs:
            yield options, "verbose_name_plural", f"{one}s", SEVERAL_RECORDS
        for field in (*options.local_fields, *options.local_many_to_many):
            if field._verbose_name is None:
                yield field, "verbose_name", field.name.replace("_", " "), FIELD


def translate_derived_names() -> None:
    """Make each derived name translatable; called once, when all models are loaded."""
    for named, attribute, english, context in list(derived_names()):
        setattr(named, attribute, pgettext_lazy(context, english))
