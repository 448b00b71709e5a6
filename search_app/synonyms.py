"""Other names: a word, an acronym or a few words that find what another term finds.

The groups come from staff's list (`Synonym`) and from upper rooms, which register where aliases
of their records stand. A query is widened when it is asked, so a new alias counts at the next
search and no index knows of any.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from . import changes
from .changes import Position
from .models import Change, Synonym
from .parser import phrase_words
from .tree import AllOf, AnyOf, Node, Phrase, Query, Without, Word

# As kind of a change: a term of some group was added, changed or taken away.
KIND = "terms"
MOST_WORDS = 10  # of a term
MOST_NAMES = 12  # of one term that a query is widened by
MOST_WIDENED = 16  # terms of one query

Provider = Callable[[], Iterable[Sequence[str]]]
_providers: list[Provider] = []


def provides_terms(provider: Provider) -> Provider:
    """Register a function that returns groups of terms, each term of which finds the others."""
    _providers.append(provider)
    return provider


def record_change() -> None:
    """Tell every process, in the current transaction, that terms changed."""
    changes.record(KIND, [0])


@provides_terms
def _staff_list():
    return Synonym.objects.values_list("term", "equivalent")


@dataclass(frozen=True)
class Terms:
    """All terms by their folded words, with their other names as written."""

    others: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    longest: int = 0  # words

    @cached_property
    def words(self) -> frozenset[str]:
        """All words of the terms, folded: names that a search text may be meant to hold."""
        return frozenset(word for key in self.others for word in key)

    @staticmethod
    def of_groups(groups: Iterable[Sequence[str]]) -> "Terms":
        others: dict[tuple[str, ...], dict[tuple[str, ...], str]] = {}
        for group in groups:
            keys = {phrase_words(term): term for term in reversed(group) if term}
            for key in keys:
                if 0 < len(key) <= MOST_WORDS:
                    found = others.setdefault(key, {})
                    found.update((other, term) for other, term in keys.items() if other != key)
        return Terms(
            {key: tuple(found.values())[:MOST_NAMES] for key, found in others.items() if found},
            max((len(key) for key in others), default=0),
        )


class _Kept:
    """The terms of this process, read again after a change of any."""

    def __init__(self):
        self.lock = threading.Lock()
        self.seen: Position | None = None
        self.read_at: Position | None = None
        self.terms = Terms()

    def at(self, newest: Position) -> Terms:
        if newest == self.seen:
            return self.terms
        with self.lock:
            changed_at = _newest_change_of_terms()
            if self.seen is None or changed_at != self.read_at:
                self.terms = Terms.of_groups(group for each in _providers for group in each())
                self.read_at = changed_at
            self.seen = newest
            return self.terms


def _newest_change_of_terms() -> Position | None:
    found = Change.objects.filter(kind__in=(KIND, Change.EVERYTHING)).order_by("-id")
    row = found.values_list("id", "mark").first()
    return Position(*row) if row else None


_kept = _Kept()


def terms(newest: Position) -> Terms:
    """Return the terms as of the newest change of the archive."""
    return _kept.at(newest)


def forget() -> None:
    """Forget the terms of this process (tests)."""
    global _kept
    _kept = _Kept()


def widen(query: Query, known: Terms) -> tuple[Query, tuple[tuple[str, str], ...]]:
    """Return the query with other names beside its terms, and the pairs (typed, other name)."""
    if not known.others:
        return query, ()
    widening = _Widening(known)
    nodes = widening.all_of(query.nodes)
    if not widening.used:
        return query, ()
    return replace(query, widened=nodes), tuple(dict.fromkeys(widening.used))


class _Widening:
    def __init__(self, known: Terms):
        self.known = known
        self.used: list[tuple[str, str]] = []
        self.left = MOST_WIDENED

    def all_of(self, nodes: Sequence[Node]) -> tuple[Node, ...]:
        """Widen nodes that are all required: words that follow each other may be one term."""
        found: list[Node] = []
        at = 0
        while at < len(nodes):
            taken, node = self._longest(nodes, at)
            found.append(node)
            at += taken
        return tuple(found)

    def _longest(self, nodes, at) -> tuple[int, Node]:
        run = []
        for node in nodes[at : at + self.known.longest]:
            if not isinstance(node, Word) or node.is_prefix or node.field != nodes[at].field:
                break
            run.append(node)
        for length in range(len(run), 1, -1):
            key = tuple(word for node in run[:length] for word in node.words)
            typed = " ".join(node.text for node in run[:length])
            if names := self._names(key, typed, run[0].field):
                return length, AnyOf((AllOf(tuple(run[:length])), *names))
        return 1, self._one(nodes[at])

    def _one(self, node: Node) -> Node:
        match node:
            case Word() if not node.is_prefix:
                names = self._names(node.words, node.text, node.field)
                if not names and node.joined:
                    names = self._names((node.joined,), node.text, node.field)
            case Phrase():
                names = self._names(node.words, node.text, node.field)
            case Without():
                return Without(self._one(node.node))
            case AnyOf():
                return AnyOf(tuple(self._one(child) for child in node.nodes))
            case AllOf():
                widened = self.all_of(node.nodes)
                return widened[0] if len(widened) == 1 else AllOf(widened)
            case _:
                return node
        return AnyOf((node, *names)) if names else node

    def _names(self, key, typed, field) -> list[Node]:
        others = self.known.others.get(tuple(key), ())
        if not others or not self.left:
            return []
        self.left -= 1
        self.used += [(typed, other) for other in others]
        return [_node(other, field, typed) for other in others]


def _node(term: str, field: str, typed: str) -> Node:
    found = phrase_words(term)
    if len(found) == 1:
        return Word(term, found, field, stands_for=typed)
    return Phrase(term, found, field, stands_for=typed)
