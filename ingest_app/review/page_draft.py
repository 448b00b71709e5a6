"""The draft of a page: its form, its matches, and the record of what a person entered."""

from dataclasses import dataclass, field, replace

from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy

from ingest_app.matching.matcher import AUTOMATIC_CHOICE
from ingest_app.matching.scoped_matcher import matcher_for_people
from ingest_app.pages.page_parser import PageRecord, SourceLink
from ingest_app.pages.page_writer import (
    Correction,
    FurtherContent,
    SpeakerChoice,
    completed_by_name_in_text,
    matched_people,
)
from ingest_app.pages.recommendation_extractor import Advice
from site_app.text.numbers import parse_whole_number
from speakers_app.names.comparison import fold_name, may_be_same_given_name
from speakers_app.people_line import ParsedPerson
from speakers_app.people_line.affiliations import split_outside_brackets

from .forms import LinkFormSet, PageForm, PageSpeakerForm, RecommendationFormSet, SpeakerFormSet
from .match_choices import MatchQuestion, add_last_organisations, match_question

NAME_CHANGED_MESSAGE = gettext_lazy("You changed this name: choose who is meant, then save again.")


FORMSET_CLASSES = {
    "speakers": SpeakerFormSet,
    "recommendations": RecommendationFormSet,
    "links": LinkFormSet,
}


def with_added_row(posted, name: str):
    """Return a posted form with one more row in the part `name`, for those without script."""
    formset = FORMSET_CLASSES[name](posted, prefix=name)
    posted = posted.copy()
    rows = min(formset.total_form_count() + 1, formset.max_num)
    posted[f"{name}-TOTAL_FORMS"] = str(rows)
    return posted


@dataclass
class SpeakerRow:
    form: PageSpeakerForm
    number: int  # index of the form in its formset
    who: MatchQuestion
    organisations: list[MatchQuestion] = field(default_factory=list)
    name_origin: str = ""
    affiliation_origin: str = ""

    @property
    def label(self):
        return self.who.about.split("|")[0] or gettext("Speaker %(value)s") % {
            "value": self.number + 1
        }


