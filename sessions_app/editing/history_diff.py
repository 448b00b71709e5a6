"""Two states of a session side by side, in words."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.utils.translation import gettext, gettext_lazy

from sessions_app.models import (
    Appearance,
    Document,
    Recommendation,
    Region,
    Series,
    Session,
    Topic,
)
from site_app.text.dates import moment_in_words
from site_app.text.word_diff import DifferingLine, differing_lines
from speakers_app.models import Organisation, Speaker

from .restore import NOT_RESTORED, PART_NOT_RESTORED
from .snapshots import SessionSnapshot

# Fields derived from others, or of no interest in a comparison.
HIDDEN = NOT_RESTORED | {"summary", "import_remains"}
PART_NAMES = {
    "appearances": gettext_lazy("Speaker"),
    "recommendations": gettext_lazy("Recommendation"),
    "documents": gettext_lazy("Document"),
}
REFERENCES = {
    "series_id": Series,
    "topics": Topic,
    "regions": Region,
    "speaker_id": Speaker,
    "organisation_id": Organisation,
    "further_organisations": Organisation,
}
MODELS = {"appearances": Appearance, "recommendations": Recommendation, "documents": Document}
PART_HIDDEN = PART_NOT_RESTORED | {
    "id",
    "session_id",
    "number",
    "sha256",
    "media_type",
    "byte_count",
}


def differences(then: SessionSnapshot | None, now: SessionSnapshot | None) -> list[DifferingLine]:
    """Return what differs between two states; None means "does not exist"."""
    names = _Names([state for state in (then, now) if state])
    old = names.lines(then) if then else {}
    new = names.lines(now) if now else {}
    # Where one side is empty, marking all of the other would only make it harder to read.
    return differing_lines(old, new, mark=bool(then and now))


class _Names:
    """The names of everything that some states refer to; one query a model."""

    def __init__(self, states: list[SessionSnapshot]):
        keys = {model: set() for model in REFERENCES.values()}
        self.speaker_of = {}
        for state in states:
            for values in (state.values, *(part for of in state.parts.values() for part in of)):
                for name, model in REFERENCES.items():
                    keys[model].update(_as_list(values.get(name)))
            for values in state.parts["appearances"]:
                self.speaker_of[values["id"]] = values["speaker_id"]
        self.known = {model: model.objects.in_bulk(list(of)) for model, of in keys.items()}

    def lines(self, state: SessionSnapshot) -> dict[str, str]:
        """Return {label: text} of a state, a line for each field and each part."""
        lines = dict(self._own(Session, state.values, HIDDEN))
        for kind, parts in state.parts.items():
            for values in parts:
                # Parts are matched by number or speaker, which do not change when others are
                # deleted.
                number = values.get("number") or self._text("speaker_id", values["speaker_id"])
                label = f"{PART_NAMES[kind]} {number}"
                lines[label] = self._part(MODELS[kind], values)
        return lines

    def _part(self, model, values: dict) -> str:
        told = [
            gettext("%(label)s: %(text)s") % {"label": label, "text": text}
            for label, text in self._own(model, values, PART_HIDDEN)
            if text
        ]
        return "\n".join(told)

    def _own(self, model, values: dict, hidden: Iterable[str]) -> Iterator[tuple[str, str]]:
        for field in (*model._meta.concrete_fields, *model._meta.many_to_many):
            name = field.attname
            if name in values and name not in hidden:
                label = gettext("summary") if name == "summary_text" else str(field.verbose_name)
                value = values[name]
                if field.choices:
                    value = dict(field.flatchoices).get(value, value)
                yield label[0].upper() + label[1:], self._text(name, value)

    def _text(self, name: str, value) -> str:
        if name == "made_by":
            name, value = "speaker_id", [self.speaker_of.get(key) for key in value]
        if name in REFERENCES:
            known = self.known[REFERENCES[name]]
            return ", ".join(str(known.get(key, gettext("(deleted)"))) for key in _as_list(value))
        if isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
        if name == "file":
            return value.rsplit("/", 1)[-1]
        if isinstance(value, datetime):
            return moment_in_words(value)
        return "" if value is None else str(value)


def _as_list(value) -> list:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
