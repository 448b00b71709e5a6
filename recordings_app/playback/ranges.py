"""HTTP ranges of a file, read and answered: one range, or the whole.

Source: RFC 9110, sections 13 and 14. A server may ignore any Range; this one ignores those it
does not understand and those that name several ranges, for which no player asks: assembling
thousands of overlapping ones is an old attack.
"""

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

_RANGE_HEADER = re.compile(
    r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.ASCII | re.IGNORECASE
)


class UnsatisfiableRangeError(Exception):
    """The range is beyond the end of the file; the response is 416."""


@dataclass(frozen=True)
class ByteSpan:
    """Bytes `start` to `end`, the last one included, of a file."""

    start: int
    end: int

    @property
    def length(self):
        return self.end - self.start + 1

    def content_range(self, size: int) -> str:
        return f"bytes {self.start}-{self.end}/{size}"


def requested_span(header: str, size: int) -> ByteSpan | None:
    """Return the one range that `header` asks for of a file of `size` bytes, None for the whole.

    Raises UnsatisfiableError.
    """
    match = _RANGE_HEADER.fullmatch(header.strip())
    if not match or match[1] == match[2] == "":
        return None
    if match[1] == "":
        wanted = int(match[2])
        if wanted == 0 or size == 0:
            raise UnsatisfiableRangeError
        return ByteSpan(max(0, size - wanted), size - 1)
    start = int(match[1])
    end = int(match[2]) if match[2] else size - 1
    if match[2] and end < start:
        return None
    if start >= size:
        raise UnsatisfiableRangeError
    return ByteSpan(start, min(end, size - 1))


def is_unchanged(if_range: str, etag: str, last_modified) -> bool:
    """Return whether the client's part belongs to this version of the file.

    A weak tag never is; a date only if it is exactly the one given out (RFC 9110, section 13.1.5).
    """
    value = if_range.strip()
    if value.startswith(('"', "W/")):
        return value == etag
    if last_modified is None:  # the response had no date
        return False
    try:
        return parsedate_to_datetime(value) == last_modified.replace(microsecond=0)
    except (TypeError, ValueError):
        return False
