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

from .items import SelectedItem, load_items, selection_query_string

MAX_SUMMARY_CHARACTERS = 400  # characters of a session's summary in its column
MAX_COLUMNS = 12  # more items cannot be compared at a glance
GROUPING_LABELS = {
    "topic": _("Topic"),
    "year": _("Year"),
    "organisation": _("Organisation"),
    "audience": _("For whom"),
}
LABELS_OF_UNGROUPED_COLUMNS = {
    "topic": _("No topic"),
    "year": _("No date"),
    "organisation": _("No organisation"),
    "audience": _("For no one in particular"),
}


@dataclass(frozen=True)
class TableValue:
    """One value in a cell; columns share it if label and address are the same."""

    label: str
    url: str = ""
    detail: str = ""  # shown after it


@dataclass
class CellValue:
    value: TableValue
    is_shared: bool


@dataclass
class TableRow:
    label: str
    cells: list[list[CellValue]]


@dataclass
class ItemColumn:
    item: SelectedItem
    remove_url: str


@dataclass
class ColumnGroup:
    label: str
    columns: list[ItemColumn]


def _url_with_query(name: str, **query: str) -> str:
    return f"{reverse(name)}?{urlencode(query)}"


def _entry_values(entries) -> list[TableValue]:
    return [TableValue(str(entry), entry.get_absolute_url()) for entry in entries]


def _speaker_values(item: SelectedItem) -> list[TableValue]:
    values = []
    for appearance in item.appearances:
        speaker = appearance.speaker
        parts = [
            appearance.get_function_display().lower() if appearance.function != "speaker" else "",
            appearance.role_title,
            "; ".join(map(str, appearance.organisations)),
        ]
        detail = ", ".join(part for part in parts if part)
        values.append(TableValue(speaker.full_name, speaker.get_absolute_url(), detail))
    return values


def _session_value(item: SelectedItem) -> list[TableValue]:
    session = item.session
    return [TableValue(session.title, session.get_absolute_url())] if item.recommendation else []


def _summary_value(item: SelectedItem) -> list[TableValue]:
    text = (
        ""
        if item.recommendation
        else shorten_at_word(item.session.summary_text, MAX_SUMMARY_CHARACTERS)
    )
    return [TableValue(text)] if text else []


ROW_VALUE_FUNCTIONS: tuple[tuple[str, Callable[[SelectedItem], list[TableValue]]], ...] = (
    (_("Kind"), lambda item: [TableValue(item.kind)]),
    (
        _("Date"),
        lambda item: [TableValue(day_range(item.session))] if item.session.held_on else [],
    ),
    (
        pgettext_lazy("one series", "Series"),
        lambda item: _entry_values([item.session.series] if item.session.series else []),
    ),
    (_("Topics"), lambda item: _entry_values(item.topics)),
    (_("Regions"), lambda item: _entry_values(item.regions)),
    (_("Who spoke, with their affiliation on the day"), _speaker_values),
    (
        _("For whom"),
        lambda item: [
            TableValue(audience, _url_with_query("sessions:recommendations", audience=audience))
            for audience in item.audiences
        ],
    ),
    (
        _("Recommendations"),
        lambda item: [
            TableValue(
                capitalise_title(advice.text),
                advice.get_absolute_url(),
                gettext("for %(audience)s") % {"audience": advice.audience}
                if advice.audience
                else "",
            )
            for advice in item.session_recommendations
        ],
    ),
    (_("Session"), _session_value),
    (_("Summary"), _summary_value),
    (
        _("In context"),
        lambda item: [TableValue(item.source_sentence)] if item.source_sentence else [],
    ),
)
GROUP_LABEL_FUNCTIONS: dict[str, Callable[[SelectedItem], Iterable[str]]] = {
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
        self.by = chosen if chosen in GROUPING_LABELS else ""
        self.unknown_by = chosen if chosen and not self.by else ""

    @cached_property
    def _items_by_value(self):
        return load_items(self.asked)

    @cached_property
    def items(self) -> list[SelectedItem]:
        """The public ones among the chosen, in their order, each once."""
        chosen = (
            self._items_by_value[value] for value in self.asked if value in self._items_by_value
        )
        return list({item.key: item for item in chosen}.values())

    @property
    def unavailable_values(self) -> list[str]:
        return [value[:200] for value in self.asked if value not in self._items_by_value]

    def url(self, keys: Iterable[str] | None = None, by: str | None = None) -> str:
        keys = [item.key for item in self.items] if keys is None else keys
        query = selection_query_string(keys, by=self.by if by is None else by)
        return f"{reverse('sessions:compare')}?{query}" if query else reverse("sessions:compare")

    @cached_property
    def pack_url(self):
        return (
            f"{reverse('sessions:pack')}?{selection_query_string(item.key for item in self.items)}"
        )

    @property
    def grouping_links(self) -> list[tuple[str, str, bool]]:
        """(words, address, whether in force) of each way to group."""
        ways = {"": _("As chosen"), **GROUPING_LABELS}
        return [(words, self.url(by=name), name == self.by) for name, words in ways.items()]

    @cached_property
    def column_groups(self) -> list[ColumnGroup]:
        """The columns under their headings; an item may be under several."""
        keys = [item.key for item in self.items]
        columns = [
            ItemColumn(item, self.url([key for key in keys if key != item.key]))
            for item in self.items
        ]
        if not self.by:
            return [ColumnGroup("", columns)] if columns else []
        by_label: dict[str, list[ItemColumn]] = {}
        rest = []
        for column in columns:
            labels = list(dict.fromkeys(GROUP_LABEL_FUNCTIONS[self.by](column.item)))
            for label in labels:
                by_label.setdefault(label, []).append(column)
            if not labels:
                rest.append(column)
        groups = [
            ColumnGroup(label, by_label[label]) for label in sorted(by_label, key=str.casefold)
        ]
        return (
            [*groups, ColumnGroup(LABELS_OF_UNGROUPED_COLUMNS[self.by], rest)] if rest else groups
        )

    @cached_property
    def columns(self) -> list[ItemColumn]:
        return [column for group in self.column_groups for column in group.columns]

    @cached_property
    def _values_by_row(self) -> list[tuple[str, dict[str, list[TableValue]]]]:
        """(label of the row, {item: its values}); rows without any value are left out."""
        rows = [
            (label, {item.key: values_of(item) for item in self.items})
            for label, values_of in ROW_VALUE_FUNCTIONS
        ]
        return [(label, values) for label, values in rows if any(values.values())]

    @cached_property
    def shared_values(self) -> list[tuple[str, list[TableValue]]]:
        """(label of the row, the values that every item has), of two items or more."""
        if len(self.items) < 2:
            return []
        shared = []
        for label, values in self._values_by_row:
            first, *others = values.values()
            marks = [{_label_and_url(value) for value in other} for other in others]
            common = [
                value
                for value in first
                if all(_label_and_url(value) in marks_of_item for marks_of_item in marks)
            ]
            if common:
                shared.append((label, common))
        return shared

    @cached_property
    def rows(self) -> list[TableRow]:
        common = {
            label: {_label_and_url(value) for value in values}
            for label, values in self.shared_values
        }
        return [
            TableRow(
                label,
                [
                    [
                        CellValue(value, _label_and_url(value) in common.get(label, ()))
                        for value in values[column.item.key]
                    ]
                    for column in self.columns
                ],
            )
            for label, values in self._values_by_row
        ]


def _label_and_url(value: TableValue) -> tuple[str, str]:
    return value.label, value.url
