"""Words typed to find records by name: bounded, and looked up without multiplying rows."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.admin.utils import lookup_spawns_duplicates
from django.db.models import Model, Q

MAX_WORDS = 10
MAX_CHARACTERS = 100


@dataclass(frozen=True)
class TypedWords:
    """`text` is what was typed, white space folded; `words` are those looked for, each once.

    `is_cut`: something was typed beyond MAX_WORDS different words or MAX_CHARACTERS.
    """

    text: str
    words: tuple[str, ...]
    is_cut: bool


def typed_words(text: str) -> TypedWords:
    """Return the words of a text that are looked for; NUL characters count as white space."""
    whole = " ".join(text.replace("\x00", " ").split())
    kept = whole[:MAX_CHARACTERS]
    different: dict[str, str] = {}
    for word in kept.split():
        different.setdefault(word.casefold(), word)
    is_cut = len(whole) > MAX_CHARACTERS or len(different) > MAX_WORDS
    return TypedWords(kept, tuple(different.values())[:MAX_WORDS], is_cut)


def name_contains(model: type[Model], fields: Iterable[str], word: str) -> Q:
    """Return the condition that one of the fields of `model` contains a word.

    A field beyond a many-valued relation ("aliases__name") is looked up in a sub-query: as a join,
    each word would multiply the rows by their number.
    """
    condition = Q()
    for field in fields:
        contains = Q(**{f"{field}__icontains": word})
        if lookup_spawns_duplicates(model._meta, field):
            rows = model._base_manager.order_by().filter(contains)
            contains = Q(pk__in=rows.values("pk"))
        condition |= contains
    return condition
