"""Rules that make the code easy to navigate; import-linter checks the order of the apps."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = [
    "sma_archive",
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
