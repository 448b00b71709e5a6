"""The tokenizer shared by documents, queries and excerpts.

Words are folded (compatibility forms, case, accents), apostrophes and the dots of abbreviations are
removed ("O'Brien" is obrien, "Shi'a" shia, "U.S." us), "&" is the word "and", and runs of Han, Kana and
Hangul become overlapping pairs. Compounds give their parts and also a single word: "high-tech" is found
as "high tech" and as "hightech". The engine applies stemming afterwards.
"""

import re
import unicodedata

MAX_WORD_LENGTH = 60  # characters; a longer word is truncated and found by its beginning

# Marks that are removed: Latin, Greek and Cyrillic accents, Hebrew and Arabic vowel points. Kana
# voicing marks and Indic vowel signs remain, because they distinguish words.
_MARKS = [
    *range(0x0300, 0x0370),
    *range(0x0591, 0x05BE),
    *range(0x05BF, 0x05C8),
    *range(0x064B, 0x0660),
    0x0670,
]
# Letters without a decomposition, in their usual plain spelling. casefold() has already changed ß
# to ss.
_LETTERS = {
    "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "ŧ": "t",
    "æ": "ae", "œ": "oe", "þ": "th", "ŋ": "n", "ə": "a",
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "−": "-", "\u00ad": "", "\u200d": "",
}  # fmt: skip
# Applied before decomposition: some of these decompose into a space and a mark.
APOSTROPHES = "'’‘‛`´ʹʻʼʽʾʿˈ′‵＇՚׳ꞌ΄᾽᾿῾"
_APOSTROPHES = dict.fromkeys(map(ord, APOSTROPHES), "'")
_FOLDED = {ord(letter): plain for letter, plain in _LETTERS.items()} | dict.fromkeys(_MARKS)

# The same as strings: the replacement of a character, or None or "" if it is removed.
CHARACTERS = {chr(code): plain for code, plain in _FOLDED.items()}

_CJK = (
    "\u3005\u3007\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
)
# Letters and digits, with the marks that Indic and South-East Asian scripts use within words.
_MARKED_SCRIPTS = (
    "\u0900-\u0963\u0966-\u0dff\u0e01-\u0e4e\u0e50-\u0e59\u0e80-\u0ed9\u1000-\u1049\u1780-\u17d3"
)
# No character matches both branches; otherwise a failing pattern would try both for each character.
_LETTER = rf"(?:[^\W_{_CJK}]|(?!\w)[{_MARKED_SCRIPTS}\u3099\u309a])"
WORD = re.compile(rf"[{_CJK}][{_CJK}\u3099\u309a]*|{_LETTER}+")
_CJK_RUN = re.compile(rf"[{_CJK}]")
# Compounds, with the characters that may join them. Matched only at the start of a run of letters;
# otherwise the time would be quadratic in its length.
_COMPOUND = re.compile(rf"(?<!{_LETTER}){_LETTER}+(?:[-._&]{_LETTER}+)+")
_SINGLE = rf"[^\W\d_{_CJK}]"  # one letter
_DOTTED = re.compile(rf"(?<![^\W_]){_SINGLE}(?:\.{_SINGLE})+\.?(?![^\W_])")
_INITIALS = re.compile(rf"(?<![\w.]){_SINGLE}\.(?: {_SINGLE}\.)+")
_WITH_APOSTROPHE = re.compile(rf"(?<!{_LETTER}){_LETTER}+(?:'{_LETTER}+)+")
_POSSESSIVE = re.compile(r"(?<=[^\W_]|\.)'s(?![^\W_])")  # "Iran's", "E.U.'s"
_JOINERS = re.compile(r"[-._&]")
PIECE = re.compile(rf"{_COMPOUND.pattern}|{WORD.pattern}|&")
_LONGEST_COMPOUND = 30


def fold(text: str) -> str:
    """Return `text` without differences of case, accent and compatibility form."""
    if text.isascii():
        return text.lower().replace("`", "'")
    text = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    return unicodedata.normalize("NFC", text.translate(_FOLDED))


def words(text: str) -> list[str]:
    """Return the folded words of `text` in order, runs of Han, Kana and Hangul as pairs."""
    return words_with_positions(text)[0]


