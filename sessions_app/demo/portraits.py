"""Portraits of the demonstration, drawn here."""

import io
import random

from PIL import Image, ImageDraw

_BACKGROUND_AND_COAT_COLOURS = (
    "#0b4f6c",
    "#7a3b2e",
    "#3d5a3c",
    "#5b3a6b",
    "#8a6d1f",
    "#2f4858",
    "#9a4a3a",
    "#35635b",
)


def draw_portrait(seed: str) -> bytes:
    """Return a WebP portrait of nobody: head and shoulders in flat colours."""
    r = random.Random(seed)  # noqa: S311 - a picture
    back, coat = r.sample(_BACKGROUND_AND_COAT_COLOURS, 2)
    image = Image.new("RGB", (480, 480), back)
    draw = ImageDraw.Draw(image)
    skin = r.choice(("#e8c4a0", "#c98f65", "#8d5a3b", "#f0d3b8", "#6b4329"))
    hair = r.choice(("#2b2320", "#6b5a4a", "#b9b4ac", "#4a2f22"))
    draw.ellipse((60, 330, 420, 700), fill=coat)
    draw.rectangle((205, 270, 275, 370), fill=skin)
    draw.ellipse((150, 90 - r.randrange(12), 330, 300), fill=hair)
    draw.ellipse((162, 125, 318, 315), fill=skin)
    image = image.resize((240, 240), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "WEBP", quality=80)
    return out.getvalue()
