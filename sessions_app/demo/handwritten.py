"""The sessions written by hand: one TOML file each, next to the people they name.

`sessions/<day>-<words>.toml` contains a session; `upcoming-…` one that is always in the future, with
`in_days` from today instead of a date; `undated-…` one without a known date. `people.toml`,
`organisations.toml` and `headings.toml` contain the records they refer to, by name.
"""

import html
import tomllib
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from .records import (
    DemoAppearance,
    DemoComment,
    DemoDocument,
    DemoHeading,
    DemoOrganisation,
    DemoRecommendation,
    DemoRecording,
    DemoSession,
    DemoSpeaker,
)

DEMO_FOLDER = Path(__file__).parent
DOCUMENTS_FOLDER = DEMO_FOLDER / "documents"
PUBLICATION_TIME = time(9, tzinfo=UTC)
NEWEST_SESSIONS_FIRST = 12
DAYS_FROM_SESSION_TO_PUBLICATION = 9  # unless its file says otherwise
DAYS_FROM_PUBLICATION_TO_COMMENT = 3  # one more for each further comment


@cache
def _load_toml(path: Path) -> dict:
    return tomllib.loads(path.read_text("utf-8"))


def _build_record(record, values: dict):
    """Return the record of a table; its lists become tuples. An unknown name raises TypeError."""
    return record(
        **{
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
        }
    )


def load_headings(kind: str) -> list[DemoHeading]:
    """Return the "series", "regions" or "topics", parents before their children."""
    return [
        _build_record(DemoHeading, values)
        for values in _load_toml(DEMO_FOLDER / "headings.toml")[kind]
    ]


def load_organisations() -> list[DemoOrganisation]:
    """Return the organisations, parents before their parts."""
    tables = _load_toml(DEMO_FOLDER / "organisations.toml")["organisations"]
    return [_build_record(DemoOrganisation, values) for values in tables]


def load_speakers() -> list[DemoSpeaker]:
    return [
        _build_record(DemoSpeaker, values)
        for values in _load_toml(DEMO_FOLDER / "people.toml")["people"]
    ]


def session_paths() -> list[Path]:
    return sorted(
        (DEMO_FOLDER / "sessions").glob("*.toml"), key=lambda path: path.stem, reverse=True
    )


def load_sessions(today: date) -> list[DemoSession]:
    """Return the sessions; `today` moves those to come.

    The NEWEST that readers see come first, then all of other kinds (to come, undated, not
    public), then the older ones: an archive of a few shows all kinds.
    """
    usual, others = [], []
    for path in session_paths():
        session = load_session(path, today)
        is_usual = session.status == "published" and session.ref[0].isdigit()
        (usual if is_usual else others).append(session)
    return [*usual[:NEWEST_SESSIONS_FIRST], *others, *usual[NEWEST_SESSIONS_FIRST:]]


def load_session(path: Path, today: date) -> DemoSession:
    """Return the session of one file. Raises TypeError or KeyError for what does not belong there."""
    values = dict(_load_toml(path))
    held_on = values.pop("held_on", None)
    if (in_days := values.pop("in_days", None)) is not None:
        held_on = today + timedelta(days=in_days)
    if (days := values.pop("days", 1)) > 1:
        values["ends_on"] = held_on + timedelta(days=days - 1)
    published_on = values.pop("published_on", None) or held_on + timedelta(
        DAYS_FROM_SESSION_TO_PUBLICATION
    )
    published_at = datetime.combine(published_on, PUBLICATION_TIME)
    parts = {
        "appearances": [_build_record(DemoAppearance, part) for part in values.pop("speakers")],
        "recommendations": [
            _build_record(DemoRecommendation, part) for part in values.pop("recommendations", ())
        ],
        "documents": [_build_record(DemoDocument, part) for part in values.pop("documents", ())],
        "recordings": [
            _build_record(DemoRecording, part) for part in values.pop("recordings", ())
        ],
        "comments": [
            _build_record(
                DemoComment,
                {
                    "written_at": published_at
                    + timedelta(DAYS_FROM_PUBLICATION_TO_COMMENT + place, hours=place)
                }
                | part,
            )
            for place, part in enumerate(values.pop("comments", ()))
        ],
    }
    return _build_record(
        DemoSession,
        values
        | parts
        | {
            "ref": path.stem,
            "held_on": held_on,
            "published_at": published_at,
            "summary": html_of_summary_text(values["summary"]),
        },
    )


def html_of_summary_text(text: str) -> str:
    """Return the summary of a file as markup: blocks between blank lines.

    A block that begins with "### " is a heading, with "> " a quotation, with "- " or "1. " a list of
    one entry a line; any other is a paragraph, whose lines are joined. `*words*` are emphasised.
    """
    return "".join(_block_html(block.split("\n")) for block in text.strip().split("\n\n"))


def _block_html(lines: list[str]) -> str:
    first = lines[0]
    if first.startswith("### "):
        return f"<h3>{_inline_html(first[4:])}</h3>"
    if first.startswith("> "):
        quoted = " ".join(line.removeprefix(">").strip() for line in lines)
        return f"<blockquote><p>{_inline_html(quoted)}</p></blockquote>"
    for mark, tag in (("- ", "ul"), ("1. ", "ol")):
        if first.startswith(mark):
            entries = "".join(
                f"<li>{_inline_html(line.removeprefix(mark))}</li>" for line in lines
            )
            return f"<{tag}>{entries}</{tag}>"
    return f"<p>{_inline_html(' '.join(line.strip() for line in lines))}</p>"


def _inline_html(text: str) -> str:
    pieces = html.escape(text, quote=False).split("*")
    return "".join(
        f"<em>{piece}</em>" if place % 2 else piece for place, piece in enumerate(pieces)
    )
