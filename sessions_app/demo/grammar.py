"""The grammar of large archives: sentences with slots, and nouns that know how verbs agree."""

import tomllib
from functools import cache
from pathlib import Path
from string import Formatter

from .records import DemoHeading

LOWERCASE_WORDS_IN_TITLES = (
    "and",
    "of",
    "the",
    "in",
    "for",
    "to",
    "at",
    "a",
    "by",
    "from",
    "with",
)


@cache
def load_grammar() -> dict:
    """Return the tables of `grammar.toml`; names are lists of words."""
    tables = tomllib.loads(Path(__file__).with_name("grammar.toml").read_text("utf-8"))
    for name in ("family_names", "given_names"):
        tables[name] = tables[name].split()
    return tables


class Noun(str):
    """A noun as used in a sentence, with the forms that agree with it."""

    def __new__(cls, text: str, *, is_plural: bool):
        noun = super().__new__(cls, text)
        noun.is_are = "are" if is_plural else "is"
        noun.was_were = "were" if is_plural else "was"
        noun.has_have = "have" if is_plural else "has"
        noun.s = "" if is_plural else "s"
        noun.it = "them" if is_plural else "it"
        noun.its = "their" if is_plural else "its"
        return noun


def topic_noun(topic: DemoHeading) -> Noun:
    return Noun(topic.in_text, is_plural=topic.is_plural)


def title_case(name: str) -> str:
    """Return a heading with capitals: "Information and media" gives "Information and Media"."""
    words = [
        word
        if word in LOWERCASE_WORDS_IN_TITLES
        else "-".join(part[:1].upper() + part[1:] for part in word.split("-"))
        for word in name.split()
    ]
    return " ".join(words)


def fill_sentence(template: str, **slots) -> str:
    """Return the template filled, with a capital at its beginning."""
    filled = template.format(**slots)
    return filled[0].upper() + filled[1:]


def slot_names(template: str) -> set[str]:
    """Return the names of the slots in a template, without their forms."""
    fields = (field for _, field, _, _ in Formatter().parse(template) if field)
    return {field.partition(".")[0] for field in fields}


def lowercase_first_letter(text: str) -> str:
    return text[0].lower() + text[1:]
