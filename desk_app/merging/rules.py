"""Rules of other apps for their records: how to merge and split them, and whom to notify."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field

from django.db.models import Model, QuerySet


@dataclass(frozen=True)
class ExtraMove:
    """Something that a split can move although no relation leads to it.

    `rows`: the source → what can be chosen. `move`: (journal, source, target, keys) does it.
    """

    name: str
    label: str
    rows: Callable[[Model], QuerySet]
    move: Callable[..., None]


@dataclass(slots=True)
class MergeRules:
    """What merges and splits do with the records of one model.

    Of records that staff merge and split:

    `names`: every name a record goes by, each fit to be an alias. `alias`: the relation that holds
    further names, empty if there is none. `follows`: {field: the field whose choice it goes with},
    such as the focus of a picture. `parent`: the field that makes a tree of them.
    `new_fields`: what names a record that a split makes. `not_chosen`: fields that are no choice.
    `derived`: (kept, others) → {attname: value} of further fields that follow from all of them.
    `require`: raises NotAllowedError for who may not merge such records at all.
    `prepare`: each (journal, kept, others) → [MovedRowsSummary] is called before rows move; may raise MergeError.
    `after_rows_moved`: (journal, record), called after rows moved to a record. `extras`: see ExtraMove.

    Of rows that move with them:

    `unite`: (journal, kept, other) of two rows that a constraint does not allow together.
    Everything that referred to `other` refers to `kept` already; it takes over what `other` knows
    more, and `other` is deleted afterwards. `describe`: a row → its name in a preview;
    `describe_related`: what to load along with it.
    """

    names: Callable[[Model], list[str]] | None = None
    alias: str = ""
    parent: str = ""
    new_fields: tuple[str, ...] = ("name",)
    not_chosen: frozenset[str] = frozenset({"slug"})
    follows: Mapping[str, str] = field(default_factory=dict)
    derived: Callable[[Model, list[Model]], dict] = lambda kept, others: {}
    require: Callable[[object], None] = lambda user: None
    prepare: list[Callable] = field(default_factory=list)
    after_rows_moved: Callable = lambda journal, record: None
    extras: list[ExtraMove] = field(default_factory=list)
    unite: Callable | None = None
    describe: Callable[[Model], str] = str
    describe_related: tuple[str, ...] = ()


_rules: defaultdict[type[Model], MergeRules] = defaultdict(MergeRules)


def merge_rules(model: type[Model], **values) -> MergeRules:
    """Return the rules of a model, after setting those given."""
    for name, value in values.items():
        setattr(_rules[model], name, value)
    return _rules[model]


class MergeObserver:
    """Notified of changes to records that show rows moved by a merge, such as sessions.

    `paths`: {model of a row: query path from the row to the key of what shows it}.
    """

    label: str
    paths: dict[type[Model], str]
    model: type[Model] | None = None  # the model that shows the rows; it can be merged itself
    is_told = True  # whether the preview says how many there are

    def lock_and_record_change(
        self, keys: list[int], *, user, comment: str
    ) -> AbstractContextManager:
        """Lock the records with these keys; at the end notify search and history of the change."""
        raise NotImplementedError


observers: list[MergeObserver] = []


@contextmanager
def observers_notified(touched: dict[str, list[int]], *, user, comment: str, is_trial=False):
    """Notify the observers of a change to what they show: `touched` is {label: keys}."""
    with ExitStack() as stack:
        for observer in [] if is_trial else observers:
            keys = touched.get(observer.label, [])
            stack.enter_context(
                observer.lock_and_record_change(keys, user=user, comment=comment[:500])
            )
        yield
