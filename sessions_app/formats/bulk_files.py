"""All public data in files: JSON Lines for each kind of record, and one SQLite database.

The tick creates all files from the same state and replaces them together. A file represents the archive
up to one change; before it is served, `freshness_of` checks whether it is still current.
"""

import gzip
import hashlib
import json
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from pathlib import Path

import sqlite_utils
from django.core.files import File
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone

from search_app import change_log
from search_app.models import Change
from sessions_app.catalogue.authorities import AUTHORITIES, public_entries
from sessions_app.catalogue.topic_tree import self_and_ancestor_keys_by_topic
from sessions_app.models import BulkFile, DeletedSession, Session
from site_app.models import SiteSettings

from .authority_json import listed_entry_json
from .json import absolute_url, recommendation_with_session_json, session_json

SQLITE_FILENAME = "archive.sqlite.gz"
STORAGE_FOLDER = "bulk"
SESSIONS_PER_SLICE = 200  # sessions read at once
MAX_CHANGES_EXAMINED = 2000  # change-log entries searched for withdrawn records
# Minimum time between two builds while nothing was withdrawn.
MIN_TIME_BETWEEN_BUILDS = timedelta(minutes=10)


class Freshness(Enum):
    """The state of a file: current, lagging or to be rebuilt."""

    CURRENT = "it holds the archive as it is"
    BEHIND = "something was added or edited since"
    WITHDRAWN = "something in it is public no more"


@dataclass(frozen=True)
class BuiltFile:
    name: str
    path: Path
    record_count: int


def freshness_of(file: BulkFile) -> Freshness:
    """Return whether a file is still current; one or two queries."""
    newest = change_log.newest_position()
    if (newest.id, newest.mark) == (file.change_id, file.change_mark):
        return Freshness.CURRENT
    position = change_log.Position(file.change_id, file.change_mark)
    if not change_log.has_all_changes_after(position):
        return Freshness.WITHDRAWN
    rows = Change.objects.filter(id__gt=file.change_id, kind__in=("session", Change.EVERYTHING))
    rows = list(rows.order_by("id").values_list("kind", "key")[: MAX_CHANGES_EXAMINED + 1])
    if len(rows) > MAX_CHANGES_EXAMINED or any(kind == Change.EVERYTHING for kind, _key in rows):
        return Freshness.WITHDRAWN
    keys = {key for _kind, key in rows}
    is_gone = (
        Session.objects.tombstones().filter(pk__in=keys).exists()
        or DeletedSession.objects.filter(deleted_at__gte=file.made_at).exists()
    )
    return Freshness.WITHDRAWN if is_gone else Freshness.BEHIND


def rebuild_outdated_files() -> int:
    """Rebuild all files if they are out of date; return how many were built.

    What was only edited waits until the last making is PAUSE ago: an import would have them made
    again and again.
    """
    last = BulkFile.objects.order_by("made_at").first()
    if last is not None:
        worth = freshness_of(last)
        is_recent = last.made_at > timezone.now() - MIN_TIME_BETWEEN_BUILDS
        if worth is Freshness.CURRENT or (worth is Freshness.BEHIND and is_recent):
            return 0
    position, made_at = change_log.newest_position(), timezone.now()
    with tempfile.TemporaryDirectory(prefix="bulk-") as folder:
        made = list(_build_files(Path(folder)))
        stored = [_store_built_file(file, position, made_at) for file in made]
    storage = storages["private"]
    with transaction.atomic():
        before = set(BulkFile.objects.select_for_update().values_list("path", flat=True))
        BulkFile.objects.all().delete()
        BulkFile.objects.bulk_create(stored)
        gone = before - {file.path for file in stored}
        transaction.on_commit(lambda: [storage.delete(path) for path in gone])
    return len(stored)


def _store_built_file(file: BuiltFile, position, made_at) -> BulkFile:
    with file.path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        content.seek(0)
        path = storages["private"].save(
            f"{STORAGE_FOLDER}/{digest[:16]}-{file.name}", File(content)
        )
    return BulkFile(
        name=file.name,
        path=path,
        sha256=digest,
        byte_count=file.path.stat().st_size,
        record_count=file.record_count,
        change_id=position.id,
        change_mark=position.mark,
        made_at=made_at,
    )


