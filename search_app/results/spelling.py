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

MAX_HITS_TO_SUGGEST = 100  # with more hits the spelling is assumed to be correct
# For each error, the correction must have this many times more hits than the text, and its word
# must occur this many times more often.
MIN_HITS_RATIO = 10
# Fields whose words are suggested: text written by hand is spelled with care.
SPELLING_FIELDS = (
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
MIN_LETTERS_CHECKED = 4  # shorter words cannot reliably be recognised as misspelled
MIN_LETTERS_FOR_TWO_ERRORS = 6  # letters
MIN_PART_LETTERS = 3  # letters of each of two words that may be written as one
# An additional error is assumed to be this many times less likely (as a logarithm).
ERROR_PENALTY = math.log(300)
MAX_SPELLINGS_PER_WORD = 4  # per word
MAX_CORRECTED_WORDS = 4  # in one query
MAX_TRIED_TEXTS = 12  # corrected queries that are tried
MAX_TERMS_PER_PREFIX = 20_000  # terms with the same beginning

# A word that may be misspelled: not a field name, exclusion, prefix or date.
_WORD_PATTERN = re.compile(r"(?<![\w*:-])(?:[A-Za-z]+:\"?)?(?P<word>[^\W\d_]{4,60})(?![\w*:])")
# A date is not checked for spelling, even if it is invalid.
_DATE_PATTERN = re.compile(r"(?<![\w:])(?:after|before):\S+", re.IGNORECASE)


@dataclass(frozen=True)
class Spelling:
    """One way to write a word of the text."""

    word: str
    errors: int
    count: int = 0  # records with the word

    @property
    def likelihood(self) -> float:
        return math.log1p(self.count) - ERROR_PENALTY * self.errors


def suggest_spelling(
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
    if total > MAX_HITS_TO_SUGGEST:
        return None
    doubtful = []
    dates = [match.span() for match in _DATE_PATTERN.finditer(text)]
    for match in islice(_WORD_PATTERN.finditer(text), 32):
        if any(start <= match.start() < end for start, end in dates):
            continue
        if ways := likely_spellings(searcher, fold(match["word"]), names):
            doubtful.append((match.span("word"), ways))
    best, best_likelihood = None, -math.inf
    for corrected, errors in islice(
        _respelled_texts(text, doubtful[:MAX_CORRECTED_WORDS]), MAX_TRIED_TEXTS
    ):
        count = total_of(corrected)
        likelihood = math.log1p(count) - ERROR_PENALTY * errors
        if count >= max(1, total * MIN_HITS_RATIO**errors) and likelihood > best_likelihood:
            best, best_likelihood = corrected, likelihood
    return best


def _respelled_texts(text: str, doubtful) -> Iterator[tuple[str, int]]:
    """Yield the text in other spellings, with their numbers of typing errors; likelier ones first."""
    choices = product(*(ways for _span, ways in doubtful))
    rated = sorted(choices, key=lambda ways: -sum(way.likelihood for way in ways))
    for ways in rated:
        errors = sum(way.errors for way in ways)
        if errors:
            corrected = text
            for (span, _ways), way in reversed(list(zip(doubtful, ways, strict=True))):
                if way.errors:
                    corrected = corrected[: span[0]] + way.word + corrected[span[1] :]
            yield corrected, errors


def likely_spellings(
    searcher: tantivy.Searcher, word: str, names: Collection[str] = ()
) -> list[Spelling]:
    """Return the likeliest ways to write a folded word, itself among them if it is known.

    None for one that is common, and for one that nothing is like.
    """
    if len(word) < MIN_LETTERS_CHECKED:
        return []
    own_count = max(searcher.doc_freq(field, stem(word)) for field in SPELLING_FIELDS)
    if own_count * MIN_HITS_RATIO > searcher.num_docs:
        return []
    alike = _similar_known_words(searcher, word, own_count, names)
    likely = [
        spelling
        for spelling in alike
        if spelling.count >= own_count * MIN_HITS_RATIO**spelling.errors
    ]
    if not likely:
        return []
    likely = sorted(likely, key=lambda spelling: (-spelling.likelihood, spelling.word))[
        :MAX_SPELLINGS_PER_WORD
    ]
    return [Spelling(word, 0, own_count), *likely] if own_count else likely


def _similar_known_words(searcher, word, own_count, names) -> list[Spelling]:
    """Return known words one or two typing errors away, those with the fewest errors."""
    # For a word that occurs, the second letter is assumed to be correct too, which leaves few terms
    # to compare.
    likely = (word[:2] if own_count else word[0], word[1::-1])
    errors = 2 if len(word) >= MIN_LETTERS_FOR_TWO_ERRORS else 1
    near = _spellings_within_errors(word, _known_words_beginning(searcher, likely, names), errors)
    if own_count or any(spelling.errors == 1 for spelling in near):
        return near
    # The first letter may be the error: a different, additional or missing letter.
    unlikely = [word[1:3]]
    if word.isascii():
        unlikely += [letter + rest for letter in ascii_lowercase for rest in (word[1:3], word[:2])]
    near += _spellings_within_errors(word, _known_words_beginning(searcher, unlikely, names), 1)
    return near + _split_in_two_words(searcher, word)


def _spellings_within_errors(word: str, known: dict[str, int], max_errors: int) -> list[Spelling]:
    close = process.extract(
        word,
        known.keys(),
        scorer=OSA.distance,
        score_cutoff=max_errors,
        limit=None,
        processor=None,
    )
    return [
        Spelling(other, int(distance), known[other])
        for other, distance, _key in close
        if stem(other) != stem(word)
    ]


def _split_in_two_words(searcher: tantivy.Searcher, word: str) -> list[Spelling]:
    """Return the ways in which a word is two known ones, written without the space."""
    spellings = []
    for place in range(MIN_PART_LETTERS, len(word) - MIN_PART_LETTERS + 1):
        parts = word[:place], word[place:]
        counts = [max(searcher.doc_freq(f, stem(part)) for f in SPELLING_FIELDS) for part in parts]
        if min(counts) > 1:
            spellings.append(Spelling(" ".join(parts), 1, min(counts)))
    return spellings


def _known_words_beginning(
    searcher: tantivy.Searcher, beginnings: Iterable[str], names: Collection[str]
) -> dict[str, int]:
    """Return {word: number of records} for the words with one of these prefixes."""
    beginnings = tuple(dict.fromkeys(beginnings))
    counts: dict[str, int] = {name: 1 for name in names if name.startswith(beginnings)}
    for field in SPELLING_FIELDS:
        for beginning in beginnings:
            for term, count in searcher.terms_with_prefix(
                field + EXACT_FIELD_SUFFIX, beginning, limit=MAX_TERMS_PER_PREFIX
            ):
                counts[term] = max(count, counts.get(term, 0))
    return counts
