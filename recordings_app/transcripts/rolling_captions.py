"""Captions that repeat lines or words of those before them, as live captions do: each word once."""

import html
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

from .cues import VOICE_TAG, WORD_TIMING_TAG, Caption, text_without_markup

# Cues this close together belong to one rolling caption.
MAX_ROLLING_GAP_MS = 200
MAX_JOINED_CAPTION_WORDS = 12  # of a joined caption whose text moves on word by word
MAX_FINISHED_LINE_FLASH_MS = (
    60  # how long a platform shows a finished line alone between two rolling captions
)


def _visible_lines(lines):
    """Return the lines of a caption as a viewer sees them."""
    return [text for line in lines if (text := text_without_markup([line]))]


def _repeated_line_count(before, now):
    """Return how many of the first lines are the last ones of the previous caption."""
    for count in range(min(len(before), len(now)), 0, -1):
        if before[-count:] == now[:count]:
            return count
    return 0


def repeats_earlier_lines(captions):
    """Return whether a file repeats earlier lines, as roll-up captions do.

    What people say twice is not that: at least half of the captions have to show it.
    """
    if any(WORD_TIMING_TAG.search(line) for caption in captions for line in caption.lines):
        return True
    shown = [_visible_lines(caption.lines) for caption in captions]
    rolling = together = 0
    for at in range(1, len(captions)):
        before, now = captions[at - 1], captions[at]
        if now.start_ms > before.end_ms + MAX_ROLLING_GAP_MS or not shown[at]:
            continue
        together += 1
        count = _repeated_line_count(shown[at - 1], shown[at])
        flashes = (
            min(now.end_ms - now.start_ms, before.end_ms - before.start_ms)
            <= MAX_FINISHED_LINE_FLASH_MS
        )
        rolling += bool(
            count and (count < len(shown[at]) or flashes or now.start_ms < before.end_ms)
        )
    return rolling > 0 and 2 * rolling >= together


def without_repeated_lines(captions):
    """Return captions with each line only where it first appears."""
    kept: list[Caption] = []
    before: list[str] = []
    end = None
    for caption in captions:
        now = _visible_lines(caption.lines)
        follows = end is not None and caption.start_ms <= end + MAX_ROLLING_GAP_MS
        repeated = _repeated_line_count(before, now) if follows else 0
        lines, voice = [], ""
        for line in caption.lines:
            names = VOICE_TAG.findall(line)
            if repeated and text_without_markup([line]):
                repeated -= 1
                voice = names[-1] if names else voice
            else:
                lines.append(f"<v {voice}>{line}" if voice and not names else line)
                voice = ""
        if _visible_lines(lines):
            kept.append(replace(caption, lines=lines))
        before, end = now, caption.end_ms
    return kept


def repeats_earlier_words(captions):
    """Return whether captions repeat the previous words within a line, and add some.

    Live captions write a line word by word, or move it through a window of fixed width. At least two
    pairs and at least half of all must show this; where words were corrected, nearly all.
    """
    exact = folded = together = 0
    for before, now in pairwise(captions):
        if now.start_ms > before.end_ms + MAX_ROLLING_GAP_MS:
            continue
        together += 1
        lines = _visible_lines(now.lines)
        was, words = " ".join(_visible_lines(before.lines)).split(), " ".join(lines).split()
        # The caption rolls if earlier lines stay and new ones follow below.
        if _repeated_line_count(_visible_lines(before.lines), lines) or was == words:
            together -= 1
            continue
        exact += bool(_repeated_word_count(was, words))
        folded += bool(_repeated_word_count([*map(_fold_word, was)], [*map(_fold_word, words)]))
    return (exact >= 2 and 2 * exact >= together) or (folded >= 3 and 4 * folded >= 3 * together)


def _repeated_word_count(before, now):
    """Return how many of the first words are the last ones of the previous caption: all, or several."""
    for count in range(min(len(before), len(now)), 0, -1):
        if before[-count:] == now[:count]:
            return count if count == len(before) or count > 1 else 0
    return 0


def _fold_word(word):
    return re.sub(r"^\W+|\W+$", "", word.casefold()) or word


def without_repeated_words(captions):
    """Return captions with each word only at its first appearance; growing ones become one."""
    kept: list[Any] = []  # captions whose lines are (voice, words)
    before: list[str] = []
    end = None
    for caption in captions:
        lines = _words_with_voices(caption.lines)
        now = [word for _voice, words in lines for word in words]
        follows = end is not None and caption.start_ms <= end + MAX_ROLLING_GAP_MS
        known = 0
        if follows:
            known = _repeated_word_count([*map(_fold_word, before)], [*map(_fold_word, now)])
        goes_on, left = known == len(before), known
        new_lines = []
        for voice, words in lines:
            there, left = min(left, len(words)), left - min(left, len(words))
            if there and kept and (there < len(words) or goes_on):
                last_voice, last = kept[-1].lines[-1]
                is_short = len(last) + len(words) - there <= MAX_JOINED_CAPTION_WORDS
                if last[-there:] and len(last) >= there and (goes_on or is_short):
                    # The earlier words may have been corrected.
                    kept[-1].lines[-1] = (last_voice, [*last[:-there], *words])
                    kept[-1].end_ms = max(kept[-1].end_ms, caption.end_ms)
                    continue
            if words[there:]:
                new_lines.append((voice, words[there:]))
        if new_lines:
            kept.append(replace(caption, lines=new_lines))
        before, end = now, caption.end_ms
    return [
        replace(caption, lines=[_line_with_voice_tag(*line) for line in caption.lines])
        for caption in kept
    ]


def _words_with_voices(lines):
    """Return (voice, words) of each line that shows something."""
    pieces, voice = [], ""
    for line in lines:
        parts = VOICE_TAG.split(line)
        for name, raw in [("", parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]:
            voice = name or voice
            if words := text_without_markup([raw]).split():
                pieces.append((voice, words))
    return pieces


def _line_with_voice_tag(voice, words):
    text = html.escape(" ".join(words), quote=False)
    return f"<v {voice}>{text}" if voice else text
