"""Another spelling of a search text, from the archive's own words and names."""

import math
import re
from collections.abc import Callable, Iterator
from itertools import islice, product

import tantivy
from rapidfuzz import process
from rapidfuzz.distance import OSA

from .engine import EXACT, stem
from .parser import MAX_CHARACTERS
from .words import fold

FEW_HITS = 10  # from more on, the text is taken to be spelled as meant
MANY_TIMES = (
    10  # so many times more has the correction to find than the text, and its word to occur
)
# Where words are taken from: what is written by hand there is written with care.
FIELDS = ("title", "speaker", "organisation", "topic", "series", "region", "recommendation",
          "audience", "summary")  # fmt: skip
SHORTEST = 4  # letters of a word that can be told to be misspelled
TWO_SLIPS_FROM = 6  # letters
# A further slip is taken to be so many times rarer than one less (as its logarithm).
SLIP = math.log(300)
CANDIDATES = 4  # of a word
MOST_WORDS = 4  # corrected at once
MOST_TRIED = 8  # corrected texts
MOST_TERMS = 20_000  # that begin alike

# A word of the text that may be misspelled: no name of a field, no exclusion, no prefix, no date.
_WORD = re.compile(r"(?<![\w*:-])(?:[A-Za-z]+:\"?)?(?P<word>[^\W\d_]{4,60})(?![\w*:])")


def suggestion(
    searcher: tantivy.Searcher, text: str, total: int, found: Callable[[str], int]
) -> str | None:
    """Return the text in a spelling that finds far more, or None.

    `total` is what the text finds, `found` tells that of another one. At most MOST_TRIED are tried,
    likelier ones first.
    """
    text = text[:MAX_CHARACTERS]
    if total > FEW_HITS:
        return None
    doubtful = []
    for match in islice(_WORD.finditer(text), 32):
        if candidates := corrections(searcher, fold(match["word"])):
            doubtful.append((match.span("word"), candidates))
    for corrected in islice(_texts(text, doubtful[:MOST_WORDS]), MOST_TRIED):
        if found(corrected) >= max(1, total * MANY_TIMES):
            return corrected
    return None


def _texts(text: str, doubtful) -> Iterator[str]:
    """Yield the text with all doubtful words corrected, likelier corrections first."""
    if not doubtful:
        return
    choices = product(*(range(len(candidates)) for _span, candidates in doubtful))
    for chosen in sorted(choices, key=sum):
        corrected = text
        for (span, candidates), number in reversed(list(zip(doubtful, chosen, strict=True))):
            corrected = corrected[: span[0]] + candidates[number] + corrected[span[1] :]
        yield corrected


def corrections(searcher: tantivy.Searcher, word: str) -> list[str]:
    """Return the likeliest words of the archive for a misspelled one, none for one that is common.

    The first letter is taken to be right, or the first two to have changed places.
    """
    if len(word) < SHORTEST:
        return []
    own = max(searcher.doc_freq(field, stem(word)) for field in FIELDS)
    if own * MANY_TIMES > searcher.num_docs:
        return []
    # A word that is there is taken to be right in its second letter too: few terms to compare.
    same = word[:2] if own else word[0]
    known = _words_beginning(searcher, same) | _words_beginning(searcher, word[1::-1])
    slips = 2 if len(word) >= TWO_SLIPS_FROM else 1
    best = [other for other in _rated(word, known, slips) if known[other] >= own * MANY_TIMES]
    return best[:CANDIDATES]


def _rated(word, known, slips) -> list[str]:
    close = process.extract(
        word, known.keys(), scorer=OSA.distance, score_cutoff=slips, limit=None, processor=None
    )
    rated = {
        other: math.log1p(known[other]) - SLIP * distance
        for other, distance, _key in close
        if stem(other) != stem(word)
    }
    return sorted(rated, key=lambda other: (-rated[other], other))


def _words_beginning(searcher: tantivy.Searcher, beginning: str) -> dict[str, int]:
    """Return {word: in how many records it stands} of the words that begin so."""
    found: dict[str, int] = {}
    for field in FIELDS:
        for term, count in searcher.terms_with_prefix(field + EXACT, beginning, limit=MOST_TERMS):
            found[term] = max(count, found.get(term, 0))
    return found
