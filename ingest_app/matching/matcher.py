"""Matching of names to existing or new speakers, organisations and series. Never merges on doubt."""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils.translation import gettext_noop
from rapidfuzz import fuzz, process

from desk_app.merging.merge import names_of_merged_records
from sessions_app.models import Series
from site_app.permissions import change_refusal, may_change
from speakers_app.duplicate_candidates import ComparedPerson, candidate_pairs_of_speakers
from speakers_app.models import Organisation, Speaker, SpeakerAlias
from speakers_app.names.comparison import (
    MIN_LIKENESS_PERCENT,
    fold_name,
    look_alike_key_of_folded,
    may_be_same_given_name,
)
from speakers_app.names.parsing import is_initials
from speakers_app.people_line import ParsedPerson
from speakers_app.people_line.affiliations import split_name_and_abbreviation

MIN_OFFERED_SIMILARITY = 80  # rapidfuzz ratio, percent: from here a record is offered as a choice
MAX_CANDIDATES = 5
# The user's choice: the primary key of a record as text, or one of these.
AUTOMATIC_CHOICE, NEW_RECORD_CHOICE = "", "new"


@dataclass
class Match:
    """A record with how it was found: "same", "new", or "doubt" (new, but like another).

    `candidates`, best first, only from a matcher that offers them.
    """

    record: object
    certainty: str
    remark: str = ""
    candidates: list["MatchCandidate"] = field(default_factory=list)


@dataclass(frozen=True)
class MatchCandidate:
    """An existing record that may be meant: "certain", "likely" or "possible", and why."""

    record: object
    certainty: str
    reason: str


