"""Example searches from this archive's own words and names, for the search help page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext

from search_app.api import count_matches
from search_app.criteria_and_hits import Criteria
from search_app.results.more_like_this import is_significant_word
from search_app.tokenizer import fold
from sessions_app.models import Recommendation, Session
from site_app.text.dates import long_date

from .list_kinds import SESSIONS

MAX_TITLES_READ = 20  # newest sessions whose titles provide words
MAX_EXAMPLES_TRIED = 40  # searches run for the page
_WORD_PATTERN = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class SearchExample:
    text: str
    meaning: str
    total: int = 0

    @property
    def url(self):
        return f"{reverse('sessions:list')}?{urlencode({'q': self.text})}"


def find_search_examples() -> list[SearchExample]:
    """Return one example of each kind of search, as far as the archive has content for it."""
    archive = SESSIONS.result_list(
        QueryDict(),
        facet_names=("topic", "series", "region", "speaker", "organisation", "year"),
        facet_limit=3,
        overrides={"per_page": 1},
    )
    # In the language of the page, so that readers recognise a word or a phrase.
    newest = Session.objects.published().filter(language__startswith="en", held_on__isnull=False)
    titles = newest.order_by("-held_on", "slug").values_list("title", flat=True)[:MAX_TITLES_READ]
    offered = list(_candidate_examples(archive, titles))[:MAX_EXAMPLES_TRIED]
    counts = count_matches([Criteria(text=example.text) for example in offered])
    best: dict[str, SearchExample] = {}
    for example, total in zip(offered, counts, strict=True):
        known = best.get(example.meaning)
        if total and (known is None or total > known.total):
            best[example.meaning] = SearchExample(example.text, example.meaning, total)
    return list(best.values())


def _candidate_examples(archive, titles) -> Iterator[SearchExample]:
    """Yield examples in the order of the page; of those with one meaning the one that finds most."""
    names = {
        name: [value.label for value in archive.facet(name).values]
        for name in archive.shown_facet_names
    }
    pairs = [pair for title in titles for pair in _significant_word_pairs(title)]
    for first, second in pairs[:5]:
        yield SearchExample(f"{first} {second}", gettext("both words, anywhere in a session"))
    for first, second in pairs[:8]:
        yield SearchExample(
            f'"{first} {second}"', gettext("the phrase: the words next to each other")
        )
    words = list(dict.fromkeys(word for pair in pairs for word in pair))
    for first, second in list(pairwise(words))[:3]:
        yield SearchExample(
            f"{first} OR {second}", gettext("either of the two (OR in capital letters)")
        )
        yield SearchExample(f"{first} -{second}", gettext("the first without the second"))
    for word in [word for word in words if len(word) > 6][:3]:
        yield SearchExample(f"{word[:5]}*", gettext("words that begin with this"))
    for word in words[:2]:
        yield SearchExample(f"title:{word}", gettext("a word in the title"))
    for name, meaning in (
        ("speaker", gettext("sessions with a speaker")),
        ("organisation", gettext("speakers of an organisation, by their affiliation on the day")),
        ("topic", gettext("sessions on a topic")),
        ("series", gettext("sessions in a series")),
        ("region", gettext("sessions on a region")),
    ):
        for label in names[name][:1]:
            quoted = label.replace('"', " ")
            yield SearchExample(f'{"org" if name == "organisation" else name}:"{quoted}"', meaning)
    yield from _recommendation_examples()
    for label in names["speaker"][:1]:
        yield SearchExample(
            f"-speaker:{label.split()[-1]}", gettext("everything except what has this name")
        )
    years = sorted(int(value.value) for value in archive.facet("year").values)
    if years:
        year = years[len(years) // 2]
        yield SearchExample(
            f"after:{year}-05 before:{year + 2}",
            gettext("from %(first)s up to and including %(last)s")
            % {"first": long_date(date(year, 5, 1)), "last": long_date(date(year + 1, 12, 31))},
        )


def _recommendation_examples() -> Iterator[SearchExample]:
    newest = Recommendation.objects.published().order_by("-session__published_at", "pk")
    for text in newest.values_list("text", flat=True)[:1]:
        for word in _significant_words(text)[:1]:
            yield SearchExample(f"recommendation:{word}", gettext("a word in a recommendation"))


def _significant_words(text: str) -> list[str]:
    return [
        fold(word)
        for word in _WORD_PATTERN.findall(text)
        if len(word) > 3 and is_significant_word(fold(word))
    ]


def _significant_word_pairs(title: str) -> list[tuple[str, str]]:
    """Return pairs of words that follow each other in a title and are both significant."""
    words = [fold(word) for word in _WORD_PATTERN.findall(title)]
    return [
        (first, second)
        for first, second in pairwise(words)
        if min(len(first), len(second)) > 3
        and is_significant_word(first)
        and is_significant_word(second)
        and first != second
    ]
