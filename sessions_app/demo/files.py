"""Files of the demonstration: small PDFs and portraits, drawn here."""

import io
import random

from PIL import Image, ImageDraw

_COLOURS = ("#0b4f6c", "#7a3b2e", "#3d5a3c", "#5b3a6b", "#8a6d1f", "#2f4858", "#9a4a3a", "#35635b")


def pdf(title: str, lines: list[str]) -> bytes:
    """Return a PDF of one page with a title and lines of text (Latin-1, one font)."""

    def text(line):
        plain = line.encode("cp1252", "replace").decode("cp1252")
        return plain.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")

    drawn = [f"BT /F1 16 Tf 60 770 Td ({text(title[:70])}) Tj ET"]
    drawn += [
        f"BT /F1 11 Tf 60 {735 - 18 * place} Td ({text(line[:95])}) Tj ET"
        for place, line in enumerate(lines[:35])
    ]
    content = "\n".join(drawn).encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
        b" /Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, each in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, each))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(
        b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    )
    return out.getvalue()


def portrait(seed: str) -> bytes:
    """Return a WebP portrait of nobody: head and shoulders in flat colours."""
    r = random.Random(seed)  # noqa: S311 - a picture
    back, coat = r.sample(_COLOURS, 2)
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
