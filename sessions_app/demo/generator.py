"""Sessions by the thousand, made of the grammar: pure choices from one random source."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from site_app.text.rich_text import paragraphs_of_plain_text
from site_app.text.slugs import slug_from_text

from . import handwritten
from .grammar import fill_sentence, load_grammar, lowercase_first_letter, title_case, topic_noun
from .records import (
    DemoAppearance,
    DemoComment,
    DemoDocument,
    DemoOrganisation,
    DemoRecommendation,
    DemoRecording,
    DemoSession,
    DemoSpeaker,
)

FIRST_DAY, LAST_DAY = date(2015, 1, 12), date(2026, 6, 30)
MAX_SPEAKERS, MAX_ORGANISATIONS = 60_000, 5_000
MAX_TITLE_TRIES = 50  # for a title that no other session has
FAR_FUTURE = datetime(2099, 1, 1, tzinfo=UTC)
COMMENT_NAMES_AND_TEXTS = (
    ("Ines Halvorsen", "The last recommendation is close to what our working group proposed."),
    ("R. Okonjo", "Is there a written version of the figures shown in the first ten minutes?"),
    (
        "Tomasz Lindqvist",
        "A clear summary. The point about costs is often left out of this debate.",
    ),
    (
        "Maya Castellanos",
        "We tried something like it on a smaller scale; I would gladly share what we learnt.",
    ),
)
STAFF_REPLY = (
    "Archive staff",
    "Thank you. The report under “Documents and links” has the figures.",
)


class SessionGenerator:
    """All choices of one seed for `count` sessions; `taken` are names of people that exist."""

    def __init__(self, count: int, seed: int, taken: set[str] = frozenset()):
        self.count = count
        self.words = load_grammar()
        self.topics = handwritten.load_headings("topics")
        self.regions = handwritten.load_headings("regions")
        self.series = handwritten.load_headings("series")
        self.random = random.Random(f"{seed}:{count}")  # noqa: S311 - not a secret
        self.organisations: list[DemoOrganisation] = []
        self.speakers: list[DemoSpeaker] = []
        self._careers: list[tuple[tuple[int, DemoOrganisation | None, str], ...]] = []
        self._titles: set[str] = set()
        if count:
            self._generate_organisations()
            self._generate_speakers(set(taken))

    def _generate_organisations(self):
        r, words = self.random, self.words
        wanted = min(MAX_ORGANISATIONS, max(60, self.count // 4))
        seen = set()
        while len(self.organisations) < wanted:
            place = r.choice(words["places"])
            subject, field = r.choice(words["subjects"])
            form, acronym = r.choice(words["bodies"])
            body = form.format(subject=subject, field=field)
            name = f"{place} {body}"
            is_first = name not in seen
            while name in seen:  # a large archive needs names with two places
                other = r.choice([one for one in words["places"] if one != place])
                name = f"{place} and {other} {body}"
            seen.add(name)
            letters = acronym.format(letter=subject[0])
            self.organisations.append(
                DemoOrganisation(
                    name,
                    abbreviation=f"{place[0]}{letters}".upper() if letters and is_first else "",
                    description=f"{name} works on questions of {field.lower()}.",
                    website=f"https://{slug_from_text(name, 'body')[:50].strip('-')}.example/",
                )
            )

    def _generate_speakers(self, seen):
        r, words = self.random, self.words
        wanted = min(MAX_SPEAKERS, max(90, round(self.count * 0.6)))
        while len(self.speakers) < wanted:
            family, given = r.choice(words["family_names"]), r.choice(words["given_names"])
            if f"{given} {family}" in seen:
                given = f"{given} {r.choice('ABCDEFGHJKLMNPRSTVW')}."
            if f"{given} {family}" in seen:
                family = f"{family}-{r.choice(words['family_names'])}"
            if f"{given} {family}" in seen:
                continue
            seen.add(f"{given} {family}")
            self._careers.append(self._generate_career())
            self.speakers.append(
                DemoSpeaker(
                    family,
                    given,
                    r.choice(words["honorifics"]),
                    biography=f"{given} {family} has worked on questions of strategy and society "
                    "for many years and speaks about them plainly.",
                    has_portrait=len(self.speakers) < 20,
                )
            )

    def _generate_career(self):
        """Return the posts one after the other: (from this year on, organisation, role)."""
        r = self.random
        years = [FIRST_DAY.year, *sorted(r.sample(range(2017, 2026), r.choice((0, 0, 1, 2))))]
        # Now and then somebody speaks for no organisation.
        return tuple(
            (
                year,
                None if r.random() < 0.04 else r.choice(self.organisations),
                r.choice(self.words["roles"]),
            )
            for year in years
        )

    def generate_sessions(self) -> Iterator[DemoSession]:
        """Yield the sessions one by one; only their titles are remembered."""
        for number in range(1, self.count + 1):
            yield self._generate_session(number)

    def _generate_session(self, number):
        r = self.random
        held_on = FIRST_DAY + timedelta(days=int((LAST_DAY - FIRST_DAY).days * r.random() ** 0.8))
        topic, further, region = (
            r.choice(self.topics),
            r.choice(self.topics),
            r.choice(self.regions),
        )
        appearances, people = self._generate_appearances(held_on)
        first = people[0]
        recommendations = self._generate_recommendations(appearances)
        status = {17: "draft", 34: "in_review", 51: "scheduled", 68: "withdrawn"}.get(
            number % 85, "published"
        )
        published_at = datetime.combine(held_on + timedelta(days=9), time(9), tzinfo=UTC)
        title = self._generate_unique_title(topic, region)
        text = self._generate_summary_paragraphs(
            topic, region, form_of_address(first), held_on.year
        )
        has_documents, has_recording = r.random() < 0.5, r.random() < 0.6
        return DemoSession(
            ref=str(number),
            title=title,
            held_on=None if number % 61 == 0 else held_on,
            ends_on=held_on + timedelta(days=1) if number % 23 == 0 and number % 61 else None,
            published_at=FAR_FUTURE if status == "scheduled" else published_at,
            summary=paragraphs_of_plain_text(
                "\n\n".join((*text, advice_closing_sentence(recommendations)))
            ),
            status=status,
            series=r.choice(self.series).name,
            topics=tuple(
                dict.fromkeys((topic.name, further.name) if r.random() < 0.5 else (topic.name,))
            ),
            regions=(region.name,) if r.random() < 0.8 else (),
            appearances=appearances,
            recommendations=recommendations,
            documents=(
                DemoDocument(
                    "report",
                    "The report behind the session",
                    url=f"https://example.org/reports/{slug_from_text(title, 'session')[:80]}",
                ),
            )
            if has_documents
            else (),
            recordings=(DemoRecording(),) if has_recording else (),
            comments=self._generate_comments(number, published_at)
            if status == "published"
            else (),
        )

    def _generate_unique_title(self, topic, region):
        r, words = self.random, self.words
        for _ in range(MAX_TITLE_TRIES):
            things, others = self._choose_two_things(topic)
            title = r.choice(words["titles"]).format(
                **title_slot_values(
                    topic,
                    region,
                    things,
                    others,
                    virtue=r.choice(words["virtues"]),
                    adjective=r.choice(words["adjectives"]),
                    adjective_a=r.choice(words["adjectives_after_a"]),
                    event=r.choice(words["events"]),
                    question=r.choice(words["questions"]),
                )
            )
            if title not in self._titles:
                break
        self._titles.add(title)
        return title

    def _choose_two_things(self, topic):
        three = self.random.sample(self.words["things"], 3)
        return [word for word in three if word != topic.in_text][:2]

    def _generate_appearances(self, held_on):
        r = self.random
        keys = r.sample(range(len(self.speakers)), r.choice((1, 1, 1, 2, 2, 3, 4)))
        appearances = []
        for place, key in enumerate(keys):
            _, organisation, role = [
                post for post in self._careers[key] if post[0] <= held_on.year
            ][-1]
            is_panel = len(keys) > 2
            function = "panelist" if is_panel else "speaker"
            if is_panel and place == len(keys) - 1:
                function = "moderator"
            appearances.append(
                DemoAppearance(
                    self.speakers[key].name,
                    organisation.name if organisation else "",
                    role=role,
                    function=function,
                )
            )
        return tuple(appearances), [self.speakers[key] for key in keys]

    def _generate_summary_paragraphs(self, topic, region, speaker, year):
        r, words = self.random, self.words

        def write(templates):
            return " ".join(
                fill_sentence(
                    template,
                    **sentence_slot_values(
                        topic,
                        region,
                        speaker,
                        *self._choose_two_things(topic),
                        people=r.choice(words["people"]),
                        number=r.randrange(12, 900),
                        percent=r.randrange(11, 94),
                        year=year - r.randrange(1, 9),
                    ),
                )
                for template in templates
            )

        middles = r.sample(words["middles"], r.randrange(4, 8))
        cut = r.randrange(1, len(middles))
        return (
            write((r.choice(words["openings"]), *middles[:cut])),
            write((*middles[cut:], r.choice(words["closings"]))),
        )

    def _generate_recommendations(self, appearances):
        r = self.random
        audience = r.choice(self.words["audiences"])
        speakers = [one.speaker for one in appearances if one.function != "moderator"]
        return tuple(
            DemoRecommendation(r.choice(family), audience, (r.choice(speakers),))
            for family in r.sample(self.words["advice"], r.choice((0, 0, 1, 2, 3, 4)))
        )

    def _generate_comments(self, number, published_at):
        """Under every fifth session some comments, one of them waiting for staff."""
        if number % 5:
            return ()
        comments = []
        for place in range(1 + number // 5 % 3):
            name, body = COMMENT_NAMES_AND_TEXTS[
                (number // 5 + place) % len(COMMENT_NAMES_AND_TEXTS)
            ]
            written_at = published_at + timedelta(days=2 + place)
            status = "pending" if place == 2 else "approved"
            comments.append(DemoComment(name, body, written_at, status))
            if body.endswith("?") and status == "approved":
                comments.append(
                    DemoComment(*STAFF_REPLY, written_at + timedelta(hours=20), is_reply=True)
                )
        return tuple(comments)


def title_slot_values(topic, region, things, others, **words) -> dict[str, str]:
    """Return the values for the slots of a title; nouns capitalised, the region with its article."""
    in_title = region.in_text.removeprefix("the ")
    return {
        "Topic": title_case(topic.name),
        "Things": title_case(things),
        "Others": title_case(others),
        "Thing_plural": title_case(things),
        "region": region.in_text,
        "region_start": f"The {in_title}" if region.in_text.startswith("the ") else in_title,
    } | words


def sentence_slot_values(topic, region, speaker, things, others, **words) -> dict:
    """Return the values for the slots of a sentence."""
    return {
        "topic": topic_noun(topic),
        "region": region.in_text,
        "speaker": speaker,
        "things": things,
        "others": others,
    } | words


def form_of_address(speaker: DemoSpeaker) -> str:
    """Return how a summary calls a speaker: "Dr. Abara", or "Felix Ashdown" without a title."""
    return f"{speaker.honorific} {speaker.family_name}" if speaker.honorific else speaker.name


def advice_closing_sentence(recommendations: tuple[DemoRecommendation, ...]) -> str:
    """Return how a summary ends in the advice that was given, numbered as on the old pages."""
    if not recommendations:
        return ""
    texts = [lowercase_first_letter(recommendation.text) for recommendation in recommendations]
    if len(texts) > 1:
        texts = [f"{number}) {text}" for number, text in enumerate(texts, 1)]
    audience = recommendations[0].audience
    subject = f"advice for {audience}" if audience else "this advice"
    return f"The session closed with {subject}: {'; '.join(texts)}."
