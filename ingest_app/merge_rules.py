"""Merge rules of sessions for later imports, which recognise the sources of both."""

from desk_app.merging.journal import Journal
from desk_app.merging.rules import merge_rules

from .models import ImportedRecord


def unite_import_data(journal: Journal, kept: ImportedRecord, other: ImportedRecord) -> None:
    """The kept session keeps its import data; no comment is imported twice."""
    journal.change_columns(kept, {"comments": sorted({*kept.comments, *other.comments})})


merge_rules(ImportedRecord, unite=unite_import_data)
