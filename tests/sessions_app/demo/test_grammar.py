"""Proofreads everything that the grammar for large archives can generate."""

import re
from itertools import product

import pytest

from sessions_app.demo import handwritten
from sessions_app.demo.generator import (
    SessionGenerator,
    advice_closing_sentence,
    sentence_slot_values,
    title_slot_values,
)
from sessions_app.demo.grammar import fill_sentence, load_grammar, slot_names
from sessions_app.demo.records import DemoRecommendation

WORDS = load_grammar()
TOPICS, REGIONS = handwritten.load_headings("topics"), handwritten.load_headings("regions")
WITHOUT_ARTICLE = ("Central Asia", "Southeast Asia")
PLURALS = sorted({topic.in_text for topic in TOPICS if topic.is_plural})
SINGULARS = sorted({topic.in_text for topic in TOPICS if not topic.is_plural})
# Verbs of the sentences, in the third person; each must agree with the topic before it.
SINGULAR_VERBS = "is|was|has|returns|leaves|rewards"
PLURAL_VERBS = "are|were|have|return|leave|reward"


def either(words):
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


BARE_REGIONS = [region.name for region in REGIONS if region.name not in WITHOUT_ARTICLE]
FAULTS = re.compile(
    rf"\bthe (?:{either(WITHOUT_ARTICLE)})\b"
    rf"|(?<![Tt]he )\b(?:{either(BARE_REGIONS)})\b"
    rf"|\b(?:{either(PLURALS)}) (?:{SINGULAR_VERBS})\b"
    rf"|\b(?:{either(SINGULARS)}) (?:{PLURAL_VERBS})\b"
    r"|\b(\w+) \1\b"  # a repeated word
    r"|\ba [aeiouAEIOU]|\ban [^aeiouAEIOUh]"
    r"|\s[.,:;?]|  |\{|\}|[.,:;]{2}|for :|'"
    r"|\bthe the\b|\bThe The\b"
)
# "… whether ports can be measured …, if one reads …": the pronoun agrees with the topic.
WRONG_PRONOUN = re.compile(
    rf"\bwhether (?:{either(PLURALS)}) can .* already measure it\b"
    rf"|\bwhether (?:{either(SINGULARS)}) can .* already measure them\b"
)


def productions(templates, slots):
    """Yield every template with every combination of values for its slots."""
    for template in templates:
        names = sorted(slot_names(template))
        for values in product(*(slots[name] for name in names)):
            yield template, dict(zip(names, values, strict=True))


def texts():
    """Yield every sentence of a summary; one number represents all numbers of its magnitude."""
    nouns = {topic.name: sentence_slot_values(topic, TOPICS[0], "", "", "") for topic in TOPICS}
    slots = {
        "topic": [noun["topic"] for noun in nouns.values()],
        "region": [region.in_text for region in REGIONS],
        "speaker": ["Dr. Abara", "Ayşe Yıldız", "RADM (Ret.) Moreau"],
        "things": WORDS["things"],
        "others": [WORDS["things"][0]],
        "people": WORDS["people"],
        "number": [12, 800],
        "percent": [11, 83],
        "year": [2009],
    }
    for template, values in productions(
        (*WORDS["openings"], *WORDS["middles"], *WORDS["closings"]), slots
    ):
        if values.get("things") != values.get("others", ""):
            yield fill_sentence(template, **values)


def titles():
    slots = {
        "virtue": WORDS["virtues"],
        "adjective": WORDS["adjectives"],
        "adjective_a": WORDS["adjectives_after_a"],
        "event": WORDS["events"],
        "question": WORDS["questions"],
    }
    for topic, region in product(TOPICS, REGIONS):
        fixed = title_slot_values(topic, region, "weather stations", "spare parts")
        others = {name: [value] for name, value in fixed.items()}
        # Words next to a topic do not agree with it, so some of them are enough.
        few = {name: values[:2] for name, values in slots.items()}
        for template, values in productions(WORDS["titles"], others | few):
            yield template.format(**values)
    for template, values in productions(
        WORDS["titles"],
        {name: [value] for name, value in title_slot_values(TOPICS[1], REGIONS[1], "", "").items()}
        | {name: [each.title() for each in WORDS["things"]] for name in ("Things", "Thing_plural")}
        | {"Others": ["Archives"]}
        | slots,
    ):
        if values.get("Things") != values.get("Others", ""):
            yield template.format(**values)


def test_proofreader_finds_known_errors():
    for fault in (
        "In the Central Asia nothing moved.",
        "Ports in Sahel closed.",
        "For electric grids is late.",
        "Then critical minerals returns.",
        "The water are low.",
        "It is is late.",
        "A old map of a ice.",
        "advice for : planners",
        "Nothing , he said.",
    ):
        assert FAULTS.search(fault), fault


def test_every_sentence_of_the_grammar_is_good_english():
    count = 0
    for text in texts():
        assert not FAULTS.search(text), text
        assert not WRONG_PRONOUN.search(text), text
        assert text[0].isupper(), text
        assert text.endswith("."), text
        count += 1
    assert count > 10_000


def test_every_title_of_the_grammar_is_well_formed():
    small = {"and", "of", "the", "in", "for", "a", "by", "to", "at", "from", "with", "on"}
    for title in titles():
        assert not FAULTS.search(title), title
        assert not re.search(r"(?<![?:]) (?:And|Of|The|In) ", title), title
        assert all(word in small or not word[0].islower() for word in title.split()), title


@pytest.mark.parametrize("family", WORDS["advice"], ids=lambda family: family[0])
def test_generated_advice_is_a_clause(family):
    for text, audience in product(family, WORDS["audiences"]):
        for count in (1, 2):
            ending = advice_closing_sentence(tuple([DemoRecommendation(text, audience)] * count))
            assert text[0].isupper()
            assert not text.endswith(".")
            assert not FAULTS.search(ending.replace("1)", "").replace("2)", "").replace("  ", " "))


def test_titles_of_a_large_archive_rarely_repeat():
    titles = [session.title for session in SessionGenerator(3000, seed=7).generate_sessions()]

    assert len({*titles}) == len(titles)


def test_generated_advice_is_never_by_moderators():
    for session in SessionGenerator(400, seed=7).generate_sessions():
        moderators = {one.speaker for one in session.appearances if one.function == "moderator"}
        for recommendation in session.recommendations:
            assert not moderators & {*recommendation.made_by}
