"""Export and import of the archive: identical in both directions, without accounts, and public only."""

import json
import shutil
import signal

import bagit
import pytest
from django.contrib.auth import get_user_model
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from reversion.models import Revision, Version

from preservation_app import stored_files, tables
from preservation_app.exchange import exporting
from preservation_app.exchange.archive_rows import ArchiveRows, exported_models
from preservation_app.exchange.exporting import export_archive
from recordings_app.models import Grant
from sessions_app.models import Comment, Session
from tests import hidden_world
from tests.factories import CommentFactory, RecordingFactory, SessionFactory

pytestmark = pytest.mark.django_db(transaction=True)
FORMATS = ("bagit", "jsonl")


def exported_digests():
    """Return {table: digest} and {file: SHA-256} of an export."""
    archive = ArchiveRows("default", is_public=False)
    found, files = {}, {}
    for model in archive.models:
        digest = tables.ContentDigest(model)
        for row in archive.rows(model):
            digest.add(row)
        found[model._meta.db_table] = digest.hexdigest()
    for storage, name, *_ in stored_files.files_named_by_records():
        files[storage, name] = stored_files.sha256_of_file(storage, name)
    return found, files


def empty():
    call_command("flush", interactive=False, verbosity=0)
    for file in list(stored_files.stored_files()):
        storages[stored_files.STORAGE_ALIAS_OF_NAME[file.storage]].delete(file.name)


def payload(folder):
    return folder / "data" if (folder / "bagit.txt").exists() else folder


@pytest.mark.parametrize("form", FORMATS)
def test_export_and_import_are_identical(everything, client, tmp_path, form):
    Grant.objects.all().delete()
    highest = SessionFactory()
    highest_pk = highest.pk
    highest.delete()
    before = exported_digests()
    address = everything.get_absolute_url()
    page = client.get(address).content

    call_command("export_archive", tmp_path / "archive", form=form)
    empty()
    call_command("import_archive", tmp_path / "archive")

    assert exported_digests() == before
    assert client.get(address).content == page
    assert f'data-session="{everything.slug}"' in client.get("/sessions/?q=kept").content.decode()
    assert SessionFactory().pk > highest_pk
    call_command("export_archive", tmp_path / "again", form=form)
    # Another session was created above, and its status logged.
    grown = {"sessions_app_session", "sessions_app_statuschange"}
    for path in (payload(tmp_path / "archive") / "tables").iterdir():
        again = payload(tmp_path / "again") / "tables" / path.name
        if path.name.partition(".")[0] not in grown:
            assert again.read_bytes() == path.read_bytes()


def test_the_bag_is_valid(everything, tmp_path):
    call_command("export_archive", tmp_path / "bag")

    bag = bagit.Bag(str(tmp_path / "bag"))
    assert bag.is_valid()
    assert set(bag.algorithms) == {"sha256"}
    assert (tmp_path / "bag/data/files/private").is_dir()


def test_export_contains_no_account_request_or_log(everything, tmp_path):
    get_user_model().objects.update(username="account-word", email="account-word@x.example")
    CommentFactory(session=everything, status=Comment.Status.PENDING, body="pending-word")
    Session.objects.update(changed_by=get_user_model().objects.first())

    call_command("export_archive", tmp_path / "archive", form="jsonl")

    found = b"".join(path.read_bytes() for path in (tmp_path / "archive/tables").iterdir())
    assert b"account-word" not in found
    assert b"pending-word" not in found
    names = {path.stem for path in (tmp_path / "archive/tables").iterdir()}
    assert names == {model._meta.db_table for model in exported_models(is_public=False)}
    assert not any(word in name for name in names for word in ("request", "grant", "user", "log"))
    kept = [json.loads(text)[0]["fields"] for text in _versions(tmp_path / "archive")]
    assert kept
    assert {fields.get("created_by") for fields in kept} == {None}
    assert Revision.objects.exclude(user=None).exists()
    assert Version.objects.exists()


def _versions(folder):
    path = folder / "tables/reversion_version.jsonl"
    return [json.loads(line)["serialized_data"] for line in path.read_bytes().splitlines()]


