"""The tokenizer shared by documents, queries and excerpts.

Words are folded (compatibility forms, case, accents), apostrophes and the dots of abbreviations are
removed ("O'Brien" is obrien, "Shi'a" shia, "U.S." us), "&" is the word "and", and runs of Han, Kana and
Hangul become overlapping pairs. Compounds give their parts and also a single word: "high-tech" is found
as "high tech" and as "hightech". The engine applies stemming afterwards.
"""

import re
import unicodedata

MAX_WORD_CHARACTERS = 60  # characters; a longer word is truncated and found by its beginning

# Marks that are removed: Latin, Greek and Cyrillic accents, Hebrew and Arabic vowel points. Kana
# voicing marks and Indic vowel signs remain, because they distinguish words.
_REMOVED_MARKS = [
    *range(0x0300, 0x0370),
    *range(0x0591, 0x05BE),
    *range(0x05BF, 0x05C8),
    *range(0x064B, 0x0660),
    0x0670,
]
# Letters without a decomposition, in their usual plain spelling. casefold() has already changed ß
# to ss.
_PLAIN_FORM_OF_LETTER = {
    "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "ŧ": "t",
    "æ": "ae", "œ": "oe", "þ": "th", "ŋ": "n", "ə": "a",
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "−": "-", "\u00ad": "", "\u200d": "",
}  # fmt: skip
# Applied before decomposition: some of these decompose into a space and a mark.
APOSTROPHES = "'’‘‛`´ʹʻʼʽʾʿˈ′‵＇՚׳ꞌ΄᾽᾿῾"
_APOSTROPHE_TABLE = dict.fromkeys(map(ord, APOSTROPHES), "'")
_FOLDING_TABLE = {
    ord(letter): plain for letter, plain in _PLAIN_FORM_OF_LETTER.items()
} | dict.fromkeys(_REMOVED_MARKS)

# The same as strings: the replacement of a character, or None or "" if it is removed.
FOLDING_REPLACEMENTS = {chr(code): plain for code, plain in _FOLDING_TABLE.items()}

_CJK_RANGES = (
    "\u3005\u3007\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
)
# Letters and digits, with the marks that Indic and South-East Asian scripts use within words.
_RANGES_OF_SCRIPTS_WITH_MARKS = (
    "\u0900-\u0963\u0966-\u0dff\u0e01-\u0e4e\u0e50-\u0e59\u0e80-\u0ed9\u1000-\u1049\u1780-\u17d3"
)
# No character matches both branches; otherwise a failing pattern would try both for each character.
_LETTER_OR_DIGIT = rf"(?:[^\W_{_CJK_RANGES}]|(?!\w)[{_RANGES_OF_SCRIPTS_WITH_MARKS}\u3099\u309a])"
WORD_PATTERN = re.compile(rf"[{_CJK_RANGES}][{_CJK_RANGES}\u3099\u309a]*|{_LETTER_OR_DIGIT}+")
_CJK_CHARACTER = re.compile(rf"[{_CJK_RANGES}]")
# Compounds, with the characters that may join them. Matched only at the start of a run of letters;
# otherwise the time would be quadratic in its length.
_COMPOUND_PATTERN = re.compile(
    rf"(?<!{_LETTER_OR_DIGIT}){_LETTER_OR_DIGIT}+(?:[-._&]{_LETTER_OR_DIGIT}+)+"
)
_SINGLE_LETTER = rf"[^\W\d_{_CJK_RANGES}]"  # one letter
_DOTTED_ABBREVIATION = re.compile(
    rf"(?<![^\W_]){_SINGLE_LETTER}(?:\.{_SINGLE_LETTER})+\.?(?![^\W_])"
)
_SPACED_INITIALS = re.compile(rf"(?<![\w.]){_SINGLE_LETTER}\.(?: {_SINGLE_LETTER}\.)+")
_WORD_WITH_APOSTROPHE = re.compile(
    rf"(?<!{_LETTER_OR_DIGIT}){_LETTER_OR_DIGIT}+(?:'{_LETTER_OR_DIGIT}+)+"
)
_POSSESSIVE_ENDING = re.compile(r"(?<=[^\W_]|\.)'s(?![^\W_])")  # "Iran's", "E.U.'s"
_JOINING_SIGNS = re.compile(r"[-._&]")
WORD_OR_COMPOUND_PATTERN = re.compile(rf"{_COMPOUND_PATTERN.pattern}|{WORD_PATTERN.pattern}|&")
MAX_COMPOUND_CHARACTERS = 30


def fold(text: str) -> str:
    """Return `text` without differences of case, accent and compatibility form."""
    if text.isascii():
        return text.lower().replace("`", "'")
    text = unicodedata.normalize("NFKD", text.translate(_APOSTROPHE_TABLE)).casefold()
    return unicodedata.normalize("NFC", text.translate(_FOLDING_TABLE))


def folded_words(text: str) -> list[str]:
    """Return the folded words of `text` in order, runs of Han, Kana and Hangul as pairs."""
    return words_and_variants(text)[0]


