"""Groups texts that say much the same, one text at a time: no database, no clock, no randomness.

The similarity of two texts is the cosine of their sets of words. Texts are processed in the order of
their keys. A text similar to an earlier centre belongs to it; if there are several, to the one with
most shared marks, then to the earliest. A text similar to none becomes a centre itself. So every member
is similar to the centre of its group, and no chain of small similarities joins unrelated texts.

Candidates are found by marks: MinHash values of the words, two at a time, after Broder, "On
the resemblance and containment of documents" (1997), and Leskovec, Rajaraman, Ullman, "Mining of
Massive Datasets", chapter 3. Two texts with a cosine of 0.6 share one of 16 in 96 of 100 cases.

The group of a text depends only on earlier texts. The groups are therefore the same whether all texts
are read at once or one by one, in any order, with corrections in between. They may differ only where so
many centres share a mark that the limits below apply.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np

from search_app.results.more_like_this import significant_stems

MIN_COSINE_OF_SAME_ADVICE = 0.6  # cosine similarity from which two texts count as the same advice
MIN_WORDS_TO_COMPARE = 3  # a shorter text is too vague to be compared
MARKS_PER_TEXT = 16
MAX_CENTRES_PER_MARK = 16  # the earliest of those that share the mark
MAX_CENTRES_COMPARED = 16  # centres that a text is compared with
MAX_CACHED_WORDS = 6_000_000  # words of cached texts, 4 bytes each

TEXT_ROW_DTYPE = np.dtype(
    [
        ("key", "<i8"),
        # Key of the centre of its group; UNDECIDED or below: to be computed (again).
        (
            "centre",
            "<i8",
        ),
        ("digest", "<u8"),  # hash of its words
        ("marks", "<u4", MARKS_PER_TEXT),
    ]
)
UNDECIDED_CENTRE = 0
_HASH_FACTORS = np.random.default_rng(20_240_314).integers(
    1, 2**63, (2 * MARKS_PER_TEXT, 2), dtype=np.uint64
)

NO_WORDS = np.empty(0, np.uint32)

Words = np.ndarray  # sorted uint32, one per distinct word
WordReader = Callable[[Sequence[int]], dict[int, Words]]


class _WordCodeCache(dict):
    """{stem: number}; stems repeat, so they are kept."""

    MAX_CACHED_STEMS = 50_000

    def __missing__(self, stem):
        if len(self) > self.MAX_CACHED_STEMS:
            self.clear()
        code = int.from_bytes(blake2b(stem.encode(), digest_size=4).digest(), "little")
        self[stem] = code
        return code


_codes = _WordCodeCache()


def significant_word_codes(text: str) -> Words:
    """Return the significant words of a text as sorted numbers, each once."""
    return np.array(sorted({_codes[stem] for stem in significant_stems(text)}), np.uint32)


def minhash_marks(texts: Sequence[Words]) -> np.ndarray:
    """Return the marks of texts of at least one word each: uint32, shape (texts, MARKS)."""
    starts = np.cumsum([0, *(len(words) for words in texts[:-1])])
    every_word = np.concatenate(texts).astype(np.uint64)
    lowest = np.empty((len(texts), 2 * MARKS_PER_TEXT), np.uint64)
    for place, (factor, offset) in enumerate(_HASH_FACTORS):
        hashed = (every_word * (factor | np.uint64(1)) + offset) >> np.uint64(32)
        lowest[:, place] = np.minimum.reduceat(hashed, starts)
    pairs = lowest[:, ::2] * np.uint64(0x9E3779B97F4A7C15) + lowest[:, 1::2]
    return ((pairs * np.uint64(0xD6E8FEB86659FD93)) >> np.uint64(32)).astype(np.uint32)


def word_set_cosine(one: Words, other: Words) -> float:
    """Return the cosine of two sets of words, 0 to 1; 0 if one is empty."""
    return _cosine_with_set(set(one.tolist()), other)


def _cosine_with_set(words: set[int], others: Words) -> float:
    if not words or not len(others):
        return 0.0
    return len(words.intersection(others.tolist())) / math.sqrt(len(words) * len(others))


@dataclass
class GroupChanges:
    """What a step changed, as keys of texts."""

    # Key: (centre, similarity).
    decided: dict[int, tuple[int, float]] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)
    old_centres: set[int] = field(default_factory=set)  # of groups that may have become smaller
    rows: set[int] = field(default_factory=set)  # rows that differ from the stored ones


class AdviceGroups:
    """The groups of texts. `rows` are what is stored between two runs, sorted by key.

    `read_words` returns {key: words} of those of some texts that are there to be compared.
    """

    def __init__(self, rows: np.ndarray, read_words: WordReader):
        self.rows = rows
        self.read_words = read_words
        self._words: dict[int, Words] = {}
        self._words_kept = 0

    @property
    def undecided_count(self) -> int:
        """The number of texts whose group has to be found, or found again."""
        return int(np.count_nonzero(self.rows["centre"] <= UNDECIDED_CENTRE))

    def group_sizes(self, centres: Iterable[int]) -> dict[int, int]:
        """Return {centre: number of texts in its group}, groups without members left out."""
        wanted = np.array(sorted(centres), np.int64)
        members = self.rows["centre"][np.isin(self.rows["centre"], wanted)]
        groups, counts = np.unique(members, return_counts=True)
        return dict(zip(groups.tolist(), counts.tolist(), strict=True))

    def centre_of(self, key: int) -> int | None:
        """Return the centre of a text's group, or None."""
        (place,) = self._row_positions([key])
        centre = UNDECIDED_CENTRE if place is None else int(self.rows["centre"][place])
        return centre if centre > UNDECIDED_CENTRE else None

    def reread_texts(self, keys: Iterable[int]) -> GroupChanges:
        """Read texts that may have changed; those that did are undecided afterwards."""
        outcome = GroupChanges()
        keys = sorted(set(keys))
        for key in keys:
            self._discard_cached_words(key)
        words = {
            key: words_of_text
            for key, words_of_text in self.read_words(keys).items()
            if len(words_of_text) >= MIN_WORDS_TO_COMPARE
        }
        places = dict(zip(keys, self._row_positions(keys), strict=True))
        digests = {key: _hash_of_words(words_of_text) for key, words_of_text in words.items()}
        gone = [key for key in keys if key not in words and places[key] is not None]
        changed = [
            key
            for key in sorted(words)
            if places[key] is None or int(self.rows["digest"][places[key]]) != digests[key]
        ]
        places_left = (places[key] for key in (*gone, *changed))
        leaving = [place for place in places_left if place is not None]
        for place in leaving:
            outcome.old_centres.add(abs(int(self.rows["centre"][place])))
        self._mark_members_undecided(self.rows["key"][leaving], outcome)
        if gone or changed:
            new = np.zeros(len(changed), TEXT_ROW_DTYPE)
            if changed:
                new["key"] = changed
                new["digest"] = [digests[key] for key in changed]
                new["marks"] = minhash_marks([words[key] for key in changed])
                for key in changed:
                    self._cache_words(key, words[key])
            stays = np.ones(len(self.rows), bool)
            stays[leaving] = False
            rows = np.concatenate([self.rows[stays], new])
            self.rows = rows[np.argsort(rows["key"], kind="stable")]
        outcome.removed.update(gone)
        outcome.rows.update(gone, changed)
        return outcome

    def assign_undecided(self, limit: int) -> GroupChanges:
        """Find the groups of the first undecided texts, at most `limit`.

        Later texts for which that may mean another group are undecided afterwards.
        """
        outcome = GroupChanges()
        own = np.flatnonzero(self.rows["centre"] <= UNDECIDED_CENTRE)[:limit]
        earlier = self._candidate_centres(own)
        needed = {
            place
            for candidates_of_text in earlier.values()
            for _shared, place in candidates_of_text
        }
        self._load_words(self.rows["key"][sorted(needed.union(own.tolist()))].tolist())
        keys, digests = self.rows["key"], self.rows["digest"]
        here = _CentresByMark()  # among the texts of this step
        same: dict[int, tuple[int, int]] = {}  # digest: (centre, len(here) at that time)
        became, ceased = [], []
        for place in own.tolist():
            key, marks = int(keys[place]), self.rows["marks"][place].tolist()
            centre, seen = same.get(int(digests[place]), (None, 0))
            # A text with the same words has found this centre, and no text with more shared marks
            # was added since.
            if centre is None or (seen != len(here) and digests[centre] != digests[place]):
                centre = self._find_centre(
                    place, earlier.get(place, []), here.count_shared_marks(marks)
                )
            old = -int(self.rows["centre"][place])
            if centre == place:
                here.add(place, marks)
                if old != key:
                    became.append(place)
            elif old == key:
                ceased.append(place)
            same[int(digests[place])] = (centre, len(here))
            self.rows["centre"][place] = keys[centre]
            near = 1.0
            if digests[centre] != digests[place]:
                near = word_set_cosine(self._cached_words_at(place), self._cached_words_at(centre))
            outcome.decided[key] = (int(keys[centre]), near)
            outcome.old_centres.add(old)
        outcome.rows.update(keys[own].tolist())
        self._mark_members_undecided(keys[ceased], outcome)
        self._mark_later_texts_undecided(became, own, outcome)
        return outcome

    def _find_centre(self, place, earlier, here) -> int:
        """Return the place of the centre to which a text belongs, its own if to none."""
        candidates = earlier
        if here:
            candidates = sorted([*earlier, *((-shared, other) for other, shared in here.items())])
        own = set(self._cached_words_at(place).tolist())
        for _shared, other in candidates[:MAX_CENTRES_COMPARED]:
            if _cosine_with_set(own, self._cached_words_at(other)) >= MIN_COSINE_OF_SAME_ADVICE:
                return other
        return place

    def _candidate_centres(self, own: np.ndarray) -> dict[int, list[tuple[int, int]]]:
        """Return {place: [(-marks shared, place of a centre before it), …]}, best first."""
        centres = np.flatnonzero(self.rows["centre"] == self.rows["key"])
        if not len(centres) or not len(own):
            return {}
        theirs, ours = self.rows["marks"][centres], self.rows["marks"][own]
        pairs = np.concatenate(
            [
                _pairs_of_equal_values(ours[:, mark], theirs[:, mark])
                for mark in range(MARKS_PER_TEXT)
            ],
            axis=1,
        )
        pairs = pairs[:, centres[pairs[1]] < own[pairs[0]]]
        codes, shared = np.unique(pairs[0] * len(centres) + pairs[1], return_counts=True)
        text, centre = np.divmod(codes, len(centres))
        order = np.argsort(
            (text * MARKS_PER_TEXT + MARKS_PER_TEXT - shared) * len(centres) + centre
        )
        text, centre, shared = text[order], centre[order], shared[order]
        candidates: dict[int, list[tuple[int, int]]] = {}
        kept = _count_equal_before(text) < MAX_CENTRES_COMPARED
        for at, other, count in zip(
            own[text[kept]].tolist(),
            centres[centre[kept]].tolist(),
            shared[kept].tolist(),
            strict=True,
        ):
            candidates.setdefault(at, []).append((-count, other))
        return candidates

    def _mark_members_undecided(self, centres: np.ndarray, outcome: GroupChanges) -> None:
        """Make undecided who belongs to texts that are no longer centres."""
        if len(centres):
            self._mark_undecided(np.flatnonzero(np.isin(self.rows["centre"], centres)), outcome)

    def _mark_later_texts_undecided(
        self, became: list[int], seen: np.ndarray, outcome: GroupChanges
    ) -> None:
        """Make undecided the texts after a new centre that might belong to it.

        Those in `seen` were compared with it already.
        """
        decided = self.rows["centre"] > UNDECIDED_CENTRE
        decided[seen] = False
        last = np.flatnonzero(decided)
        for place in became:
            if not len(last) or last[-1] < place:
                continue
            later = np.arange(place + 1, len(self.rows))
            shared = (self.rows["marks"][later] == self.rows["marks"][place]).sum(axis=1)
            near = (shared > 0) & decided[later]
            later, shared = later[near], shared[near]
            centres = np.searchsorted(self.rows["key"], self.rows["centre"][later])
            present = (self.rows["marks"][later] == self.rows["marks"][centres]).sum(axis=1)
            better = (shared > present) | ((shared == present) & (place < centres))
            self._mark_undecided(later[better | (centres == later)], outcome)

    def _mark_undecided(self, places: np.ndarray, outcome: GroupChanges) -> None:
        # The absolute value keeps the old centre: a text that remains a centre does not affect
        # others.
        self.rows["centre"][places] = -np.abs(self.rows["centre"][places])
        outcome.rows.update(self.rows["key"][places].tolist())

    def _cached_words_at(self, place: int) -> Words:
        """Return the words of a text; none if it was deleted since, as the change log shows."""
        return self._words.get(int(self.rows["key"][place]), NO_WORDS)

    def _load_words(self, keys: Sequence[int]) -> None:
        while self._words_kept > MAX_CACHED_WORDS:
            self._discard_cached_words(next(iter(self._words)))
        missing = [key for key in keys if key not in self._words]
        for key, words in self.read_words(missing).items():
            self._cache_words(key, words)

    def _cache_words(self, key: int, words: Words) -> None:
        self._words[key] = words
        self._words_kept += len(words)

    def _discard_cached_words(self, key: int) -> None:
        self._words_kept -= len(self._words.pop(key, ()))

    def _row_positions(self, keys: Sequence[int]) -> list[int | None]:
        """Return the place of each key among the rows, None for one that is not there."""
        places = np.searchsorted(self.rows["key"], np.array(keys, np.int64)).tolist()
        return [
            place if place < len(self.rows) and self.rows["key"][place] == key else None
            for key, place in zip(keys, places, strict=True)
        ]


