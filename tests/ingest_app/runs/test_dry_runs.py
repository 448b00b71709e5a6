"""`--dry-run` for pages and talks: the same output as the real run, and nothing stored."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from ingest_app.management.commands import import_pages, import_talks
from ingest_app.pages import page_writer
from ingest_app.talks import talk_writer
from sessions_app.editing.trash import put_into_bin
from sessions_app.models import Session
from speakers_app.models import Organisation, Speaker
from tests.factories import (
    AppearanceFactory,
    OrganisationFactory,
    SpeakerAliasFactory,
    SpeakerFactory,
    TopicFactory,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def page(title, people, day, summary="Air.", more=""):
    return (
        f"{title}\nMay 2020 No Comments\nSpeakers: {people}\nDate: {day} May 2020\n{more}\n"
        f"Speaker Session Summary\n{summary}\n"
    )


PAGES = {
    "a": page("Tides", "Lund, K. (Harbour Institute (HI)); Greer, T. (Coast Desk)", 4),
    "b": page("Winds", "Karin Lund (Harbour Institute); Tom Greer (HI)", 5, more="A stray line"),
    "c": "Contact us\nWrite to the desk.",
    "d": page("Waves", "Ólafur Nunez (Harbor Institute)", 6),
    "e": page("Foam", "Olafur Núñez (Hill Inn); Lund, K. (Coast Desk)", 7),
    "f": page(
        "Sand", "Nunes, Olafur (Hill Inn); Greer, Tom (Coast Desk)", 8, "He advises to wait."
    ),
    "g": page("Kelp", "Haddad, L. (Sea Office)", 9),
}
TALKS = [
    {
        "id": "a",
        "title": "Tides",
        "series": "Coast Days",
        "topics": ["Sea"],
        "regions": ["North"],
        "speakers": [{"name": "Karin Lund", "affiliation": "Harbour Institute (HI)"}],
        "slug": "tides",
        "recommendations": ["Wait."],
    },
    {"id": "b", "title": "Winds", "topics": ["SEA", "Air"], "speakers": ["Various speakers"]},
    {"id": "c"},
    {
        "id": "d",
        "title": "Waves",
        "topics": ["air", "Air", "Water-Ways", "water ways"],
        "regions": ["north", "South"],
        "speakers": ["Tom Greer", {"name": "Karin Lund", "affiliation": "Hill Inn"}],
        "slug": "tides",
    },
    {"id": "a", "title": "Tides again"},
    {"id": "e", "title": "Foam", "speakers": ["Greer, Tom", "Ada Hill"], "unknown": 3},
    {"id": "f", "title": "Sand", "speakers": ["Ada Hill", "Bo Lee"], "topics": ["Water ways"]},
    {"id": "g", "title": "Kelp", "speakers": ["Bo Lee", "Karin Lund"], "series": "coast days"},
]


class Pages:
    command = "import_pages"
    reading_module, reading = import_pages, "read_page_record"

    def __init__(self, folder):
        self.folder = folder / "pages"
        self.folder.mkdir()
        self.write(PAGES)

    def write(self, pages):
        for name, text in pages.items():
            (self.folder / f"{name}.txt").write_text(text, encoding="utf-8")

    def write_some(self):
        """Import the first ones and change one of them."""
        for path in self.folder.iterdir():
            path.unlink()
        self.write({"b": PAGES["b"], "d": PAGES["d"].replace("Air", "Sea air")})

    def write_all(self):
        self.write(PAGES)

    def arguments(self, report: Path):
        # One file is named twice.
        return [str(self.folder), str(self.folder / "e.txt"), "--report", str(report)]

    def fail(self, monkeypatch):
        """Make one in the middle fail, after its people were created."""
        write = page_writer._replace_link_documents

        def fail_for_waves(session, record):
            if session.title == "Waves":
                raise DatabaseError("disk full")
            write(session, record)

        monkeypatch.setattr(page_writer, "_replace_link_documents", fail_for_waves)


class Talks:
    command = "import_talks"
    reading_module, reading = import_talks, "read_talk"

    def __init__(self, folder):
        self.path = folder / "talks.jsonl"
        self.write_all()

    def write(self, talks):
        self.path.write_text("".join(json.dumps(talk) + "\n" for talk in talks))

    def write_some(self):
        self.write([TALKS[1], TALKS[3] | {"title": "Other waves"}])

    def write_all(self):
        self.write(TALKS)

    def arguments(self, report: Path):
        return [str(self.path)]

    def fail(self, monkeypatch):
        write = talk_writer.TalkWriter._create_parts

        def fail_for_foam(self, pairs):
            pairs = list(pairs)
            parts = write(self, pairs)
            if any(talk.title == "Foam" for _session, talk in pairs):
                raise DatabaseError("disk full")
            return parts

        monkeypatch.setattr(talk_writer.TalkWriter, "_create_parts", fail_for_foam)


@pytest.fixture(params=[Pages, Talks], ids=["pages", "talks"])
def source(request, tmp_path, monkeypatch):
    monkeypatch.setattr(import_talks, "TALKS_PER_BATCH", 2)
    return request.param(tmp_path)


def run(source, tmp_path, *options):
    """Return all output of a run: output, errors, failure, report."""
    out, err, failure = StringIO(), StringIO(), None
    report = tmp_path / "report.json"
    report.unlink(missing_ok=True)
    try:
        call_command(source.command, *source.arguments(report), *options, stdout=out, stderr=err)
    except CommandError as error:
        failure = str(error)
    written = json.loads(report.read_text()) if report.exists() else None
    return out.getvalue(), err.getvalue(), failure, written


def stored():
    """Return every row of every table, and every file."""
    rows = {
        model._meta.label: sorted(map(repr, model._base_manager.values_list()))
        for model in apps.get_models(include_auto_created=True)
    }
    folders = (settings.MEDIA_ROOT, settings.PRIVATE_ROOT, settings.VAR_DIR / "mail")
    files = [sorted(map(str, Path(folder).rglob("*"))) for folder in folders]
    return rows, files


def assert_told_beforehand(source, tmp_path, *options):
    before = stored()

    tried = run(source, tmp_path, *options, "--dry-run")

    assert stored() == before
    told = run(source, tmp_path, *options)
    assert tried == (told[0].removesuffix("\n") + "; nothing stored\n", *told[1:])
    return told


@pytest.mark.parametrize("options", [[], ["--publish"]])
def test_dry_run_on_an_empty_archive_has_the_same_output_as_the_run(source, tmp_path, options):
    out, *_ = assert_told_beforehand(source, tmp_path, *options)

    assert "6 created, 0 updated" in out


def test_dry_run_on_a_partly_imported_archive_has_the_same_output_as_the_run(source, tmp_path):
    SpeakerFactory(given_name="K.", family_name="Lund")
    tom = SpeakerFactory(given_name="T.", family_name="Greer")
    AppearanceFactory(speaker=tom, organisation=OrganisationFactory(name="Coast Desk"))
    SpeakerAliasFactory(speaker=tom, name="Greer, Tom")
    TopicFactory(name="Waterways")
    source.write_some()
    run(source, tmp_path)
    edited, binned = Session.objects.exclude(import_ref=None).order_by("import_ref")
    edited.title = "As edited"
    edited.save()
    put_into_bin(Session.objects.filter(pk=binned.pk), user=None)
    source.write_all()

    out, *_ = assert_told_beforehand(source, tmp_path, "--publish")

    assert "4 created, " in out


def test_dry_run_of_a_repeated_import_has_the_same_output_as_the_run(source, tmp_path):
    run(source, tmp_path)

    out, *_ = assert_told_beforehand(source, tmp_path)

    assert "0 created, 0 updated, " in out


def test_dry_run_of_changed_records_has_the_same_output_as_the_run(source, tmp_path):
    source.write_some()
    run(source, tmp_path)
    Session.objects.exclude(import_ref=None).order_by("import_ref").last().topics.add(
        TopicFactory()
    )
    source.write_all()

    out, *_ = assert_told_beforehand(source, tmp_path)

    assert "4 created, 1 updated" in out


def test_dry_run_discards_what_a_failed_record_created(source, tmp_path, monkeypatch):
    source.fail(monkeypatch)

    out, err, *_ = assert_told_beforehand(source, tmp_path)

    assert "5 created, " in out
    assert "disk full" in err
    assert Speaker.objects.exists() and Organisation.objects.exists()


def test_dry_run_holds_no_lock_between_its_batches(source, tmp_path, monkeypatch):
    held = []
    read = getattr(source.reading_module, source.reading)

    def reading(*arguments):
        held.append(connection.in_atomic_block)
        return read(*arguments)

    monkeypatch.setattr(source.reading_module, source.reading, reading)

    run(source, tmp_path, "--dry-run")

    assert held == [False] * 8
