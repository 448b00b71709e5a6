"""When two names may mean one person or organisation: for imports, forms and worklists."""

import unicodedata

from search_app.tokenizer import fold as fold_letters

from .parsing import is_initials

MIN_LIKENESS_PERCENT = 90  # rapidfuzz ratio, percent; similar names are reported, never merged
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼʻʾʿ`´＇"))
_AMPERSANDS = {ord("&"): " and ", ord("＆"): " and "}
# Folded letters of other alphabets that look like Latin ones, small or capital (a selection from
# Unicode's confusables, UTS 39): names that only look the same are reported.
_LATIN_LOOK_ALIKES = str.maketrans(
    "авекмнорстухіјѕԁԛԝӏгпαβεζηικμνορτυχ",
    "abekmhopctyxijsdqwlrnabezhikmnoptux",
)


def fold_name(text: str) -> str:
    """Return a name without case, accents, punctuation and a leading "The", for comparing.

    Letters are folded as the search folds them: Łukasz is Lukasz. "&" is "and"; an apostrophe
    joins: O’Brien is OBrien.
    """
    plain = fold_letters(text.translate(_AMPERSANDS).translate(_APOSTROPHES))
    plain = "".join(letter if _is_word_character(letter) else " " for letter in plain)
    words = plain.split()
    return " ".join(words[1:] if words[:1] == ["the"] and len(words) > 1 else words)


def _is_word_character(character):
    """Whether it is a letter, a digit or a vowel sign: Devanagari writes vowels as marks."""
    return character.isalnum() or unicodedata.category(character)[0] == "M"


def look_alike_key(text: str) -> str:
    """Return a name as it looks: folded, with letters that look Latin in their place."""
    return look_alike_key_of_folded(fold_name(text))


def look_alike_key_of_folded(folded: str) -> str:
    """Return a folded name as it looks."""
    return folded if folded.isascii() else folded.translate(_LATIN_LOOK_ALIKES)


def may_be_same_given_name(one: str, other: str) -> bool:
    """Return whether two given names may be the same: equal, or one the initials of the other."""
    if not one or not other:
        return True
    if fold_name(one) == fold_name(other):
        return True
    if not (is_initials(one) or is_initials(other)):
        first, second = fold_name(one).split(), fold_name(other).split()
        return first[:1] == second[:1] and (len(first) == 1 or len(second) == 1)
    pairs = zip(fold_name(one).split(), fold_name(other).split(), strict=False)
    return all(a[:1] == b[:1] for a, b in pairs)
