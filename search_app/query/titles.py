"""Titles around names: "Prof. Ikram Novak" means the person, whatever title a record has, if any.

Which words are titles, the app of the people registers. A title that stands directly before a name
is required no longer: what it asks for is met by the name among the speakers as well. Everywhere
else, and before what is not a name, it is a word like any other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from search_app.tokenizer import words

from .query_ast import AnyOf, Node, Phrase, Word

FIELD = "speaker"  # where the names of people stand
MAX_ROTATED = 6  # words of a name that are looked for in another order
Title = tuple[str, ...]  # folded words
_before: set[Title] = set()
_after: set[Title] = set()
_beside: set[Title] = set()


def register_titles(before: Iterable[str], after: Iterable[str], beside: Iterable[str]) -> None:
    """Add titles and ranks that stand before a name, what may stand after it ("Jr."), and what
    may stand with either ("USN", "Ret.").
    """
    for titles, added in ((_before, before), (_after, after), (_beside, beside)):
        titles.update(key for title in added if (key := tuple(words(title))))


def leading_titles(found: Sequence[str]) -> int:
    """Return how many of the folded words are titles, from the first on."""
    return _run(found, _before, _before | _beside)


def trailing_titles(found: Sequence[str]) -> int:
    """Return how many of the folded words, from the first on, may follow a name."""
    return _run(found, _after | _beside, _after | _beside)


def _run(found: Sequence[str], first: set[Title], further: set[Title]) -> int:
    longest = max(map(len, further), default=0)
    at = 0
    while at < len(found):
        titles = further if at else first
        for length in range(min(longest, len(found) - at), 0, -1):
            if tuple(found[at : at + length]) in titles:
                at += length
                break
        else:
            break
    return at


def name_alone(found: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a name without titles before and after it; all if there is no name."""
    start, end = leading_titles(found), len(found)
    for at in range(start + 1, len(found)):
        if at + trailing_titles(found[at:]) == len(found):
            end = at
            break
    return tuple(found[start:end]) or tuple(found)


def name_orders(found: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the orders in which a name may be written, as typed first, titles left out.

    "Novak, Prof. Ikram" gives (novak, ikram) and (ikram, novak).
    """
    name = name_alone(found)
    inner = [name]
    for at in range(1, len(name) - 1):
        if count := leading_titles(name[at:-1]):
            inner.append((*name[:at], *name[at + count :]))
            break
    return list(dict.fromkeys(order for one in inner for order in _rotations(one)))


def _rotations(name: tuple[str, ...]) -> list[tuple[str, ...]]:
    if len(name) > MAX_ROTATED:
        return [name]
    return [(*name[at:], *name[:at]) for at in range(len(name))]


def met_by(found: Sequence[str]) -> list[int | None]:
    """Return for each word the place of the name that a title stands beside; None: not a title.

    "" stands for what is neither a title nor a name.
    """
    names: list[int | None] = [None] * len(found)
    at = 0
    while at < len(found):
        count = leading_titles(found[at:]) if found[at] else 0
        if count and at + count < len(found) and found[at + count]:
            names[at : at + count] = [at + count] * count
        elif not count and found[at] and (count := trailing_titles(found[at + 1 :])):
            names[at + 1 : at + 1 + count] = [at] * count
        at += max(count, 1)
    return names


def without_required_titles(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Return the nodes of a query; a title beside a name may be met by the name among the speakers."""
    names = met_by([_spelled(node) for node in nodes])
    relaxed: list[Node] = []
    for node, name in zip(nodes, names, strict=True):
        other = nodes[name] if name is not None else None
        if isinstance(other, Word | Phrase):
            node = AnyOf((node, replace(other, field=FIELD)))
        relaxed.append(node)
    return tuple(relaxed)


def _spelled(node: Node) -> str:
    """Return the word of a node that may be a title or part of a name; "" for any other node."""
    if not isinstance(node, Word | Phrase) or node.field not in ("", FIELD):
        return ""
    if isinstance(node, Phrase) or (len(node.words) > 1 and not node.joined):
        return "_".join(node.words) + "_"  # as no title is spelled
    return node.joined or node.words[0]
