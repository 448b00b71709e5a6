"""What the rooms above tell the desk about their records: how they merge, who has to hear of it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field

from django.db.models import Model, QuerySet


@dataclass(frozen=True)
class Mergeable:
    """How records of a model are merged and split.

    `names`: every name a record goes by, each fit to be an alias. `alias`: the relation that holds
    further names, empty if there is none. `follows`: {field: the field whose choice it goes with},
    such as the focus of a picture. `parent`: the field that makes a tree of them.
    `new_fields`: what names a record that a split makes. `not_chosen`: fields that are no choice.
    `derived`: (kept, others) → {attname: value} of further fields that follow from all of them.
    `require`: raises NotAllowedError for who may not merge such records at all.
    """

    model: type[Model]
    names: Callable[[Model], list[str]]
    alias: str = ""
    parent: str = ""
    new_fields: tuple[str, ...] = ("name",)
    not_chosen: frozenset[str] = frozenset({"slug"})
    follows: Mapping[str, str] = field(default_factory=dict)
    derived: Callable[[Model, list[Model]], dict] = lambda kept, others: {}
    require: Callable[[object], None] = lambda user: None


class MergeObserver:
    """What shows rows that a merge moves, such as sessions.

    `paths`: {model of a row: query path from the row to the key of what shows it}.
    """

    label: str
    paths: dict[type[Model], str]
    model: type[Model] | None = None  # what shows the rows; it may be merged itself
    is_told = True  # how many there are, in the preview

    def changing(self, keys: list[int], *, user, comment: str) -> AbstractContextManager:
        """Lock the records with these keys; at the end tell search and history of the change."""
        raise NotImplementedError


@contextmanager
def observed(touched: dict[str, list[int]], *, user, comment: str, is_trial=False):
    """Tell the observers of a change to what they show: `touched` is {label: keys}."""
    with ExitStack() as stack:
        for observer in [] if is_trial else registry.watchers:
            keys = touched.get(observer.label, [])
            stack.enter_context(observer.changing(keys, user=user, comment=comment[:500]))
        yield


@dataclass(frozen=True)
class Extra:
    """Something that a split can move and that no relation leads to.

    `rows`: the source → what can be chosen. `move`: (journal, source, target, keys) does it.
    """

    name: str
    label: str
    rows: Callable[[Model], QuerySet]
    move: Callable[..., None]


@dataclass
class Registry:
    mergeables: dict[type[Model], Mergeable] = field(default_factory=dict)
    watchers: list[MergeObserver] = field(default_factory=list)
    uniters: dict[type[Model], Callable] = field(default_factory=dict)
    describers: dict[type[Model], tuple[tuple[str, ...], Callable[[Model], str]]] = field(
        default_factory=dict
    )
    extras: dict[type[Model], list[Extra]] = field(default_factory=dict)
    tidiers: dict[type[Model], Callable] = field(default_factory=dict)
    preparers: dict[type[Model], list[Callable]] = field(default_factory=dict)

    def mergeable(self, model: type[Model]) -> Mergeable:
        return self.mergeables[model]


registry = Registry()


def mergeable(**values) -> None:
    """Let records of a model be merged and split; see Mergeable."""
    registry.mergeables[values["model"]] = Mergeable(**values)


def watcher(kind: type[MergeObserver]) -> type[MergeObserver]:
    registry.watchers.append(kind())
    return kind


def unites(model: type[Model]):
    """Register how two rows become one that a constraint does not let stand side by side.

    The function gets (journal, kept, other) when everything that referred to `other` refers to
    `kept` already; it takes over what `other` knows more. `other` is deleted afterwards.
    """

    def keep(function):
        registry.uniters[model] = function
        return function

    return keep


def describes(model: type[Model], *related: str):
    """Register how a row is named in a preview; `related`: what to load along with it."""

    def keep(function: Callable[[Model], str]):
        registry.describers[model] = (related, function)
        return function

    return keep


def tidies(model: type[Model]):
    """Register what is put right after rows moved to a record: (journal, record)."""

    def keep(function):
        registry.tidiers[model] = function
        return function

    return keep


def prepares(model: type[Model]):
    """Register what a merge does before rows move: (journal, kept, others) → [Moved], told first.

    Several may register; it may raise MergeError.
    """

    def keep(function):
        registry.preparers.setdefault(model, []).append(function)
        return function

    return keep


def also_splits(model: type[Model], extra: Extra) -> None:
    registry.extras.setdefault(model, []).append(extra)
