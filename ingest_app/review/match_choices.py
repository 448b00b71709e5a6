"""The choice of the record that a printed name means."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext, pgettext

from ingest_app.matching.matcher import AUTOMATIC, NEW, Match
from sessions_app.models import Appearance
from site_app.text.numbers import whole_numbers

SPOKE_FOR_SHOWN = 2


@dataclass(frozen=True)
class Option:
    """One answer to "who is meant", as a radio button."""

    value: str
    label: str
    certainty: str = ""
    reason: str = ""
    detail: str = ""


@dataclass
class Question:
    """The possible matches of a printed name; `about` shows whether the name has changed since."""

    name: str
    about: str
    options: list[Option]
    default: str
    chosen: str = ""
    is_stale: bool = False
    remark: str = ""

    @property
    def legend(self):
        return gettext("Which organisation is “%(about)s”?") % {"about": self.about}

    @property
    def is_open(self):
        """Whether there is more than one answer."""
        return len(self.options) > 1

    @property
    def picked(self):
        return next(option for option in self.options if option.value == self.chosen)


def question_of(
    match: Match, *, name: str, about: str, kind: str, label: str, posted: Mapping | None
) -> Question:
    """Return the question that a match leaves, under the name of its form field.

    `about` is what is asked about, `kind` the word for the record, `label` what a new one would be
    called. `posted` may hold an answer; one to another name than this counts for nothing.
    """
    options = [
        Option(
            str(candidate.record.pk),
            _label(candidate.record),
            candidate.certainty,
            candidate.reason,
        )
        for candidate in match.candidates
    ]
    is_stored = match.record.pk > 0
    if match.certainty == "same" and not is_stored:
        options.insert(
            0,
            Option(
                AUTOMATIC,
                gettext("%(record)s, new with this page") % {"record": match.record},
                "certain",
                gettext("named above"),
            ),
        )
    elif is_stored and all(option.value != str(match.record.pk) for option in options):
        options.insert(0, Option(str(match.record.pk), _label(match.record), "likely", ""))
    default = str(match.record.pk) if is_stored else AUTOMATIC if not options else NEW
    if match.certainty == "same" and not is_stored:
        default = AUTOMATIC
    # Without alternatives the choice stays automatic, so that a record created by somebody else in
    # the meantime is still matched.
    new = AUTOMATIC if not options else NEW
    if match.certainty != "same":
        label = str(match.record)
    options.append(
        Option(
            new,
            gettext("New %(kind)s: %(label)s")
            % {"kind": pgettext("one record", kind), "label": label},
            "",
            "",
        )
    )
    question = Question(name, about, options, default, default, remark=match.remark)
    if posted is not None and f"{name}-about" in posted:
        if posted[f"{name}-about"] != about:
            # While the user is still typing, a changed question needs no warning.
            question.is_stale = question.is_open and "_look" not in posted
        elif (value := posted.get(name, default)) in {option.value for option in options}:
            question.chosen = value
    return question


def _label(record):
    return getattr(record, "full_name", None) or str(record)


def tell_whom_they_spoke_for(questions: list[Question]) -> None:
    """Add to the speakers one may choose from for whom they spoke last. One query."""
    keys = whole_numbers({option.value for question in questions for option in question.options})
    spoke_for = defaultdict(dict)
    rows = Appearance.objects.filter(speaker__in=keys).order_by("-session__held_on", "-pk")
    for speaker, body in rows.values_list("speaker", "organisation__name"):
        if body:
            spoke_for[str(speaker)][body] = None
    for question in questions:
        question.options = [
            replace(option, detail="; ".join(list(spoke_for[option.value])[:SPOKE_FOR_SHOWN]))
            for option in question.options
        ]
