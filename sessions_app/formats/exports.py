"""Whole results as files: CSV, XLSX, JSON, BibTeX and RIS, streamed.

Data becomes text here; HTTP is in views/exports.py. Records are read in slices, so that the memory use
does not depend on their number.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from search_app.api import matching_ids
from search_app.criteria_and_hits import Criteria
from sessions_app.catalogue.list_kinds import ListKind
from sessions_app.catalogue.results import sort_by_keys
from sessions_app.models import Recommendation, Session
from site_app.models import SiteSettings
from site_app.spreadsheets.escaping import escape_formula

from . import citations, xlsx
from .json import (
    absolute_url,
    day_json,
    moment_json,
    recommendation_with_session_json,
    session_json,
)

RECORDS_PER_SLICE = (
    50  # records read at once: requests for pages wait no longer than for one slice
)
SESSION_COLUMNS = [
    "title", "held_on", "ends_on", "series", "speakers", "organisations", "topics", "regions",
    "summary", "recommendation_count", "recommendations", "audience", "documents", "document_urls",
    "has_recording", "language", "url", "updated_at",
]  # fmt: skip
RECOMMENDATION_COLUMNS = [
    "recommendation",
    "audience",
    "made_by",
    "session",
    "speakers",
    "held_on",
    "series",
    "topics",
    "regions",
    "number",
    "url",
    "session_url",
]
RECORDS_TO_ESTIMATE_LENGTH = 200  # records from which the size of the whole file is estimated


def records_for_export(kind: ListKind, criteria: Criteria) -> Iterator[Session | Recommendation]:
    """Yield every public record of the result, in its order, with all that a file shows of it."""
    queryset = kind.published().with_everything()
    waiting: list[int] = []
    for key in matching_ids(criteria):
        waiting.append(key)
        if len(waiting) == RECORDS_PER_SLICE:
            yield from sort_by_keys(queryset.filter(pk__in=waiting), waiting)
            waiting = []
    yield from sort_by_keys(queryset.filter(pk__in=waiting), waiting)


def session_row(session: Session) -> dict[str, str]:
    """Return one spreadsheet row; several values share one cell, separated by "; "."""
    appearances = session.appearances.all()
    recommendations = session.recommendations.all()
    documents = session.documents.all()
    for document in documents:
        document.session = session  # its URL needs the slug of the session; saves a query
    return {
        "title": session.title,
        "held_on": day_json(session.held_on) or "",
        "ends_on": day_json(session.ends_on) or "",
        "series": session.series.name if session.series else "",
        "speakers": "; ".join(map(speaker_with_affiliation, appearances)),
        "organisations": _join_distinct(
            organisation.name
            for appearance in appearances
            for organisation in appearance.organisations
        ),
        "topics": "; ".join(topic.name for topic in session.topics.all()),
        "regions": "; ".join(region.name for region in session.regions.all()),
        "summary": session.summary_text,
        "recommendation_count": str(len(recommendations)),
        "recommendations": "\n".join(
            f"{place}) {advice.text}" for place, advice in enumerate(recommendations, 1)
        ),
        "audience": _join_distinct(advice.audience for advice in recommendations),
        "documents": "; ".join(document.title for document in documents),
        "document_urls": "; ".join(
            absolute_url(document.get_absolute_url()) for document in documents
        ),
        "has_recording": "yes" if session.has_recording else "no",
        "language": session.language,
        "url": absolute_url(session.get_absolute_url()),
        "updated_at": moment_json(session.updated_at),
    }


def _join_distinct(values: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(filter(None, values)))


def recommendation_row(recommendation: Recommendation) -> dict[str, str]:
    session = recommendation.session
    makers = {maker.pk for maker in recommendation.made_by.all()}
    return {
        "recommendation": recommendation.text,
        "audience": recommendation.audience,
        "made_by": "; ".join(
            speaker_with_affiliation(appearance)
            for appearance in session.appearances.all()
            if appearance.pk in makers
        ),
        "session": session.title,
        "speakers": "; ".join(map(speaker_with_affiliation, session.appearances.all())),
        "held_on": day_json(session.held_on) or "",
        "series": session.series.name if session.series else "",
        "topics": "; ".join(topic.name for topic in session.topics.all()),
        "regions": "; ".join(region.name for region in session.regions.all()),
        "number": str(recommendation.number),
        "url": absolute_url(recommendation.get_absolute_url()),
        "session_url": absolute_url(session.get_absolute_url()),
    }


def speaker_with_affiliation(appearance) -> str:
    """ "Samuel Bendett (CNA)", as the archive prints a person in one line."""
    where = "; ".join(organisation.name for organisation in appearance.organisations)
    return f"{appearance.speaker.name} ({where})" if where else appearance.speaker.name


@dataclass
class CountingIterable:
    """Records as they are read, and how many were."""

    records: Iterable
    count: int = 0

    def __iter__(self):
        for record in self.records:
            self.count += 1
            yield record


@dataclass
class StartedExport:
    """A file being made: all of it, piece by piece, and how long it will be."""

    chunks: Iterator[bytes]
    length: int  # in bytes
    is_exact: bool  # a longer file is estimated from its first records


def start_export(
    chosen: "ExportFormat", records: Iterable, total: int, about: xlsx.AboutSheet | None = None
) -> StartedExport:
    """Make the first pieces of a file of `total` records, to estimate its length.

    `about` is needed for XLSX alone.
    """
    counted = CountingIterable(records)
    chunks = chosen.chunks(counted, about)
    chunks = (piece.encode() if isinstance(piece, str) else piece for piece in chunks)
    first, is_whole = [], True
    for chunk in chunks:
        first.append(chunk)
        if counted.count >= RECORDS_TO_ESTIMATE_LENGTH:
            is_whole = False
            break
    length = sum(map(len, first))
    if not is_whole:
        length = round(length / counted.count * max(total, counted.count))
    return StartedExport(chain(first, chunks), length, is_whole)


class _LineReturningFile:
    """A file that returns each written line instead of storing it."""

    def write(self, line):
        return line


def csv_lines(rows: Iterable[dict[str, str]], columns: list[str]) -> Iterator[str]:
    """Yield a CSV file line by line, with a byte-order mark so that Excel reads UTF-8."""
    writer = csv.writer(_LineReturningFile())
    yield "\ufeff" + writer.writerow(columns)
    for row in rows:
        yield writer.writerow([escape_formula(row[column]) for column in columns])


def json_chunks(objects: Iterable[dict]) -> Iterator[str]:
    """Yield one JSON array, an object a line."""
    opening = "["
    for item in objects:
        yield opening + "\n" + json.dumps(item, ensure_ascii=False)
        opening = ","
    yield "[]\n" if opening == "[" else "\n]\n"


def citations_in_format(records: Iterable, of_record: Callable, write: Callable) -> Iterator[str]:
    """Yield the citation of each record in one format (`citations.bibtex`, `citations.ris`)."""
    publisher = SiteSettings.load().name
    for record in records:
        yield write(of_record(record, publisher))


@dataclass(frozen=True)
class ExportFormat:
    media_type: str
    # Takes the records and the information about them.
    chunks: Callable[[Iterable, xlsx.AboutSheet], Iterator]


CSV_MEDIA_TYPE, JSON_MEDIA_TYPE = "text/csv; charset=utf-8", "application/json; charset=utf-8"
BIBTEX_MEDIA_TYPE = "application/x-bibtex; charset=utf-8"
RIS_MEDIA_TYPE = "application/x-research-info-systems; charset=utf-8"
XLSX_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _formats_by_extension(row, columns, to_json, to_citation) -> dict[str, ExportFormat]:
    """Return {extension: format} of a kind of record."""
    return {
        "csv": ExportFormat(
            CSV_MEDIA_TYPE, lambda records, _about: csv_lines(map(row, records), columns)
        ),
        "xlsx": ExportFormat(
            XLSX_MEDIA_TYPE,
            lambda records, about: xlsx.xlsx_chunks(map(row, records), columns, about),
        ),
        "json": ExportFormat(
            JSON_MEDIA_TYPE, lambda records, _about: json_chunks(map(to_json, records))
        ),
        "bib": ExportFormat(
            BIBTEX_MEDIA_TYPE,
            lambda records, _about: citations_in_format(
                records, to_citation, citations.bibtex_entry
            ),
        ),
        "ris": ExportFormat(
            RIS_MEDIA_TYPE,
            lambda records, _about: citations_in_format(
                records, to_citation, citations.ris_record
            ),
        ),
    }


EXPORT_FORMATS_BY_LIST = {  # by the name of the ListKind
    "sessions": _formats_by_extension(
        session_row, SESSION_COLUMNS, session_json, citations.citation_of_session
    ),
    "recommendations": _formats_by_extension(
        recommendation_row,
        RECOMMENDATION_COLUMNS,
        recommendation_with_session_json,
        citations.citation_of_recommendation,
    ),
}
