"""Sort keys: one alphabetical order on every database, whatever its collation."""

from django.db import models

from .slugs import slug_from_text

MAX_SORT_KEY_LENGTH = 100


class SortKeyField(models.CharField):
    """A column kept equal to the record's `sort_name`, folded to [a-z0-9].

    Word breaks become "0", which sorts before every letter in each collation, so that "Li, Mei-hua" comes
    before "Liang, A.". Set in pre_save, which bulk_create uses too.
    """

    def __init__(self, **kwargs):
        kwargs.setdefault("max_length", MAX_SORT_KEY_LENGTH)
        kwargs.setdefault("editable", False)
        kwargs.setdefault("db_index", True)
        kwargs.setdefault("default", "")
        super().__init__(**kwargs)

    def pre_save(self, model_instance, add):
        key = sort_key(model_instance.sort_name)
        setattr(model_instance, self.attname, key)
        return key


def sort_key(text: str) -> str:
    """Return `text` folded for sorting; "~" for what has no Latin form, so that it comes last."""
    return slug_from_text(text, fallback="~").replace("-", "0").replace("_", "0")
