"""Excerpts: the part of a record that matched, cut around the matches and marked."""

import re
from collections.abc import Sequence
from functools import lru_cache

# django.utils.html.escape handles lazy strings first and takes five times as long
from html import escape

from django.utils.safestring import SafeString, mark_safe

from search_app.criteria_and_hits import Excerpt
from search_app.index.tantivy_index import StoredPart, stem
from search_app.query import personal_titles
from search_app.query.query_ast import Phrase, Query, Word, positive_leaves
from search_app.tokenizer import (
    APOSTROPHES,
    compounds_as_single_words,
    fold,
    is_cjk,
    words_and_variants,
)

EXCERPT_CHARACTERS = 240  # characters of an excerpt
MAX_READ_CHARACTERS = 30_000  # characters of a part that are searched for matches
# Which part the excerpt is taken from if several match equally well.
FIELDS_BY_PREFERENCE = (
    "recommendation",
    "summary",
    "body",
    "topic",
    "speaker",
    "organisation",
    "audience",
    "series",
    "region",
)
_REST_OF_ABBREVIATION = r"(?:\.[^\W\d_])+\.?(?![^\W_])"  # of "U.S.", after its first letter
_REST_OF_WORD = rf"[^\W_]*(?:[{APOSTROPHES}][^\W_]+)*"
_TOKEN_PATTERN = re.compile(
    rf"(?<![^\W_])[^\W\d_]{_REST_OF_ABBREVIATION}|[^\W_]{_REST_OF_WORD}|[&＆]"
)
_WORD_RUN = rf"[^\W_]++(?:[{APOSTROPHES}][^\W_]++)*+"
_COMPOUND_PATTERN = re.compile(rf"{_WORD_RUN}(?:[-‐‑–_.&]++{_WORD_RUN})++")
TextSpan = tuple[int, int]


@lru_cache(maxsize=50_000)
def _fold_and_stem(token: str) -> tuple[str, str, tuple[str, ...]]:
    """Return a token folded and stemmed, and further stems under which it is found."""
    folded = fold(token)
    if folded.isalnum():  # not ʿ and the like, which are letters in Unicode
        return folded, stem(folded), ()
    words, variants = words_and_variants(token)
    folded = "".join(words)
    return folded, stem(folded), tuple(map(stem, variants))


class MatchFinder:
    """Finds the terms of a query in running text."""

    def __init__(self, query: Query):
        self.leaves = positive_leaves(query.nodes_to_match)
        self.tokens = _TOKEN_PATTERN
        # A stem has the same first letter as its words. For plain letters and single words, only
        # words with these first letters, about one in twenty, need to be examined.
        first = {leaf.words[0][0] for leaf in self.leaves if len(leaf.words) == 1}
        if (
            first
            and all(len(leaf.words) == 1 for leaf in self.leaves)
            and "".join(first).isascii()
        ):
            begins = f"[{''.join(sorted(first))}]"
            self.tokens = re.compile(
                rf"(?<![^\W_]){begins}(?:{_REST_OF_ABBREVIATION}|{_REST_OF_WORD})", re.IGNORECASE
            )

    def best_excerpt(self, parts: Sequence[StoredPart]) -> Excerpt | None:
        """Return the best excerpt of a record's parts, None if nothing in them matched."""
        title_html, in_title = None, []
        best, best_rank = None, None
        asked, seen = _typed_texts(self.leaves), set()
        for part in parts:
            # The transcript is last and a hundred times as long as everything else: it is read only
            # while some words have not been found.
            if part.field == "transcript" and seen >= asked:
                break
            spans, matched = self.find_matches(part)
            if not spans:
                continue
            seen |= _typed_texts(matched)
            if part.field == "title":
                title_html, in_title = highlighted_text(part.text, spans), matched
                continue
            place = (
                FIELDS_BY_PREFERENCE.index(part.field)
                if part.field in FIELDS_BY_PREFERENCE
                else len(FIELDS_BY_PREFERENCE)
            )
            rank = (-len(matched), place)
            if best_rank is None or rank < best_rank:
                best, best_rank = (part, spans, matched), rank
        if best is None:
            if not title_html:
                return None
            return Excerpt("title", "", mark_safe(""), title_html, other_name_matched(in_title))
        part, spans, matched = best
        text = cut_excerpt(part.text, spans)
        return Excerpt(
            part.field,
            part.label,
            text,
            title_html,
            other_name_matched(in_title + matched),
            offset=min(spans)[0],
        )

    def find_matches(self, part: StoredPart) -> tuple[list[TextSpan], list[Word | Phrase]]:
        """Return where a part matches, and which of the leaves do."""
        text = part.text[:MAX_READ_CHARACTERS]
        pattern = self.tokens if text.isascii() else _TOKEN_PATTERN
        tokens = [
            (match.start(), match.end(), *_fold_and_stem(match[0]))
            for match in pattern.finditer(text)
        ]
        if not tokens and pattern is not _TOKEN_PATTERN:
            return [], []
        spans: set[TextSpan] = set()
        matched = []
        for leaf in self.leaves:
            if leaf.field in ("", part.field) and (
                leaf_spans := _leaf_spans(leaf, part.field, text, tokens)
            ):
                spans.update(leaf_spans)
                matched.append(leaf)
        return sorted(spans), matched


