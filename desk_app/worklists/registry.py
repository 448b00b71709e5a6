"""Worklists: records that need work, and bulk fixes for them.

The apps that own the records register them; this app knows none of them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django import forms
from django.core.cache import cache
from django.db.models import Model, Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_noop

from desk_app.models import CheckRun
from search_app.change_log import Position, newest_position
from site_app.text.numbers import parse_whole_numbers

COUNT_CACHE_SECONDS = 24 * 3600  # a change invalidates the count at once
WORKLIST_GROUPS = (
    gettext_noop("Waiting"),
    gettext_noop("Sessions"),
    gettext_noop("Names"),
    gettext_noop("Texts and links"),
    gettext_noop("System"),
)


@dataclass
class WorklistItem:
    """One record that needs work: what it is, and the address of the page on which to fix it."""

    key: int | str
    text: str
    address: str
    note: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)  # more links: (text, URL)


@dataclass
class FixOutcome:
    """How many records a bulk fix changed, and remarks on those it left unchanged."""

    count: int
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class BulkFix:
    """Something that can be done to the selected rows of a worklist.

    `field` returns the form field for the value it needs; None if it needs none. `apply` gets the
    keys, the cleaned value and the user.
    """

    name: str
    label: str
    apply: Callable[[list[int], object, object], FixOutcome]
    permission: str
    field: Callable[[], forms.Field] | None = None


@dataclass(frozen=True)
class Worklist:
    """`rows`: the records that need work, ordered; `lines`: how a page of them reads.

    `fix_permission`: the permission that every fix needs. `may_fix`: the user → a
    condition on the rows that they may fix, None for all. `read_keys`: posted keys of lines → those
    that can be keys. `check_name`: the background check whose findings these are.
    """

    name: str
    group: str
    heading: str
    help: str
    permission: str
    rows: Callable[[], QuerySet]
    lines: Callable[[Sequence[Model]], Iterable[WorklistItem]]
    fixes: tuple[BulkFix, ...] = ()
    fix_permission: str = ""
    may_fix: Callable[[object], Q | None] = lambda user: None
    check_name: str = ""
    # Parses the posted keys of selected lines.
    read_keys: Callable[[Iterable[str]], list] = parse_whole_numbers
    title: str = ""  # used where the heading alone, without its group, is not clear
    follows_log: bool = False  # its rows change only with changes in the change log

    def __str__(self):
        return str(self.title or capfirst(self.heading))

    def rows_user_may_fix(self, user) -> QuerySet:
        """Return the rows that `user` may fix."""
        condition = self.may_fix(user)
        return self.rows() if condition is None else self.rows().filter(condition)

    def count_rows_user_may_fix(self, user, state: Position) -> int:
        """Return the number of lines; counted once for each `state` of the archive if it may be."""
        rows = self.rows_user_may_fix(user).order_by()
        if not self.follows_log:
            return rows.count()
        part = "all" if self.may_fix(user) is None else "part"
        key = f"worklist-{self.name}-{part}-{state.id}-{state.mark}"
        return cache.get_or_set(key, rows.count, COUNT_CACHE_SECONDS)


_worklists: dict[str, Worklist] = {}


def register_worklist(**values) -> None:
    """Register a worklist; see Worklist."""
    _worklists[values["name"]] = Worklist(**values)


def worklists_of_user(user) -> list[Worklist]:
    """Return the worklists whose records `user` may see and fix, by group."""
    worklists = [
        worklist
        for worklist in _worklists.values()
        if user.has_perms([worklist.permission, *filter(None, [worklist.fix_permission])])
    ]
    return sorted(worklists, key=lambda worklist: WORKLIST_GROUPS.index(worklist.group))


def worklist_named(name: str) -> Worklist | None:
    return _worklists.get(name)


def worklist_counts_by_group(user) -> list[tuple[str, list[tuple[Worklist, int]]]]:
    """Return [(group, [(worklist, number of rows)])]; one query for each worklist, and one more."""
    state = newest_position()
    grouped: dict[str, list] = {}
    for worklist in worklists_of_user(user):
        grouped.setdefault(worklist.group, []).append(
            (worklist, worklist.count_rows_user_may_fix(user, state))
        )
    return [(gettext(group), listed) for group, listed in grouped.items()]


def last_check_runs() -> dict[str, CheckRun]:
    """Return {name of a check: when it last ran}."""
    return {run.name: run for run in CheckRun.objects.all()}
