"""Text cut to a length without cutting a word in two."""

import re

ELLIPSIS = "…"
MIN_SHARE = 0.6  # of the length that is kept; a "word" that is longer (a link, Chinese) is cut


def shortened(text: str, length: int) -> str:
    """Return `text` if it has at most `length` characters, else its beginning and "…".

    The beginning ends with a whole word, without the punctuation behind it. A text without white
    space near the end of what fits, such as Chinese or a link, is cut at the length.
    """
    text = text.strip()
    if len(text) <= length:
        return text
    kept = text[:length]  # one more than fits beside the ellipsis: a word may end exactly there
    whole = re.match(r".*(?=\s)", kept, re.S)
    kept = whole[0] if whole and whole.end() >= length * MIN_SHARE else kept[:-1]
    return kept.rstrip().rstrip(",.;:–—-(").rstrip() + ELLIPSIS