class _CentresByMark:
    """Centres by each of their marks."""

    def __init__(self):
        self._positions_by_mark: dict[tuple[int, int], list[int]] = defaultdict(list)
        self._count = 0

    def __len__(self):
        return self._count

    def add(self, place: int, marks: list[int]) -> None:
        self._count += 1
        for which in enumerate(marks):
            if len(self._positions_by_mark[which]) < MAX_CENTRES_PER_MARK:
                self._positions_by_mark[which].append(place)

    def count_shared_marks(self, marks: list[int]) -> Counter[int]:
        """Return {place of a centre: marks shared}."""
        shared: Counter[int] = Counter()
        for which in enumerate(marks):
            shared.update(self._positions_by_mark.get(which, ()))
        return shared


def _pairs_of_equal_values(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Return the pairs (place in ours, place in theirs) of equal values, shape (2, pairs).

    Of `theirs` only the first MAX_CENTRES_OF_A_MARK with a value count.
    """
    wanted, which = np.unique(ours, return_inverse=True)
    # Most values are not wanted; comparing the last 16 bits rules them out much faster.
    is_likely = np.zeros(1 << 16, bool)
    is_likely[wanted & 0xFFFF] = True
    likely = np.flatnonzero(is_likely[theirs & 0xFFFF])
    value = np.searchsorted(wanted, theirs[likely])
    value[value == len(wanted)] = 0
    is_wanted = wanted[value] == theirs[likely]
    likely, value = likely[is_wanted], value[is_wanted]
    order = np.argsort(value, kind="stable")
    likely, value = likely[order], value[order]
    is_first = _count_equal_before(value) < MAX_CENTRES_PER_MARK
    likely, value = likely[is_first], value[is_first]
    counts = np.bincount(value, minlength=len(wanted))
    starts = np.cumsum(counts) - counts
    repeats = counts[which]
    text = np.repeat(np.arange(len(ours)), repeats)
    rank = np.arange(len(text)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    return np.stack([text, likely[np.repeat(starts[which], repeats) + rank]])


def _count_equal_before(values: np.ndarray) -> np.ndarray:
    """Return for each sorted value how many equal ones precede it."""
    return np.arange(len(values)) - np.searchsorted(values, values, side="left")


def _hash_of_words(words: Words) -> int:
    return int.from_bytes(blake2b(words.tobytes(), digest_size=8).digest(), "little")


def group_similar_texts(texts: Iterable[tuple[int, str]]) -> list[list[tuple[int, float]]]:
    """Return groups of the keys of similar texts, each with its similarity to the centre.

    Keys are positive. A group begins with its centre and has at least two members; larger groups
    come first. The same texts give the same groups.
    """
    words = {key: significant_word_codes(text) for key, text in texts}
    advice_groups = AdviceGroups(
        np.empty(0, TEXT_ROW_DTYPE), lambda keys: {key: words[key] for key in keys if key in words}
    )
    advice_groups.reread_texts(words)
    members: dict[int, list[tuple[int, float]]] = defaultdict(list)
    while advice_groups.undecided_count:
        for key, (centre, near) in advice_groups.assign_undecided(limit=2000).decided.items():
            members[centre].append((key, near))
    rows = (sorted(rows) for rows in members.values() if len(rows) > 1)
    return sorted(rows, key=lambda rows: (-len(rows), rows[0][0]))
