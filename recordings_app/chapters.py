"""Chapter marks, as staff write them: one a line, a time and a title."""

import re
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

_CHAPTER_LINE = re.compile(r"\[?(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d)\]?\s*[-–—.]?\s+(\S.*)")
MAX_CHAPTERS = 200


class Chapter(NamedTuple):
    start_seconds: int
    title: str


def parse_chapters(text: str) -> list[Chapter]:
    """Return the chapters of lines such as "12:30 Questions" or "1:02:00 Close", by time.

    Raises ValidationError naming the first line that is not a chapter.
    """
    chapters = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = _CHAPTER_LINE.fullmatch(line.strip())
        if not match or (match[1] and int(match[2]) > 59):
            raise ValidationError(
                gettext(
                    "Line %(number)s: write a time and a title, such as “12:30 Questions”, not "
                    "“%(strip)s”."
                )
                % {"number": number, "strip": line.strip()[:60]}
            )
        hours, minutes, seconds = int(match[1] or 0), int(match[2]), int(match[3])
        chapters.append(Chapter(hours * 3600 + minutes * 60 + seconds, match[4].strip()[:200]))
    if len(chapters) > MAX_CHAPTERS:
        raise ValidationError(
            gettext("These are %(number)s chapters; at most %(max_chapters)s are kept.")
            % {"number": len(chapters), "max_chapters": MAX_CHAPTERS}
        )
    return sorted(chapters)
