"""Card images of sessions, shown by services that display a preview of a link.

A card is identified by its content. It is drawn on the first request and stored in a folder of this
machine, one file per content; old files are deleted and drawn again when requested.
"""

import hashlib
import io
import json
import re
import secrets
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from arabic_reshaper import ArabicReshaper
from bidi import get_base_level, get_display
from django.conf import settings
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError

from sessions_app.day_range import day_range
from sessions_app.formats import citations
from sessions_app.models import Session

CARD_WIDTH, CARD_HEIGHT, CARD_MARGIN = 1200, 630, 72  # pixels
PORTRAIT_PIXELS = 224  # side length
DESIGN_VERSION = 2  # increased whenever the design changes
CARD_RETENTION_SECONDS = 30 * 24 * 3600
MAX_SPEAKERS_NAMED = 4
TITLE_SIZES, LINE_HEIGHT = (64, 56, 48, 42, 36), 1.25
BACKGROUND, ACCENT, WHITE, SOFT = "#12324a", "#e8b04b", "#ffffff", "#c9d6df"
FONTS_FOLDER = Path(__file__).with_name("fonts")
_RIGHT_TO_LEFT_CHARACTER = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_joined = ArabicReshaper({"ARABIC LIGATURE ALLAH": False}).reshape  # not in the font
_CHARACTER_WITHOUT_GLYPH = (
    "\uffff"  # a noncharacter: a font draws its glyph for missing characters
)


