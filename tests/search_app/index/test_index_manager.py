"""The index on disk: it follows the database, repairs itself, and is replaced while in use."""

import shutil
import threading

import pytest
from django.db import connection, transaction

from search_app import api, change_log
from search_app.criteria_and_hits import Criteria
from search_app.index import tantivy_index
from search_app.index.document_sources import document_source
from search_app.index.index_manager import MAX_CHANGES_APPLIED_BY_SEARCH, IndexManager
from search_app.models import Change
from sessions_app.models import Session
from tests.factories import SessionFactory
from tests.waiting import PATIENCE, eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(settings, tmp_path):
    """The folder of the session index, still empty."""
    settings.INDEX_DIR = tmp_path / "index"
    api.discard_indexes()
    yield settings.INDEX_DIR / "session"
    api.discard_indexes()


def found(text=""):
    return set(api.search(Criteria(text=text)).keys)


def other_process(folder):
    """A second index manager for the same folder, which shares only the files with the first."""
    manager = IndexManager(document_source("session"), folder)

    def total():
        return len(manager.current_snapshot(change_log.newest_position())[0].columns)

    return total


def publish_in_bulk(count: int) -> None:
    Session.objects.bulk_create(
        Session(
            title=f"Talk {number}",
            slug=f"talk-{number}",
            status="published",
            published_at="2024-01-01T00:00Z",
        )
        for number in range(count)
    )
    with transaction.atomic():
        change_log.record_changes("session", Session.objects.values_list("pk", flat=True))


def test_an_edit_is_found_by_the_next_search_of_every_process(folder):
    session = SessionFactory(title="Rivers")
    assert found("rivers") == {session.pk}
    total = other_process(folder)
    assert total() == 1

    SessionFactory(title="Deserts")
    assert total() == 2
    assert len(found()) == 2

    session.status = Session.Status.WITHDRAWN
    session.save()
    assert found("rivers") == set()
    assert total() == 1


def test_uncommitted_changes_are_not_indexed(folder):
    SessionFactory()
    found()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        SessionFactory(title="Rivers")
        api.search(Criteria(text="rivers"))
        raise ZeroDivisionError

    assert found("rivers") == set()


def garbage(folder):
    for file in folder.glob("*/*"):
        file.write_bytes(b"\0garbage" * 20)


def half(folder):
    for file in folder.glob("*/*"):
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def missing(folder):
    shutil.rmtree(folder)


def without_name(folder):
    (folder / "current").unlink()


def emptied(folder):
    for generation in folder.iterdir():
        if generation.is_dir():
            shutil.rmtree(generation)


def old_format(folder):
    name = (folder / "current").read_text()
    old = f"{tantivy_index.INDEX_FORMAT_VERSION - 1}-{name.partition('-')[2]}"
    (folder / name).rename(folder / old)
    (folder / "current").write_text(old)


@pytest.mark.parametrize("harm", [garbage, half, missing, without_name, emptied, old_format])
def test_damaged_index_is_rebuilt(folder, harm):
    session = SessionFactory(title="Rivers")
    found()
    harm(folder)
    api.discard_indexes()  # as a process that starts now

    assert eventually(lambda: found("rivers") == {session.pk})
    name = (folder / "current").read_text()
    assert name.startswith(f"{tantivy_index.INDEX_FORMAT_VERSION}-")


def nonsense_as_name(folder):
    (folder / "current").write_bytes(b"\xff\xfe")


def damaged_meta(folder):
    for file in folder.glob("*/meta.json"):
        file.unlink()
        file.write_text("{")


def everything_deleted(folder):
    shutil.rmtree(folder.parent)


@pytest.mark.parametrize("is_edited", [True, False])
@pytest.mark.parametrize(
    "harm",
    [missing, without_name, emptied, nonsense_as_name, damaged_meta, everything_deleted],
)
def test_index_damaged_while_in_use_still_answers_and_is_rebuilt(folder, client, harm, is_edited):
    session = SessionFactory(title="Rivers")
    assert eventually(lambda: found("rivers") == {session.pk})  # the first build may take longer

    harm(folder)
    if is_edited:
        session = SessionFactory(title="Rivers and deserts")
    answers = [client.get("/sessions/?q=rivers") for _ in range(3)]

    assert {answer.status_code for answer in answers} == {200}
    for answer in answers:  # responses from an outdated index are marked
        is_whole = answer.content.decode().count("data-session=") == 1 + is_edited
        assert is_whole or answer["X-Index-Lag"] == "1"
    assert eventually(lambda: (api.update_open_indexes(), found("rivers"))[1] >= {session.pk})
    assert eventually(lambda: (api.update_open_indexes(), list(folder.glob("*/meta.json")))[1])
    assert eventually(lambda: (api.update_open_indexes(), api.index_status()["ready"])[1])
    assert not api.search(Criteria()).stale
    # Another process that starts now reads the same.
    assert other_process(folder)() == 1 + is_edited


