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

from .restore import PART_FIELDS_NOT_RESTORED, SESSION_FIELDS_NOT_RESTORED
from .snapshots import SessionSnapshot

# Fields derived from others, or of no interest in a comparison.
HIDDEN_SESSION_FIELDS = SESSION_FIELDS_NOT_RESTORED | {"summary", "import_remains"}
PART_LABELS = {
    "appearances": gettext_lazy("Speaker"),
    "recommendations": gettext_lazy("Recommendation"),
    "documents": gettext_lazy("Document"),
}
MODEL_BY_REFERENCE_FIELD = {
    "series_id": Series,
    "topics": Topic,
    "regions": Region,
    "speaker_id": Speaker,
    "organisation_id": Organisation,
    "further_organisations": Organisation,
}
MODEL_BY_PART_KIND = {
    "appearances": Appearance,
    "recommendations": Recommendation,
    "documents": Document,
}
HIDDEN_PART_FIELDS = PART_FIELDS_NOT_RESTORED | {
    "id",
    "session_id",
    "number",
    "sha256",
    "media_type",
    "byte_count",
}


def differing_lines_of_states(
    then: SessionSnapshot | None, now: SessionSnapshot | None
) -> list[DifferingLine]:
    """Return what differs between two states; None means "does not exist"."""
    names = _StateDescriber([state for state in (then, now) if state])
    old = names.lines_by_label(then) if then else {}
    new = names.lines_by_label(now) if now else {}
    # Where one side is empty, marking all of the other would only make it harder to read.
    return differing_lines(old, new, mark=bool(then and now))


class _StateDescriber:
    """The names of everything that some states refer to; one query a model."""

    def __init__(self, states: list[SessionSnapshot]):
        keys = {model: set() for model in MODEL_BY_REFERENCE_FIELD.values()}
        self.speaker_of = {}
        for state in states:
            for values in (state.values, *(part for of in state.parts.values() for part in of)):
                for name, model in MODEL_BY_REFERENCE_FIELD.items():
                    keys[model].update(_keys_as_list(values.get(name)))
            for values in state.parts["appearances"]:
                self.speaker_of[values["id"]] = values["speaker_id"]
        self.known = {model: model.objects.in_bulk(list(of)) for model, of in keys.items()}

    def lines_by_label(self, state: SessionSnapshot) -> dict[str, str]:
        """Return {label: text} of a state, a line for each field and each part."""
        lines = dict(
            self._labels_and_texts_of_fields(Session, state.values, HIDDEN_SESSION_FIELDS)
        )
        for kind, parts in state.parts.items():
            for values in parts:
                # Parts are matched by number or speaker, which do not change when others are
                # deleted.
                number = values.get("number") or self._value_as_text(
                    "speaker_id", values["speaker_id"]
                )
                label = f"{PART_LABELS[kind]} {number}"
                lines[label] = self._describe_part(MODEL_BY_PART_KIND[kind], values)
        return lines

    def _describe_part(self, model, values: dict) -> str:
        told = [
            gettext("%(label)s: %(text)s") % {"label": label, "text": text}
            for label, text in self._labels_and_texts_of_fields(model, values, HIDDEN_PART_FIELDS)
            if text
        ]
        return "\n".join(told)

    def _labels_and_texts_of_fields(
        self, model, values: dict, hidden: Iterable[str]
    ) -> Iterator[tuple[str, str]]:
        for field in (*model._meta.concrete_fields, *model._meta.many_to_many):
            name = field.attname
            if name in values and name not in hidden:
                label = gettext("summary") if name == "summary_text" else str(field.verbose_name)
                value = values[name]
                if field.choices:
                    value = dict(field.flatchoices).get(value, value)
                yield label[0].upper() + label[1:], self._value_as_text(name, value)

    def _value_as_text(self, name: str, value) -> str:
        if name == "made_by":
            name, value = "speaker_id", [self.speaker_of.get(key) for key in value]
        if name in MODEL_BY_REFERENCE_FIELD:
            known = self.known[MODEL_BY_REFERENCE_FIELD[name]]
            return ", ".join(
                str(known.get(key, gettext("(deleted)"))) for key in _keys_as_list(value)
            )
        if isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
        if name == "file":
            return value.rsplit("/", 1)[-1]
        if isinstance(value, datetime):
            return moment_in_words(value)
        return "" if value is None else str(value)


def _keys_as_list(value) -> list:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
