"""Chosen items as the columns of one table: what each says, and what all have in common."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from sessions_app.day_range import day_range
from site_app.text.shortening import shorten_at_word
from site_app.text.single_line import capitalise_title

from .items import SelectedItem, load_items, query_of

SUMMARY_LENGTH = 400  # characters of a session's summary in its column
MAX_COLUMNS = 12  # more items cannot be compared at a glance
GROUPINGS = {
    "topic": _("Topic"),
    "year": _("Year"),
    "organisation": _("Organisation"),
    "audience": _("For whom"),
}
WITHOUT = {
    "topic": _("No topic"),
    "year": _("No date"),
    "organisation": _("No organisation"),
    "audience": _("For no one in particular"),
}


@dataclass(frozen=True)
class Value:
    """One value in a cell; columns share it if label and address are the same."""

    label: str
    url: str = ""
    detail: str = ""  # shown after it


@dataclass
class CellValue:
    value: Value
    is_shared: bool


@dataclass
class TableRow:
    label: str
    cells: list[list[CellValue]]


@dataclass
class Column:
    item: SelectedItem
    remove_url: str


@dataclass
class RowGroup:
    label: str
    columns: list[Column]


def _address(name: str, **query: str) -> str:
    return f"{reverse(name)}?{urlencode(query)}"


def _entries(entries) -> list[Value]:
    return [Value(str(entry), entry.get_absolute_url()) for entry in entries]


def _people(item: SelectedItem) -> list[Value]:
    values = []
    for appearance in item.appearances:
        speaker = appearance.speaker
        parts = [
            appearance.get_function_display().lower() if appearance.function != "speaker" else "",
            appearance.role_title,
            "; ".join(map(str, appearance.organisations)),
        ]
        detail = ", ".join(part for part in parts if part)
        values.append(Value(speaker.full_name, speaker.get_absolute_url(), detail))
    return values


def _session_of(item: SelectedItem) -> list[Value]:
    session = item.session
    return [Value(session.title, session.get_absolute_url())] if item.recommendation else []


def _summary_of(item: SelectedItem) -> list[Value]:
    text = (
        "" if item.recommendation else shorten_at_word(item.session.summary_text, SUMMARY_LENGTH)
    )
    return [Value(text)] if text else []


ROWS: tuple[tuple[str, Callable[[SelectedItem], list[Value]]], ...] = (
    (_("Kind"), lambda item: [Value(item.kind)]),
    (_("Date"), lambda item: [Value(day_range(item.session))] if item.session.held_on else []),
    (
        pgettext_lazy("one series", "Series"),
        lambda item: _entries([item.session.series] if item.session.series else []),
    ),
    (_("Topics"), lambda item: _entries(item.topics)),
    (_("Regions"), lambda item: _entries(item.regions)),
    (_("Who spoke, with their affiliation on the day"), _people),
    (
        _("For whom"),
        lambda item: [
            Value(audience, _address("sessions:recommendations", audience=audience))
            for audience in item.audiences
        ],
    ),
    (
        _("Recommendations"),
        lambda item: [
            Value(
                capitalise_title(advice.text),
                advice.get_absolute_url(),
                gettext("for %(audience)s") % {"audience": advice.audience}
                if advice.audience
                else "",
            )
            for advice in item.advice
        ],
    ),
    (_("Session"), _session_of),
    (_("Summary"), _summary_of),
    (_("In context"), lambda item: [Value(item.sentence)] if item.sentence else []),
)
GROUPS: dict[str, Callable[[SelectedItem], Iterable[str]]] = {
    "topic": lambda item: [topic.name for topic in item.topics],
    "year": lambda item: [str(item.session.held_on.year)] if item.session.held_on else [],
    "organisation": lambda item: map(str, item.organisations),
    "audience": lambda item: item.audiences,
}


class ComparisonTable:
    """The comparison that a query string asks for."""

    def __init__(self, query: QueryDict):
        asked = list(dict.fromkeys(value.strip() for value in query.getlist("item")))
        values = [value for value in asked if value]
        self.asked = values[:MAX_COLUMNS]
        self.left_out_count = len(values) - len(self.asked)
        chosen = query.get("by", "").strip()
        self.by = chosen if chosen in GROUPINGS else ""
        self.unknown_by = chosen if chosen and not self.by else ""

    @cached_property
    def _found(self):
        return load_items(self.asked)

    @cached_property
    def items(self) -> list[SelectedItem]:
        """The public ones among the chosen, in their order, each once."""
        chosen = (self._found[value] for value in self.asked if value in self._found)
        return list({item.key: item for item in chosen}.values())

    @property
    def missing(self) -> list[str]:
        return [value[:200] for value in self.asked if value not in self._found]

    def url(self, keys: Iterable[str] | None = None, by: str | None = None) -> str:
        keys = [item.key for item in self.items] if keys is None else keys
        query = query_of(keys, by=self.by if by is None else by)
        return f"{reverse('sessions:compare')}?{query}" if query else reverse("sessions:compare")

    @cached_property
    def pack_url(self):
        return f"{reverse('sessions:pack')}?{query_of(item.key for item in self.items)}"

    @property
    def groupings(self) -> list[tuple[str, str, bool]]:
        """(words, address, whether in force) of each way to group."""
        ways = {"": _("As chosen"), **GROUPINGS}
        return [(words, self.url(by=name), name == self.by) for name, words in ways.items()]

    @cached_property
    def groups(self) -> list[RowGroup]:
        """The columns under their headings; an item may be under several."""
        keys = [item.key for item in self.items]
        columns = [
            Column(item, self.url([key for key in keys if key != item.key])) for item in self.items
        ]
        if not self.by:
            return [RowGroup("", columns)] if columns else []
        by_label: dict[str, list[Column]] = {}
        rest = []
        for column in columns:
            labels = list(dict.fromkeys(GROUPS[self.by](column.item)))
            for label in labels:
                by_label.setdefault(label, []).append(column)
            if not labels:
                rest.append(column)
        groups = [RowGroup(label, by_label[label]) for label in sorted(by_label, key=str.casefold)]
        return [*groups, RowGroup(WITHOUT[self.by], rest)] if rest else groups

    @cached_property
    def columns(self) -> list[Column]:
        return [column for group in self.groups for column in group.columns]

    @cached_property
    def _values(self) -> list[tuple[str, dict[str, list[Value]]]]:
        """(label of the row, {item: its values}); rows without any value are left out."""
        rows = [
            (label, {item.key: values_of(item) for item in self.items})
            for label, values_of in ROWS
        ]
        return [(label, values) for label, values in rows if any(values.values())]

    @cached_property
    def in_common(self) -> list[tuple[str, list[Value]]]:
        """(label of the row, the values that every item has), of two items or more."""
        if len(self.items) < 2:
            return []
        shared = []
        for label, values in self._values:
            first, *others = values.values()
            marks = [{_mark(value) for value in other} for other in others]
            common = [
                value
                for value in first
                if all(_mark(value) in marks_of_item for marks_of_item in marks)
            ]
            if common:
                shared.append((label, common))
        return shared

    @cached_property
    def rows(self) -> list[TableRow]:
        common = {label: {_mark(value) for value in values} for label, values in self.in_common}
        return [
            TableRow(
                label,
                [
                    [
                        CellValue(value, _mark(value) in common.get(label, ()))
                        for value in values[column.item.key]
                    ]
                    for column in self.columns
                ],
            )
            for label, values in self._values
        ]


def _mark(value: Value) -> tuple[str, str]:
    return value.label, value.url
