"""Cells of spreadsheets: values are escaped so that none becomes a formula, and unescaped on import."""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def safe_cell(value: str) -> str:
    """Return a value that no spreadsheet program reads as a formula. Source: OWASP, CSV injection.

    A value that would read like an escaped one is escaped too, so that `plain_cell` undoes it.
    """
    return f"'{value}" if _FORMULA.match(value) else value


def plain_cell(value: str) -> str:
    """Return the value from which `safe_cell` made this cell."""
    return value[1:] if value.startswith("'") and _FORMULA.match(value) else value