def _build_files(folder: Path) -> Iterator[BuiltFile]:
    """Make the files in a folder, in one pass over the sessions."""
    database = sqlite_utils.Database(folder / "archive.sqlite")
    tables = _DatabaseTables(database)
    counts: dict[str, Counter] = defaultdict(Counter)
    paths = self_and_ancestor_keys_by_topic()
    topic_slugs = dict(AUTHORITIES["topic"].model.objects.order_by().values_list("pk", "slug"))
    totals: Counter = Counter()
    with ExitStack() as stack:
        files = {
            kind: stack.enter_context(_JsonLinesFile(folder / f"{kind}.jsonl.gz"))
            for kind in ("sessions", "recommendations")
        }
        for sessions in _public_sessions_in_slices():
            rows = []
            for session in sessions:
                row = session_json(session)
                rows.append(row)
                files["sessions"].write(row)
                for advice in session.recommendations.all():
                    files["recommendations"].write(recommendation_with_session_json(advice))
                _count_session_per_authority(session, counts, paths, topic_slugs)
            tables.insert_sessions(rows)
        for kind, lines in files.items():
            totals[kind] = lines.count
    for parameter, kind in AUTHORITIES.items():
        name = kind.prefix.strip("/")
        entries = public_entries(kind.model).order_by("slug")
        if parameter == "topic":
            entries = entries.select_related("parent")
        with _JsonLinesFile(folder / f"{name}.jsonl.gz") as lines:
            rows = []
            for entry in entries.iterator(chunk_size=1000):
                row = listed_entry_json(kind, entry, counts[parameter])
                rows.append(row)
                lines.write(row)
            totals[name] = lines.count
        tables.insert_rows(name, rows)
    tables.add_keys_and_indexes(SiteSettings.load().name)
    database.close()
    for kind, count in totals.items():
        yield BuiltFile(f"{kind}.jsonl.gz", folder / f"{kind}.jsonl.gz", count)
    packed = folder / SQLITE_FILENAME
    with (folder / "archive.sqlite").open("rb") as plain, _open_gzip_for_writing(packed) as target:
        shutil.copyfileobj(plain, target)
    yield BuiltFile(SQLITE_FILENAME, packed, totals["sessions"])


def _public_sessions_in_slices() -> Iterator[list[Session]]:
    """Yield every public session once, in slices, whatever is edited meanwhile."""
    last = 0
    sessions = Session.objects.published().with_everything().order_by("pk")
    while sessions_of_slice := list(sessions.filter(pk__gt=last)[:SESSIONS_PER_SLICE]):
        yield sessions_of_slice
        last = sessions_of_slice[-1].pk


def _count_session_per_authority(session, counts, paths, topic_slugs) -> None:
    """Count the session for each authority record it belongs to, as their pages do."""
    appearances = session.appearances.all()
    topics = {above for topic in session.topics.all() for above in paths.get(topic.pk, ())}
    slugs = {
        "series": {session.series.slug} if session.series else set(),
        "region": {region.slug for region in session.regions.all()},
        "topic": {topic_slugs[topic] for topic in topics if topic in topic_slugs},
        "speaker": {appearance.speaker.slug for appearance in appearances},
        "organisation": {
            organisation.slug
            for appearance in appearances
            for organisation in appearance.organisations
        },
    }
    for parameter, values in slugs.items():
        counts[parameter].update(values)


class _JsonLinesFile:
    """A file of JSON Lines, gzipped; equal records give equal bytes."""

    def __init__(self, path: Path):
        self.path, self.count = path, 0

    def __enter__(self):
        self.file = _open_gzip_for_writing(self.path)
        return self

    def __exit__(self, *error):
        self.file.close()

    def write(self, row: dict) -> None:
        self.file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        self.count += 1


def _open_gzip_for_writing(path: Path):
    # Without a timestamp in the header, equal content has an equal checksum.
    return gzip.GzipFile(path, "wb", compresslevel=6, mtime=0)