def test_public_export_contains_only_public_data(transactional_db, tmp_path):
    world = hidden_world.build()

    export_archive(tmp_path / "archive", form="jsonl", is_public=True)

    paths = [path for path in (tmp_path / "archive").rglob("*") if path.is_file()]
    text = b"\n".join(str(path).encode() + path.read_bytes() for path in paths).lower()
    told = {label for marker, label in world.labels.items() if marker.lower().encode() in text}
    assert told == set()
    titles = {
        json.loads(line)["title"]
        for line in (tmp_path / "archive/tables/sessions_app_session.jsonl").open("rb")
    }
    assert titles == set(Session.objects.published().values_list("title", flat=True)) != set()

    empty()
    call_command("import_archive", tmp_path / "archive")
    assert set(Session.objects.values_list("title", flat=True)) == titles


def test_public_export_contains_no_restricted_audio(everything, tmp_path):
    RecordingFactory(session=everything, has_audio=True, access="on_request")
    open_to_all = RecordingFactory(session=everything, has_audio=True, access="open")

    export_archive(tmp_path / "archive", form="jsonl", is_public=True)

    files = tmp_path / "archive/files"
    sounds = [str(path.relative_to(files)) for path in files.rglob("*.wav")]
    assert sounds == [f"private/{open_to_all.file.name}"]


@pytest.mark.parametrize("pattern", ["tables/sessions_app_session.jsonl", "files/private/*/*/*/*"])
def test_a_damaged_bag_is_refused(everything, tmp_path, pattern):
    call_command("export_archive", tmp_path / "bag")
    path = next((tmp_path / "bag/data").glob(pattern))
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    empty()

    with pytest.raises(CommandError, match=f"not a valid bag.*{path.name.partition('_')[0]}"):
        call_command("import_archive", tmp_path / "bag")

    assert not Session.objects.exists()


def test_changed_row_is_refused_even_without_a_bag(everything, tmp_path):
    call_command("export_archive", tmp_path / "archive", form="jsonl")
    path = tmp_path / "archive/tables/sessions_app_session.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"Kept"', b'"Forged"'))
    empty()

    with pytest.raises(CommandError, match="sessions_app_session is not as in the archive"):
        call_command("import_archive", tmp_path / "archive")

    assert not Session.objects.exists()


def test_import_requires_an_archive_without_sessions(everything, tmp_path):
    call_command("export_archive", tmp_path / "archive")

    with pytest.raises(CommandError, match="not empty: it has"):
        call_command("import_archive", tmp_path / "archive")


def test_folder_with_files_is_not_overwritten(everything, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").write_text("mine")
    (tmp_path / "empty").mkdir()

    with pytest.raises(CommandError, match="is there already"):
        call_command("export_archive", tmp_path / "full")
    call_command("export_archive", tmp_path / "empty")

    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine"]
    assert bagit.Bag(str(tmp_path / "empty")).is_valid()


def test_folder_that_is_not_an_export_is_refused(db, tmp_path):
    for folder in (tmp_path, tmp_path / "absent"):
        message = r"manifest.json cannot be read: No such file or directory\. Give the folder that"
        with pytest.raises(CommandError, match=message):
            call_command("import_archive", folder)


@pytest.mark.parametrize(
    ("owner", "name", "nth"),
    [
        (stored_files, "open_file", 2),
        (tables, "last_ids", 1),
        (bagit, "make_bag", 1),
        (exporting, "_sync_file_or_folder", 3),
    ],
)
def test_killed_export_leaves_no_folder_with_its_name(
    everything, killed, tmp_path, owner, name, nth
):
    folder = tmp_path / "archive"

    ended = killed(lambda: export_archive(folder), owner, name, nth)

    assert ended == -signal.SIGKILL
    assert not folder.exists()
    export_archive(folder)
    assert bagit.Bag(str(folder)).is_valid()
    assert [path.name for path in tmp_path.iterdir() if "archive" in path.name] == ["archive"]


@pytest.mark.parametrize(
    ("owner", "name", "nth"),
    [(stored_files, "store_file", 2), (tables, "load_table", 12), (tables, "set_last_ids", 1)],
)
def test_a_killed_import_can_be_repeated(everything, killed, tmp_path, owner, name, nth):
    before = exported_digests()
    call_command("export_archive", tmp_path / "archive")
    empty()

    ended = killed(lambda: call_command("import_archive", tmp_path / "archive"), owner, name, nth)

    assert ended == -signal.SIGKILL
    assert not Session.objects.exists()
    call_command("import_archive", tmp_path / "archive")
    assert exported_digests() == before
    shutil.rmtree(tmp_path / "archive")