@dataclass(frozen=True)
class CardContent:
    """What a card shows."""

    title: str
    speakers: str
    when: str  # day or days, and series
    site_name: str
    portrait: str  # name of a stored picture, or ""

    @property
    def digest(self) -> str:
        text = json.dumps([DESIGN_VERSION, asdict(self)], sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def card_content(session: Session, site_name: str) -> CardContent:
    """Return the card of a session that comes `with_speakers()`."""
    appearances = citations.appearances_without_moderators(session)
    names = [appearance.speaker.full_name for appearance in appearances]
    if len(names) > MAX_SPEAKERS_NAMED:
        names = [*names[: MAX_SPEAKERS_NAMED - 1], f"{len(names) - MAX_SPEAKERS_NAMED + 1} others"]
    portraits = (_portrait_filename(appearance.speaker) for appearance in appearances)
    return CardContent(
        title=session.title,
        speakers=", ".join(names),
        when=" · ".join(
            filter(None, (day_range(session), session.series and session.series.name))
        ),
        site_name=site_name,
        portrait=next(filter(None, portraits), ""),
    )


def _portrait_filename(speaker) -> str:
    """Return the name of the larger rendition of a speaker's photo, made for dense screens."""
    made = speaker.renditions.get("large") if speaker.photo else None
    return made[1][0] if made else ""


def card_url_path(session: Session, site_name: str) -> str:
    """Return the address of a session's card: another one when it shows something else."""
    path = reverse("sessions:card", args=[session.slug])
    return f"{path}?v={card_content(session, site_name).digest}"


def cached_card_png(card: CardContent) -> bytes:
    """Return a card as PNG, from the cache or newly drawn."""
    kept = Path(settings.CARD_DIR) / f"{card.digest}.png"
    try:
        return kept.read_bytes()
    except OSError:
        content = draw_card_png(card)
        _write_file_atomically(kept, content)
        return content


def _write_file_atomically(path: Path, content: bytes) -> None:
    """Write a file completely or not at all; with a full disk nothing is stored."""
    part = path.with_name(f"{path.stem}-{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink()


def purge_old_cards() -> int:
    """Delete cards that were drawn long ago; return how many. They are drawn again on request."""
    oldest, count = time.time() - CARD_RETENTION_SECONDS, 0
    # .png, and .part of a process that was interrupted
    for path in Path(settings.CARD_DIR).glob("*.p*"):
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
                count += 1
        except OSError:
            continue
    return count


def draw_card_png(card: CardContent) -> bytes:
    """Return a card as PNG, 1200 × 630 pixels."""
    picture = Image.new("RGB", (CARD_WIDTH, CARD_HEIGHT), BACKGROUND)
    brush = ImageDraw.Draw(picture)
    brush.rectangle((0, 0, 16, CARD_HEIGHT), fill=ACCENT)
    width = CARD_WIDTH - 2 * CARD_MARGIN
    if portrait := _load_portrait(card.portrait):
        width -= PORTRAIT_PIXELS + 48
        picture.paste(portrait, (CARD_WIDTH - CARD_MARGIN - PORTRAIT_PIXELS, CARD_MARGIN))
    lines = _wrap_text(card.site_name, _load_font(28), width, 1)
    _draw_lines(brush, (CARD_MARGIN, CARD_MARGIN), width, lines, 28, ACCENT)
    bottom = CARD_HEIGHT - CARD_MARGIN
    for text, size, most, colour in ((card.when, 28, 1, SOFT), (card.speakers, 32, 2, WHITE)):
        lines = _wrap_text(text, _load_font(size), CARD_WIDTH - 2 * CARD_MARGIN, most)
        bottom -= round(len(lines) * size * LINE_HEIGHT)
        _draw_lines(
            brush, (CARD_MARGIN, bottom), CARD_WIDTH - 2 * CARD_MARGIN, lines, size, colour
        )
    top = CARD_MARGIN + 64
    size, title = _fit_title(card.title, width, bottom - 16 - top)
    _draw_lines(brush, (CARD_MARGIN, top), width, title, size, WHITE, bold=True)
    content = io.BytesIO()
    picture.quantize(128).save(content, "PNG", optimize=True)
    return content.getvalue()


def _fit_title(text: str, width: int, height: int) -> tuple[int, list[str]]:
    """Return the largest size in which a title fits, and its lines; the smallest cuts it."""
    for size in TITLE_SIZES:
        most = int(height // (size * LINE_HEIGHT))
        lines = _wrap_text(text, _load_font(size, bold=True), width, most + 1)
        if len(lines) <= most:
            break
    return size, _wrap_text(text, _load_font(size, bold=True), width, most)


def _wrap_text(text: str, font, width: int, most: int) -> list[str]:
    """Return `text` in at most this many lines, truncated with an ellipsis.

    What the font cannot write is left out: better than a row of empty boxes.
    """
    lines = [""]
    for word in _without_missing_glyphs(text, font).split():
        word = _truncate_to_width(word, font, width)
        joined = f"{lines[-1]} {word}".strip()
        if _text_width(joined, font) <= width:
            lines[-1] = joined
        elif len(lines) < most:
            lines.append(word)
        else:
            lines[-1] = _truncate_to_width(f"{joined}{'x' * len(joined)}", font, width)
            break
    return [line for line in lines if line]


def _truncate_to_width(text: str, font, width: int) -> str:
    if _text_width(text, font) <= width:
        return text
    while text and _text_width(f"{text}…", font) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _draw_lines(brush, place, width, lines, size, colour, *, bold=False) -> None:
    """Draw lines one below the other; all to the right if the text reads from there."""
    x, y = place
    font = _load_font(size, bold=bold)
    from_right = (
        any(map(_RIGHT_TO_LEFT_CHARACTER.search, lines)) and get_base_level(" ".join(lines)) == 1
    )
    for line in lines:
        drawn = _in_visual_order(line, from_right)
        indent = width - font.getlength(drawn) if from_right else 0
        brush.text((x + indent, y), drawn, font=font, fill=colour)
        y += round(size * LINE_HEIGHT)


def _in_visual_order(text: str, from_right: bool = False) -> str:
    """Return the text from left to right as it is seen, with the forms of joined letters."""
    if not _RIGHT_TO_LEFT_CHARACTER.search(text):
        return text
    return get_display(_joined(text), base_dir="R" if from_right else "L")


def _text_width(text: str, font) -> float:
    return font.getlength(_in_visual_order(text))


@cache
def _load_font(size: int, *, bold: bool = False):
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    # Pillow's own layout engine: the same result whatever libraries a machine has.
    return ImageFont.truetype(FONTS_FOLDER / name, size, layout_engine=ImageFont.Layout.BASIC)


def _without_missing_glyphs(text: str, font) -> str:
    """Return the text without characters that the font does not have.

    A text of which less than half could be read is left out.
    """
    drawn = "".join(sign for sign in text if sign.isspace() or _has_glyph(sign, font))
    letters = sum(map(str.isalnum, text))
    return drawn if 2 * sum(map(str.isalnum, drawn)) >= letters else ""


@cache
def _missing_glyph_bitmap(font) -> bytes:
    return bytes(font.getmask(_CHARACTER_WITHOUT_GLYPH))


def _has_glyph(character: str, font) -> bool:
    return character.isprintable() and bytes(font.getmask(character)) != _missing_glyph_bitmap(
        font
    )


def _load_portrait(name: str) -> Image.Image | None:
    if not name:
        return None
    try:
        with default_storage.open(name) as file, Image.open(file) as picture:
            return picture.convert("RGB").resize(
                (PORTRAIT_PIXELS, PORTRAIT_PIXELS), Image.Resampling.LANCZOS
            )
    except (OSError, UnidentifiedImageError, ValueError):
        return None