def _typed_texts(leaves: Sequence[Word | Phrase]) -> set[str]:
    return {leaf.stands_for or leaf.text for leaf in leaves}


def other_name_matched(matched: Sequence[Word | Phrase]) -> tuple[str, str] | None:
    """Return (the matched term, the typed term) if only another name matched."""
    if all(leaf.stands_for for leaf in matched):
        return (matched[0].text, matched[0].stands_for)
    return None


def _leaf_spans(leaf: Word | Phrase, field: str, text: str, tokens) -> list[TextSpan]:
    if any(is_cjk(word) for word in leaf.words):
        wanted = leaf.text.strip('"*')
        return [match.span() for match in re.finditer(re.escape(wanted), text)] if wanted else []
    if isinstance(leaf, Word) and leaf.is_prefix:
        beginning = leaf.words[0]
        return [(a, b) for a, b, folded, *_ in tokens if folded.startswith(beginning)]
    if len(leaf.words) == 1:
        return _spans_of_stem(stem(leaf.words[0]), text, tokens)
    spans = _spans_of_stem(stem(leaf.joined), text, tokens) if getattr(leaf, "joined", "") else []
    orders = [leaf.words]
    if isinstance(leaf, Phrase) and field == personal_titles.PEOPLE_FIELD:
        orders = personal_titles.name_orders(leaf.words)
    for order in orders:
        stems = [stem(word) for word in order]
        for start in range(len(tokens) - len(stems) + 1):
            if all(tokens[start + i][3] == wanted for i, wanted in enumerate(stems)):
                spans.append((tokens[start][0], tokens[start + len(stems) - 1][1]))
    return spans


def _spans_of_stem(wanted: str, text: str, tokens) -> list[TextSpan]:
    """Return the positions of a stem, as a word or as a compound of several."""
    spans = [
        (a, b) for a, b, _, stemmed, variants in tokens if stemmed == wanted or wanted in variants
    ]
    if not spans:
        spans = [
            match.span()
            for match in _COMPOUND_PATTERN.finditer(text)
            if wanted in map(stem, compounds_as_single_words(match[0]))
        ]
    return spans


def cut_excerpt(text: str, spans: list[TextSpan]) -> SafeString:
    """Return the stretch of `text` with the most matches, cut at words, marked."""
    if len(text) <= EXCERPT_CHARACTERS:
        return highlighted_text(text, spans)
    best, most = spans[0][0], 0
    for start, _ in spans:
        inside = sum(1 for a, b in spans if a >= start and b <= start + EXCERPT_CHARACTERS - 60)
        if inside > most:
            best, most = start, inside
    start = max(0, min(best - 60, len(text) - EXCERPT_CHARACTERS))
    if start:
        space = text.find(" ", start, best)
        start = space + 1 if space >= 0 else best
    end = min(len(text), start + EXCERPT_CHARACTERS)
    if end < len(text):
        space = text.rfind(" ", start, end)
        end = space if space > best else end
    within = [
        (max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start
    ]
    html = highlighted_text(text[start:end], within)
    return mark_safe(("… " if start else "") + html + (" …" if end < len(text) else ""))  # noqa: S308 - marked() escaped it


def highlighted_text(text: str, spans: Sequence[TextSpan]) -> SafeString:
    """Return `text` escaped, with <mark> around the spans."""
    html, at = [], 0
    for start, end in spans:
        if start < at:
            continue
        html += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
        at = end
    return mark_safe("".join([*html, escape(text[at:])]))  # noqa: S308 - each piece is escaped above
