"""The reader's evidence pack: items in an order, with notes. Its address is all there is of it.

`item=` repeated, the n-th `note=` belonging to the n-th item, `title=`, `style=`, and `whole=1` for whole
summaries. The archive
stores nothing; static/js/pack.js keeps the same query string in the browser.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from sessions_app.formats import citations, exports, reference_styles
from site_app.models import SiteSettings
from site_app.text.numbers import parse_whole_number

from .items import SelectedItem, load_items, parse_item, selection_query_string

MAX_ITEMS = 100  # items
MAX_NOTE_CHARACTERS = 2000  # characters
MAX_TITLE_CHARACTERS = 200
MAX_URL_CHARACTERS = 8000  # characters; every server and mail client accepts URLs of this length
MAX_EXCERPT_WORDS = 80  # words of a summary that is not printed in full
DEFAULT_TITLE = _("Evidence pack")
DEFAULT_STYLE = "apa"
CSV_COLUMNS = [
    "number",
    "kind",
    "text",
    "note",
    "session",
    "held_on",
    "series",
    "people",
    "audience",
    "topics",
    "regions",
    "url",
    "reference",
]
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def _without_control_characters(text: str) -> str:
    return _CONTROL_CHARACTERS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


@dataclass
class PackEntry:
    item: SelectedItem
    note: str
    number: int
    citation: citations.Citation
    reference: str

    def csv_row(self) -> dict[str, str]:
        """Return a spreadsheet row, made of the one in the export of the item's kind."""
        row = self.item.export_row()
        is_session = self.item.recommendation is None
        return {
            "number": str(self.number),
            "kind": self.item.kind.lower(),
            "text": row["title"] if is_session else row["recommendation"],
            "note": self.note,
            "session": "" if is_session else row["session"],
            "people": row["speakers"] if is_session else row["made_by"],
            "audience": "; ".join(self.item.audiences),
            "reference": self.reference,
            **{name: row[name] for name in ("held_on", "series", "topics", "regions", "url")},
        }


