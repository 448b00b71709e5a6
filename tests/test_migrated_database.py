"""Runs start with a database that matches the current code."""

from types import SimpleNamespace

from tests import migrated_database
from tests.migrated_database import fingerprint, kept_database, start_from


def test_changed_migration_gives_another_database(tmp_path, monkeypatch):
    migrations = tmp_path / "migrations"
    migrations.mkdir()
    config = SimpleNamespace(path=str(tmp_path))
    monkeypatch.setattr(migrated_database.apps, "get_app_configs", lambda: [config])
    known = [fingerprint(), fingerprint()]

    for name, text in (("0001_a.py", "a"), ("0001_a.py", "b"), ("0002_b.py", "b")):
        (migrations / name).write_text(text)
        known.append(fingerprint())
    (migrations / "0001_a.py").rename(migrations / "0001_c.py")
    known.append(fingerprint())

    assert known[0] == known[1]
    assert len(set(known[1:])) == len(known[1:])


def test_without_a_cached_database_a_new_one_is_created(tmp_path):
    assert kept_database(None) is None
    assert not start_from(tmp_path / "none.sqlite3")
