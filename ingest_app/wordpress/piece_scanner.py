"""Cuts a WordPress export at the elements that matter, knowing CDATA and comments."""

import re

MAX_PIECE_BYTES = 8 * 1024 * 1024  # bytes of one element; a longer post cannot be a session
READ_CHUNK_BYTES = 256 * 1024
MAX_TOKEN_BYTES = 16
PIECE_TAGS = rb"item|wp:author|wp:category|wp:tag|wp:term"
_PIECE_TOKEN = re.compile(
    rb"<!\[CDATA\[|<!--|<!DOCTYPE|<!ENTITY|<(?:"
    + PIECE_TAGS
    + rb")(?=[\s>])|</(?:"
    + PIECE_TAGS
    + rb")\s*>"
)
_END_OF_SECTION = {b"<![CDATA[": b"]]>", b"<!--": b"-->"}
CUT_OFF_REASON = "The file is cut off"


class NotAnExportError(ValueError):
    """The file is no WordPress export that may be read; the message says why."""


class PieceScanner:
    """Cuts pieces out of a file and knows offset (bytes) and line of what comes next."""

    def __init__(self, file, offset, line):
        self.file, self.offset, self.line = file, offset, line
        file.seek(offset)
        self.buffer, self.at_end = b"", False
        self.last = b""  # the end of what was read, to check that the file is complete

    def step_back(self, count, content):
        """Return to `count` bytes before the offset, where `content` began."""
        self.offset -= count
        self.line -= content.count(b"\n")
        self.file.seek(self.offset)
        self.buffer, self.at_end = b"", False

    def _read_more(self):
        chunk = self.file.read(READ_CHUNK_BYTES)
        self.at_end = not chunk
        self.buffer += chunk

    def _skip(self, count):
        passed, self.buffer = self.buffer[:count], self.buffer[count:]
        self.last = (self.last + passed)[-200:]
        self.offset += len(passed)
        self.line += passed.count(b"\n")

    def _find_reading_on(self, pattern, start):
        """Return where `pattern` matches from `start` on, reading as needed; None at the end.

        Outside a piece (`start` None) what is passed over is forgotten.
        """
        outside, start = start is None, start or 0
        while True:
            if isinstance(pattern, bytes):
                position = self.buffer.find(pattern, start)
                match = (position, position + len(pattern), pattern) if position >= 0 else None
            else:
                position = pattern.search(self.buffer, start)
                match = (position.start(), position.end(), position[0]) if position else None
            # A token at the edge may be longer than the buffered data.
            if match and (match[1] < len(self.buffer) or self.at_end):
                return match
            if self.at_end or (not outside and len(self.buffer) > MAX_PIECE_BYTES):
                return None
            keep = max(len(self.buffer) - MAX_TOKEN_BYTES, 0)
            if outside:
                self._skip(keep)
            else:
                start = max(start, keep)
            self._read_more()

    def next_piece(self):
        """Return (kind, bytes, line, reason of refusal or "") of the next piece; None at the end."""
        while token := self._find_reading_on(_PIECE_TOKEN, None):
            start, end, text = token
            if text in _END_OF_SECTION:
                self._skip(end)
                if not (closing := self._find_reading_on(_END_OF_SECTION[text], None)):
                    return b"", b"", self.line, f"{CUT_OFF_REASON}."
                self._skip(closing[1])
            elif text.startswith(b"<!"):
                raise NotAnExportError(
                    f"Line {self.line}: the file declares a document type or entities; "
                    "no export does."
                )
            elif text.startswith(b"</"):
                self._skip(end)
            else:
                self._skip(start)
                return self._rest_of_piece(text[1:])
        self._skip(len(self.buffer))
        if self.last and not self.last.rstrip().endswith(b"</rss>"):
            self.last = b""
            return b"", b"", self.line, f"{CUT_OFF_REASON}: its end is missing."
        return None

    def _rest_of_piece(self, kind):
        line, at = self.line, len(kind) + 1
        while token := self._find_reading_on(_PIECE_TOKEN, at):
            _start, at, text = token
            if text in _END_OF_SECTION:
                if not (closing := self._find_reading_on(_END_OF_SECTION[text], at)):
                    break
                at = closing[1]
            elif text.startswith(b"<!"):
                break
            elif text.startswith(b"</") and text[2:].rstrip(b" \t\r\n>") == kind:
                content = self.buffer[:at]
                self._skip(at)
                return kind, content, line, ""
        is_long = len(self.buffer) > MAX_PIECE_BYTES
        content = self.buffer
        self._skip(len(content))
        if not is_long:
            self.last = b""  # reported once
            return kind, content, line, f"{CUT_OFF_REASON} in the middle of this."
        limit = MAX_PIECE_BYTES // 1024 // 1024
        return kind, content, line, f"This is longer than {limit} MB, or its end is missing."
