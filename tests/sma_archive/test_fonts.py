"""The web fonts: small, licensed, preloaded from the URL in the style sheet."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

FONTS = Path(settings.BASE_DIR) / "static/fonts"
MAX_FONT_BYTES = 60_000  # all files together


def test_fonts_are_small_and_include_their_licence():
    files = list(FONTS.glob("*.woff2"))

    assert files
    assert sum(path.stat().st_size for path in files) <= MAX_FONT_BYTES
    for path in files:
        licence = FONTS / (path.name.split("-latin")[0] + "-LICENSE.txt")
        assert "SIL Open Font License" in licence.read_text()


def test_style_sheet_uses_exactly_the_existing_fonts():
    style = (Path(settings.BASE_DIR) / "static/css/site.css").read_text()

    named = re.findall(r'url\("\.\./fonts/([^"]+)"\)', style)

    assert sorted(named) == sorted(path.name for path in FONTS.glob("*.woff2"))


@pytest.mark.django_db
def test_pages_preload_fonts_that_exist(client):
    html = client.get(reverse("site:contact")).content.decode()

    preloaded = re.findall(r'rel="preload" href="[^"]*fonts/([^".]+)[^"]*"', html)

    assert preloaded == ["source-sans-3-latin", "source-serif-4-latin"]
    assert all((FONTS / f"{name}.woff2").exists() for name in preloaded)
