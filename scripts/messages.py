"""Update the catalogues of translations: collect the marked texts, and compile the translations.

    .venv/bin/python scripts/messages.py          # after marking or translating something
    .venv/bin/python scripts/messages.py --check  # list what is missing, as the tests do

It replaces Django's makemessages and compilemessages. These need GNU gettext, and they keep the white
space of templates, which the archive's loader removes before a template is compiled
(sma_archive/configuration/template_loader.py): the same text would have another message id.
"""

import argparse
import ast
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import django  # noqa: E402
from babel.messages import Catalog  # noqa: E402
from babel.messages.extract import extract  # noqa: E402
from babel.messages.mofile import write_mo  # noqa: E402
from babel.messages.pofile import read_po, write_po  # noqa: E402
from django.utils.translation.template import templatize  # noqa: E402

from site_app.text.derived_model_names import derived_names  # noqa: E402
from sma_archive.configuration.template_loader import without_indentation  # noqa: E402

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sma_archive.settings")
django.setup()  # the names of models and fields are read from them

LOCALE = ROOT / "locale"
KEYWORDS = {
    **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop", "_"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
DERIVED = "site_app/text/derived_model_names.py"  # finds the names of models and fields
HEADER = "# Translations of the archive. The glossary is in docs/translating.md.\n#"


def sources() -> list[Path]:
    """Return the files with texts that people see: code and templates, without tests and tools."""
    code = (path for app in ROOT.glob("*/__init__.py") for path in app.parent.rglob("*.py"))
    left_out = {"tests", "benchmarks", "migrations", "demo"}
    templates = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]
    return sorted(
        path for path in (*code, *templates) if not left_out & set(path.relative_to(ROOT).parts)
    )


def marked() -> Catalog:
    """Return everything that is marked for translation, without translations."""
    catalog = Catalog(charset="utf-8")
    for path in sources():
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            text = templatize(without_indentation(text) if path.suffix == ".html" else text)
            found = in_template(text)
        else:
            found = in_code(text)
        name = path.relative_to(ROOT).as_posix()
        for message, context in found:
            catalog.add(message, locations=[(name, None)], context=context)
    for _named, _attribute, name, context in derived_names():
        catalog.add(name, locations=[(DERIVED, None)], context=context)
    return catalog


def in_template(text: str) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Yield (text or its plural forms, context) of each call in the output of `templatize`."""
    options = {"encoding": "utf-8"}
    for found in extract("python", BytesIO(text.encode()), KEYWORDS, options=options):
        yield found[1], found[3]


def in_code(text: str) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Yield the same for each call in Python code, including those in f-strings, which Babel skips."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
        if name not in KEYWORDS:
            continue
        given = [part.value for part in node.args if isinstance(part, ast.Constant)]
        texts = [part for part in given if isinstance(part, str)]
        has_context, is_plural = "p" in name.split("gettext")[0], "n" in name.split("gettext")[0]
        context = texts.pop(0) if has_context and texts else None
        if len(texts) == 1 + is_plural:
            yield (tuple(texts) if is_plural else texts[0]), context


def po_path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """Return the catalogue of a language; an empty one for a new language."""
    path = po_path(language)
    if not path.exists():
        return Catalog(language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, language)


def updated(language: str) -> Catalog:
    """Return the catalogue with exactly the marked texts and their existing translations."""
    old, new = read(language), Catalog(language, header_comment=HEADER, fuzzy=False)
    for message in marked():
        if message.id:
            known = old.get(message.id, message.context)
            same = known is not None and type(known.id) is type(message.id)
            new.add(
                message.id,
                known.string if same else None,
                locations=message.locations,
                flags=message.flags,
                user_comments=known.user_comments if known else (),
                context=message.context,
            )
    return new


def as_po(catalog: Catalog) -> bytes:
    file = BytesIO()
    # No timestamps: a catalogue changes only when its texts change.
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    catalog.project, catalog.version = "Speaker Series Archive", "1"
    write_po(file, catalog, width=100, include_lineno=False, sort_by_file=True)
    return file.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    file = BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def untranslated(catalog: Catalog) -> list[str]:
    """Return the texts of a catalogue without a translation, or without one of its plural forms."""
    return [
        str(message.id)
        for message in catalog
        if message.id and not all(message.string if message.pluralizable else [message.string])
    ]


def languages() -> list[str]:
    return sorted(path.name for path in LOCALE.iterdir() if path.is_dir())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, tell what is missing")
    parser.add_argument("--language", help="one language, new or known; default: all there are")
    options = parser.parse_args()
    missing = 0
    for language in [options.language] if options.language else languages():
        catalog = updated(language)
        for text in untranslated(catalog):
            missing += 1
            print(f"{language}: not translated: {text}")
        if not options.check:
            path = po_path(language)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(as_po(catalog))
            path.with_suffix(".mo").write_bytes(as_mo(catalog))
    return 1 if missing and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