def compounds_as_single_words(text: str) -> list[str]:
    """Return the compounds of `text` as one word each: "high-tech C.I.S.-led" gives hightech, cisled."""
    joined: list[str] = []
    for compound in _COMPOUND_PATTERN.findall(_without_apostrophes_and_dots(fold(text), [])):
        _add_joined_compound(compound, joined)
    return joined


def words_and_variants(text: str) -> tuple[list[str], list[str]]:
    """Return the folded words of `text` in order, and further words under which parts are found.

    Those are compounds in one word, and what apostrophes and dots keep apart: "O'Brien" is the
    word obrien, found by "brien" too; "J.P. Morgan" by "J. P. Morgan", and the other way round.
    """
    words: list[str] = []
    variants: list[str] = []
    folded = fold(text)
    for chunk in folded.split():
        if chunk.isascii() and chunk.isalnum():
            # Most English text; regular expressions would take ten times as long.
            words.append(chunk[:MAX_WORD_CHARACTERS])
        else:
            _add_words_of_chunk(chunk, words, variants)
    if ". " in folded:
        for initials in _SPACED_INITIALS.findall(folded):
            variants.append(initials.replace(". ", "").rstrip(".")[:MAX_WORD_CHARACTERS])
    return words, variants


def _add_words_of_chunk(chunk: str, words: list[str], variants: list[str]) -> None:
    """Add the words of a run of characters without white space, and their variants, to the lists."""
    chunk = _without_apostrophes_and_dots(chunk, variants)
    runs = WORD_PATTERN.findall(chunk.replace("&", " and ") if "&" in chunk else chunk)
    if chunk.isascii():
        words += [run[:MAX_WORD_CHARACTERS] for run in runs]
    else:
        for run in runs:
            words += character_pairs(run) if is_cjk(run) else [run[:MAX_WORD_CHARACTERS]]
    if len(runs) > 1:
        for compound in _COMPOUND_PATTERN.findall(chunk):
            _add_joined_compound(compound, variants)


def _without_apostrophes_and_dots(folded: str, variants: list[str]) -> str:
    """Return folded text without apostrophes, possessives and the dots of abbreviations.

    The parts that they separated are added to `variants`.
    """
    if "'" in folded:
        folded = _POSSESSIVE_ENDING.sub("", folded)
        for word in _WORD_WITH_APOSTROPHE.findall(folded):
            variants += [part[:MAX_WORD_CHARACTERS] for part in word.split("'")]
        for compound in _COMPOUND_PATTERN.findall(folded.replace("'", " ")):
            _add_joined_compound(compound, variants)  # "D'Souza-Smith" is found by "souza-smith"
        folded = folded.replace("'", "")
    if "." in folded:
        folded = _DOTTED_ABBREVIATION.sub(
            lambda match: _join_abbreviation(match[0], variants), folded
        )
    return folded


def _join_abbreviation(abbreviation: str, variants: list[str]) -> str:
    letters = abbreviation.rstrip(".").split(".")
    variants += letters
    return "".join(letters)


def _add_joined_compound(compound: str, joined: list[str]) -> None:
    word = _JOINING_SIGNS.sub("", compound)
    if len(word) <= MAX_COMPOUND_CHARACTERS and not word.isdigit():
        joined.append(word)


def words_keeping_compounds(text: str) -> list[str]:
    """Return the folded words of `text`, compounds left whole: "C3/high-tech" gives c3, high-tech."""
    return [
        "and" if piece == "&" else piece
        for piece in WORD_OR_COMPOUND_PATTERN.findall(
            _without_apostrophes_and_dots(fold(text), [])
        )
    ]


def flattened_text(text: str) -> str:
    """Return folded text for searching parts of words; words joined by punctuation are one word.

    "U.S.–O’Brien & Co." gives "us-obrien and co". The database function of the same rule is
    `search_app.query.folded_lookup`.
    """
    return fold(text).replace("'", "").replace(".", "").replace("&", "and")


def is_cjk(word: str) -> bool:
    """Return whether a folded word is in a script that writes no spaces."""
    return bool(_CJK_CHARACTER.match(word))


def character_pairs(run: str) -> list[str]:
    """Return the overlapping pairs of a run of Han, Kana or Hangul, then its last character.

    The last character is separate so that a single character is found as the prefix of a word wherever it
    occurs: "中国人" gives 中国, 国人, 人.
    """
    return [run[start : start + 2] for start in range(len(run))]


def name_as_single_word(text: str) -> str:
    """Return a complete name as one word: "Cyber-Security" gives cyber_security."""
    return "_".join(folded_words(text))


def words_and_compounds_to_index(text: str) -> tuple[str, str]:
    """Return two strings of words separated by spaces: those of the text, and its compounds.

    The engine splits at the spaces; the compounds are a separate value, so that they are part of no phrase.
    """
    words, joined = words_and_variants(text)
    return " ".join(words), " ".join(joined)
