"""Backups: complete or absent, of one moment, and restored without differences."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from preservation_app import stored_files, tables
from preservation_app.backup import folder as backup_folder
from preservation_app.backup import restoring, site_environment, writing
from preservation_app.backup.encryption import Cipher
from preservation_app.backup.folder import BackupError, BackupFolder, verify_checksums
from preservation_app.backup.restoring import restore_backup
from preservation_app.backup.writing import make_backup
from sessions_app.models import Document, Session
from site_app.models import SiteSettings
from tests.factories import SessionFactory, UserFactory
from tests.programs import needs

pytestmark = pytest.mark.django_db(transaction=True)

# Before tables and columns of later releases; none of these contains a file name.
OLDER_RELEASE = [("sessions_app", "0019"), ("site_app", "0012"), ("recordings_app", "0014")]


def restore(folder, **options):
    return restore_backup(folder, **options)


def test_a_backup_restores_every_row_and_file(everything, digests, tmp_path):
    highest = SessionFactory()
    highest_pk = highest.pk
    Session.objects.filter(pk=highest_pk).delete()
    before = digests()

    result = make_backup(tmp_path / "backups")
    call_command("flush", interactive=False, verbosity=0)
    for file in list(stored_files.stored_files()):
        storages[stored_files.STORAGE_ALIAS_OF_NAME[file.storage]].delete(file.name)
    restored = restore(tmp_path / "backups")

    assert result.unsaved == {}
    assert digests() == before
    assert restored.row_count == result.row_count
    assert SessionFactory().pk > highest_pk  # no id is used twice
    assert not (settings.VAR_DIR / restoring.UNFINISHED_MARKER_FILE).exists()


def test_existing_archive_is_replaced_only_with_an_option(everything, digests, tmp_path):
    make_backup(tmp_path / "backups")
    before = digests()
    Session.objects.filter(title="Kept").update(title="Changed")
    Document.objects.filter(title="Paper 0").delete()
    paper = Document.objects.get(title="Paper 1").file.name
    with storages["private"].open(paper, "wb") as file:
        file.write(b"overwritten")
    storages["private"].save("stray.bin", ContentFile(b"x"))
    changed = digests()

    with pytest.raises(BackupError, match=r"not empty.*--replace"):
        restore(tmp_path / "backups")
    assert digests() == changed

    restore(tmp_path / "backups", replace=True)
    assert digests() == before


def test_archive_with_only_files_counts_as_existing(db, tmp_path):
    make_backup(tmp_path / "backups")
    storages["private"].save("stray.bin", ContentFile(b"x"))

    with pytest.raises(BackupError, match=r"private/stray\.bin"):
        restore(tmp_path / "backups")


@pytest.mark.slow
def test_concurrent_writes_are_in_the_backup_completely_or_not_at_all(everything, tmp_path):
    """Each writer stores or deletes a session with a document in one transaction."""
    stop = threading.Event()

    def write(number):
        count = 0
        while not stop.is_set():
            count += 1
            session = SessionFactory(title=f"Meanwhile {number}-{count}")
            document = Document(session=session, title="Meanwhile")
            document.file.save("meanwhile.txt", ContentFile(f"{number} {count}".encode() * 50))
            if count % 3 == 0:
                name = document.file.name
                document.delete()
                storages["private"].delete(name)
        connections.close_all()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for writer in writers:
        writer.start()
    try:
        results = [make_backup(tmp_path / "backups") for _ in range(3)]
    finally:
        stop.set()
        for writer in writers:
            writer.join()

    assert [result.unsaved for result in results] == [{}, {}, {}]
    connections.close_all()
    restored = restore(tmp_path / "backups", replace=True)
    assert restored.row_count == results[-1].row_count
    for name in Document.objects.exclude(file="").values_list("file", flat=True):
        assert storages["private"].size(name) > 0


def test_unchanged_files_are_stored_once_and_not_read_again(everything, tmp_path, monkeypatch):
    first = make_backup(tmp_path / "backups")
    objects = sorted((tmp_path / "backups/objects").glob("*/*"))
    opened = []
    open_file = stored_files.open_file
    monkeypatch.setattr(
        stored_files, "open_file", lambda *args: opened.append(args) or open_file(*args)
    )

    second = make_backup(tmp_path / "backups")

    assert opened == []
    assert sorted((tmp_path / "backups/objects").glob("*/*")) == objects
    assert second.file_count == first.file_count
    verify_checksums(second.path)


def test_older_backups_are_deleted_with_the_files_only_they_need(everything, tmp_path):
    make_backup(tmp_path / "backups")
    document = Document.objects.get(title="Paper 0")
    sha256 = stored_files.sha256_of_file("private", document.file.name)
    storages["private"].delete(document.file.name)
    document.delete()

    result = make_backup(tmp_path / "backups", keep=1)

    folder = BackupFolder(tmp_path / "backups")
    assert folder.backup_names() == [result.name]
    assert len(result.removed) == 1
    assert not folder.object_path(sha256, "").exists()
    verify_checksums(result.path)


def test_checksums_are_those_of_sha256sum(everything, tmp_path):
    result = make_backup(tmp_path / "backups")

    done = subprocess.run(
        ["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"],
        cwd=result.path,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_settings_contain_no_secret(db, tmp_path, monkeypatch):
    monkeypatch.setenv("SITE_NAME", "Archive")
    monkeypatch.setenv("EMAIL_URL", "smtp+tls://user:hidden-a@mail.example:587")
    monkeypatch.setenv("CACHE_URL", "rediscache://cache.example/1?password=hidden-b")
    monkeypatch.setenv("SECRET_KEY", "hidden-c")
    monkeypatch.setenv("ADMIN_PASSWORD", "hidden-d")
    monkeypatch.setenv("MEDIA_STORAGE_URL", "s3://KEY:hidden%2Fe@s3.example/bucket?region=eu")

    result = make_backup(tmp_path / "backups")

    text = (result.path / "settings.env").read_text()
    assert "SITE_NAME=Archive\n" in text
    assert "EMAIL_URL=smtp+tls://LEFT-OUT@mail.example:587\n" in text
    kept = b"".join(path.read_bytes() for path in result.path.iterdir() if path.is_file())
    assert b"hidden" not in kept
    assert settings.SECRET_KEY.encode() not in kept


def test_settings_match_the_readme():
    readme = (settings.BASE_DIR / "README.md").read_text()
    table = readme.partition("## Settings")[2].partition("\n## ")[0]

    listed = {
        name.strip("` ")
        for line in table.splitlines()
        if line.startswith("| `")
        for name in line.split("|")[1].split(",")
    }

    assert listed == set(site_environment.SITE_VARIABLES)


def test_missing_file_is_reported_and_the_rest_is_saved(everything, tmp_path, capsys):
    name = Document.objects.get(title="Paper 2").file.name
    storages["private"].delete(name)

    with pytest.raises(CommandError, match="1 stored files could not be read") as raised:
        call_command("backup", tmp_path / "backups")

    assert raised.value.returncode == 3
    assert f"private/{name}: the database names it" in capsys.readouterr().err
    assert len(BackupFolder(tmp_path / "backups").backup_names()) == 1


@pytest.mark.parametrize("below", ["", "backups"])
def test_backups_cannot_be_in_the_folder_of_stored_files(db, below):
    with pytest.raises(CommandError, match="separate from the stored files"):
        call_command("backup", Path(storages["private"].location) / below)


def test_second_concurrent_backup_is_refused(db, tmp_path):
    folder = BackupFolder(tmp_path / "backups")

    with folder.locked(), pytest.raises(CommandError, match="another backup is being made"):
        call_command("backup", tmp_path / "backups")


@pytest.mark.parametrize(
    "pattern", ["*/tables/sessions_app_session.jsonl.gz", "objects/*/*", "*/manifest.json"]
)
@pytest.mark.parametrize("how", ["changed", "missing"])
def test_a_damaged_backup_is_refused_before_anything_changes(
    everything, digests, tmp_path, pattern, how
):
    make_backup(tmp_path / "backups")
    path = next((tmp_path / "backups").glob(pattern))
    if how == "missing":
        path.unlink()
    else:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    before = digests()

    with pytest.raises(CommandError, match=path.name):
        call_command("restore", tmp_path / "backups", replace=True)

    assert digests() == before


def test_a_backup_of_a_newer_release_is_refused(everything, tmp_path):
    result = make_backup(tmp_path / "backups")
    path = result.path / "manifest.json"
    manifest = json.loads(path.read_bytes())
    manifest["migrations"].append(["sessions_app", "9999_of_tomorrow"])
    path.write_text(json.dumps(manifest))
    _sum_again(result.path, "manifest.json")

    with pytest.raises(CommandError, match=r"newer release \(migration sessions_app.9999"):
        call_command("restore", tmp_path / "backups", replace=True)


@pytest.mark.slow
def test_a_backup_of_an_older_release_is_restored_and_migrated(
    everything, digests, tmp_path, monkeypatch, capsys
):
    """Tables and columns are then those of this release, filled by its migrations."""
    before, _files = digests()
    try:
        result, older = _backup_by_an_older_release(tmp_path / "backups", monkeypatch)
        call_command("migrate", verbosity=0)
        call_command("restore", tmp_path / "backups", replace=True)
    finally:
        call_command("migrate", verbosity=0)

    rows, _files = digests()
    listed = json.loads((result.path / "manifest.json").read_bytes())["tables"]
    assert "sessions_app_bulkfile" not in {table["table"] for table in listed}
    assert "sessions_app_bulkfile" in rows
    assert "migrated to this release" in capsys.readouterr().out
    assert {table for table in older if rows[table] == before[table]} >= {
        *("auth_user", "reversion_version", "sessions_app_appearance", "sessions_app_document"),
        *("search_app_synonym", "recordings_app_grant"),
    }
    kept = Session.objects.get(title="Kept")
    assert (kept.import_remains, kept.uid) == (everything.import_remains, everything.uid)
    assert kept.entry_changed_at  # a column that the older release did not have
    assert writing.first_pending_migration() == ""


def _backup_by_an_older_release(folder, monkeypatch):
    """Return the result of a backup made by the code of an older release, and its tables."""
    for target in OLDER_RELEASE:
        call_command("migrate", *target, verbosity=0)
    loader = MigrationExecutor(connection).loader
    apps = loader.project_state(list(loader.applied_migrations)).apps
    of_then = tables.stored_models(apps)
    with monkeypatch.context() as patch:
        patch.setattr(tables, "stored_models", lambda apps=None: of_then)
        patch.setattr(writing, "first_pending_migration", lambda: "")
        result = make_backup(folder)
    return result, [model._meta.db_table for model in of_then]


def test_file_name_outside_the_storage_is_refused(everything, digests, tmp_path):
    make_backup(tmp_path / "backups")
    before = digests()

    for name in ("../escape", "/etc/escape", "a/../../escape"):
        with pytest.raises(BackupError, match="is unusable"):
            _with_file_named(tmp_path / "backups", name)

    assert digests() == before


def _with_file_named(folder, name):
    result = make_backup(folder)
    path = result.path / "files.jsonl.gz"
    with backup_folder.gzip.open(path, "wt") as file:
        entry = {"storage": "private", "name": name, "sha256": "0" * 64, "bytes": 0}
        file.write(json.dumps({**entry, "modified": "2020-01-01T00:00:00+00:00"}))
    _sum_again(result.path, "files.jsonl.gz")
    restore_backup(folder, replace=True)


def _sum_again(backup, name):
    sums = backup / "SHA256SUMS"
    lines = [line for line in sums.read_text().splitlines() if not line.endswith(f"  {name}")]
    lines.append(f"{backup_folder.file_sha256(backup / name)}  {name}")
    sums.write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize(
    "command", ["backup", "restore", "export_archive", "import_archive", "export_static"]
)
def test_an_empty_name_is_not_the_current_folder(db, command):
    with pytest.raises(CommandError, match="give the name of a folder"):
        call_command(command, "")


def test_a_file_is_no_folder_for_backups(db, tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(CommandError, match="is a file; give the name of a folder"):
        call_command("backup", tmp_path / "file")


def test_an_empty_folder_has_nothing_to_restore(db, tmp_path):
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(CommandError, match="no complete backup"):
            call_command("restore", folder)


@pytest.mark.parametrize(
    ("owner", "name", "nth"),
    [
        (backup_folder.BackupWriter, "add_object", 3),
        (tables, "dump_table", 1),
        (tables, "dump_table", 40),
        (backup_folder.BackupWriter, "finish", 1),
        (backup_folder, "sync_folder", 1),
        (Path, "rename", 1),
    ],
)
def test_killed_backup_is_not_listed(everything, killed, tmp_path, owner, name, nth):
    first = make_backup(tmp_path / "backups")
    for number in range(3):
        storages["private"].save(f"new-{number}.bin", ContentFile(b"new" * number))

    ended = killed(lambda: make_backup(tmp_path / "backups"), owner, name, nth)

    assert ended == -signal.SIGKILL
    assert BackupFolder(tmp_path / "backups").backup_names() == [first.name]
    second = make_backup(tmp_path / "backups")
    verify_checksums(first.path)
    verify_checksums(second.path)
    assert not list((tmp_path / "backups").glob(".*.partial"))


def test_killed_removal_leaves_no_partial_backup(everything, killed, tmp_path):
    make_backup(tmp_path / "backups")
    make_backup(tmp_path / "backups")

    ended = killed(
        lambda: make_backup(tmp_path / "backups", keep=1), backup_folder.shutil, "rmtree", 1
    )

    assert ended == -signal.SIGKILL
    for name in BackupFolder(tmp_path / "backups").backup_names():
        verify_checksums(tmp_path / "backups" / name)
    last = make_backup(tmp_path / "backups", keep=1)
    assert {path.name for path in (tmp_path / "backups").iterdir()} == {
        *(".lock", "objects"),
        last.name,
    }


@pytest.mark.parametrize(
    ("owner", "name", "nth"),
    [(stored_files, "store_file", 2), (tables, "load_table", 30), (tables, "set_last_ids", 1)],
)
def test_killed_restore_does_not_change_the_database(
    everything, client, digests, killed, tmp_path, owner, name, nth
):
    make_backup(tmp_path / "backups")
    full = digests()
    call_command("flush", interactive=False, verbosity=0)
    for file in list(stored_files.stored_files()):
        storages[stored_files.STORAGE_ALIAS_OF_NAME[file.storage]].delete(file.name)
    empty_rows, _files = digests()

    ended = killed(lambda: restore(tmp_path / "backups"), owner, name, nth)

    assert ended == -signal.SIGKILL
    rows, _files = digests()
    assert rows == empty_rows
    checks = client.get("/readyz").json()["checks"]
    assert checks["storage"] == "a restore was broken off; run it again"
    if owner is stored_files:
        restore(tmp_path / "backups")
        assert digests() == full
        assert not (settings.VAR_DIR / restoring.UNFINISHED_MARKER_FILE).exists()
    (settings.VAR_DIR / restoring.UNFINISHED_MARKER_FILE).unlink(missing_ok=True)


@needs("age")
@pytest.mark.slow
def test_backup_is_encrypted_with_age(everything, digests, tmp_path):
    key = tmp_path / "key"
    subprocess.run(["age-keygen", "-o", key], check=True, capture_output=True)
    recipient = key.read_text().partition("public key: ")[2].split()[0]
    before = digests()

    first = make_backup(tmp_path / "backups", cipher=Cipher.for_recipients([recipient]))
    second = make_backup(tmp_path / "backups", cipher=Cipher.for_recipients([recipient]))

    verify_checksums(first.path)
    verify_checksums(second.path)
    objects = list((tmp_path / "backups/objects").glob("*/*"))
    assert len(objects) == len({path.name for path in objects}) > 0
    assert all(path.read_bytes().startswith(b"age-encryption.org/v1") for path in objects)
    with pytest.raises(CommandError, match="--identity"):
        call_command("restore", tmp_path / "backups", replace=True)
    other = tmp_path / "other"
    subprocess.run(["age-keygen", "-o", other], check=True, capture_output=True)
    with pytest.raises(CommandError, match="age could not decrypt"):
        call_command("restore", tmp_path / "backups", replace=True, identity=other)
    restore(tmp_path / "backups", replace=True, identity=key)
    assert digests() == before


@needs("gpg")
def test_backup_is_encrypted_with_gnupg(everything, tmp_path, monkeypatch):
    home = tmp_path / "gnupg"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    make_key = [
        "gpg",
        "--batch",
        "--passphrase",
        "",
        "--quick-generate-key",
        "keeper@archive.example",
    ]
    subprocess.run(make_key, check=True, capture_output=True)

    try:
        result = make_backup(
            tmp_path / "backups", cipher=Cipher.for_recipients(["keeper@archive.example"])
        )
        path = result.path / "tables/sessions_app_session.jsonl.gz.gpg"
        with backup_folder.open_decrypted_lines(path, Cipher("gpg")) as lines:
            titles = {json.loads(line)["title"] for line in lines}
        with pytest.raises(CommandError, match="gpg could not encrypt"):
            call_command("backup", tmp_path / "others", encrypt_to=["nobody@archive.example"])
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], check=False)

    assert titles == {"Kept", "A draft", *titles}
    assert BackupFolder(tmp_path / "others").backup_names() == []


def test_missing_program_is_reported(db, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(CommandError, match="age is not installed; run: apt-get install age"):
        call_command("backup", tmp_path / "backups", encrypt_to=["age1xyz"])


def test_backup_moves_between_sqlite_and_postgresql(everything, digests, tmp_path):
    """On SQLite the backup is restored once; on PostgreSQL also by way of an SQLite file."""
    SiteSettings.load()
    UserFactory()
    before = digests()
    make_backup(tmp_path / "here")
    if connection.vendor == "postgresql":
        other = {"VAR_DIR": str(tmp_path / "machine"), "ARCHIVE_ENV_FILE": "/dev/null"}
        manage = [sys.executable, "manage.py"]
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in site_environment.SITE_VARIABLES
        } | other
        for command in (["restore", tmp_path / "here"], ["backup", tmp_path / "there"]):
            subprocess.run([*manage, *command], cwd=settings.BASE_DIR, env=environment, check=True)
        folder = tmp_path / "there"
    else:
        folder = tmp_path / "here"

    restore(folder, replace=True)

    assert digests() == before