class _DatabaseTables:
    """The archive as tables: one a kind of record, and those that join them."""

    def __init__(self, database: sqlite_utils.Database):
        self.database = database
        text, whole = str, int
        create = database.create_table
        names = {"slug": text, "name": text, "url": text, "session_count": whole}
        create("series", names, pk="slug")
        create("regions", names, pk="slug")
        create("topics", {**names, "parent": text}, pk="slug")
        create("organisations", {**names, "abbreviation": text, "ror_id": text}, pk="slug")
        people = ("family_name", "given_name", "honorific", "suffix", "orcid")
        create("speakers", {**names, **dict.fromkeys(people, text)}, pk="slug")
        create(
            "sessions",
            {
                "slug": text,
                "url": text,
                "title": text,
                "held_on": text,
                "ends_on": text,
                "series": text,
                "language": text,
                "summary_text": text,
                "summary_html": text,
                "has_recording": whole,
                "import_ref": text,
                "updated_at": text,
            },
            pk="slug",
        )
        create(
            "appearances",
            {
                "session": text,
                "position": whole,
                "speaker": text,
                "organisation": text,
                "role_title": text,
                "function": text,
            },
            pk=("session", "position"),
        )
        create(
            "further_affiliations",
            {"session": text, "speaker": text, "organisation": text},
            pk=("session", "speaker", "organisation"),
        )
        create("session_topics", {"session": text, "topic": text}, pk=("session", "topic"))
        create("session_regions", {"session": text, "region": text}, pk=("session", "region"))
        create(
            "recommendations",
            {
                "session": text,
                "number": whole,
                "position": whole,
                "text": text,
                "audience": text,
                "url": text,
            },
            pk=("session", "number"),
        )
        create(
            "recommendation_speakers",
            {"session": text, "number": whole, "speaker": text},
            pk=("session", "number", "speaker"),
        )
        create(
            "documents",
            {"session": text, "position": whole, "kind": text, "title": text, "url": text},
            pk=("session", "position"),
        )
        create("about", {"name": text, "value": text}, pk="name")

    def insert_rows(self, table: str, rows) -> None:
        self.database[table].insert_all(rows, batch_size=500)

    def insert_sessions(self, sessions: list[dict]) -> None:
        rows: dict[str, list[dict]] = defaultdict(list)
        for session in sessions:
            slug = session["slug"]
            plain = {
                name: value
                for name, value in session.items()
                if not isinstance(value, list | dict)
            }
            series = session["series"] and session["series"]["slug"]
            rows["sessions"].append({**plain, "series": series})
            for position, appearance in enumerate(session["speakers"], 1):
                rows["appearances"].append(
                    {
                        "session": slug,
                        "position": position,
                        "speaker": appearance["slug"],
                        "organisation": appearance["organisation"]
                        and appearance["organisation"]["slug"],
                        "role_title": appearance["role_title"],
                        "function": appearance["function"],
                    }
                )
                rows["further_affiliations"] += [
                    {
                        "session": slug,
                        "speaker": appearance["slug"],
                        "organisation": further["slug"],
                    }
                    for further in appearance["further_organisations"]
                ]
            rows["session_topics"] += [
                {"session": slug, "topic": topic["slug"]} for topic in session["topics"]
            ]
            rows["session_regions"] += [
                {"session": slug, "region": region["slug"]} for region in session["regions"]
            ]
            for advice in session["recommendations"]:
                made_by = advice["made_by"]
                plain = {name: value for name, value in advice.items() if name != "made_by"}
                rows["recommendations"].append({"session": slug, **plain})
                rows["recommendation_speakers"] += [
                    {"session": slug, "number": advice["number"], "speaker": speaker}
                    for speaker in dict.fromkeys(made_by)
                ]
            rows["documents"] += [
                {"session": slug, "position": position, **document}
                for position, document in enumerate(session["documents"], 1)
            ]
        for table, of_table in rows.items():
            self.insert_rows(table, of_table)

    def add_keys_and_indexes(self, name: str) -> None:
        """Add keys, indexes, a description of the file, and the full-text table for Datasette."""
        keys = [("sessions", "series", "series", "slug"), ("topics", "parent", "topics", "slug")]
        keys += [
            (table, "session", "sessions", "slug")
            for table in (
                "appearances",
                "further_affiliations",
                "session_topics",
                "session_regions",
                "recommendations",
                "recommendation_speakers",
                "documents",
            )
        ]
        keys += [
            (table, "speaker", "speakers", "slug")
            for table in ("appearances", "further_affiliations", "recommendation_speakers")
        ]
        keys += [
            (table, "organisation", "organisations", "slug")
            for table in ("appearances", "further_affiliations")
        ]
        keys += [
            ("session_topics", "topic", "topics", "slug"),
            ("session_regions", "region", "regions", "slug"),
        ]
        self.database.add_foreign_keys(keys)
        self.database.index_foreign_keys()
        self.database["sessions"].create_index(["held_on"])
        self.database["sessions"].enable_fts(["title", "summary_text"])
        self.database["recommendations"].enable_fts(["text"])
        self.insert_rows(
            "about",
            [{"name": "archive", "value": name}, {"name": "url", "value": absolute_url("/")}],
        )
        self.database.vacuum()