def written_together(text: str) -> list[str]:
    """Return the compounds of `text` as one word each: "high-tech C.I.S.-led" gives hightech, cisled."""
    joined: list[str] = []
    for compound in _COMPOUND.findall(_plain(fold(text), [])):
        _join(compound, joined)
    return joined


def words_with_positions(text: str) -> tuple[list[str], list[str]]:
    """Return the folded words of `text` in order, and further words under which parts are found.

    Those are compounds in one word, and what apostrophes and dots keep apart: "O'Brien" is the
    word obrien, found by "brien" too; "J.P. Morgan" by "J. P. Morgan", and the other way round.
    """
    words: list[str] = []
    beside: list[str] = []
    folded = fold(text)
    for chunk in folded.split():
        if chunk.isascii() and chunk.isalnum():
            words.append(
                chunk[:MAX_WORD_LENGTH]
            )  # most English text; regular expressions would take ten times as long
        else:
            _read_chunk(chunk, words, beside)
    if ". " in folded:
        for initials in _INITIALS.findall(folded):
            beside.append(initials.replace(". ", "").rstrip(".")[:MAX_WORD_LENGTH])
    return words, beside


def _read_chunk(chunk: str, words: list[str], beside: list[str]) -> None:
    """Add the words of a run of characters without white space, and their variants, to the lists."""
    chunk = _plain(chunk, beside)
    runs = WORD.findall(chunk.replace("&", " and ") if "&" in chunk else chunk)
    if chunk.isascii():
        words += [run[:MAX_WORD_LENGTH] for run in runs]
    else:
        for run in runs:
            words += character_pairs(run) if is_cjk(run) else [run[:MAX_WORD_LENGTH]]
    if len(runs) > 1:
        for compound in _COMPOUND.findall(chunk):
            _join(compound, beside)


def _plain(folded: str, beside: list[str]) -> str:
    """Return folded text without apostrophes, possessives and the dots of abbreviations.

    The parts that they separated are added to `beside`.
    """
    if "'" in folded:
        folded = _POSSESSIVE.sub("", folded)
        for word in _WITH_APOSTROPHE.findall(folded):
            beside += [part[:MAX_WORD_LENGTH] for part in word.split("'")]
        for compound in _COMPOUND.findall(folded.replace("'", " ")):
            _join(compound, beside)  # "D'Souza-Smith" is found by "souza-smith"
        folded = folded.replace("'", "")
    if "." in folded:
        folded = _DOTTED.sub(lambda match: _undotted(match[0], beside), folded)
    return folded


def _undotted(abbreviation: str, beside: list[str]) -> str:
    letters = abbreviation.rstrip(".").split(".")
    beside += letters
    return "".join(letters)


def _join(compound: str, joined: list[str]) -> None:
    word = _JOINERS.sub("", compound)
    if len(word) <= _LONGEST_COMPOUND and not word.isdigit():
        joined.append(word)


def text_pieces(text: str) -> list[str]:
    """Return the folded words of `text`, compounds left whole: "C3/high-tech" gives c3, high-tech."""
    return ["and" if piece == "&" else piece for piece in PIECE.findall(_plain(fold(text), []))]


def flattened(text: str) -> str:
    """Return folded text for searching parts of words; words joined by punctuation are one word.

    "U.S.–O’Brien & Co." gives "us-obrien and co". The database function of the same rule is
    `search_app.query.folded_lookup`.
    """
    return fold(text).replace("'", "").replace(".", "").replace("&", "and")


def is_cjk(word: str) -> bool:
    """Return whether a folded word is in a script that writes no spaces."""
    return bool(_CJK_RUN.match(word))


def character_pairs(run: str) -> list[str]:
    """Return the overlapping pairs of a run of Han, Kana or Hangul, then its last character.

    The last character is separate so that a single character is found as the prefix of a word wherever it
    occurs: "中国人" gives 中国, 国人, 人.
    """
    return [run[start : start + 2] for start in range(len(run))]


def whole_name(text: str) -> str:
    """Return a complete name as one word: "Cyber-Security" gives cyber_security."""
    return "_".join(words(text))


def index_text(text: str) -> tuple[str, str]:
    """Return two strings of words separated by spaces: those of the text, and its compounds.

    The engine splits at the spaces; the compounds are a separate value, so that they are part of no phrase.
    """
    words, joined = words_with_positions(text)
    return " ".join(words), " ".join(joined)
