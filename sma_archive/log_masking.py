"""No log holds the token of a link: whoever reads logs must not be able to open it."""

import logging
import re

_TOKEN_PATH = re.compile(
    r"(/(?:requests/received|requests/confirm|requests|recordings|alerts)/)(?!received/|confirm/|new/)[^/\s?\"']+"
)


def mask(text: str) -> str:
    """Return `text` with the token in each address that carries one replaced by "***"."""
    return _TOKEN_PATH.sub(r"\1***", text)


class MaskTokens(logging.Filter):
    """Masks message and traceback of every record that passes."""

    def filter(self, record):
        record.msg, record.args = mask(record.getMessage()), ()
        if record.exc_info:
            formatter = logging.Formatter()
            record.exc_text = mask(formatter.formatException(record.exc_info))
        return True
