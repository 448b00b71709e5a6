"""Other names: a word, an acronym or a few words that also find another term.

The groups come from the synonyms of staff (`Synonym`) and from higher apps, which register the aliases
of their records. A query is expanded when it runs, so a new alias applies to the next search, and no
index contains aliases. The visibility of the record with an alias is checked at that moment, too: names
of records used only by drafts expand nothing.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from search_app import change_log
from search_app.change_log import Position
from search_app.models import Change, Synonym

from .parser import phrase_words
from .query_ast import AllOf, AnyOf, Node, Phrase, Query, Without, Word

# The kind in the change log: a term of some group was added, changed or removed.
CHANGE_KIND = "terms"
MAX_TERM_WORDS = 10  # words per term
MAX_NAMES_ADDED_PER_TERM = 12  # names added to a query per term
MAX_EXPANDED_TERMS = 16  # terms per query

MAX_NAMES_CHECKED_PER_TERM = 500  # per term; many records may share it
MAX_VISIBILITY_CHECKS = 5  # per query; names not checked by then are ignored

TermsProvider = Callable[[], Iterable[Sequence[str]]]
RecordTermsProvider = Callable[[], Iterable[tuple[Hashable, Sequence[str]]]]
VisibilityCheck = Callable[[set], set]


class Owner(NamedTuple):
    """A record with some terms as names, and the function that returns which records visitors may see."""

    visible_among: VisibilityCheck
    record: Hashable


class OtherName(NamedTuple):
    """Another name of a term; without an owner it is public by itself."""

    words: tuple[str, ...]  # folded
    text: str
    owner: Owner | None


_terms_providers: list[Callable[[], Iterable[tuple[Owner | None, Sequence[str]]]]] = []


def register_terms_provider(provider: TermsProvider) -> TermsProvider:
    """Register a function that returns groups of terms that find each other."""
    _terms_providers.append(lambda: ((None, group) for group in provider()))
    return provider


def provides_record_terms(visible_among: VisibilityCheck):
    """Register a function that returns (record, its names) for records that may not be public.

    `visible_among` is called when a query uses such names, with a set of records, and returns
    those that visitors may know of at that moment.
    """

    def register(provider: RecordTermsProvider) -> RecordTermsProvider:
        _terms_providers.append(
            lambda: ((Owner(visible_among, record), names) for record, names in provider())
        )
        return provider

    return register


def record_change_of_terms() -> None:
    """Tell every process, in the current transaction, that terms changed."""
    change_log.record_changes(CHANGE_KIND, [0])


@register_terms_provider
def _synonyms_of_staff():
    return Synonym.objects.values_list("term", "equivalent")


@dataclass(frozen=True)
class Terms:
    """All terms by their folded words, with their other names as written."""

    others: dict[tuple[str, ...], tuple[OtherName, ...]] = field(default_factory=dict)
    longest: int = 0  # number of words

    @cached_property
    def words(self) -> frozenset[str]:
        """All words of the terms, folded: names that a search text may mean."""
        return frozenset(word for key in self.others for word in key)

    @staticmethod
    def from_groups(groups: Iterable[tuple[Owner | None, Sequence[str]]]) -> "Terms":
        """Return the terms of (owner, names) pairs; the names of a pair find each other."""
        others: dict[tuple[str, ...], list[OtherName]] = defaultdict(list)
        for owner, group in groups:
            keys = {phrase_words(term): term for term in reversed(group) if term}
            for key in keys:
                if 0 < len(key) <= MAX_TERM_WORDS:
                    others[key] += (
                        OtherName(other, term, owner)
                        for other, term in keys.items()
                        if other != key
                    )
        names_of = {key: tuple(names) for key, names in others.items() if names}
        return Terms(names_of, max((len(key) for key in names_of), default=0))


class _TermsCache:
    """The terms of this process, read again after any change."""

    def __init__(self):
        self.lock = threading.Lock()
        self.seen: Position | None = None
        self.read_at: Position | None = None
        self.terms = Terms()

    def as_of(self, newest: Position) -> Terms:
        if newest == self.seen:
            return self.terms
        with self.lock:
            changed_at = _newest_change_of_terms()
            if self.seen is None or changed_at != self.read_at:
                self.terms = Terms.from_groups(
                    group for provider in _terms_providers for group in provider()
                )
                self.read_at = changed_at
            self.seen = newest
            return self.terms


def _newest_change_of_terms() -> Position | None:
    changes = Change.objects.filter(kind__in=(CHANGE_KIND, Change.EVERYTHING)).order_by("-id")
    row = changes.values_list("id", "mark").first()
    return Position(*row) if row else None


_terms_cache = _TermsCache()


def terms_as_of(newest: Position) -> Terms:
    """Return the terms as of the newest change of the archive."""
    return _terms_cache.as_of(newest)


def forget_terms() -> None:
    """Discard the terms of this process (for tests)."""
    global _terms_cache
    _terms_cache = _TermsCache()


def add_synonyms(query: Query, known: Terms) -> tuple[Query, tuple[tuple[str, str], ...]]:
    """Return the query with other names added to its terms, and the pairs (typed, other name).

    Names of records that visitors may not know of are left out.
    """
    if not known.others:
        return query, ()
    visible: dict[Owner, bool] = {}
    for _check in range(MAX_VISIBILITY_CHECKS):
        expansion = _QueryExpansion(known, visible, unchecked_count=True)
        nodes = expansion.expand_all(query.nodes_to_match)
        # Without the names of hidden records other terms apply, so repeat until the visibility of
        # every record involved is known.
        if not (unchecked := expansion.owners - visible.keys()):
            break
        visible |= _visibility_of_owners(unchecked)
    else:
        expansion = _QueryExpansion(known, visible, unchecked_count=False)
        nodes = expansion.expand_all(query.nodes_to_match)
    if not expansion.used:
        return query, ()
    return replace(query, widened=nodes), tuple(dict.fromkeys(expansion.used))


def _visibility_of_owners(owners: Iterable[Owner]) -> dict[Owner, bool]:
    """Return {owner: whether its record is public}; one call per check."""
    records: dict[VisibilityCheck, set] = defaultdict(set)
    for owner in owners:
        records[owner.visible_among].add(owner.record)
    visible = {check: check(asked) for check, asked in records.items()}
    return {
        Owner(check, record): record in visible[check]
        for check, asked in records.items()
        for record in asked
    }


class _QueryExpansion:
    def __init__(self, known: Terms, visible: dict[Owner, bool], unchecked_count: bool):
        self.known = known
        self.visible = visible
        self.unchecked_count = unchecked_count  # names whose owner is not in `visible`
        self.used: list[tuple[str, str]] = []
        self.owners: set[Owner] = set()  # of the names that were used or could have been
        self.left = MAX_EXPANDED_TERMS

    def expand_all(self, nodes: Sequence[Node]) -> tuple[Node, ...]:
        """Expand nodes that are all required; consecutive words may be one term."""
        widened: list[Node] = []
        at = 0
        while at < len(nodes):
            taken, node = self._expand_longest_term(nodes, at)
            widened.append(node)
            at += taken
        return tuple(widened)

    def _expand_longest_term(self, nodes, at) -> tuple[int, Node]:
        run = []
        for node in nodes[at : at + self.known.longest]:
            if not isinstance(node, Word) or node.is_prefix or node.field != nodes[at].field:
                break
            run.append(node)
        for length in range(len(run), 1, -1):
            key = tuple(word for node in run[:length] for word in node.words)
            typed = " ".join(node.text for node in run[:length])
            if names := self._other_names(key, typed, run[0].field):
                return length, AnyOf((AllOf(tuple(run[:length])), *names))
        return 1, self._expand_node(nodes[at])

    def _expand_node(self, node: Node) -> Node:
        match node:
            case Word() if not node.is_prefix:
                names = self._other_names(node.words, node.text, node.field)
                if not names and node.joined:
                    names = self._other_names((node.joined,), node.text, node.field)
            case Phrase():
                names = self._other_names(node.words, node.text, node.field)
            case Without():
                return Without(self._expand_node(node.node))
            case AnyOf():
                return AnyOf(tuple(self._expand_node(child) for child in node.nodes))
            case AllOf():
                widened = self.expand_all(node.nodes)
                return widened[0] if len(widened) == 1 else AllOf(widened)
            case _:
                return node
        return AnyOf((node, *names)) if names else node

    def _other_names(self, key, typed, field) -> list[Node]:
        if not self.left:
            return []
        names: dict[tuple[str, ...], str] = {}
        for other in self.known.others.get(tuple(key), ())[:MAX_NAMES_CHECKED_PER_TERM]:
            if other.owner is not None:
                self.owners.add(other.owner)
                if not self.visible.get(other.owner, self.unchecked_count):
                    continue
            if len(names) < MAX_NAMES_ADDED_PER_TERM:
                names.setdefault(other.words, other.text)
        if not names:
            return []
        self.left -= 1
        self.used += [(typed, name) for name in names.values()]
        return [_node_of_name(name, field, typed) for name in names.values()]


def _node_of_name(term: str, field: str, typed: str) -> Node:
    words = phrase_words(term)
    if len(words) == 1:
        return Word(term, words, field, stands_for=typed)
    return Phrase(term, words, field, stands_for=typed)
