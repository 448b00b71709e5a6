"""Text cut to a length without cutting a word in two."""

import re

ELLIPSIS = "…"
MIN_SHARE_KEPT = 0.6  # minimum share of the length; a longer "word" (a URL, Chinese text) is cut


def shorten_at_word(text: str, length: int) -> str:
    """Return `text` if it has at most `length` characters, else its beginning and "…".

    The beginning ends with a whole word, without the punctuation behind it. A text without white
    space near the end of what fits, such as Chinese or a link, is cut at the length.
    """
    text = text.strip()
    if len(text) <= length:
        return text
    # One character more than fits with the ellipsis: a word may end exactly there.
    kept = text[:length]
    whole = re.match(r".*(?=\s)", kept, re.S)
    kept = whole[0] if whole and whole.end() >= length * MIN_SHARE_KEPT else kept[:-1]
    return kept.rstrip().rstrip(",.;:–—-(").rstrip() + ELLIPSIS
