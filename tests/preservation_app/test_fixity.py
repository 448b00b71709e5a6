"""Every stored file: whether it exists, is unchanged, and belongs to a record."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
import reversion
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.management import CommandError, call_command
from django.utils import timezone

from desk_app.models import MergeRecord
from preservation_app import fixity
from preservation_app.models import FileCheck
from sessions_app.models import Document
from tests.factories import DocumentFactory, RecordingFactory, SessionFactory, SpeakerFactory

pytestmark = pytest.mark.django_db
Outcome = FileCheck.Outcome


@pytest.fixture
def document():
    document = DocumentFactory(as_file=True)
    call_command("check_fixity")
    return document


def private_path(name):
    return Path(storages["private"].path(name))


def outcomes():
    return dict(FileCheck.objects.values_list("name", "outcome"))


def grow_old(path):
    old = (timezone.now() - timedelta(days=3)).timestamp()
    os.utime(path, (old, old))


def test_intact_files_are_not_reported(document, capsys):
    RecordingFactory(has_audio=True)
    SpeakerFactory(photo="").photo.save("face.webp", ContentFile(b"picture"))

    call_command("check_fixity")

    assert set(outcomes().values()) == {Outcome.INTACT}
    assert "3 files read; 0 problems" in capsys.readouterr().out


def test_changed_file_is_reported_even_with_the_same_time_and_size(document, capsys):
    path = private_path(document.file.name)
    status, content = path.stat(), bytearray(path.read_bytes())
    content[10] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    with pytest.raises(CommandError, match="Found problems in 1 stored file"):
        call_command("check_fixity")

    assert outcomes() == {document.file.name: Outcome.CHANGED}
    said = capsys.readouterr().err
    assert (
        f"private/{document.file.name} (document {document.pk}): Content differs. SHA-256" in said
    )
    # Reading it again does not repair it.
    with pytest.raises(CommandError):
        call_command("check_fixity")


def test_recording_is_compared_with_its_stored_checksum():
    recording = RecordingFactory(has_audio=True)
    type(recording).objects.update(sha256="1" * 64)

    with pytest.raises(CommandError):
        call_command("check_fixity")

    assert outcomes() == {recording.file.name: Outcome.CHANGED}


def test_missing_file_is_reported_until_it_is_restored(document):
    path = private_path(document.file.name)
    content = path.read_bytes()
    path.unlink()

    with pytest.raises(CommandError):
        call_command("check_fixity")
    assert outcomes() == {document.file.name: Outcome.MISSING}

    path.write_bytes(content)
    call_command("check_fixity")
    assert outcomes() == {document.file.name: Outcome.INTACT}


def test_unowned_file_is_reported_after_a_day(document):
    name = storages["private"].save("stray.bin", ContentFile(b"x"))
    default_storage.save("portraits/stray.webp", ContentFile(b"x"))

    call_command("check_fixity")
    grow_old(private_path(name))
    with pytest.raises(CommandError):
        call_command("check_fixity")

    assert outcomes()[name] == Outcome.UNOWNED
    private_path(name).unlink()
    call_command("check_fixity")
    assert name not in outcomes()


def test_files_needed_by_history_or_undo_are_owned(document):
    session = SessionFactory()
    with reversion.create_revision():
        old = Document(session=session, title="Replaced")
        old.file.save("old “ü”.pdf", ContentFile(b"%PDF-1.4 old"))
        reversion.add_to_revision(session)
    former = old.file.name
    old.delete()
    portrait = default_storage.save("portraits/former.webp", ContentFile(b"x"))
    MergeRecord.objects.create(
        kind="merge", model="speakers_app.speaker", key=1, steps=[{"photo": portrait}]
    )
    grow_old(private_path(former))
    grow_old(Path(default_storage.path(portrait)))

    call_command("check_fixity")

    assert set(outcomes().values()) == {Outcome.INTACT}


@pytest.mark.parametrize("folder", ["kept-uploads", "sheets", "uploads/key"])
def test_temporary_files_of_forms_are_ignored(db, folder):
    name = storages["private"].save(f"{folder}/x", ContentFile(b"x"))
    grow_old(private_path(name))

    call_command("check_fixity")

    assert outcomes() == {}


def test_the_tick_reads_each_file_once_in_thirty_days(document):
    now = timezone.now()
    fixity.update_file_list()

    assert fixity.check_due_files(now=now) == 0
    assert fixity.check_due_files(now=now + timedelta(days=31)) == 1


def test_updating_the_list_again_changes_nothing(document):
    assert fixity.update_file_list() == 0


@pytest.mark.parametrize("file_count", [1, 3])
def test_query_count_of_updating_the_list(file_count, django_assert_num_queries):
    for _ in range(file_count):
        DocumentFactory(as_file=True)
    fixity.update_file_list()

    with django_assert_num_queries(9):
        fixity.update_file_list()


def test_operators_and_publishers_see_the_problems(document, client, staff_client):
    private_path(document.file.name).unlink()
    fixity.update_file_list()

    notes = client.get("/readyz").json()["notes"]
    page = staff_client("Publishers").get("/admin/desk/stored-files/").content.decode()

    assert notes == ["stored files that are damaged, missing or belong to nobody: 1"]
    assert f"private/{document.file.name}: missing" in page
    key = FileCheck.objects.get().pk
    assert client.get(f"/admin/preservation_app/filecheck/{key}/change/").status_code == 200
    assert staff_client("Editors").get("/admin/preservation_app/filecheck/").status_code == 403