@dataclass
class Matcher:
    """Finds or creates people and organisations; reads the tables once, and remembers new records.

    With `stores` off what it makes stays in memory, under keys below zero: for a dry run. `user` is
    for whom it works: what they may not change is found as it is, and not completed. With `offers`
    each match names candidates among which a person may choose.
    """

    stores: bool = True
    user: object = None
    offers: bool = False
    organisations: dict[str, list[Organisation]] = field(default_factory=lambda: defaultdict(list))
    acronyms: dict[str, list[Organisation]] = field(default_factory=lambda: defaultdict(list))
    families: dict[str, list[Speaker]] = field(default_factory=lambda: defaultdict(list))
    organisation_ids_of: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    aliases: dict[str, list[Speaker]] = field(default_factory=lambda: defaultdict(list))
    all_series: dict[str, list[Series]] = field(default_factory=lambda: defaultdict(list))
    made: int = 0
    # To undo what it learned since the last commit.
    undo: list[Callable[[], object]] = field(default_factory=list)

    @classmethod
    def from_database(cls, *, stores: bool = True, user=None) -> "Matcher":
        matcher = cls(stores, user)
        for organisation in Organisation.objects.prefetch_related("aliases"):
            matcher.add_organisation(organisation)
        for speaker in Speaker.objects.prefetch_related("aliases"):
            matcher.add_speaker(speaker)
        matcher.load_affiliations(Speaker.objects.all())
        matcher.load_series()
        return matcher

    def commit_learned(self) -> None:
        """Keep the remembered records, after their transaction was committed."""
        self.undo.clear()

    def undo_learned(self) -> None:
        """Discard records remembered since `commit_learned`, after a rollback of the database."""
        while self.undo:
            self.undo.pop()()

    def _add_undoably(self, known, key, record):
        known[key].append(record)

        def forget():
            known[key].pop()
            if not known[key]:
                del known[key]

        self.undo.append(forget)

    def _add_affiliations_undoably(self, speaker, bodies):
        new = set(bodies) - self.organisation_ids_of[speaker.pk]
        self.organisation_ids_of[speaker.pk] |= new
        self.undo.append(lambda: self.organisation_ids_of[speaker.pk].difference_update(new))

    def _set_undoably(self, record, name, value):
        before = getattr(record, name)
        setattr(record, name, value)
        self.undo.append(lambda: setattr(record, name, before))

    def load_series(self) -> None:
        """Find every series by its name, and by the names of those that were merged into it."""
        by_key = {series.pk: series for series in Series.objects.all()}
        for series in by_key.values():
            self.all_series[fold_name(series.name)].append(series)
        for name, key in names_of_merged_records(Series):
            if not self.all_series[fold_name(name)]:
                self.all_series[fold_name(name)].append(by_key[key])

    def add_organisation(self, organisation: Organisation) -> None:
        """Find it by name and acronym from now on, and by its aliases, which are prefetched."""
        self.organisations[fold_name(organisation.name)].append(organisation)
        if organisation.abbreviation:
            self.acronyms[organisation.abbreviation].append(organisation)
        for alias in organisation.aliases.all():
            self.organisations[fold_name(alias.name)].append(organisation)

    def add_speaker(self, speaker: Speaker) -> None:
        """Find the speaker by family name from now on, and by aliases, which are prefetched."""
        self.families[fold_name(speaker.family_name)].append(speaker)
        for alias in speaker.aliases.all():
            self.aliases[fold_name(alias.name)].append(speaker)

    def load_affiliations(self, speakers: QuerySet[Speaker]) -> None:
        """Know which organisations these speakers appeared for. Two queries."""
        for path in ("organisation", "further_organisations"):
            rows = speakers.values_list("pk", f"appearances__{path}")
            for speaker_id, organisation_id in rows.distinct().order_by():
                if organisation_id:
                    self.organisation_ids_of[speaker_id].add(organisation_id)

    def _save_or_give_temporary_key(self, record):
        if self.stores:
            record.save()
        elif record.pk is None:
            self.made += 1
            record.pk = -self.made

    def _store_alias_unless_dry(self, speaker, name):
        if self.stores:
            SpeakerAlias.objects.get_or_create(speaker=speaker, name=name[:400])

    def match_series(self, name: str, chosen: str = AUTOMATIC_CHOICE) -> Match:
        """Return the series of that name, made if it is new; or the one that a person chose."""
        if chosen not in (AUTOMATIC_CHOICE, NEW_RECORD_CHOICE):
            return Match(Series.objects.get(pk=chosen), "same")
        folded = fold_name(name)
        candidates = (
            [] if not self.offers else self._similarly_named_candidates(folded, self.all_series)
        )
        if known := self.all_series.get(folded):
            found = [
                MatchCandidate(series, "certain", gettext_noop("the same name"))
                for series in known
            ]
            return Match(known[0], "same", "", _best_stored_candidates(found + candidates))
        series = Series(name=name[:200])
        self._save_or_give_temporary_key(series)
        self._add_undoably(self.all_series, folded, series)
        return Match(series, "new", "", _best_stored_candidates(candidates))

    def match_organisation(self, text: str, chosen: str = AUTOMATIC_CHOICE) -> Match:
        """Return the organisation that a printed affiliation names; made if it is new.

        "Center for a New American Security (CNAS)" gives name and abbreviation; an acronym alone
        names the one organisation known by it. `chosen`: what a person decided.
        """
        name, abbreviation = split_name_and_abbreviation(text)
        if chosen == NEW_RECORD_CHOICE:
            return self._create_organisation(name, abbreviation, "")
        if chosen != AUTOMATIC_CHOICE:
            return Match(self._chosen_organisation_with_new_alias(chosen, name), "same")
        candidates = [] if not self.offers else self._organisation_candidates(name, abbreviation)
        match = self._match_organisation_by_name(name, abbreviation)
        match.candidates = candidates
        return match

    def _match_organisation_by_name(self, name, abbreviation):
        organisations = _distinct_records(self.organisations.get(fold_name(name), []))
        if len(organisations) == 1:
            return self._match_and_complete_organisation(organisations[0], name, abbreviation)
        if not abbreviation:
            known = _distinct_records(self.acronyms.get(name, []))
            if len(known) == 1:
                return Match(known[0], "same")
            if len(known) > 1:
                return self._create_organisation(
                    name, "", f"“{name}” is the acronym of several organisations"
                )
        remark = ""
        if abbreviation and self.organisations.get(fold_name(abbreviation)):
            remark = f"“{abbreviation}” alone is an organisation already; is it “{name}”?"
        elif len(organisations) > 1:
            remark = f"“{name}” names several organisations"
        else:
            remark = self._look_alike_remark(name)
        return self._create_organisation(name, abbreviation, remark)

    def _organisation_candidates(self, name, abbreviation):
        def found(known, certainty, reason):
            return [
                MatchCandidate(organisation, certainty, reason)
                for organisation in _distinct_records(known)
            ]

        named = _distinct_records(self.organisations.get(fold_name(name), []))
        candidates = found(
            named, "certain" if len(named) == 1 else "possible", gettext_noop("the same name")
        )
        if abbreviation:
            by_acronym = self.organisations.get(fold_name(abbreviation), [])
            candidates += found(by_acronym, "likely", gettext_noop("named by the acronym alone"))
            candidates += found(
                self.acronyms.get(abbreviation, []), "possible", gettext_noop("the same acronym")
            )
        else:
            known = _distinct_records(self.acronyms.get(name, []))
            candidates += found(
                known, "certain" if len(known) == 1 else "possible", gettext_noop("its acronym")
            )
        return _best_stored_candidates(
            candidates + self._similarly_named_candidates(fold_name(name), self.organisations)
        )

    def _similarly_named_candidates(self, folded, known):
        """Return candidates spelled like a folded name, from {folded name: records}."""
        matches = process.extract(
            folded,
            known.keys(),
            scorer=fuzz.ratio,
            score_cutoff=MIN_OFFERED_SIMILARITY,
            limit=MAX_CANDIDATES,
        )
        return [
            MatchCandidate(record, "possible", f"{score:.0f} % alike")
            for name, score, _ in matches
            if name != folded
            for record in known[name]
        ]

    def _chosen_organisation_with_new_alias(self, key, name):
        """Return the organisation of that key; it is known by this name from now on."""
        organisation = Organisation.objects.get(pk=key)
        known = {fold_name(organisation.name), fold_name(organisation.abbreviation)}
        if self.stores and fold_name(name) not in known and may_change(self.user, organisation):
            organisation.aliases.get_or_create(name=name[:300])
            self._add_undoably(self.organisations, fold_name(name), organisation)
        return organisation

    def _match_and_complete_organisation(self, organisation, name, abbreviation):
        if abbreviation and not organisation.abbreviation:
            if said := change_refusal(self.user, organisation):
                return Match(organisation, "same", f"{said} Left out: {abbreviation}.")
            self._set_undoably(organisation, "abbreviation", abbreviation)
            self._save_or_give_temporary_key(organisation)
            self._add_undoably(self.acronyms, abbreviation, organisation)
        elif abbreviation and organisation.abbreviation != abbreviation:
            return Match(
                organisation,
                "same",
                f"“{name}” has the acronym {organisation.abbreviation} here, {abbreviation} there",
            )
        return Match(organisation, "same")

    def _look_alike_remark(self, name):
        folded = fold_name(name)
        best = process.extractOne(
            folded,
            self.organisations.keys(),
            scorer=fuzz.ratio,
            processor=look_alike_key_of_folded,
            score_cutoff=MIN_LIKENESS_PERCENT,
        )
        if best is None or best[0] == folded:
            return ""
        return f"“{name}” looks like “{self.organisations[best[0]][0].name}”"

    def _create_organisation(self, name, abbreviation, remark):
        organisation = Organisation(name=name[:300], abbreviation=abbreviation[:50])
        self._save_or_give_temporary_key(organisation)
        self._add_undoably(self.organisations, fold_name(organisation.name), organisation)
        if organisation.abbreviation:
            self._add_undoably(self.acronyms, organisation.abbreviation, organisation)
        return Match(organisation, "doubt" if remark else "new", remark)

    def match_speaker(
        self,
        person: ParsedPerson,
        organisations: list[Organisation],
        fuller_name: str = "",
        named_before: Collection[int] = (),
        chosen: str = AUTOMATIC_CHOICE,
    ) -> Match:
        """Return the speaker that is meant; made if new.

        The same: equal full names, or compatible initials with a shared affiliation. Compatible
        initials without one are a doubt: a new record, and a remark.
        `fuller_name`: the given name where the text says more than an initial. `named_before`:
        keys of those whom an earlier state of the same record named; compatible initials do there.
        `chosen`: what a person decided.
        """
        given = fuller_name or person.given_or_initial
        if chosen == NEW_RECORD_CHOICE:
            return self._create_speaker(person, given, organisations, "")
        if chosen != AUTOMATIC_CHOICE:
            return self._match_chosen_speaker(chosen, person, given, organisations)
        sort_name = ", ".join(part for part in (person.family, person.given_or_initial) if part)
        bodies = {organisation.pk for organisation in organisations}
        alike = [
            speaker
            for speaker in self.families.get(fold_name(person.family), [])
            if may_be_same_given_name(given, speaker.given_name)
        ]
        signs = {
            gettext_noop("known by this name, with this organisation"): [
                speaker
                for speaker in _distinct_records(self.aliases.get(fold_name(sort_name), []))
                if self.organisation_ids_of[speaker.pk] & bodies
            ],
            gettext_noop("the name fits, with this organisation"): [
                speaker for speaker in alike if self.organisation_ids_of[speaker.pk] & bodies
            ],
            gettext_noop("the same full name"): [
                speaker
                for speaker in alike
                if given
                and not is_initials(given)
                and fold_name(speaker.given_name) == fold_name(given)
            ],
            gettext_noop("named at this session before"): [
                speaker for speaker in alike if speaker.pk in named_before
            ],
        }
        candidates = (
            [] if not self.offers else self._speaker_candidates(person, given, signs, alike)
        )
        for found in signs.values():
            if len(found) == 1:
                speaker, remark = self._complete_speaker_name(found[0], person, given)
                self._add_affiliations_undoably(speaker, bodies)
                return Match(speaker, "same", remark, candidates)
        remark = ""
        if alike:
            others = "; ".join(str(speaker) for speaker in alike[:3])
            remark = f"“{sort_name}” may be the same person as: {others}"
        elif others := self._similarly_spelt_speakers(person, given):
            others = "; ".join(f"{speaker} ({reason})" for speaker, reason in others[:3])
            remark = f"“{sort_name}” may be the same person as: {others}"
        match = self._create_speaker(person, given, organisations, remark)
        match.candidates = candidates
        return match

    def _similarly_spelt_speakers(self, person, given):
        """Return [(speaker, why)] of those whose name is nearly this one, the likeliest first."""
        family = fold_name(person.family)
        near = process.extract(
            family,
            self.families.keys(),
            scorer=fuzz.ratio,
            processor=look_alike_key_of_folded,
            score_cutoff=MIN_OFFERED_SIMILARITY,
            limit=20,
        )
        families = {name for name, _score, _place in near} | {family, fold_name(given)}
        known = {
            speaker.pk: speaker for name in families for speaker in self.families.get(name, ())
        }
        new = ComparedPerson(0, given, person.family, person.suffix)
        people = [
            ComparedPerson(speaker.pk, speaker.given_name, speaker.family_name, speaker.suffix)
            for speaker in known.values()
        ]
        speakers = {}
        for one, other, reason, likeness in candidate_pairs_of_speakers(
            [new, *people]
        ).similar_pairs_of([0]):
            speakers[one or other] = max(speakers.get(one or other, (0, "")), (likeness, reason))
        best = sorted(speakers, key=lambda key: (-speakers[key][0], key))
        return [(known[key], speakers[key][1]) for key in best]

    def _speaker_candidates(self, person, given, signs, alike):
        """Return candidates: two signs make one certain, one sign likely, a name that fits possible."""
        reasons = defaultdict(list)
        for reason, speakers in signs.items():
            if len(speakers) == 1:
                reasons[speakers[0].pk].append(reason)
        found = [
            MatchCandidate(
                speakers[0],
                "certain" if len(reasons[speakers[0].pk]) > 1 else "likely",
                "; ".join(reasons[speakers[0].pk]),
            )
            for speakers in signs.values()
            if len(speakers) == 1
        ]
        found += [
            MatchCandidate(speaker, "possible", gettext_noop("the name fits")) for speaker in alike
        ]
        families = process.extract(
            fold_name(person.family),
            self.families.keys(),
            scorer=fuzz.ratio,
            score_cutoff=MIN_OFFERED_SIMILARITY,
            limit=20,
        )
        name = fold_name(f"{given} {person.family}")
        for family, _score, _ in families:
            for speaker in self.families[family]:
                score = fuzz.ratio(name, fold_name(speaker.name))
                if score >= MIN_OFFERED_SIMILARITY or may_be_same_given_name(
                    given, speaker.given_name
                ):
                    found.append(
                        MatchCandidate(speaker, "possible", f"spelled {score:.0f} % alike")
                    )
        return _best_stored_candidates(found)

    def _match_chosen_speaker(self, key, person, given, organisations):
        """Return the match with this key, which has the printed name from now on."""
        speaker = Speaker.objects.get(pk=key)
        self._add_affiliations_undoably(
            speaker, {organisation.pk for organisation in organisations}
        )
        is_variant = fold_name(speaker.family_name) == fold_name(person.family)
        if is_variant and may_be_same_given_name(given, speaker.given_name):
            return Match(speaker, "same", self._complete_speaker_name(speaker, person, given)[1])
        name = ", ".join(part for part in (person.family, given) if part)
        self._add_undoably(self.aliases, fold_name(name), speaker)
        if said := change_refusal(self.user, speaker):
            return Match(speaker, "same", f"{said} Left out: {name}.")
        self._store_alias_unless_dry(speaker, name)
        return Match(speaker, "same")

    def _complete_speaker_name(self, speaker, person, given):
        """Return (speaker, remark) and store the fuller of two variants of the name.

        The shorter one becomes an alias. The remark says what the user may not change.
        """
        is_fuller = len(given.strip(".")) > len(speaker.given_name.strip(".")) and (
            is_initials(speaker.given_name) or not speaker.given_name
        )
        missing = [
            name
            for name in ("honorific", "suffix")
            if getattr(person, name) and not getattr(speaker, name)
        ]
        if (is_fuller or missing) and (said := change_refusal(self.user, speaker)):
            left_out = [given] * is_fuller + [getattr(person, name) for name in missing]
            return speaker, f"{said} Left out: {', '.join(left_out)}."
        if is_fuller:
            self._store_alias_unless_dry(speaker, speaker.sort_name)
            self._set_undoably(speaker, "given_name", given)
            self._save_or_give_temporary_key(speaker)
        for name in missing:
            self._set_undoably(speaker, name, getattr(person, name)[:60])
        if missing:
            self._save_or_give_temporary_key(speaker)
        self._add_other_name(speaker, person, given)
        return speaker, ""

    def _add_other_name(self, speaker, person, given):
        """Know the speaker by a maiden name or a second family name too."""
        if not person.other_name:
            return
        name = ", ".join(part for part in (person.other_name, given) if part)
        if speaker not in self.aliases[fold_name(name)]:
            if may_change(self.user, speaker):
                self._store_alias_unless_dry(speaker, name)
            self._add_undoably(self.aliases, fold_name(name), speaker)

    def _create_speaker(self, person, given, organisations, remark):
        speaker = Speaker(
            family_name=person.family[:200],
            given_name=given[:200],
            honorific=person.honorific[:60],
            suffix=person.suffix[:60],
        )
        self._save_or_give_temporary_key(speaker)
        self._add_undoably(self.families, fold_name(person.family), speaker)
        names = []
        if given != person.given_or_initial and person.given_or_initial:
            names.append(f"{person.family}, {person.given_or_initial}")
        if person.nickname:
            names.append(f"{person.nickname} {person.family}")
        for name in names:
            self._store_alias_unless_dry(speaker, name)
            self._add_undoably(self.aliases, fold_name(name), speaker)
        self._add_other_name(speaker, person, given)
        self._add_affiliations_undoably(
            speaker, {organisation.pk for organisation in organisations}
        )
        return Match(speaker, "doubt" if remark else "new", remark)


def _distinct_records(records):
    return list({record.pk: record for record in records}.values())


def _best_stored_candidates(candidates):
    """Return the best of the stored candidates, each once."""
    best = {}
    for certainty in (gettext_noop("certain"), gettext_noop("likely"), gettext_noop("possible")):
        for candidate in candidates:
            if candidate.certainty == certainty and candidate.record.pk > 0:
                best.setdefault(candidate.record.pk, candidate)
    return list(best.values())[:MAX_CANDIDATES]
