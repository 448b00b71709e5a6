"""What merging sessions means for later imports: they know what is there of both."""

from desk_app.merging.journal import Journal
from desk_app.merging.rules import merge_rules

from .models import ImportedRecord


def unite_imported(journal: Journal, kept: ImportedRecord, other: ImportedRecord) -> None:
    """The kept session goes on with what was imported for it; no comment comes a second time."""
    journal.change(kept, {"comments": sorted({*kept.comments, *other.comments})})


merge_rules(ImportedRecord, unite=unite_imported)
