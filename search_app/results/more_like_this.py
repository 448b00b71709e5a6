"""More like this: searches other records for the most characteristic words of a record."""

import math
from collections import defaultdict
from collections.abc import Collection

import numpy as np
from tantivy import Occur, Query

from search_app.criteria_and_hits import SimilarHit
from search_app.index import tantivy_index
from search_app.index.snapshot import IndexSnapshot
from search_app.tokenizer import folded_words

MAX_TERMS = 20  # words that represent a record
MIN_RECORDS_WITH_WORD = 2  # a word that only this record contains finds nothing
MAX_SHARE_OF_RECORDS_WITH_WORD = 0.1  # a word in a larger share of all records is not distinctive
ALWAYS_DISTINCTIVE_UP_TO_RECORDS = 20  # a tenth of a small archive is very few
MIN_WORD_CHARACTERS = 3
# Function words, which are not distinctive even if rare in a small archive, and words of reports
# about any session.
STOP_WORDS = frozenset(
    """about above across after again against all almost alone along already also although always
    among and another any anyone anything are around away back because been before began being
    below between both but came can cannot come could did does doing done down during each either
    else enough even ever every everyone everything far few first for from further gave get give
    given goes going had has have having her here hers him his how however into its itself just
    keep kept know last least less let like made make makes many may maybe might more moreover
    most much must near need never new next nobody none nor not nothing now off often once one
    only onto other others our out over own part per perhaps put quite rather really same say says
    second see seem seems several shall she should since some something soon still such take taken
    than that the their them then there therefore these they thing things third this those though
    three through thus together too took toward towards two under until upon use used using very
    want was way ways well went were what when where whether which while who whole whom whose why
    will with within without would yes yet you your
    added adding advised agreed argued asked began begin begins believe believes called concluded
    considered continued described discussed discussion emphasized explain explained explaining
    finding findings found highlighted hosted including mentioned noted one opened panel panelist
    panelists part participants presentation presented presenter proceeded question questions
    recommended remarked said saying session sessions showed shown speak speaker speakers speaking
    stated stating suggested summary talk talked thinks told turned
    adm amb brig capt cdr col cpt gen lieutenant ltc ltg maj mrs phd prof professor radm ret sgt
    vadm""".split()  # noqa: SIM905 - a quoted list of them fills pages
)
MAX_SHARED_WORDS_SHOWN = 3
MAX_CHARACTERS_COMPARED = 2000  # characters of a part; similar passages are rarely only at its end
# The fields that are compared, and the weight of a word in each.
COMPARED_FIELD_WEIGHTS = {
    "title": 3.0,
    "topic": 3.0,
    "recommendation": 2.0,
    "speaker": 2.0,
    "summary": 1.0,
}


def significant_stems(text: str) -> list[str]:
    """Return the stems of the significant words of a text, in order."""
    return [tantivy_index.stem(word) for word in folded_words(text) if is_significant_word(word)]


def is_significant_word(word: str) -> bool:
    return len(word) >= MIN_WORD_CHARACTERS and word not in STOP_WORDS and not word.isdigit()


def find_similar_records(
    snapshot: IndexSnapshot,
    key: int,
    limit: int,
    within: Collection[str] = tuple(COMPARED_FIELD_WEIGHTS),
) -> list[SimilarHit]:
    """Return the records most similar to `key` in some fields, best first.

    None if it is not there.
    """
    fields = {name: COMPARED_FIELD_WEIGHTS[name] for name in within}
    parts = snapshot.stored_parts([key]).get(key)
    if not parts:
        return []
    weights: defaultdict[str, float] = defaultdict(float)
    spelled: dict[str, str] = {}
    people = _stems_of_parts(part for part in parts if part.field == "speaker")
    for part in parts:
        if part.field not in fields:
            continue
        for word in folded_words(part.text[:20_000]):
            if is_significant_word(word):
                stemmed = tantivy_index.stem(word)
                spelled.setdefault(stemmed, word)
                weights[stemmed] += fields[part.field]
    told = _characteristic_words(snapshot, weights, fields)
    sought = [term for term, (_weight, is_elsewhere) in told.items() if is_elsewhere]
    if not sought:
        return []
    clauses = [
        (
            Occur.Should,
            Query.boost_query(
                Query.term_query(tantivy_index.schema(), field, term), told[term][0] * by
            ),
        )
        for term in sought
        for field, by in fields.items()
    ]
    query = Query.boolean_query([*clauses, (Occur.MustNot, tantivy_index.query_for_key(key))])
    hits = snapshot.searcher.search(query, limit, count=False).hits
    keys = snapshot.searcher.fast_field_values("key", [address for _score, address in hits])
    keys = np.array(keys, np.int64).tolist()
    texts = snapshot.stored_parts(keys)
    total = sum(weight for weight, _is_elsewhere in told.values())
    similar = []
    for other, (score, _address) in zip(keys, hits, strict=True):
        stems = _stems_by_field(texts.get(other, ()))
        shared = _shared_stems(stems, sought, people)
        likeness = sum(told[term][0] for term in shared) / total
        words_ = tuple(spelled[term] for term in shared[:MAX_SHARED_WORDS_SHOWN])
        field = _field_with_most_terms(shared[:MAX_SHARED_WORDS_SHOWN], stems)
        similar.append(SimilarHit(other, score, likeness, words_, field))
    # The engine orders equal scores by how its index was updated.
    return sorted(similar, key=lambda hit: (-float(f"{hit.score:.4g}"), hit.key))


def _characteristic_words(
    snapshot: IndexSnapshot, weights, fields
) -> dict[str, tuple[float, bool]]:
    """Return the most characteristic words as {word: (weight, whether other records have it)}.

    They are frequent here and rare elsewhere. Words of this record alone find no other, but belong
    to what it is about: who shares only the rest is the less like it.
    """
    total = max(snapshot.searcher.num_docs, 1)
    most = max(total * MAX_SHARE_OF_RECORDS_WITH_WORD, ALWAYS_DISTINCTIVE_UP_TO_RECORDS)
    rated = {}
    for term, weight in weights.items():
        frequency = max(snapshot.searcher.doc_freq(field, term) for field in fields)
        if frequency <= most:
            rated[term] = (
                math.log1p(weight) * math.log(1 + total / max(frequency, 1)),
                frequency >= MIN_RECORDS_WITH_WORD,
            )
    best = sorted(rated, key=lambda term: (-rated[term][0], term))[:MAX_TERMS]
    return {term: rated[term] for term in best}


def _shared_stems(stems, sought, people) -> list[str]:
    """Return those of the words that another record has too, in their order.

    Names of either's speakers (`people`: stems of the other's) are left out: that both had a
    Thomas is not a subject they share.
    """
    there = set().union(*stems.values()) - stems.get("speaker", set()) - people
    return [term for term in sought if term in there]


def _field_with_most_terms(terms, stems) -> str:
    """Return the field, of {field: its stems}, that has most of the terms; of equals the weightier."""
    fields = sorted(COMPARED_FIELD_WEIGHTS, key=lambda name: -COMPARED_FIELD_WEIGHTS[name])
    return max(fields, key=lambda name: len(stems.get(name, set()).intersection(terms)))


def _stems_by_field(parts) -> dict[str, set[str]]:
    stems: defaultdict[str, set[str]] = defaultdict(set)
    for part in parts:
        stems[part.field] |= _stems_of_parts([part])
    return stems


def _stems_of_parts(parts) -> set[str]:
    return {
        tantivy_index.stem(word)
        for part in parts
        for word in folded_words(part.text[:MAX_CHARACTERS_COMPARED])
    }
