"""Cells of spreadsheets: values are escaped so that none becomes a formula, and unescaped on import."""

import re

_FORMULA_START = re.compile(r"'*[=+\-@\t\r]")


def escape_formula(value: str) -> str:
    """Return a value that no spreadsheet program reads as a formula. Source: OWASP, CSV injection.

    A value that would read like an escaped one is escaped too, so that `unescape_formula` undoes it.
    """
    return f"'{value}" if _FORMULA_START.match(value) else value


def unescape_formula(value: str) -> str:
    """Return the value from which `escape_formula` made this cell."""
    return value[1:] if value.startswith("'") and _FORMULA_START.match(value) else value