def test_index_that_cannot_be_written_still_answers(folder, client, monkeypatch):
    session = SessionFactory(title="Rivers")
    assert found() == {session.pk}

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(tantivy_index.Index, "writer", full)
        SessionFactory(title="Deserts")
        answer = client.get("/sessions/")
        with pytest.raises(OSError, match="No space"):
            api.update_indexes_to_newest_change()

    assert answer.status_code == 200
    assert answer["X-Index-Lag"] == "1"
    api.update_indexes_to_newest_change()
    assert len(found()) == 2


def test_idle_process_follows_a_bulk_change_within_two_checks(folder):
    """It checks every second: see search_app/updating/background_thread.py."""
    SessionFactory(title="Rivers")
    found()
    other = IndexManager(document_source("session"), folder)
    other.current_snapshot(change_log.newest_position())
    other._read_again_at = float("inf")  # as after a very slow reading
    publish_in_bulk(MAX_CHANGES_APPLIED_BY_SEARCH + 100)

    api.update_indexes_to_newest_change()

    assert api.search(Criteria()).total == MAX_CHANGES_APPLIED_BY_SEARCH + 101
    for _ in range(2):
        other.update_if_open(change_log.newest_position())
    snapshot, is_stale = other.current_snapshot(change_log.newest_position())
    assert (len(snapshot.columns), is_stale) == (MAX_CHANGES_APPLIED_BY_SEARCH + 101, False)


def test_index_older_than_the_change_log_is_rebuilt(folder):
    SessionFactory(title="Rivers")
    found()
    session = SessionFactory(title="Deserts")
    newest = Change.objects.order_by("-id").first()
    Change.objects.exclude(pk=newest.pk).delete()

    assert eventually(lambda: found("deserts") == {session.pk})


def test_index_of_another_database_is_rebuilt(folder):
    SessionFactory(title="Rivers")
    found()
    # As after restoring a backup: the same ids with another history.
    Change.objects.update(mark=7)

    assert eventually(lambda: not api.search(Criteria()).stale)
    assert len(found()) == 1


def test_bulk_change_keeps_the_last_index_and_marks_results(folder, client):
    SessionFactory(title="Rivers")
    found()
    publish_in_bulk(MAX_CHANGES_APPLIED_BY_SEARCH + 1)

    hits = api.search(Criteria())

    assert (hits.total, hits.stale) in [(1, True), (MAX_CHANGES_APPLIED_BY_SEARCH + 2, False)]
    assert eventually(lambda: api.search(Criteria()).total == MAX_CHANGES_APPLIED_BY_SEARCH + 2)
    assert not api.search(Criteria()).stale


def test_page_of_a_stale_list_says_so_and_is_not_cached(client, monkeypatch):
    SessionFactory()
    manager_current = IndexManager.current_snapshot
    monkeypatch.setattr(
        IndexManager, "current_snapshot", lambda *args: (manager_current(*args)[0], True)
    )

    page = client.get("/sessions/")

    assert "taking in many changes" in page.content.decode()
    assert page["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "address", ["/sessions/", "/sessions/?q=rivers", "/insights/", "/insights/people/"]
)
def test_page_without_an_index_does_not_show_an_empty_archive(client, monkeypatch, address):
    manager = api._index_manager("session")
    monkeypatch.setattr(
        IndexManager, "current_snapshot", lambda *args: (manager._empty_snapshot(), True)
    )
    SessionFactory(title="Rivers")

    page = client.get(address).content.decode()

    assert "search index is being brought up to date" in page
    for wrong in ("no sessions in the archive", "Nothing matches", "nothing to draw"):
        assert wrong not in page


def test_search_works_while_the_index_is_rebuilt(folder):
    for number in range(30):
        SessionFactory(title=f"Rivers {number}")
    assert len(api.search(Criteria(text="rivers", per_page=100)).keys) == 30
    reads, stop, totals = threading.Event(), threading.Event(), set()

    def read():
        while not stop.is_set():
            totals.add(api.search(Criteria(text="rivers")).total)
            reads.set()
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    assert reads.wait(PATIENCE)
    for _ in range(5):
        api.rebuild_index("session")
    stop.set()
    reader.join()

    assert totals == {30}


def test_remains_of_an_interrupted_build_are_ignored_and_deleted(folder):
    session = SessionFactory(title="Rivers")
    found()
    remains = folder / f"{tantivy_index.INDEX_FORMAT_VERSION}-cafe0000"
    remains.mkdir()
    (remains / "meta.json").write_text("{")
    api.discard_indexes()

    assert found("rivers") == {session.pk}
    api.rebuild_index("session")
    assert not remains.exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_changes_become_visible_in_order():
    first_has_number, second_may_end = threading.Event(), threading.Event()
    done = []

    def slow():
        with transaction.atomic():
            change_log.record_changes("session", [1])
            first_has_number.set()
            second_may_end.wait(0.5)  # the second one has enough time to overtake
        done.append("slow")
        connection.close()

    def fast():
        first_has_number.wait(PATIENCE)
        with transaction.atomic():
            change_log.record_changes("session", [2])
        done.append("fast")
        second_may_end.set()
        connection.close()

    threads = [threading.Thread(target=work) for work in (slow, fast)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert done == ["slow", "fast"]
    assert list(Change.objects.order_by("id").values_list("key", flat=True)) == [1, 2]
