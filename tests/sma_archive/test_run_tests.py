"""The result of `make test` when a part could not be run."""

import pytest
from django.conf import settings


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(settings.BASE_DIR / "scripts")
    import run_tests  # on sys.path only now

    run = run_tests.Run(tmp_path, stack=None)
    run.closing_lines.append("suite on SQLite: 3 passed in 1.00s")
    return run


def test_skipped_part_is_reported_and_not_a_failure(run, monkeypatch, capsys):
    monkeypatch.setattr("run_tests.REQUIRE_ALL", False)
    run.skipped.append("the suite on PostgreSQL: no initdb found")

    assert run.result() == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "SKIPPED the suite on PostgreSQL: no initdb found",
        "suite on SQLite: 3 passed in 1.00s",
    ]


def test_skipped_part_is_a_failure_if_all_parts_are_required(run, monkeypatch, capsys):
    monkeypatch.setattr("run_tests.REQUIRE_ALL", True)
    run.skipped.append("browser tests: no Chromium found")

    assert run.result() == 1
    assert "FAILED, as REQUIRE_ALL is set browser tests" in capsys.readouterr().out


def test_failed_part_is_a_failure_of_the_run(run, capsys):
    run.failed.append("ruff check")

    assert run.result() == 1


def test_missing_server_is_reported_with_its_package(run, monkeypatch, tmp_path):
    import postgresql  # needs the scripts folder on sys.path

    monkeypatch.setattr(postgresql, "DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(postgresql.ClusterError, match="install the Debian package postgresql"):
        postgresql.find_binaries()


def test_settings_of_the_developer_do_not_affect_tests(monkeypatch, tmp_path, run):
    import run_tests  # needs the scripts folder on sys.path

    monkeypatch.setenv("DATABASE_URL", "postgres://somebody@server/own")

    environment = run_tests.Run(tmp_path, stack=None).environment

    assert "DATABASE_URL" not in environment
    assert environment["VAR_DIR"] == str(tmp_path / "var")