class PageDraft:
    """The whole form: its parts, the questions of matching, and the resulting record.

    `posted` is a QueryDict or None; without it the parts contain the parsed values.
    """

    def __init__(self, read: PageRecord, posted=None, *, source_url="", named_before=()):
        self.read = read
        self.posted = posted
        self.source_url = source_url
        self.named_before = (
            named_before  # primary keys of the speakers that the session had before
        )
        self.form = PageForm(posted, initial=self._page_initial(), prefix="page")
        initial = {
            "speakers": self._speakers_initial(),
            "recommendations": self._recommendations_initial(),
            "links": self._links_initial(),
        }
        self.formsets = {
            name: formset(posted, initial=initial[name], prefix=name)
            for name, formset in FORMSET_CLASSES.items()
        }
        self.speakers, self.recommendations, self.links = self.formsets.values()
        if posted is None:
            self.kept_remains = set(range(len(read.remains)))
        else:
            self.kept_remains = {
                number
                for text in posted.getlist("remains")
                if (number := parse_whole_number(text, minimum=0)) is not None
            }

    def _page_initial(self):
        return {
            "title": self.read.title[:500],
            "held_on": self.read.date,
            "ends_on": self.read.date_end,
            "series": (self.read.series or "")[:200],
            "summary": "\n\n".join(self.read.paragraphs),
            "has_recording": self.read.has_recording,
            "contact_email": self.read.contact_email or "",
            "source_url": self.source_url,
        }

    def _speakers_initial(self):
        rows = []
        people = zip(self.read.speakers, self.read.text_names, strict=True)
        for number, (person, text_name) in enumerate(people):
            completed, given = completed_by_name_in_text(person, text_name)
            rows.append(
                {
                    "printed": number,
                    "honorific": completed.honorific[:60],
                    "given": (given or person.given_or_initial)[:200],
                    "family": person.family[:200],
                    "suffix": person.suffix[:60],
                    "affiliation": person.affiliation[:900],
                    "role": person.role[:300],
                    "function": person.function,
                }
            )
        return rows

    def _recommendations_initial(self):
        families = [fold_name(person.family) for person in self.read.speakers]
        return [
            {
                "text": advice.text,
                "audience": advice.audience[:200],
                "made_by": [
                    str(place)
                    for place, family in enumerate(families)
                    if family in {fold_name(maker) for maker in advice.made_by}
                ],
            }
            for advice in self.read.recommendations
        ]

    def _links_initial(self):
        return [
            {"label": (link.name or link.label)[:500], "url": link.url or ""}
            for link in self.read.links
        ]

    @cached_property
    def speaker_rows(self) -> list[SpeakerRow]:
        """The speakers with their matches to choose from, without removed ones."""
        forms_ = [form for form in self.speakers.forms if not self._is_deleted(form)]
        people = [self._person_and_given_name(form) for form in forms_]
        asked = replace(
            self.read,
            speakers=[person for person, _ in people],
            text_names=[None] * len(people),
        )
        self.matcher = matcher_for_people(asked.speakers, stores=False, offers=True)
        automatic = list(
            matched_people(
                asked,
                self.matcher,
                self.named_before,
                [SpeakerChoice(given) for _, given in people],
            )
        )
        rows = []
        for form, (person, given), match in zip(forms_, people, automatic, strict=True):
            number = self.speakers.forms.index(form)
            name = " ".join(
                part for part in (given or person.given_or_initial, person.family) if part
            )
            about = f"{name}|{person.affiliation}"
            who = match_question(
                match.speaker,
                name=f"{form.prefix}-who",
                about=about,
                kind="speaker",
                label=name,
                posted=self.posted,
            )
            texts = split_outside_brackets(person.affiliation, ";")
            bodies = [
                match_question(
                    found,
                    name=f"{form.prefix}-body-{place}",
                    about=text,
                    kind="organisation",
                    label=text,
                    posted=self.posted,
                )
                for place, (text, found) in enumerate(zip(texts, match.organisations, strict=True))
            ]
            printed = self._printed_number(form)
            row = SpeakerRow(form, number, who, bodies)
            if printed is not None:
                row.name_origin, row.affiliation_origin = (
                    f"speaker-{printed}",
                    f"affiliation-{printed}",
                )
            rows.append(row)
        add_last_organisations([row.who for row in rows])
        return rows

    @cached_property
    def series_question(self) -> MatchQuestion | None:
        name = " ".join((self.form["series"].value() or "").split())
        if not name:
            return None
        _ = self.speaker_rows  # creates the matcher
        return match_question(
            self.matcher.match_series(name),
            name="series-choice",
            about=name,
            kind="series",
            label=name,
            posted=self.posted,
        )

    @property
    def deleted_speaker_forms(self):
        """The removed rows, which are submitted too so that the numbers of the others stay."""
        return [form for form in self.speakers.forms if self._is_deleted(form)]

    def _is_deleted(self, form):
        return self.posted is not None and bool(self.posted.get(f"{form.prefix}-DELETE"))

    def _printed_number(self, form):
        value = str(form["printed"].value() if form["printed"].value() is not None else "")
        number = parse_whole_number(value, minimum=0)
        return number if number is not None and number < len(self.read.speakers) else None

    def _person_and_given_name(self, form):
        """Return (person, given name where it says more than the printed one)."""
        value = {
            name: " ".join(str(form[name].value() or "").split())
            for name in form.fields
            if name not in ("printed", "DELETE")
        }
        number = self._printed_number(form)
        printed = self.read.speakers[number] if number is not None else ParsedPerson("")
        given = value["given"]
        # The printed initial is stored as another name of the speaker.
        keeps = (
            printed.given_or_initial
            and fold_name(printed.family) == fold_name(value["family"])
            and may_be_same_given_name(given, printed.given_or_initial)
        )
        person = replace(
            printed,
            family=value["family"],
            given_or_initial=printed.given_or_initial if keeps else given,
            honorific=value["honorific"],
            suffix=value["suffix"],
            affiliation=value["affiliation"],
            role=value["role"],
            function=value["function"] or "speaker",
        )
        return person, given if keeps and given != printed.given_or_initial else ""

    def set_made_by_choices(self):
        """Offer the speakers of the form as those who gave a recommendation."""
        choices = [(str(row.number), row.label) for row in self.speaker_rows]
        for form in self.recommendations.forms:
            form.fields["made_by"].choices = choices

    def is_valid(self) -> bool:
        self.set_made_by_choices()
        parts = [self.form.is_valid(), *(formset.is_valid() for formset in self.formsets.values())]
        if not all(parts):
            return False
        questions = [
            question for row in self.speaker_rows for question in (row.who, *row.organisations)
        ]
        if self.series_question:
            questions.append(self.series_question)
        stale = [question for question in questions if question.is_stale]
        if stale:
            self.form.add_error(None, NAME_CHANGED_MESSAGE)
        seen = {}
        for row in self.speaker_rows:
            key = row.who.chosen
            if key.isdigit() and key in seen:
                row.form.add_error(
                    "family", gettext("This is the same person as %(seen)s.") % {"seen": seen[key]}
                )
                return False
            seen[key] = row.label
        return not stale

    def corrected_record(self) -> PageRecord:
        """Return the record as the person made it. Only after `is_valid`."""
        page = self.form.cleaned_data
        people = [self._person_and_given_name(row.form)[0] for row in self.speaker_rows]
        return replace(
            self.read,
            title=page["title"],
            date=page["held_on"],
            date_end=page["ends_on"],
            series=page["series"] or None,
            speakers=people,
            text_names=[None] * len(people),
            recommendations=[
                Advice(" ".join(advice["text"].split()), advice["audience"])
                for advice in self._undeleted_rows(self.recommendations)
            ],
            contact_email=page["contact_email"] or None,
            has_recording=page["has_recording"],
            links=[
                SourceLink(link["label"] or link["url"], link["url"] or None)
                for link in self._undeleted_rows(self.links)
            ],
            paragraphs=_split_paragraphs(page["summary"]),
            address=page["source_url"],
            remains=[
                text for place, text in enumerate(self.read.remains) if place in self.kept_remains
            ],
        )

    def correction(self, user, status: str) -> Correction:
        """Return the choices, and the fields that differ from the page. Call `is_valid` first."""
        places = {str(row.number): place for place, row in enumerate(self.speaker_rows)}
        made_by = [
            {places[number] for number in advice["made_by"] if number in places}
            for advice in self._undeleted_rows(self.recommendations)
        ]
        chosen = [
            SpeakerChoice(
                self._person_and_given_name(row.form)[1],
                row.who.chosen,
                [question.chosen for question in row.organisations],
            )
            for row in self.speaker_rows
        ]
        return Correction(
            read=self.read,
            user=user,
            status=status,
            fields=self._corrected_fields(),
            series=self.series_question.chosen if self.series_question else AUTOMATIC_CHOICE,
            people=chosen,
            made_by=made_by,
        )

    def further_content(self) -> FurtherContent:
        page = self.form.cleaned_data
        further = FurtherContent()
        for name in ("topics", "regions"):
            if page[name]:
                keys = [entry.pk for entry in page[name]]
                setattr(further, name, lambda keys=keys: keys)
        return further

    def _corrected_fields(self):
        page, initial = self.form.cleaned_data, self._page_initial()
        fields = {
            name
            for name in ("title", "held_on", "ends_on", "series", "source_url")
            if (page[name] or "") != (initial[name] or "")
        }
        if _split_paragraphs(page["summary"]) != _split_paragraphs(initial["summary"]):
            fields.add("summary")
        if page["has_recording"] != initial["has_recording"]:
            fields.add("recordings")
        if page["contact_email"] != initial["contact_email"]:
            fields.add("recording_contact_email")
        if len(self.kept_remains) < len(self.read.remains):
            fields.add("import_remains")
        fields |= {name for name in ("topics", "regions") if page[name]}
        if self.series_question and self.series_question.chosen != self.series_question.default:
            fields.add("series")
        questions = [
            question for row in self.speaker_rows for question in (row.who, *row.organisations)
        ]
        if self._differs_from_initial(self.speakers, self._speakers_initial()) or any(
            question.chosen != question.default for question in questions
        ):
            fields.add("speakers")
        if self._differs_from_initial(self.recommendations, self._recommendations_initial()):
            fields.add("recommendations")
        if self._differs_from_initial(self.links, self._links_initial()):
            fields |= {"documents", "import_remains"}
        return fields

    def _undeleted_rows(self, formset):
        return [
            {name: value for name, value in form.cleaned_data.items() if name != "DELETE"}
            for form in formset.forms
            if not form.cleaned_data.get("DELETE")
        ]

    def _differs_from_initial(self, formset, initial):
        return self._undeleted_rows(formset) != [
            {
                name: " ".join(value.split()) if isinstance(value, str) else value
                for name, value in row.items()
            }
            for row in initial
        ]


def _split_paragraphs(text):
    blocks = text.replace("\r\n", "\n").split("\n\n")
    return [block.strip() for block in blocks if block.strip()]
