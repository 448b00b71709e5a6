"""Cells of spreadsheets: no value becomes a formula, and each comes back as it was."""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def safe_cell(value: str) -> str:
    """Return a value that no spreadsheet program takes for a formula. Source: OWASP, CSV injection.

    A value that would read like an escaped one is escaped too, so that `plain_cell` undoes it.
    """
    return f"'{value}" if _FORMULA.match(value) else value


def plain_cell(value: str) -> str:
    """Return the value that `safe_cell` made this cell of."""
    return value[1:] if value.startswith("'") and _FORMULA.match(value) else value
