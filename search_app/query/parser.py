"""Parser of the query language described on the help page.

Every text means something: what does not fit the grammar is plain words, and nothing raises.
The grammar is read with one pattern, left to right, so the time is linear in the text.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.formats import number_format
from django.utils.translation import gettext

from search_app.tokenizer import (
    character_pairs,
    compounds_as_single_words,
    folded_words,
    is_cjk,
    words_keeping_compounds,
)

from .personal_titles import make_titles_optional
from .query_ast import AllOf, AnyOf, Clause, Node, Phrase, Query, Since, Until, Without, Word

# Field name in a query → field of the index.
FIELD_OF_TYPED_NAME = {
    "title": "title",
    "speaker": "speaker",
    "organisation": "organisation",
    "organization": "organisation",
    "org": "organisation",
    "topic": "topic",
    "series": "series",
    "region": "region",
    "recommendation": "recommendation",
    "transcript": "transcript",
}
MAX_QUERY_CHARACTERS = 10_000
MAX_LEAVES = 64  # words, phrases and dates; the rest of a longer query is ignored
MAX_ITEMS = 2 * MAX_LEAVES  # MAX_LEAVES with an OR between each two; further items are ignored
MAX_PREFIXES = 8  # each may match thousands of words
MAX_PHRASE_WORDS = 32

_QUOTES_TO_STRAIGHT = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_QUOTES_AND_BRACKETS_TO_SPACES = str.maketrans(dict.fromkeys('"()', " "))
_FIELD_PREFIX = re.compile("[A-Za-z]+:")
_TOKEN_PATTERN = re.compile(
    r"(?P<minus>-?)(?:(?P<field>[A-Za-z]+):)?"
    # An unclosed quotation mark applies to the end of the text; after a letter or digit it is an
    # inch mark: 12" guns.
    r'(?:"(?P<closed>[^"]*)"|(?<![^\s(:-])"(?P<open>[^"]*)\Z|(?P<chunk>[^\s"()]+))'
)


def describe_query_limits() -> str:
    """Return a phrase that says how much of a text is searched for."""
    return gettext(
        "at most %(words)s words or phrases, %(prefixes)s beginnings of words (word*) and "
        "%(characters)s characters"
    ) % {
        "words": MAX_LEAVES,
        "prefixes": MAX_PREFIXES,
        "characters": number_format(MAX_QUERY_CHARACTERS, decimal_pos=0, force_grouping=True),
    }


_registered_date_readers: list[Callable[[str], date]] = []


def register_date_reader(first_day: Callable[[str], date]) -> None:
    """Register the function that parses the value of after: and before: as its first day.

    It raises ValueError for what is not a date, or can mean two; that is searched as words.
    """
    _registered_date_readers[:] = [first_day]


def words_without_syntax(text: str) -> list[str]:
    """Return the words of a text, each written so that nothing in it is read as syntax.

    Signs without a word are left out; an asterisk at the end of a word keeps its meaning.
    """
    plain = text.translate(_QUOTES_TO_STRAIGHT).translate(_QUOTES_AND_BRACKETS_TO_SPACES)
    chunks = [chunk.lstrip("-") for chunk in plain.split()]
    return [
        f'"{chunk}"' if chunk == "OR" or _FIELD_PREFIX.match(chunk) else chunk
        for chunk in chunks
        if phrase_words(chunk)
    ]


def quoted_phrase(text: str) -> str:
    """Return a text as a quoted phrase, without quotation marks of its own; "" if it has no word."""
    plain = " ".join(text.translate(_QUOTES_TO_STRAIGHT).replace('"', " ").split())
    return f'"{plain}"' if phrase_words(plain) else ""


@dataclass(frozen=True)
class _PlacedNode:
    """A node with its place."""

    node: Node
    start: int
    end: int


@dataclass(frozen=True)
class _PendingOr:
    """An OR whose operands are not read yet."""

    start: int
    end: int


def parse_query(text: str) -> Query:
    """Return the tree of a search text; every text is valid."""
    is_cut = len(text) > MAX_QUERY_CHARACTERS
    text = text[:MAX_QUERY_CHARACTERS].translate(_QUOTES_TO_STRAIGHT)
    clauses: list[Clause] = []
    seen: set[Node] = set()
    leaves = prefixes = 0
    items = _parse_items(text)
    is_cut = is_cut or len(items) > MAX_ITEMS
    for item in _bind_or_operands(items):
        if _without_typed_text(item.node) in seen:
            continue
        leaves += _leaf_count(item.node)
        prefixes += _prefix_count(item.node)
        if leaves > MAX_LEAVES:
            is_cut = True
            break
        if prefixes > MAX_PREFIXES:
            is_cut = True
            continue
        seen.add(_without_typed_text(item.node))
        clauses.append(Clause(item.node, item.start, item.end))
    # Words without white space between them ("Lt.-Col.") are each required, like all others.
    nodes = tuple(
        node
        for clause in clauses
        for node in (clause.node.nodes if isinstance(clause.node, AllOf) else (clause.node,))
    )
    relaxed = make_titles_optional(nodes)
    return Query(text, tuple(clauses), relaxed if relaxed != nodes else (), is_cut)


def _parse_items(text: str) -> list[_PlacedNode | _PendingOr]:
    items: list[_PlacedNode | _PendingOr] = []
    for match in _TOKEN_PATTERN.finditer(text):
        if len(items) > MAX_ITEMS:
            break
        start, end = match.span()
        if match.group() == "OR":
            items.append(_PendingOr(start, end))
            continue
        # A minus excludes only at the start of a word, not in "high"-tech.
        excludes = bool(match["minus"]) and (start == 0 or text[start - 1] in " \t\r\n()")
        node = _node_of_match(match)
        if node is not None:
            items.append(_PlacedNode(Without(node) if excludes else node, start, end))
    return items


def _node_of_match(match: re.Match) -> Node | None:
    name = (match["field"] or "").lower()
    is_quoted = match["chunk"] is None
    value = (match["closed"] or match["open"] or "") if is_quoted else match["chunk"]
    if name in ("after", "before") and (day := _parse_first_day(value)):
        return Since(value, day) if name == "after" else Until(value, day)
    if name in FIELD_OF_TYPED_NAME:
        return _node_of_value(value, FIELD_OF_TYPED_NAME[name], is_quoted=is_quoted)
    if not is_quoted:
        return _node_of_value(f"{name}:{value}" if name else value, "", is_quoted=False)
    before = _node_of_value(name, "", is_quoted=False) if name else None
    quoted = _node_of_value(value, "", is_quoted=True)
    return _node_requiring_all([node for node in (before, quoted) if node])


def _node_of_value(value: str, field: str, *, is_quoted: bool) -> Node | None:
    """Return the node of a quoted value or of a run of characters without white space."""
    if is_quoted:
        words = phrase_words(value)
        return Phrase(value.strip(), words, field) if words else None
    pieces = words_keeping_compounds(value)
    if not pieces:
        return None
    nodes = [_word_node(piece, field) for piece in pieces]
    if len(nodes) == 1:
        nodes = [replace(nodes[0], text=value)]
    if value.endswith("*") and not is_cjk(pieces[-1]):
        nodes[-1:] = _split_prefix_word(nodes[-1])
    return _node_requiring_all(nodes)


def phrase_words(text: str) -> tuple[str, ...]:
    """Return the words of `text`, which must be consecutive in a match."""
    # The last pair of a CJK run is a single character, which is not at that position in a longer
    # run.
    words = [word for piece in words_keeping_compounds(text) for word in _words_of_piece(piece)]
    return tuple(words[:MAX_PHRASE_WORDS])


def _word_node(piece: str, field: str) -> Word:
    parts = _words_of_piece(piece)
    together = compounds_as_single_words(piece)
    return Word(piece, tuple(parts)[:MAX_PHRASE_WORDS], field, joined="".join(together[:1]))


def _words_of_piece(piece: str) -> list[str]:
    if is_cjk(piece):
        return character_pairs(piece)[:-1] or [piece]
    return folded_words(piece)


def _split_prefix_word(node: Word) -> list[Word]:
    """Return "high-te*" as high and te*: the last part is a beginning, the others are whole."""
    whole = [Word(part, (part,), node.field) for part in node.words[:-1]]
    last = node.words[-1]
    text = node.text if not whole else f"{last}*"
    return [*whole, Word(text, (last,), node.field, is_prefix=True)]


def _node_requiring_all(nodes: Sequence[Node]) -> Node | None:
    if len(nodes) <= 1:
        return nodes[0] if nodes else None
    return AllOf(tuple(nodes))


def _bind_or_operands(items: list[_PlacedNode | _PendingOr]) -> list[_PlacedNode]:
    """Join the operands of each OR; an OR without operands on both sides is a word."""
    bound: list[_PlacedNode] = []
    index = 0
    while index < len(items):
        item = items[index]
        following = items[index + 1] if index + 1 < len(items) else None
        if isinstance(item, _PlacedNode):
            bound.append(item)
        elif bound and isinstance(following, _PlacedNode):
            left = bound.pop()
            branches = left.node.nodes if isinstance(left.node, AnyOf) else (left.node,)
            node = AnyOf((*branches, following.node))
            bound.append(_PlacedNode(node, left.start, following.end))
            index += 1
        else:
            bound.append(_PlacedNode(Word("OR", ("or",)), item.start, item.end))
        index += 1
    return bound


def _leaf_count(node: Node) -> int:
    if isinstance(node, AnyOf | AllOf):
        return sum(_leaf_count(child) for child in node.nodes)
    return _leaf_count(node.node) if isinstance(node, Without) else 1


def _prefix_count(node: Node) -> int:
    if isinstance(node, AnyOf | AllOf):
        return sum(_prefix_count(child) for child in node.nodes)
    if isinstance(node, Without):
        return _prefix_count(node.node)
    return int(isinstance(node, Word) and node.is_prefix)


def _without_typed_text(node: Node) -> Node:
    """Return what a node requires, regardless of how it was typed, to detect repetitions."""
    if isinstance(node, Word | Phrase):
        return replace(node, text="")
    return node


def _parse_first_day(text: str) -> date | None:
    for first_day in _registered_date_readers:
        try:
            return first_day(text)
        except ValueError:
            return None
    return None
