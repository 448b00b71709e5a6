"""Search by name: a limited number of words, without duplicate rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.contrib.admin.utils import lookup_spawns_duplicates
from django.db.models import Model, Q, QuerySet

from search_app.query.personal_titles import titled_name_position_by_word
from search_app.tokenizer import folded_words

MAX_SEARCH_WORDS = 10
MAX_SEARCH_CHARACTERS = 100
PERSON_NAME_FIELD_SUFFIXES = ("family_name", "given_name")  # suffixes of such field names


@dataclass(frozen=True)
class TypedWords:
    """`text` is what was typed, white space folded; `words` are those looked for, each once.

    They are folded as the search folds them. `is_cut`: something was typed beyond MAX_WORDS
    different words or MAX_CHARACTERS.
    """

    text: str
    words: tuple[str, ...]
    is_cut: bool


def parse_typed_words(text: str) -> TypedWords:
    """Return the words of a search text; NUL characters count as white space."""
    whole = " ".join(text.replace("\x00", " ").split())
    kept = whole[:MAX_SEARCH_CHARACTERS]
    different = tuple(dict.fromkeys(folded_words(kept)))
    is_cut = len(whole) > MAX_SEARCH_CHARACTERS or len(different) > MAX_SEARCH_WORDS
    return TypedWords(kept, different[:MAX_SEARCH_WORDS], is_cut)


def filter_by_each_word(
    records: QuerySet,
    typed: TypedWords,
    condition: Callable[[str], Q],
    person_condition: Callable[[str], Q] | None = None,
) -> QuerySet:
    """Return the records that match each word; none if the text has only punctuation.

    `person_condition` is the condition for a person's name: a title next to a name ("Prof. Novak") is
    satisfied by the name, as in the search.
    """
    if not typed.words:
        return records.none() if typed.text else records
    for word, name in zip(typed.words, titled_name_position_by_word(typed.words), strict=True):
        wanted = condition(word)
        if person_condition and name is not None:
            wanted |= person_condition(typed.words[name])
        records = records.filter(wanted)
    return records


def filter_by_words_in_fields(
    records: QuerySet, typed: TypedWords, fields: Iterable[str]
) -> QuerySet:
    """Return the records that contain each word in one of the fields.

    Titles are not required where the fields contain names of people.
    """
    fields = tuple(fields)
    of_people = tuple(field for field in fields if field.endswith(PERSON_NAME_FIELD_SUFFIXES))

    def condition(word):
        return any_field_contains(records.model, fields, word)

    def person_condition(word):
        return any_field_contains(records.model, of_people, word)

    return filter_by_each_word(records, typed, condition, person_condition if of_people else None)


def any_field_contains(model: type[Model], fields: Iterable[str], word: str) -> Q:
    """Return the condition that one of the fields of `model` contains a word, however it is
    written: case, accents, apostrophes and the dots of abbreviations make no difference.

    A field beyond a many-valued relation ("aliases__name") is looked up in a sub-query: as a join,
    each word would multiply the rows by their number.
    """
    condition = Q()
    for field in fields:
        contains = Q(**{f"{field}__folded": word})
        if lookup_spawns_duplicates(model._meta, field):
            rows = model._base_manager.order_by().filter(contains)
            contains = Q(pk__in=rows.values("pk"))
        condition |= contains
    return condition
