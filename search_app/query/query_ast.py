"""What a search text means, as a small tree. Built by parser.py, read by engine and pages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Word:
    """One word as typed; `words` are its folded parts, more than one for a compound."""

    text: str
    words: tuple[str, ...]
    field: str = ""  # "" for all public fields
    is_prefix: bool = False
    joined: str = ""  # the compound as a single word
    stands_for: str = ""  # the term in the query, if this is another name of it


@dataclass(frozen=True)
class Phrase:
    """Consecutive words; `is_whole` means that they must be a whole name."""

    text: str
    words: tuple[str, ...]
    field: str = ""
    stands_for: str = ""
    is_whole: bool = False


@dataclass(frozen=True)
class Since:
    """after:2019-05: the record's last day is this one or later."""

    text: str
    day: date


@dataclass(frozen=True)
class Until:
    """before:2020: the record's first day is before this one."""

    text: str
    day: date


@dataclass(frozen=True)
class Without:
    """Records that do not match."""

    node: "Node"


@dataclass(frozen=True)
class AnyOf:
    nodes: tuple["Node", ...]


@dataclass(frozen=True)
class AllOf:
    nodes: tuple["Node", ...]


Node = Word | Phrase | Since | Until | Without | AnyOf | AllOf


@dataclass(frozen=True)
class Clause:
    """One requirement of the query, with its position in the text."""

    node: Node
    start: int
    end: int


@dataclass(frozen=True)
class Query:
    """The text and all that it requires; no clauses: everything."""

    text: str = ""
    clauses: tuple[Clause, ...] = ()
    widened: tuple[Node, ...] = ()  # the expanded query, if it differs
    is_cut: bool = False  # the text was longer than the maximum

    @property
    def nodes_to_match(self) -> tuple[Node, ...]:
        """What records must match: the nodes as typed, or with other names as alternatives."""
        return self.widened or self.nodes

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(clause.node for clause in self.clauses)

    @property
    def has_ranking_part(self) -> bool:
        """Whether any part of it ranks matches."""
        return any(not isinstance(node, Without | Since | Until) for node in self.nodes)

    def text_without(self, clause: Clause) -> str:
        """Return the query text with one clause taken out."""
        text = f"{self.text[: clause.start]} {self.text[clause.end :]}"
        return " ".join(text.split())


def map_leaves(node: Node, leaf: Callable[[Node], Node]) -> Node:
    """Return a node with `leaf` applied to each word, phrase and date in it."""
    match node:
        case AnyOf() | AllOf():
            return type(node)(tuple(map_leaves(child, leaf) for child in node.nodes))
        case Without():
            return Without(map_leaves(node.node, leaf))
    return leaf(node)


def positive_leaves(nodes: tuple[Node, ...]) -> list[Word | Phrase]:
    """Return the words and phrases that a match may contain, in order; exclusions are left out."""
    leaves: list[Word | Phrase] = []
    for node in nodes:
        if isinstance(node, Word | Phrase):
            leaves.append(node)
        elif isinstance(node, AnyOf | AllOf):
            leaves += positive_leaves(node.nodes)
    return leaves
