"""Who is meant: an existing speaker, organisation or series, or a new one. Never merged on doubt."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from speakers_app.affiliations import name_and_abbreviation
from speakers_app.alike import LOOKS_ALIKE, compatible, fold
from speakers_app.models import Organisation, Speaker, SpeakerAlias
from speakers_app.names import is_initials
from speakers_app.people_line import ParsedPerson


@dataclass
class Match:
    """A record with how it was found: "same", "new", or "doubt" (new, but like another)."""

    record: object
    certainty: str
    remark: str = ""


@dataclass
class Matcher:
    """Finds and makes people and bodies; reads the tables once, and learns what it makes.

    With `stores` off what it makes stays in memory, under keys below zero: for a dry run.
    """

    stores: bool = True
    organisations: dict[str, list[Organisation]] = field(default_factory=lambda: defaultdict(list))
    acronyms: dict[str, list[Organisation]] = field(default_factory=lambda: defaultdict(list))
    families: dict[str, list[Speaker]] = field(default_factory=lambda: defaultdict(list))
    bodies_of: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    aliases: dict[str, list[Speaker]] = field(default_factory=lambda: defaultdict(list))
    made: int = 0

    @classmethod
    def of_database(cls, *, stores: bool = True) -> "Matcher":
        matcher = cls(stores)
        for organisation in Organisation.objects.prefetch_related("aliases"):
            matcher._know_organisation(organisation)
            for alias in organisation.aliases.all():
                matcher.organisations[fold(alias.name)].append(organisation)
        for speaker in Speaker.objects.prefetch_related("aliases"):
            matcher.families[fold(speaker.family_name)].append(speaker)
            for alias in speaker.aliases.all():
                matcher.aliases[fold(alias.name)].append(speaker)
        for path in ("organisation", "further_organisations"):
            rows = Speaker.objects.values_list("pk", f"appearances__{path}")
            for speaker_id, organisation_id in rows.distinct().order_by():
                if organisation_id:
                    matcher.bodies_of[speaker_id].add(organisation_id)
        return matcher

    def _store(self, record):
        if self.stores:
            record.save()
        elif record.pk is None:
            self.made += 1
            record.pk = -self.made

    def _store_alias(self, speaker, name):
        if self.stores:
            SpeakerAlias.objects.get_or_create(speaker=speaker, name=name[:400])

    def _know_organisation(self, organisation):
        self.organisations[fold(organisation.name)].append(organisation)
        if organisation.abbreviation:
            self.acronyms[organisation.abbreviation].append(organisation)

    # --- organisations ----------------------------------------------------------------------------

    def organisation(self, text: str) -> Match:
        """Return the organisation that a printed affiliation names; made if it is new.

        "Center for a New American Security (CNAS)" gives name and abbreviation; an acronym alone
        names the one organisation known by it.
        """
        name, abbreviation = name_and_abbreviation(text)
        found = _distinct(self.organisations.get(fold(name), []))
        if len(found) == 1:
            return self._same_organisation(found[0], name, abbreviation)
        if not abbreviation:
            known = _distinct(self.acronyms.get(name, []))
            if len(known) == 1:
                return Match(known[0], "same")
            if len(known) > 1:
                return self._new_organisation(
                    name, "", f"“{name}” is the acronym of several organisations"
                )
        remark = ""
        if abbreviation and self.organisations.get(fold(abbreviation)):
            remark = f"“{abbreviation}” alone is an organisation already; is it “{name}”?"
        elif len(found) > 1:
            remark = f"“{name}” names several organisations"
        else:
            remark = self._look_alike(name)
        return self._new_organisation(name, abbreviation, remark)

    def _same_organisation(self, organisation, name, abbreviation):
        if abbreviation and not organisation.abbreviation:
            organisation.abbreviation = abbreviation
            self._store(organisation)
            self.acronyms[abbreviation].append(organisation)
        elif abbreviation and organisation.abbreviation != abbreviation:
            return Match(
                organisation,
                "same",
                f"“{name}” has the acronym {organisation.abbreviation} here, {abbreviation} there",
            )
        return Match(organisation, "same")

    def _look_alike(self, name):
        folded = fold(name)
        best = process.extractOne(
            folded, self.organisations.keys(), scorer=fuzz.ratio, score_cutoff=LOOKS_ALIKE
        )
        if best is None or best[0] == folded:
            return ""
        return f"“{name}” looks like “{self.organisations[best[0]][0].name}”"

    def _new_organisation(self, name, abbreviation, remark):
        organisation = Organisation(name=name[:300], abbreviation=abbreviation[:50])
        self._store(organisation)
        self._know_organisation(organisation)
        return Match(organisation, "doubt" if remark else "new", remark)

    # --- speakers ---------------------------------------------------------------------------------

    def speaker(
        self,
        person: ParsedPerson,
        organisations: list[Organisation],
        fuller_name: str = "",
        named_before: Collection[int] = (),
    ) -> Match:
        """Return the speaker that is meant; made if new.

        The same: equal full names, or compatible initials with a shared affiliation. Compatible
        initials without one are a doubt: a new record, and a remark.
        `fuller_name`: the given name where the text says more than an initial. `named_before`:
        keys of those whom an earlier state of the same record named; compatible initials do there.
        """
        given = fuller_name or person.given_or_initial
        sort_name = ", ".join(part for part in (person.family, person.given_or_initial) if part)
        known_by_alias = [
            speaker
            for speaker in _distinct(self.aliases.get(fold(sort_name), []))
            if self.bodies_of[speaker.pk] & {each.pk for each in organisations}
        ]
        if len(known_by_alias) == 1:
            return Match(self._completed(known_by_alias[0], person, given), "same")
        alike = [
            speaker
            for speaker in self.families.get(fold(person.family), [])
            if compatible(given, speaker.given_name)
        ]
        equal = [
            speaker
            for speaker in alike
            if given and not is_initials(given) and fold(speaker.given_name) == fold(given)
        ]
        shared = [
            speaker
            for speaker in alike
            if self.bodies_of[speaker.pk] & {each.pk for each in organisations}
        ]
        before = [speaker for speaker in alike if speaker.pk in named_before]
        for candidates in (shared, equal, before):
            if len(candidates) == 1:
                match = Match(self._completed(candidates[0], person, given), "same")
                self.bodies_of[candidates[0].pk].update(each.pk for each in organisations)
                return match
        remark = ""
        if alike:
            others = "; ".join(str(speaker) for speaker in alike[:3])
            remark = f"“{sort_name}” may be the same person as: {others}"
        return self._new_speaker(person, given, organisations, remark)

    def _completed(self, speaker, person, given):
        """Keep the fuller name of two variants; the shorter one stays known as an alias."""
        if len(given.strip(".")) > len(speaker.given_name.strip(".")) and (
            is_initials(speaker.given_name) or not speaker.given_name
        ):
            self._store_alias(speaker, speaker.sort_name)
            speaker.given_name = given
            self._store(speaker)
        missing = [
            name
            for name in ("honorific", "suffix")
            if getattr(person, name) and not getattr(speaker, name)
        ]
        for name in missing:
            setattr(speaker, name, getattr(person, name)[:60])
        if missing:
            self._store(speaker)
        return speaker

    def _new_speaker(self, person, given, organisations, remark):
        speaker = Speaker(
            family_name=person.family[:200],
            given_name=given[:200],
            honorific=person.honorific[:60],
            suffix=person.suffix[:60],
        )
        self._store(speaker)
        self.families[fold(person.family)].append(speaker)
        names = []
        if given != person.given_or_initial and person.given_or_initial:
            names.append(f"{person.family}, {person.given_or_initial}")
        if person.nickname:
            names.append(f"{person.nickname} {person.family}")
        for name in names:
            self._store_alias(speaker, name)
            self.aliases[fold(name)].append(speaker)
        self.bodies_of[speaker.pk].update(each.pk for each in organisations)
        return Match(speaker, "doubt" if remark else "new", remark)


def _distinct(records):
    return list({record.pk: record for record in records}.values())
