"""Export of the public archive as files that can be read and searched offline."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db.models import F, Sum
from django.template.loader import render_to_string
from django.utils.feedgenerator import Atom1Feed

from preservation_app.backup.folder import BackupError
from preservation_app.progress import Progress
from preservation_app.stored_files import open_file
from recordings_app.models import Recording, Transcript
from recordings_app.transcripts.writing import plain_text_of, webvtt_of
from search_app.index.document_sources import document_source
from sessions_app.catalogue.authorities import AUTHORITIES, public_entries
from sessions_app.day_range import day_range
from sessions_app.formats import citations, feed_entries, reference_styles
from sessions_app.formats.feeds import add_entry
from sessions_app.formats.json import remove_invalid_xml_characters
from sessions_app.models import Document, Recommendation, Session, Topic
from site_app.models import SiteSettings
from site_app.pictures.renditions import PictureModel
from site_app.text.languages import differing_language_attributes, language_in_use
from site_app.text.shortening import shorten_at_word
from site_app.text.single_line import capitalise_title

from .folder import StaticFolder
from .search_index import StaticSearchIndex, shard_as_script

STYLE_SHEETS = ("css/site.css", "css/browse.css")
ASSET_FILES = (*STYLE_SHEETS, "js/static_archive.js", "img/favicon.ico")
_CSS_IMPORT = re.compile(rb'@import url\("([^"]+)"\)')
_CSS_FONT_URL = re.compile(rb'url\("\.\./(fonts/[^"]+)"\)')
RECORDS_PER_BATCH = 200
MAX_FEED_ENTRIES = 50  # entries
UNDATED_YEAR = "undated"
# Estimated size of a page, for the estimate shown before the export.
ESTIMATED_PAGE_BYTES, ESTIMATED_ADVICE_BYTES = 12_000, 6_000
_SITE_LINK = re.compile(r'href="(/[^"#]*)(#[^"]*)?"')
_CONTENT_LABELS = {
    "recording": "Recording",
    "transcript": "Transcript",
    "recommendations": "Recommendations",
    "documents": "Documents",
}


@dataclass
class StaticExportResult:
    session_count: int = 0
    file_count: int = 0
    changed: int = 0
    removed: int = 0
    byte_count: int = 0
    unsaved: dict[str, str] = field(default_factory=dict)


@dataclass
class ExpectedSize:
    session_count: int
    recommendation_count: int
    document_bytes: int

    @property
    def byte_count(self) -> int:
        pages = (
            self.session_count * ESTIMATED_PAGE_BYTES
            + self.recommendation_count * ESTIMATED_ADVICE_BYTES
        )
        return pages + self.document_bytes


def expected_size() -> ExpectedSize:
    """Return the approximate size of an export."""
    sessions = Session.objects.published()
    documents = Document.objects.filter(session__in=sessions).exclude(file="")
    recordings = Recording.objects.playable_by_anyone()
    size = sum(
        rows.aggregate(size=Sum("byte_count"))["size"] or 0 for rows in (documents, recordings)
    )
    return ExpectedSize(sessions.count(), Recommendation.objects.published().count(), size)


def export_static(folder: Path, *, progress: Progress | None = None) -> StaticExportResult:
    """Write every public page to `folder`, or update it. Raises BackupError, OSError.

    An interrupted export can be continued. The same archive gives the same bytes.
    """
    return StaticExport(StaticFolder(folder.absolute()), progress or Progress()).run()


class StaticExport:
    def __init__(self, folder, progress):
        self.folder, self.progress = folder, progress
        self.result, self.index = StaticExportResult(), StaticSearchIndex()
        self.site = SiteSettings.load()
        # For each authority, by (parameter, slug): [(address, title, day)] of its sessions.
        self.sessions_of: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
        self.years: dict[str, list[tuple[str, str, str]]] = {}
        self.advice_of: dict[str, list[tuple[str, str, str]]] = {}  # by year, like `years`
        self.addresses: set[str] = set()
        self.topic_names: dict[str, str] = {}

    def run(self) -> StaticExportResult:
        self.folder.prepare()
        sessions = Session.objects.published().order_by(F("held_on").desc(nulls_last=True), "slug")
        keys = list(sessions.values_list("pk", "slug"))
        self.addresses = {f"/sessions/{slug}/" for _key, slug in keys}
        self.addresses |= {"/sessions/", "/recommendations/"}
        advice = Recommendation.objects.published().order_by()
        self.addresses |= {
            f"/recommendations/{slug}-{number}/"
            for slug, number in advice.values_list("session__slug", "number")
        }
        entries = {name: list(public_entries(kind.model)) for name, kind in AUTHORITIES.items()}
        for name, kind in AUTHORITIES.items():
            self.addresses.add(kind.prefix)
            self.addresses |= {f"{kind.prefix}{entry.slug}/" for entry in entries[name]}
        self.topic_names = dict(Topic.objects.order_by().values_list("slug", "name"))
        self.progress.step("sessions", len(keys), "")
        indexed = document_source("session")
        for start in range(0, len(keys), RECORDS_PER_BATCH):
            batch = Session.objects.published().for_page()
            chosen = [key for key, _slug in keys[start : start + RECORDS_PER_BATCH]]
            found = batch.in_bulk(chosen)
            heard, read = self._public_recordings_and_transcripts(chosen)
            texts = {document.key: document for document in indexed.documents(chosen)}
            for key in chosen:
                if key in found and key in texts:
                    self._write_session(
                        found[key], texts[key], heard.get(key, []), read.get(key, [])
                    )
            self.progress.done(len(chosen))
        for name, kind in AUTHORITIES.items():
            self._write_authority_pages(name, kind, entries[name])
        self._write_year_pages()
        for name, value in self.index.shards():
            self.folder.write(f"data/{name}.js", shard_as_script(name, value))
        self._copy_assets()
        self._write_feed([key for key, _slug in keys[:MAX_FEED_ENTRIES]])
        front = self._render("home", "", years=sorted(self.years, reverse=True))
        self.result.removed = self.folder.finish(front)
        self.result.session_count = len(self.index.documents)
        self.result.file_count = len(self.folder.sizes)
        self.result.changed = len(self.folder.changed)
        self.result.byte_count = sum(self.folder.sizes.values())
        return self.result

    def _render(self, template, root, **context) -> bytes:
        context |= {
            "root": root,
            "site": self.site,
            "site_url": settings.SITE_URL,
            "styles": STYLE_SHEETS,
            "kinds": AUTHORITIES.values(),
        }
        page = render_to_string(f"preservation_app/static_site/{template}.html", context)
        return _SITE_LINK.sub(lambda link: self._local_link(link, root), page).encode()

    def _local_link(self, link, root):
        """Return a link of the site as a link to a file of the copy, or to the site if there is none."""
        address, anchor = link[1], link[2] or ""
        if address in self.addresses:
            return f'href="{root}{address[1:]}index.html{anchor}"'
        return f'href="{settings.SITE_URL}{address}{anchor}"'

    def _write_page(self, address, template, **context):
        root = "../" * address.strip("/").count("/") + "../"
        self.folder.write(
            f"{address.strip('/')}/index.html", self._render(template, root, **context)
        )

    def _write_citation_files(self, folder, citation):
        files = {
            "cite.bib": citations.bibtex_entry(citation),
            "cite.ris": citations.ris_record(citation),
            "cite.json": json.dumps(
                [citations.csl_json_item(citation)], ensure_ascii=False, indent=1
            ),
            "cite.txt": reference_styles.plain_text_reference(citation) + "\n",
        }
        for name, text in files.items():
            self.folder.write(f"{folder}/{name}", text.encode())

    def _write_session(self, session, texts, recordings, transcripts):
        address = session.get_absolute_url()
        folder = address.strip("/")
        citation = citations.citation_of_session(session, publisher=self.site.name)
        self._write_citation_files(folder, citation)
        files = {}
        for transcript in transcripts:
            cues = list(transcript.cues.all())
            below = f"recordings/{transcript.recording.number}"
            files[f"{below}/transcript.vtt"] = webvtt_of(cues)
            files[f"{below}/transcript.txt"] = plain_text_of(cues)
        for name, text in files.items():
            self.folder.write(f"{folder}/{name}", text.encode())
        documents = [
            (document, self._copy_document(folder, document))
            for document in session.documents.all()
        ]
        audio = [(recording, self._copy_audio(folder, recording)) for recording in recordings]
        advice = list(session.recommendations.all())
        appearances = list(session.appearances.all())
        day = day_range(session) if session.held_on else ""
        self._write_page(
            address,
            "session",
            session=session,
            appearances=appearances,
            documents=[pair for pair in documents if pair[1]],
            recordings=[pair for pair in audio if pair[1]],
            transcripts=[transcript.recording.number for transcript in transcripts],
            reference=reference_styles.plain_text_reference(citation),
        )
        line = (address, session.title, session.language, day)
        year = str(session.held_on.year) if session.held_on else UNDATED_YEAR
        self.years.setdefault(year, []).append(line)
        for part in advice:
            part.session = session  # its URL needs the session's slug; saves a query for each part
            self._write_recommendation(part, year, day)
        topics, regions = list(session.topics.all()), list(session.regions.all())
        for name, entry in self._authorities_of_session(session, appearances, topics, regions):
            self.sessions_of.setdefault((name, entry.slug), []).append(line)
        names = [appearance.speaker.full_name for appearance in appearances]
        has = {
            "recording": bool(recordings),
            "transcript": bool(transcripts),
            "recommendations": bool(advice),
            "documents": bool(documents),
        }
        self.index.add_session(
            [
                folder,
                session.title,
                day,
                "; ".join(names),
                shorten_at_word(session.summary_text, 200),
                differing_language_attributes(session.language, language_in_use()),
            ],
            texts.text,
            {
                "year": [(year, year) for year in texts.facets["year"]],
                "series": [(session.series.slug, session.series.name)] if session.series else [],
                "topic": [(slug, self.topic_names[slug]) for slug in texts.facets["topic"]],
                "region": [(region.slug, region.name) for region in regions],
                "speaker": [
                    (appearance.speaker.slug, appearance.speaker.full_name)
                    for appearance in appearances
                ],
                "organisation": [
                    (body.slug, str(body))
                    for body in dict.fromkeys(
                        body for appearance in appearances for body in appearance.organisations
                    )
                ],
                "has": [(name, label) for name, label in _CONTENT_LABELS.items() if has[name]],
            },
        )

    def _write_recommendation(self, advice, year, day):
        address = advice.get_absolute_url()
        citation = citations.citation_of_recommendation(advice, publisher=self.site.name)
        self._write_citation_files(address.strip("/"), citation)
        self._write_page(
            address,
            "recommendation",
            advice=advice,
            session=advice.session,
            topics=advice.topics.all() or advice.session.topics.all(),
            reference=reference_styles.plain_text_reference(citation),
        )
        line = (address, capitalise_title(advice.text), advice.session.language, day)
        self.advice_of.setdefault(year, []).append(line)

    def _authorities_of_session(self, session, appearances, topics, regions):
        found = [("topic", topic) for topic in topics]
        found += [("region", region) for region in regions]
        found += [("series", session.series)] if session.series else []
        found += [("speaker", appearance.speaker) for appearance in appearances]
        found += [
            ("organisation", body)
            for appearance in appearances
            for body in appearance.organisations
        ]
        return dict.fromkeys(found)

    def _write_authority_pages(self, name, kind, entries):
        self.progress.step(kind.plural.lower(), len(entries), "")
        for entry in entries:
            self._write_page(
                f"{kind.prefix}{entry.slug}/",
                "entry",
                kind=kind,
                entry=entry,
                picture=self._copy_picture(entry, f"{kind.prefix.strip('/')}/{entry.slug}"),
                entry_name=getattr(entry, "full_name", "") or str(entry),
                sessions=self.sessions_of.get((name, entry.slug), []),
            )
            self.progress.done(1)
        lines = [
            (
                f"{kind.prefix}{entry.slug}/",
                getattr(entry, "full_name", "") or str(entry),
                len(self.sessions_of.get((name, entry.slug), [])),
            )
            for entry in entries
        ]
        self._write_page(kind.prefix, "directory", kind=kind, entries=lines)

    def _write_year_pages(self):
        for year, sessions in self.years.items():
            self._write_page(f"years/{year}/", "year", year=year, sessions=sessions)
        self._write_page("sessions/", "years", years=_counts_by_year(self.years), folder="years")
        for year, lines in self.advice_of.items():
            folder = f"recommendations/years/{year}/"
            self._write_page(folder, "year", year=year, sessions=lines, is_advice=True)
        self._write_page(
            "recommendations/",
            "years",
            years=_counts_by_year(self.advice_of),
            folder="recommendations/years",
            is_advice=True,
        )

    def _public_recordings_and_transcripts(self, keys):
        """Return ({session: recordings to hear}, {session: transcripts to read}) for visitors."""
        heard, read = {}, {}
        for recording in Recording.objects.playable_by_anyone().filter(session__in=keys):
            heard.setdefault(recording.session_id, []).append(recording)
        shown = Transcript.objects.public().filter(recording__session__in=keys)
        shown = shown.select_related("recording").prefetch_related("cues")
        for transcript in shown.order_by("recording__number"):
            read.setdefault(transcript.recording.session_id, []).append(transcript)
        return heard, read

    def _copy_document(self, folder, document):
        """Return the target of a document: a file next to the page, or its link; "" if it is missing."""
        if not document.file:
            return document.url
        return self._copy_file(
            document.file.name, folder, f"documents/{document.number}/{document.filename}"
        )

    def _copy_audio(self, folder, recording):
        ending = Path(recording.file.name).suffix
        return self._copy_file(
            recording.file.name, folder, f"recordings/{recording.number}/audio{ending}"
        )

    def _copy_picture(self, entry, folder):
        """Copy the picture of a speaker or an organisation; return (file, width, height) or None."""
        if not isinstance(entry, PictureModel) or entry.rendition("large") is None:
            return None
        (_plain, width, height), (dense, _width, _height) = entry.renditions["large"]
        target = self._copy_file(dense, folder, f"picture{Path(dense).suffix}", "media")
        return (target, width, height) if target else None

    def _copy_file(self, name, folder, target, storage="private"):
        try:
            with open_file(storage, name) as file:
                self.folder.copy(f"{folder}/{target}", file, file.size)
        except OSError as error:
            self.result.unsaved[f"{storage}/{name}"] = error.strerror or str(error)
            return ""
        return target

    def _copy_assets(self):
        names = list(ASSET_FILES)
        for name in names:
            found = finders.find(name)
            if found is None:
                raise BackupError(f"{name} is missing among the static files.")
            content = Path(found).read_bytes()
            self.folder.write(f"assets/{name}", content)
            if name in STYLE_SHEETS:
                names += [f"css/{imported.decode()}" for imported in _CSS_IMPORT.findall(content)]
                names += [font.decode() for font in _CSS_FONT_URL.findall(content)]

    def _write_feed(self, keys):
        sessions = Session.objects.published().with_speakers().prefetch_related("topics")
        sessions = sessions.in_bulk(keys)
        if not sessions:
            return
        feed = Atom1Feed(
            title=remove_invalid_xml_characters(self.site.name),
            link=settings.SITE_URL + "/sessions/",
            description=remove_invalid_xml_characters(self.site.tagline),
            language="en",
        )
        for key in keys:
            if key in sessions:
                add_entry(feed, **feed_entries.session_entry(sessions[key]))
        self.folder.write("feed.atom", feed.writeString("utf-8").encode())


def _counts_by_year(lines_by_year: dict[str, list]) -> list[tuple[str, int]]:
    """Return [(year, number of lines)], the latest year first."""
    return [(year, len(lines_by_year[year])) for year in sorted(lines_by_year, reverse=True)]
