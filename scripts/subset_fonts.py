"""Create the web fonts in static/fonts/ from their published packages.

Needs fonttools and brotli in addition to the requirements, and two npm packages:

    npm pack @fontsource-variable/source-serif-4@5.3.1 @fontsource-variable/source-sans-3@5.3.1
    scripts/subset_fonts.py DIRECTORY_WITH_THE_TGZ_FILES

Both fonts retain the letters of European languages in Latin script and common punctuation, in the
weights used by the style sheets: all four files together are below 60 KB. For other scripts, browsers
use the fonts of the system.
"""

import io
import sys
import tarfile
from pathlib import Path

from fontTools.subset import Options, Subsetter, parse_unicodes
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

TARGET = Path(__file__).resolve().parent.parent / "static" / "fonts"
FEATURES = ["kern", "liga", "locl", "mark", "mkmk", "ccmp", "tnum", "lnum"]
RANGES = {
    "latin": "U+0020-007E,U+00A0-00FF,U+0131,U+0152-0153,U+02C6,U+02DA,U+02DC,U+2010-2011,"
    "U+2013-2014,U+2018-201A,U+201C-201E,U+2020,U+2022,U+2026,U+2030,U+2032-2033,U+2039-203A,"
    "U+202F,U+20AC,U+2190-2193,U+2212",
    "latin-ext": "U+0100-0107,U+010C-0113,U+0116-011B,U+011E-0123,U+012A-012B,U+012E-0130,"
    "U+0136-0137,U+0139-013E,U+0141-0148,U+014C-014D,U+0150-0151,U+0154-0155,U+0158-015B,"
    "U+015E-0165,U+016A-016B,U+016E-0173,U+0178-017E,U+0218-021B",
}
FACES = {
    "source-serif-4": ("Archive Serif", (600, 600)),
    "source-sans-3": ("Archive Sans", (400, 700)),
}
# Of the name table: family, unique identifier, full name and PostScript name.
NAME_IDS = (1, 3, 4, 6, 16)


def subset(content: bytes, name: str, ranges: str, weights: tuple[int, int]) -> bytes:
    """Return the WOFF2 font called `name` with only these characters and this range of weights."""
    font = TTFont(io.BytesIO(content))
    options = Options(layout_features=FEATURES, flavor="woff2", hinting=False, desubroutinize=True)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=parse_unicodes(ranges))
    subsetter.subset(font)
    instantiateVariableFont(font, {"wght": weights}, inplace=True)
    _rename(font, name)
    font.flavor = "woff2"
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()


def _rename(font: TTFont, name: str) -> None:
    """Rename a changed font: the licence reserves the original name."""
    for record in font["name"].names:
        if record.nameID in NAME_IDS:
            record.string = name.replace(" ", "") if record.nameID == 6 else name


def main(folder: Path) -> None:
    TARGET.mkdir(exist_ok=True)
    for face, (own_name, weights) in FACES.items():
        (package,) = folder.glob(f"fontsource-variable-{face}-*.tgz")
        with tarfile.open(package) as archive:
            licence = archive.extractfile("package/LICENSE").read()
            (TARGET / f"{face}-LICENSE.txt").write_bytes(licence)
            for name, ranges in RANGES.items():
                member = f"package/files/{face}-{name}-wght-normal.woff2"
                content = subset(archive.extractfile(member).read(), own_name, ranges, weights)
                (TARGET / f"{face}-{name}.woff2").write_bytes(content)
                print(f"{face}-{name}.woff2: {len(content):,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