class Pack:
    """The pack that a query string names.

    `errors` is {parameter: [messages]} of what could not be used; the rest is used without it.
    """

    def __init__(self, query: QueryDict):
        self.errors: dict[str, list[str]] = {}
        self.title = self._read_title(query.get("title", ""))
        self.style = self._read_style(query.get("style", ""))
        self.is_whole = self._read_is_whole(query.get("whole", ""))
        self.is_update = any(name in query for name in ("position", "remove", "update"))
        self._asked = self._read_items_and_notes(query)  # {value: note}, in order

    def _read_title(self, text):
        title = " ".join(_without_control_characters(text).split())
        if len(title) > MAX_TITLE_CHARACTERS:
            self._add_error(
                "title",
                gettext("This was cut after %(number)s characters.")
                % {"number": MAX_TITLE_CHARACTERS},
            )
        return title[:MAX_TITLE_CHARACTERS].strip()

    def _read_style(self, style):
        if style and style not in reference_styles.STYLES:
            self._add_error(
                "style",
                gettext("Choose one of: %(values)s.")
                % {"values": ", ".join(reference_styles.STYLES)},
            )
        return style if style in reference_styles.STYLES else DEFAULT_STYLE

    def _read_is_whole(self, value):
        if value not in ("", "1"):
            self._add_error("whole", gettext("Write 1 for whole summaries, or leave it out."))
        return value == "1"

    def _add_error(self, name, message):
        self.errors.setdefault(name, []).append(message)

    def _read_items_and_notes(self, query) -> dict[str, str]:
        values = [value.strip() for value in query.getlist("item")]
        notes = query.getlist("note")
        places = _sort_positions(query.getlist("position"), len(values))
        removed = set(query.getlist("remove"))
        asked: dict[str, str] = {}
        for index in sorted(range(len(values)), key=places.__getitem__):
            value = values[index]
            if not value or value in removed:
                continue
            if parse_item(value) is None:
                self._add_error(
                    "item",
                    gettext("“%(value)s” is neither a session nor a recommendation.")
                    % {"value": value[:80]},
                )
                continue
            note = self._read_note(notes[index], value) if index < len(notes) else ""
            asked[value] = asked.get(value) or note
        if len(asked) > MAX_ITEMS:
            rest = len(asked) - MAX_ITEMS
            self._add_error(
                "item",
                ngettext(
                    "A pack can contain at most %(most)s items; the last one was not added.",
                    "A pack can contain at most %(most)s items; the last %(rest)s were left out.",
                    rest,
                )
                % {"most": MAX_ITEMS, "rest": rest},
            )
        return dict(list(asked.items())[:MAX_ITEMS])

    def _read_note(self, text, value):
        note = _without_control_characters(text)
        if len(note) > MAX_NOTE_CHARACTERS:
            self._add_error(
                "note",
                gettext("The note on %(item)s was cut after %(number)s characters.")
                % {"item": value, "number": MAX_NOTE_CHARACTERS},
            )
        return note[:MAX_NOTE_CHARACTERS].strip()

    @cached_property
    def _items_by_value(self):
        return load_items(self._asked)

    @cached_property
    def entries(self) -> list[PackEntry]:
        """What is public of the chosen, numbered in the reader's order."""
        if not self._items_by_value:
            return []
        publisher = SiteSettings.load().name
        notes: dict[str, str] = {}
        items = {}
        for value, note in self._asked.items():
            if item := self._items_by_value.get(value):
                items.setdefault(item.key, item)
                notes[item.key] = notes.get(item.key) or note
        entries = []
        for number, (key, item) in enumerate(items.items(), 1):
            citation = replace(item.citation(publisher), note=notes[key])
            reference = reference_styles.plain_text_reference(citation, self.style)
            entries.append(PackEntry(item, notes[key], number, citation, reference))
        return entries

    @property
    def unavailable_items(self) -> list[tuple[str, str]]:
        """(value, note) of the chosen that are not public or not known."""
        return [pair for pair in self._asked.items() if pair[0] not in self._items_by_value]

    @property
    def heading(self):
        return self.title or str(DEFAULT_TITLE)

    @property
    def labelled_errors(self) -> list[tuple[str, list[str]]]:
        labels = {
            "item": _("Item"),
            "note": _("Note"),
            "style": _("Style"),
            "title": _("Title"),
            "whole": _("Summaries"),
        }
        return [(labels[name], messages) for name, messages in self.errors.items()]

    @property
    def has_recordings(self) -> bool:
        return any(entry.item.session.has_recording for entry in self.entries)

    @cached_property
    def query(self) -> str:
        """The query string that gives this pack again."""
        pairs = [("title", self.title)] if self.title else []
        if self.style != DEFAULT_STYLE:
            pairs.append(("style", self.style))
        if self.is_whole:
            pairs.append(("whole", "1"))
        last_noted = max((entry.number for entry in self.entries if entry.note), default=0)
        for entry in self.entries:
            pairs.append(("item", entry.item.key))
            if entry.number <= last_noted:
                pairs.append(("note", entry.note))
        return urlencode(pairs, safe=":")

    @cached_property
    def url(self) -> str:
        address = reverse("sessions:pack")
        return f"{address}?{self.query}" if self.query else address

    @property
    def is_url_too_long(self):
        return len(self.url) > MAX_URL_CHARACTERS

    @property
    def compare_url(self):
        query = selection_query_string(entry.item.key for entry in self.entries)
        return f"{reverse('sessions:compare')}?{query}"

    def csv_lines(self) -> Iterator[str]:
        return exports.csv_lines((entry.csv_row() for entry in self.entries), CSV_COLUMNS)

    def ris_records(self) -> Iterator[str]:
        return (citations.ris_record(entry.citation) for entry in self.entries)


def _sort_positions(positions: list[str], count: int) -> list[float]:
    """Return where each item goes; one moved to an occupied place goes before or after its owner.

    A position that is not a number leaves the item where it was.
    """
    places = []
    for own in range(1, count + 1):
        text = positions[own - 1].strip() if own <= len(positions) else ""
        wanted = parse_whole_number(text, maximum=10**9) or own
        places.append(wanted + (wanted > own) * 0.5 - (wanted < own) * 0.5)
    return places
