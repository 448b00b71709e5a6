"""Titles around names: "Prof. Ikram Novak" finds the person, with or without a title in the record.

The app with the people registers the titles. A title directly before a name is no longer required: the
name among the speakers is enough. Everywhere else, and before other words, it is an ordinary word.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from search_app.tokenizer import folded_words

from .query_ast import AnyOf, Node, Phrase, Word

PEOPLE_FIELD = "speaker"  # the field with the names of people
MAX_ROTATED_WORDS = 6  # words of a name that are also searched in another order
TitleWords = tuple[str, ...]  # folded words
MAX_TITLE_WORDS = 8
_titles_before_names: set[TitleWords] = set()
_titles_after_names: set[TitleWords] = set()
_titles_on_either_side: set[TitleWords] = set()
_words_opening_titles: set[TitleWords] = set()
_words_following_titles: set[TitleWords] = set()


def register_titles(
    *,
    before: Iterable[str],
    after: Iterable[str],
    beside: Iterable[str],
    opening: Iterable[str],
    further: Iterable[str],
) -> None:
    """Add titles and ranks that come before a name, words that may follow it ("Jr."), and words that
    may be in either position ("USN", "Ret.").

    `opening`: words that begin a title ("The", "former"); `further`: words that only follow a title
    ("(P)", "of the Air Force").
    """
    for titles, added in (
        (_titles_before_names, before),
        (_titles_after_names, after),
        (_titles_on_either_side, beside),
        (_words_opening_titles, opening),
        (_words_following_titles, further),
    ):
        for key in (tuple(folded_words(title)) for title in added):
            titles.update({key, ("".join(key),)} if key else ())  # "Lt Col", "Lt.-Col."


def count_leading_title_words(words: Sequence[str]) -> int:
    """Return how many of the folded words are titles, from the first on."""
    at = 0
    while count := _first_title_length(words[at:]) or (
        at and _longest_title_length(words[at:], _titles_on_either_side, _words_following_titles)
    ):
        at += count
    return at


def count_trailing_title_words(words: Sequence[str]) -> int:
    """Return how many of the folded words, from the first on, may follow a name."""
    at = 0
    while count := _longest_title_length(words[at:], _titles_after_names, _titles_on_either_side):
        at += count
    return at


def _first_title_length(words: Sequence[str]) -> int:
    """Return how many words, from the first on, form one title with its opening words."""
    opened = 0
    while count := _longest_title_length(words[opened:], _words_opening_titles):
        opened += count
    # "Chief" begins "Chief Justice", and is a title itself.
    for start in range(opened, -1, -1):
        if count := _longest_title_length(words[start:], _titles_before_names):
            return start + count
    return 0


def _longest_title_length(words: Sequence[str], *among: set[TitleWords]) -> int:
    """Return the length in words of the longest title at the beginning; 0 if there is none."""
    for length in range(min(MAX_TITLE_WORDS, len(words)), 0, -1):
        if any(tuple(words[:length]) in titles for titles in among):
            return length
    return 0


def name_without_titles(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a name without titles before and after it; all if there is no name."""
    start, end = count_leading_title_words(words), len(words)
    for at in range(start + 1, len(words)):
        if at + count_trailing_title_words(words[at:]) == len(words):
            end = at
            break
    return tuple(words[start:end]) or tuple(words)


def name_orders(words: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the orders in which a name may be written, as typed first, titles left out.

    "Novak, Prof. Ikram" gives (novak, ikram) and (ikram, novak).
    """
    name = name_without_titles(words)
    inner = [name]
    for at in range(1, len(name) - 1):
        between = name[at:-1]
        count = count_trailing_title_words(between)
        if count := count + count_leading_title_words(between[count:]):
            inner.append((*name[:at], *name[at + count :]))
            break
    return list(dict.fromkeys(order for one in inner for order in _rotations(one)))


def _rotations(name: tuple[str, ...]) -> list[tuple[str, ...]]:
    if len(name) > MAX_ROTATED_WORDS:
        return [name]
    return [(*name[at:], *name[:at]) for at in range(len(name))]


def titled_name_position_by_word(words: Sequence[str]) -> list[int | None]:
    """Return for each word the position of the name next to the title; None if it is not a title.

    "" means neither a title nor a name.
    """
    names: list[int | None] = [None] * len(words)
    at = 0
    while at < len(words):
        count = count_leading_title_words(words[at:]) if words[at] else 0
        if count and at + count < len(words) and words[at + count]:
            names[at : at + count] = [at + count] * count
        elif not count and words[at] and (count := count_trailing_title_words(words[at + 1 :])):
            names[at + 1 : at + 1 + count] = [at] * count
        at += max(count, 1)
    return names


def make_titles_optional(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Return the nodes of a query; a title next to a name also matches a speaker with that name."""
    spelled: list[str] = []
    node_of_word: list[int] = []
    for place, node in enumerate(nodes):
        words = _title_or_name_words(node)
        spelled += words
        node_of_word += [place] * len(words)
    met: dict[int, list[Node | None]] = {}  # index of a node: the name nodes next to its words
    for place, name in zip(node_of_word, titled_name_position_by_word(spelled), strict=True):
        met.setdefault(place, []).append(None if name is None else nodes[node_of_word[name]])
    relaxed: list[Node] = []
    for place, node in enumerate(nodes):
        other = met[place][0]
        if None not in met[place] and isinstance(other, Word | Phrase):
            node = AnyOf((node, replace(other, field=PEOPLE_FIELD)))
        relaxed.append(node)
    return tuple(relaxed)


def _title_or_name_words(node: Node) -> Sequence[str]:
    """Return the words of a node that may be titles or parts of a name; "" for any other node."""
    if not isinstance(node, Word | Phrase) or node.field not in ("", PEOPLE_FIELD):
        return ("",)
    if isinstance(node, Phrase):
        return ("_".join(node.words) + "_",)  # no title is spelled like this
    return node.words or ("",)
