"""Comparison of two texts by words."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

# word-by-word comparison takes quadratic time; longer texts are shown side by side
MAX_COMPARED_WORDS = 5000


@dataclass(frozen=True)
class DifferingLine:
    """One line of a comparison; `then` and `now` are markup with marked differences."""

    label: str
    then: SafeString
    now: SafeString


def differing_lines(
    then: dict[str, str], now: dict[str, str], *, mark: bool = True
) -> list[DifferingLine]:
    """Return the lines {label: text} of two records that differ, in their order."""
    shown = mark_differences_in_both if mark else _escape_both
    return [
        DifferingLine(label, *shown(then.get(label, ""), now.get(label, "")))
        for label in dict.fromkeys([*then, *now])
        if then.get(label, "") != now.get(label, "")
    ]


def _escape_both(then: str, now: str) -> tuple[SafeString, SafeString]:
    return conditional_escape(then), conditional_escape(now)


def mark_differences_in_both(then: str, now: str) -> tuple[SafeString, SafeString]:
    """Return both texts with the words that differ in <del> and <ins>."""
    pieces = list(_diff_pieces(then, now))
    return (
        _markup_of_pieces([("del" if differs else "", old) for differs, old, _new in pieces]),
        _markup_of_pieces([("ins" if differs else "", new) for differs, _old, new in pieces]),
    )


def mark_differences_in_one_text(then: str, now: str) -> SafeString:
    """Return one text with removed words in <del> and added words in <ins>."""
    return _markup_of_pieces(
        [
            piece
            for differs, old, new in _diff_pieces(then, now)
            for piece in ([("del", old), ("ins", new)] if differs else [("", old)])
        ]
    )


def _diff_pieces(then: str, now: str) -> Iterator[tuple[bool, str, str]]:
    """Yield (whether it differs, what it was, what it is) from the start to the end."""
    old, new = _split_into_words(then), _split_into_words(now)
    if len(old) + len(new) > MAX_COMPARED_WORDS:
        old, new = [then], [now]
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        yield kind != "equal", "".join(old[old_from:old_to]), "".join(new[new_from:new_to])


def _split_into_words(text: str) -> list[str]:
    return re.findall(r"\S+\s*|\s+", text)


def _markup_of_pieces(pieces: list[tuple[str, str]]) -> SafeString:
    return format_html_join(
        "",
        "{}",
        (
            (format_html("<{0}>{1}</{0}>", tag, text) if tag else text,)
            for tag, text in pieces
            if text
        ),
    )
