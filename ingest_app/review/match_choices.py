"""The choice of the record that a printed name means."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext, pgettext

from ingest_app.matching.matcher import AUTOMATIC_CHOICE, NEW_RECORD_CHOICE, Match
from sessions_app.models import Appearance
from site_app.text.numbers import parse_whole_numbers

MAX_ORGANISATIONS_SHOWN = 2


@dataclass(frozen=True)
class MatchOption:
    """One answer to "who is meant", as a radio button."""

    value: str
    label: str
    certainty: str = ""
    reason: str = ""
    detail: str = ""


@dataclass
class MatchQuestion:
    """The possible matches of a printed name; `about` shows whether the name has changed since."""

    name: str
    about: str
    options: list[MatchOption]
    default: str
    chosen: str = ""
    is_stale: bool = False
    remark: str = ""

    @property
    def legend(self):
        return gettext("Which organisation is “%(about)s”?") % {"about": self.about}

    @property
    def has_alternatives(self):
        """Whether there is more than one answer."""
        return len(self.options) > 1

    @property
    def chosen_option(self):
        return next(option for option in self.options if option.value == self.chosen)


def match_question(
    match: Match, *, name: str, about: str, kind: str, label: str, posted: Mapping | None
) -> MatchQuestion:
    """Return the question that a match leaves, under the name of its form field.

    `about` is the name in question, `kind` the word for the record, `label` the name of a new one.
    `posted` may contain an answer, which is ignored if it was about another name.
    """
    options = [
        MatchOption(
            str(candidate.record.pk),
            _record_label(candidate.record),
            candidate.certainty,
            candidate.reason,
        )
        for candidate in match.candidates
    ]
    is_stored = match.record.pk > 0
    if match.certainty == "same" and not is_stored:
        options.insert(
            0,
            MatchOption(
                AUTOMATIC_CHOICE,
                gettext("%(record)s, new with this page") % {"record": match.record},
                "certain",
                gettext("named above"),
            ),
        )
    elif is_stored and all(option.value != str(match.record.pk) for option in options):
        options.insert(
            0, MatchOption(str(match.record.pk), _record_label(match.record), "likely", "")
        )
    default = (
        str(match.record.pk)
        if is_stored
        else AUTOMATIC_CHOICE
        if not options
        else NEW_RECORD_CHOICE
    )
    if match.certainty == "same" and not is_stored:
        default = AUTOMATIC_CHOICE
    # Without alternatives the choice stays automatic, so that a record created by somebody else in
    # the meantime is still matched.
    new = AUTOMATIC_CHOICE if not options else NEW_RECORD_CHOICE
    if match.certainty != "same":
        label = str(match.record)
    options.append(
        MatchOption(
            new,
            gettext("New %(kind)s: %(label)s")
            % {"kind": pgettext("one record", kind), "label": label},
            "",
            "",
        )
    )
    question = MatchQuestion(name, about, options, default, default, remark=match.remark)
    if posted is not None and f"{name}-about" in posted:
        if posted[f"{name}-about"] != about:
            # While the user is still typing, a changed question needs no warning.
            question.is_stale = question.has_alternatives and "_look" not in posted
        elif (value := posted.get(name, default)) in {option.value for option in options}:
            question.chosen = value
    return question


def _record_label(record):
    return getattr(record, "full_name", None) or str(record)


def add_last_organisations(questions: list[MatchQuestion]) -> None:
    """Add to the speakers one may choose from for whom they spoke last. One query."""
    keys = parse_whole_numbers(
        {option.value for question in questions for option in question.options}
    )
    spoke_for = defaultdict(dict)
    rows = Appearance.objects.filter(speaker__in=keys).order_by("-session__held_on", "-pk")
    for speaker, body in rows.values_list("speaker", "organisation__name"):
        if body:
            spoke_for[str(speaker)][body] = None
    for question in questions:
        question.options = [
            replace(
                option, detail="; ".join(list(spoke_for[option.value])[:MAX_ORGANISATIONS_SHOWN])
            )
            for option in question.options
        ]
