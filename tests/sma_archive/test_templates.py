"""The formatting of all templates, in addition to the checks of `make lint`."""

from pathlib import Path

from django.conf import settings

MAX_LINE_LENGTH = 160


def test_lines_of_templates_can_be_read_without_scrolling():
    folder = Path(settings.BASE_DIR) / "templates"
    long_lines = [
        f"{path.relative_to(folder)}:{number}"
        for path in sorted(folder.rglob("*.html"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > MAX_LINE_LENGTH
    ]

    assert long_lines == []
