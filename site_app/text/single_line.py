"""Text for one line: of a header, a name, a subject."""

import re
import unicodedata

# They change the direction of the following text: a name could affect the end of somebody else's
# line.
_BIDI_CONTROL_CHARACTERS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def on_one_line(text: str) -> str:
    """Return `text` on one line, without control characters, white space folded."""
    kept = (
        " " if character.isspace() else character
        for character in text
        if character.isspace()
        or (unicodedata.category(character) != "Cc" and character not in _BIDI_CONTROL_CHARACTERS)
    )
    return " ".join("".join(kept).split())


# A word with a capital letter or digit inside is spelled like that on purpose: eVTOL, iPhone, mRNA,
# 5G.
_FIRST_WORD_OF_TITLE = re.compile(r"(?P<before>[^\w]*)(?P<word>\w[\w’'-]*)")
_URL_OR_EMAIL_START = re.compile(r"(?:https?://|www\.|\S+@)", re.I)


def capitalise_title(text: str) -> str:
    """Return a title with a capital first letter, after any quotation marks.

    Continuations ("… and so"), words with deliberate spelling ("eVTOL"), numbers, URLs and scripts without
    capitals are not changed.
    """
    match = _FIRST_WORD_OF_TITLE.match(text)
    if (
        not match
        or match["before"][:1] == "…"
        or _URL_OR_EMAIL_START.match(text, match.start("word"))
    ):
        return text
    word = match["word"]
    is_spelled = any(letter.isupper() or letter.isdigit() for letter in re.split("[-’']", word)[0])
    if is_spelled or not word[0].islower():
        return text
    return f"{match['before']}{word[0].title()}{text[match.start('word') + 1 :]}"
