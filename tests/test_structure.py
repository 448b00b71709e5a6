"""Rules that make the code easy to navigate; import-linter checks the order of the apps."""

import ast
import io
import re
import tokenize
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = [
    "sma_archive",
    "preservation_app",
    "ingest_app",
    "alerts_app",
    "recordings_app",
    "sessions_app",
    "speakers_app",
    "desk_app",
    "site_app",
    "search_app",
]
MAX_MODULES = 14  # modules in an app's top-level folder; with more of them, create a package
STRINGS = {tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}
# Names that are made while the program runs, that a standard defines, or of other files.
NAMES_FROM_ELSEWHERE = {
    *("get_speakers", "list_speakers", "name__folded", "url_ver"),
    *("/manage.py", "CHANGELOG", "pytest_cache"),
}


def modules(app):
    for path in (ROOT / app).rglob("*.py"):
        if not {"migrations", "commands"} & set(path.parts):
            yield path


def test_public_classes_have_unique_names():
    homes = defaultdict(list)
    for app in APPS:
        for path in modules(app):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    homes[node.name].append(str(path.relative_to(ROOT)))

    shared = {name: paths for name, paths in homes.items() if len(paths) > 1}
    assert shared == {}


def test_no_app_has_too_many_modules_side_by_side():
    counts = {app: len(list((ROOT / app).glob("[!_]*.py"))) for app in APPS}

    assert {app: count for app, count in counts.items() if count > MAX_MODULES} == {}


def names_quoted_in(text):
    """The names in backticks: of `module.function(…)` each one, of other text those with "_"."""
    for quoted in re.findall(r"`([^`\n]+)`", text):
        if re.fullmatch(r"[\w.]+(\(.*\))?", quoted):
            yield from re.findall(r"[A-Za-z_]\w*", quoted.partition("(")[0])
        else:
            yield from re.findall(r"[A-Za-z]\w*_\w+", re.sub(r"[\"'].*?[\"']", "", quoted))


@pytest.fixture(scope="module")
def notes_and_names():
    """The comments and docstrings of the code, and every other name or word in it."""
    notes, known = [], set(NAMES_FROM_ELSEWHERE)
    for folder in (*APPS, "templates", "tests", "scripts"):
        known |= {f"/{path.relative_to(ROOT)}" for path in (ROOT / folder).rglob("*.*")}
    for path in (path for app in (*APPS, "tests") for path in (ROOT / app).rglob("*.py")):
        known |= set(path.relative_to(ROOT).with_suffix("").parts)
        source = path.read_text(encoding="utf-8")
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            is_docstring = token.type == tokenize.STRING and token.string.startswith('"""')
            if token.type == tokenize.COMMENT or is_docstring:
                notes.append((f"{path.relative_to(ROOT)}:{token.start[0]}", token.string))
            elif token.type in STRINGS:
                known |= set(re.findall(r"\w+", token.string))
            elif token.type == tokenize.NAME:
                known.add(token.string)
    for folder in ("templates", "static", "scripts", "benchmarks"):
        for path in (ROOT / folder).rglob("*.*"):
            if path.suffix in (".html", ".js", ".css", ".py"):
                known |= set(re.findall(r"[\w-]+", path.read_text(encoding="utf-8")))
    return notes, known


def test_comments_and_docstrings_name_only_what_exists(notes_and_names):
    notes, known = notes_and_names

    unknown = [
        (place, name)
        for place, text in notes
        for name in names_quoted_in(text)
        if name not in known
    ]

    assert not unknown, unknown


def test_developer_documentation_names_only_what_exists(notes_and_names):
    text = (ROOT / "docs/developer.md").read_text(encoding="utf-8")
    _notes, known = notes_and_names

    named = re.findall(r"`([\w/]+\.(?:py|toml|html))\b", text)
    missing = [name for name in named if not any(place.endswith(f"/{name}") for place in known)]
    unknown = [name for name in names_quoted_in(text) if name not in known]

    assert not missing, missing
    assert not unknown, unknown
