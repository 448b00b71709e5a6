"""Style sheets: one property per line, and no rule for an unused class."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
SHEETS = sorted((ROOT / "static/css").rglob("*.css"))
# Classes that templates, or Django's admin, derive from a name: `field-{{ field.name }}`.
PREFIXES = (
    *("column-", "depth-", "field-", "is-", "level-", "model-", "of-", "requests__item--", "run-"),
)
# Classes of Django's admin and of packages used in it.
FOREIGN = {
    *("ProseMirror", "ProseMirror-focused", "ProseMirror-gapcursor", "ProseMirror-hideselection"),
    *("fieldBox", "form-multiline", "has_original", "inline-group", "tabular"),
    "select2-container",
}
# Linked by pages; all others are imported.
PAGE_SHEETS = {
    "browse.css",
    "home.css",
    "pack.css",
    "player.css",
    "session.css",
    "site.css",
}
WORD = re.compile(r"[A-Za-z0-9_][\w-]*")


def without_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def classes_of(sheet):
    """Return the names of the classes in the selectors of a style sheet."""
    selectors = re.sub(r"\{[^{}]*\}", "{}", without_comments(sheet.read_text()))
    selectors = re.sub(r'"[^"]*"|url\([^)]*\)', "", selectors)
    return set(re.findall(r"\.([A-Za-z_][\w-]*)", selectors))


@pytest.fixture(scope="module")
def words_in_use():
    """Every word of templates, scripts and Python code: a class that is not among them is unused."""
    files = [
        *(ROOT / "templates").rglob("*.html"),
        *(ROOT / "static/js").rglob("*.js"),
        *(path for app in ROOT.glob("*_a*/") for path in app.rglob("*.py")),
    ]
    return {word for path in files for word in WORD.findall(path.read_text())}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_every_css_rule_is_for_a_used_class(sheet, words_in_use):
    def is_used(name):
        made_of = [name.removeprefix(prefix) for prefix in PREFIXES if name.startswith(prefix)]
        # A choice of a model field.
        made_of += [part.replace("-", "_").upper() for part in made_of]
        return not {name, *made_of}.isdisjoint(words_in_use | FOREIGN)

    assert [name for name in sorted(classes_of(sheet)) if not is_used(name)] == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_each_line_has_one_property(sheet):
    crowded = [
        line
        for line in without_comments(sheet.read_text()).splitlines()
        if "{" in line.rstrip("{ ") or line.count(";") > 1
    ]

    assert crowded == []


def test_every_component_is_part_of_the_public_style():
    folder = ROOT / "static/css"
    alone = {path.name for path in folder.glob("*.css") if path.name in PAGE_SHEETS}
    imported = {
        name
        for sheet in alone
        for name in re.findall(r'@import url\("([^"]+)"\)', (folder / sheet).read_text())
    }

    assert (
        imported
        == {
            path.relative_to(folder).as_posix()
            for path in SHEETS
            if not path.is_relative_to(folder / "admin")
        }
        - alone
    )
