"""Spelling suggestions from the words and names in the archive."""

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from string import ascii_lowercase

import tantivy
from rapidfuzz import process
from rapidfuzz.distance import OSA

from search_app.index.tantivy_index import EXACT_FIELD_SUFFIX, stem
from search_app.query.parser import MAX_QUERY_CHARACTERS
from search_app.tokenizer import fold

FEW_HITS = 100  # with more hits the spelling is assumed to be correct
# For each error, the correction must have this many times more hits than the text, and its word
# must occur this many times more often.
MIN_RATIO = 10
# Fields whose words are suggested: text written by hand is spelled with care.
FIELDS = (
    "title",
    "speaker",
    "organisation",
    "topic",
    "series",
    "region",
    "recommendation",
    "audience",
    "summary",
)
MIN_LETTERS = 4  # shorter words cannot reliably be recognised as misspelled
TWO_SLIPS_FROM = 6  # letters
MIN_PART_LETTERS = 3  # letters of each of two words that may be written as one
# An additional error is assumed to be this many times less likely (as a logarithm).
SLIP = math.log(300)
MAX_CANDIDATES = 4  # per word
MAX_CORRECTED_WORDS = 4  # in one query
MAX_TRIED_TEXTS = 12  # corrected queries that are tried
MAX_TERMS = 20_000  # terms with the same beginning

# A word that may be misspelled: not a field name, exclusion, prefix or date.
_WORD = re.compile(r"(?<![\w*:-])(?:[A-Za-z]+:\"?)?(?P<word>[^\W\d_]{4,60})(?![\w*:])")
# A date is not checked for spelling, even if it is invalid.
_DATE = re.compile(r"(?<![\w:])(?:after|before):\S+", re.IGNORECASE)


@dataclass(frozen=True)
class Spelling:
    """One way to write a word of the text."""

    word: str
    slips: int
    count: int = 0  # records with the word

    @property
    def likelihood(self) -> float:
        return math.log1p(self.count) - SLIP * self.slips


def suggestion(
    searcher: tantivy.Searcher,
    text: str,
    total: int,
    total_of: Callable[[str], int],
    names: Collection[str] = (),
) -> str | None:
    """Return the likeliest spelling of the text that finds far more, or None.

    `total` is the number of results for the text, `found` returns that of another text; `names` are further
    known words. At most MAX_TRIED_TEXTS are tried, the likelier ones first; the result is the one with
    fewest errors and most hits, because words that occur together were meant together.
    """
    text = text[:MAX_QUERY_CHARACTERS]
    if total > FEW_HITS:
        return None
    doubtful = []
    dates = [match.span() for match in _DATE.finditer(text)]
    for match in islice(_WORD.finditer(text), 32):
        if any(start <= match.start() < end for start, end in dates):
            continue
        if ways := spellings(searcher, fold(match["word"]), names):
            doubtful.append((match.span("word"), ways))
    best, best_likelihood = None, -math.inf
    for corrected, slips in islice(_texts(text, doubtful[:MAX_CORRECTED_WORDS]), MAX_TRIED_TEXTS):
        count = total_of(corrected)
        likelihood = math.log1p(count) - SLIP * slips
        if count >= max(1, total * MIN_RATIO**slips) and likelihood > best_likelihood:
            best, best_likelihood = corrected, likelihood
    return best


def _texts(text: str, doubtful) -> Iterator[tuple[str, int]]:
    """Yield the text in other spellings, with their numbers of typing errors; likelier ones first."""
    choices = product(*(ways for _span, ways in doubtful))
    rated = sorted(choices, key=lambda ways: -sum(way.likelihood for way in ways))
    for ways in rated:
        slips = sum(way.slips for way in ways)
        if slips:
            corrected = text
            for (span, _ways), way in reversed(list(zip(doubtful, ways, strict=True))):
                if way.slips:
                    corrected = corrected[: span[0]] + way.word + corrected[span[1] :]
            yield corrected, slips


def spellings(
    searcher: tantivy.Searcher, word: str, names: Collection[str] = ()
) -> list[Spelling]:
    """Return the likeliest ways to write a folded word, itself among them if it is known.

    None for one that is common, and for one that nothing is like.
    """
    if len(word) < MIN_LETTERS:
        return []
    own = max(searcher.doc_freq(field, stem(word)) for field in FIELDS)
    if own * MIN_RATIO > searcher.num_docs:
        return []
    alike = _alike(searcher, word, own, names)
    likely = [spelling for spelling in alike if spelling.count >= own * MIN_RATIO**spelling.slips]
    if not likely:
        return []
    likely = sorted(likely, key=lambda spelling: (-spelling.likelihood, spelling.word))[
        :MAX_CANDIDATES
    ]
    return [Spelling(word, 0, own), *likely] if own else likely


def _alike(searcher, word, own, names) -> list[Spelling]:
    """Return known words one or two typing errors away, those with the fewest errors."""
    # For a word that occurs, the second letter is assumed to be correct too, which leaves few terms
    # to compare.
    likely = (word[:2] if own else word[0], word[1::-1])
    slips = 2 if len(word) >= TWO_SLIPS_FROM else 1
    near = _rated(word, _words_beginning(searcher, likely, names), slips)
    if own or any(spelling.slips == 1 for spelling in near):
        return near
    # The first letter may be the error: a different, additional or missing letter.
    unlikely = [word[1:3]]
    if word.isascii():
        unlikely += [letter + rest for letter in ascii_lowercase for rest in (word[1:3], word[:2])]
    near += _rated(word, _words_beginning(searcher, unlikely, names), 1)
    return near + _parted(searcher, word)


def _rated(word: str, known: dict[str, int], slips: int) -> list[Spelling]:
    close = process.extract(
        word, known.keys(), scorer=OSA.distance, score_cutoff=slips, limit=None, processor=None
    )
    return [
        Spelling(other, int(distance), known[other])
        for other, distance, _key in close
        if stem(other) != stem(word)
    ]


def _parted(searcher: tantivy.Searcher, word: str) -> list[Spelling]:
    """Return the ways in which a word is two known ones, written without the space."""
    spellings = []
    for place in range(MIN_PART_LETTERS, len(word) - MIN_PART_LETTERS + 1):
        parts = word[:place], word[place:]
        counts = [max(searcher.doc_freq(f, stem(part)) for f in FIELDS) for part in parts]
        if min(counts) > 1:
            spellings.append(Spelling(" ".join(parts), 1, min(counts)))
    return spellings


def _words_beginning(
    searcher: tantivy.Searcher, beginnings: Iterable[str], names: Collection[str]
) -> dict[str, int]:
    """Return {word: number of records} for the words with one of these prefixes."""
    beginnings = tuple(dict.fromkeys(beginnings))
    counts: dict[str, int] = {name: 1 for name in names if name.startswith(beginnings)}
    for field in FIELDS:
        for beginning in beginnings:
            for term, count in searcher.terms_with_prefix(
                field + EXACT_FIELD_SUFFIX, beginning, limit=MAX_TERMS
            ):
                counts[term] = max(count, counts.get(term, 0))
    return counts
