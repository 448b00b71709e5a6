"""Masking of tokens in logs, so that readers of logs cannot open private links.

deploy/nginx.conf has the same rule for the requests that nginx logs.
"""

import logging
import re
from urllib.parse import quote, unquote

_TOKEN_PATH = re.compile(
    r"(/(?:requests/+received|requests/+confirm|requests|recordings|alerts|admin/+set-password)/+)"
    r"(?!(?:received|confirm|new|link-sent)/)[^/\s?\"']+",
    re.IGNORECASE,
)
# The format of site_app.forms.tokens.
_TOKEN = re.compile(r"\b\d{1,18}-[0-9a-f]{64}\b", re.IGNORECASE)
_WORD = re.compile(r"[^\s\"']+")
MAX_CHARACTERS = 2000  # per line: a URL may be as long as the server accepts, 128 KB
MAX_ENCODINGS = 3  # a URL may be in the query of another URL, encoded each time


def mask_tokens(text: str) -> str:
    """Return `text` with the token in each URL that contains one replaced by "***".

    Percent-encoded URLs are decoded first; one that contains a token is returned decoded.
    """
    return _WORD.sub(lambda match: _mask_word(match[0]), text)


def _mask_word(word: str) -> str:
    masked = word = _mask_plain(word)
    for _ in range(MAX_ENCODINGS):
        plain = unquote(word)
        if plain == word:
            break
        word = plain
        if (masked_plain := _mask_plain(plain)) != plain:
            # Encode it again: a decoded line break could start a new line in the log.
            masked = quote(masked_plain, safe="/%:?#[]@!$&()*+,;=~")
    return masked


def _mask_plain(text: str) -> str:
    return _TOKEN.sub("***", _TOKEN_PATH.sub(r"\1***", text))


def shortened(line: str) -> str:
    """Return a line, truncated with its length if it is too long for the log."""
    if len(line) <= MAX_CHARACTERS:
        return line
    return f"{line[:MAX_CHARACTERS]}… ({len(line):,} characters)"


class MaskTokens(logging.Filter):
    """Masks message and traceback of every record that passes, and cuts messages short."""

    def filter(self, record):
        record.msg, record.args = shortened(mask_tokens(record.getMessage())), ()
        if record.exc_info:
            formatter = logging.Formatter()
            record.exc_text = mask_tokens(formatter.formatException(record.exc_info))
        return True
