"""Making the demonstration: pure choices from one random source, no clock, no database."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from . import words

FIRST_DAY, LAST_DAY = date(2015, 1, 12), date(2026, 6, 30)
LARGEST_STOCK_OF_SPEAKERS, LARGEST_STOCK_OF_ORGANISATIONS = 60_000, 5_000


@dataclass(frozen=True)
class DemoOrganisation:
    name: str
    abbreviation: str


@dataclass(frozen=True)
class DemoSpeaker:
    family_name: str
    given_name: str
    honorific: str
    organisations: tuple[int, ...]  # places in the stock of organisations; the first, then later


@dataclass(frozen=True)
class DemoAppearance:
    speaker: int
    organisation: int | None
    role: str
    function: str


@dataclass(frozen=True)
class DemoAdvice:
    text: str
    audience: str
    made_by: int  # place among the appearances


@dataclass(frozen=True)
class DemoSession:
    number: int
    title: str
    held_on: date | None
    ends_on: date | None
    series: str
    topics: tuple[str, ...]
    regions: tuple[str, ...]
    paragraphs: tuple[str, ...]
    appearances: tuple[DemoAppearance, ...]
    advice: tuple[DemoAdvice, ...]
    has_recording: bool
    has_documents: bool
    status: str
    language: str = "en"

    @property
    def closing(self) -> str:
        """How a summary ends in the advice that was given, numbered as on the old pages."""
        if not self.advice:
            return ""
        texts = [each.text for each in self.advice]
        if len(texts) > 1:
            texts = [f"{number}) {text}" for number, text in enumerate(texts, 1)]
        audience = self.advice[0].audience
        closing = f"advice for {audience}" if audience else "this advice"
        return f"The session closed with {closing}: {'; '.join(texts)}."


@dataclass
class Demonstration:
    """All choices of one seed for an archive of `count` sessions."""

    count: int
    seed: int
    organisations: list[DemoOrganisation] = field(default_factory=list)
    speakers: list[DemoSpeaker] = field(default_factory=list)

    def __post_init__(self):
        self.random = random.Random(f"{self.seed}:{self.count}")  # noqa: S311 - no secret
        self._make_organisations()
        self._make_speakers()

    def _make_organisations(self):
        wanted = min(LARGEST_STOCK_OF_ORGANISATIONS, max(60, self.count // 4))
        seen = set()
        while len(self.organisations) < wanted:
            place = self.random.choice(words.PLACES)
            subject, noun = self.random.choice(words.SUBJECTS)
            form, acronym = self.random.choice(words.BODIES)
            body = form.format(subject=subject, field=noun)
            name = f"{place} {body}"
            is_first = name not in seen
            while name in seen:  # a large archive outgrows the names of one place
                name = f"{place} and {self.random.choice(words.PLACES)} {body}"
            seen.add(name)
            short = f"{place[0]}{acronym.format(subject[0])}" if acronym and is_first else ""
            self.organisations.append(DemoOrganisation(name, short.upper()))

    def _make_speakers(self):
        wanted = min(LARGEST_STOCK_OF_SPEAKERS, max(90, round(self.count * 0.6)))
        seen = set()
        while len(self.speakers) < wanted:
            family, given = (
                self.random.choice(words.FAMILY_NAMES),
                self.random.choice(words.GIVEN_NAMES),
            )
            if (family, given) in seen:
                given = f"{given} {self.random.choice('ABCDEFGHJKLMNPRSTVW')}."
            if (family, given) in seen:
                family = f"{family}-{self.random.choice(words.FAMILY_NAMES)}"
            if (family, given) in seen:
                continue
            seen.add((family, given))
            stations = tuple(
                self.random.randrange(len(self.organisations))
                for _ in range(self.random.choice((1, 1, 2)))
            )
            honorific = self.random.choice(words.HONORIFICS)
            self.speakers.append(DemoSpeaker(family, given, honorific, stations))

    def sessions(self) -> Iterator[DemoSession]:
        """Yield the sessions one by one; nothing of them is kept."""
        for number in range(1, self.count + 1):
            yield self._session(number)

    def _session(self, number):
        r = self.random
        held_on = FIRST_DAY + timedelta(days=int((LAST_DAY - FIRST_DAY).days * r.random() ** 0.8))
        topic = r.choice(words.TOPICS)[0]
        further = r.choice(words.TOPICS)[0]
        region = r.choice(words.REGIONS)
        appearances = self._appearances(held_on, number)
        names = [self.speakers[each.speaker] for each in appearances]
        speaker = f"{names[0].honorific} {names[0].family_name}".strip()
        return DemoSession(
            number=number,
            title=self._title(topic, region),
            held_on=None if number % 61 == 0 else held_on,
            ends_on=held_on + timedelta(days=1) if number % 23 == 0 and number % 61 else None,
            series=r.choice(words.SERIES),
            topics=tuple(dict.fromkeys((topic, further) if r.random() < 0.5 else (topic,))),
            regions=(region,) if r.random() < 0.8 else (),
            paragraphs=self._summary(topic, region, speaker, held_on.year),
            appearances=appearances,
            advice=self._advice(sum(one.function != "moderator" for one in appearances)),
            has_recording=r.random() < 0.6,
            has_documents=r.random() < 0.5,
            status=self._status(number),
        )

    def _status(self, number):
        return {17: "draft", 34: "in_review", 51: "scheduled", 68: "withdrawn"}.get(
            number % 85, "published"
        )

    def _title(self, topic, region):
        r = self.random
        thing = r.choice(words.THINGS)
        return r.choice(words.TITLE_FORMS).format(
            Thing=thing.capitalize(), thing=thing.capitalize(), virtue=r.choice(words.VIRTUES),
            question=r.choice(words.QUESTIONS), adjective=r.choice(words.ADJECTIVES),
            topic=_title_case(topic), region=_with_article(region), event=r.choice(words.EVENTS),
        )  # fmt: skip

    def _appearances(self, held_on, number):
        r = self.random
        people = r.sample(range(len(self.speakers)), r.choice((1, 1, 1, 2, 2, 3, 4)))
        found = []
        for place, key in enumerate(people):
            stations = self.speakers[key].organisations
            later = len(stations) > 1 and held_on.year >= 2021
            organisation = stations[-1] if later else stations[0]
            is_panel = len(people) > 2
            function = "panelist" if is_panel else "speaker"
            if is_panel and place == len(people) - 1:
                function = "moderator"
            affiliation = None if r.random() < 0.04 else organisation
            found.append(DemoAppearance(key, affiliation, r.choice(words.ROLES), function))
        return tuple(found)

    def _summary(self, topic, region, speaker, year):
        r = self.random
        is_plural = topic in words.PLURAL_TOPICS

        def fill(sentence):
            return sentence.format(
                speaker=speaker, topic=_lower(topic), region=_with_article(region), number=r.randrange(12, 900),
                percent=r.randrange(11, 94), year=year - r.randrange(1, 9), people=r.choice(words.PEOPLE),
                things=r.choice(words.THINGS), is_are="are" if is_plural else "is",
                s="" if is_plural else "s",
            )  # fmt: skip

        def write(sentences):
            return " ".join(filled[0].upper() + filled[1:] for filled in map(fill, sentences))

        middles = r.sample(words.MIDDLES, r.randrange(4, 8))
        cut = r.randrange(1, len(middles))
        return (
            write((r.choice(words.OPENINGS), *middles[:cut])),
            write((*middles[cut:], r.choice(words.CLOSINGS))),
        )

    def _advice(self, speakers):
        r = self.random
        audience = r.choice(words.AUDIENCES)
        return tuple(
            DemoAdvice(r.choice(family), audience, r.randrange(speakers))
            for family in r.sample(words.ADVICE, r.choice((0, 0, 1, 2, 3, 4)))
        )


def _lower(topic):
    return topic if topic[:2].isupper() or topic[0].isdigit() else topic[0].lower() + topic[1:]


def _title_case(topic):
    return " ".join(
        word if word in ("and", "of") else word[0].upper() + word[1:] for word in topic.split()
    )


def _with_article(region):
    return region if region in words.WITHOUT_ARTICLE else f"the {region}"
