"""Uploaded exports: processed in slices, resumed, cancelled, and rolled back as a whole."""

from datetime import timedelta
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from ingest_app import import_worker
from ingest_app.models import ImportedRecord, ImportRun, MappingRule, RunItem, RunMade
from ingest_app.runs import rollback
from sessions_app.models import Comment, Document, Region, Series, Session, Tombstone, Topic
from site_app.models import OldAddress
from speakers_app.models import Organisation, Speaker, SpeakerAlias
from tests.factories import AppearanceFactory, SessionFactory, UserFactory
from tests.ingest_app.wordpress.exports import EXPORT, SESSION, comment, export, filed, item, pdf

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
State = ImportRun.State


@pytest.fixture(autouse=True)
def nothing_open():
    yield
    import_worker._close_imports(*import_worker._open_imports)


def upload(content, *, media=None, group="Publishers", **options):
    run = ImportRun.objects.create(
        kind="wordpress",
        source_name="export.xml",
        state=State.WAITING,
        options={"publish": False, "dry_run": False} | options,
        started_by=UserFactory(group=group),
    )
    run.file.save("export.xml", ContentFile(content))
    if media:
        packed = BytesIO()
        with ZipFile(packed, "w") as archive:
            for name, data in media.items():
                archive.writestr(name, data)
        run.media_file.save("media.zip", ContentFile(packed.getvalue()))
    return run


def work_off(run, seconds=3600.0):
    """Run slices until there are no more; return their number."""
    slices = 1
    while import_worker.run_slice(run.pk, seconds):
        slices += 1
    run.refresh_from_db()
    return slices


def archive():
    models = (Session, Speaker, SpeakerAlias, Organisation, Series, Topic, Region, Document, Comment, ImportedRecord, OldAddress)  # fmt: skip
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def counted(run):
    return {name: number for name, number in run.counts.items() if number}


def test_upload_is_imported_with_its_media():
    run = upload(
        export(item(1, SESSION + ' <a href="https://old.example/wp-content/uploads/a.pdf">A</a>')),
        media={"wp-content/uploads/a.pdf": pdf("a")},
        publish=True,
    )

    slices = work_off(run)

    assert (slices, run.state, run.percent) == (1, State.DONE, 100)
    assert counted(run) == {"created": 1}
    session = Session.objects.get()
    assert session.status == "published"
    step = session.status_changes.get()
    assert (step.was, step.status, step.by) == ("draft", "published", run.started_by)
    assert Document.objects.get().media_type == "application/pdf"


@pytest.mark.parametrize("forgets", [False, True])
def test_slices_give_the_same_result_as_a_single_run(forgets):
    run = upload(EXPORT.read_bytes())

    slices = 1
    while import_worker.run_slice(run.pk, seconds=0):  # one step per slice
        slices += 1
        if forgets and slices % 7 == 0:  # as after a killed process
            import_worker._close_imports(*import_worker._open_imports)
    run.refresh_from_db()

    assert slices > 100
    assert counted(run) == {
        "created": 14,
        "changed": 11,
        "left out": 6,
        "doubtful": run.counts["doubtful"],
    }
    refs = list(RunItem.objects.filter(run=run).values_list("ref", flat=True))
    assert len(refs) == len(set(refs)) == 31
    again = upload(EXPORT.read_bytes())
    work_off(again)
    assert counted(again)["unchanged"] == 25


def test_dry_run_in_slices_stores_only_its_report():
    run = upload(EXPORT.read_bytes(), dry_run=True, publish=True)
    before = archive()

    slices = 1
    while import_worker.run_slice(run.pk, seconds=0):
        slices += 1
        if slices % 40 == 0:
            import_worker._close_imports(*import_worker._open_imports)
    run.refresh_from_db()

    assert counted(run)["created"] == 14
    assert archive() == before
    assert not RunMade.objects.exists()
    assert MappingRule.objects.filter(kind="taxonomy", source="area").exists()


def test_killed_import_continues_after_the_lease():
    run = upload(export(item(1), item(2), item(3)))
    import_worker.run_slice(run.pk, seconds=0)
    # The worker died during the slice.
    ImportRun.objects.filter(pk=run.pk).update(taken_at=timezone.now())
    import_worker._close_imports(*import_worker._open_imports)

    refused = import_worker.run_slice(run.pk)
    waits = import_worker.requeue_runs_without_worker()
    ImportRun.objects.filter(pk=run.pk).update(taken_at=timezone.now() - timedelta(minutes=4))
    taken_up = import_worker.requeue_runs_without_worker()
    work_off(run)

    assert (refused, waits, taken_up) == (False, 0, 1)
    assert (run.state, counted(run)) == (State.DONE, {"created": 3})


def test_run_of_a_command_is_left_to_it_and_its_death_is_noticed():
    run = ImportRun.objects.create(
        kind="wordpress", source_name="x", state=State.RUNNING, taken_at=timezone.now()
    )

    ImportRun.objects.filter(pk=run.pk).update(taken_at=timezone.now() - timedelta(minutes=5))
    first = (
        import_worker.requeue_runs_without_worker(),
        import_worker.run_slice(run.pk),
        import_worker.cancel_run(run),
    )
    run.refresh_from_db()
    state = run.state
    ImportRun.objects.filter(pk=run.pk).update(taken_at=timezone.now() - timedelta(minutes=16))
    import_worker.fail_silent_command_runs()
    run.refresh_from_db()

    assert (first, state, run.state) == ((0, False, False), State.RUNNING, State.FAILED)
    assert run.error.startswith("The command ended early")


def test_tick_between_two_slices_adds_no_second_task():
    run = upload(export(item(1), item(2)))

    first = import_worker.requeue_runs_without_worker()
    second = import_worker.requeue_runs_without_worker()

    assert (first, second, DBTaskResult.objects.count()) == (1, 0, 1)
    assert DBTaskResult.objects.get().args_kwargs["args"] == [run.pk]


def test_worker_presumed_dead_rolls_its_step_back():
    run = upload(export(item(1), item(2)))
    import_worker.run_slice(run.pk, seconds=0)
    run.refresh_from_db()
    slow = ImportRun.objects.get(pk=run.pk)
    work_off(run)

    with pytest.raises(import_worker._RunStoppedError):
        import_worker._save_progress_or_stop(slow, slow.position + 1, {})


def test_cancelled_run_stops_before_its_next_step():
    run = upload(export(item(1), item(2), item(3)))
    import_worker.run_slice(run.pk, seconds=0)

    was_going = import_worker.cancel_run(run)
    more = import_worker.run_slice(run.pk)

    run.refresh_from_db()
    assert (was_going, more, run.state) == (True, False, State.CANCELLED)
    assert Session.objects.count() == 1
    assert import_worker.cancel_run(run) is False


def test_file_that_is_not_an_export_fails_with_the_reason():
    run = upload(b"<html></html>")

    work_off(run)

    assert (run.state, run.error) == (
        State.FAILED,
        "This is not a WordPress export: it does not begin with <rss>.",
    )


def test_unexpected_failure_is_recorded_and_ends_the_run(monkeypatch):
    run = upload(export(item(1)))
    monkeypatch.setattr(import_worker, "survey_export", lambda file: 1 / 0)

    more = import_worker.run_slice(run.pk)

    run.refresh_from_db()
    assert (more, run.state, run.error) == (
        False,
        State.FAILED,
        "ZeroDivisionError: division by zero",
    )


def test_editor_always_gets_drafts():
    run = upload(export(item(1)), group="Editors", publish=True)

    work_off(run)

    assert Session.objects.get().status == "draft"


def test_uploads_are_deleted_after_a_month_unless_another_run_needs_them():
    old = upload(export(item(1)))
    work_off(old)
    storage, name = old.file.storage, old.file.name
    ImportRun.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=31))
    other = ImportRun.objects.create(
        kind="wordpress", source_name="x", file=name, finished_at=timezone.now()
    )

    first = import_worker.purge_uploaded_files()
    kept = storage.exists(name)
    ImportRun.objects.filter(pk=other.pk).update(finished_at=timezone.now() - timedelta(days=31))
    second = import_worker.purge_uploaded_files()

    assert (first, kept, second, storage.exists(name)) == (1, True, 1, False)


def take_back(run):
    out = StringIO()
    call_command("take_back_import", str(run.pk), stdout=out)
    run.refresh_from_db()
    return out.getvalue().splitlines()


def test_run_is_rolled_back_as_a_whole():
    AppearanceFactory(speaker__family_name="Haddad", speaker__given_name="L.")
    before = archive()
    run = upload(EXPORT.read_bytes(), publish=True)
    work_off(run)

    said = take_back(run)

    assert said[-1].endswith(" rolled back, 0 kept")
    assert run.state == State.TAKEN_BACK
    assert archive() == before
    assert Tombstone.objects.count() == 10  # what was public is answered with 410


def test_rolled_back_run_can_be_imported_again():
    first = upload(export(item(1)), publish=True)
    work_off(first)
    take_back(first)

    again = upload(export(item(1)), publish=True)
    work_off(again)

    assert counted(again) == {"created": 1}


def test_edited_or_needed_records_are_kept_and_listed(client):
    run = upload(
        export(
            item(1, title="Edited", inside=filed("area", "north-sea", "North Sea")),
            item(2, title="Discussed"),
            item(3, title="Asked for", content=SESSION.replace("Karin Lund", "Thomas Greer")),
            item(4, title="Gone"),
        ),
        publish=True,
    )
    work_off(run)
    edited, discussed, _asked, gone = Session.objects.order_by("import_ref")
    edited.internal_note = "By hand"
    edited.save()
    Comment.objects.create(session=discussed, name="R", body="B")
    AppearanceFactory(speaker=Speaker.objects.get(family_name="Greer"))

    said = take_back(run)

    assert set(Session.objects.filter(import_ref__startswith="w")) == {edited, discussed}
    assert set(said[:-1]) == {
        "kept: sessions_app.session Edited: It has been edited since.",
        "kept: sessions_app.session Discussed: Readers have commented on it.",
        "kept: speakers_app.speaker Dr. Karin Lund: It is needed: there are appearances of it.",
        "kept: speakers_app.speaker Dr. Thomas Greer: It is needed: there are appearances of it.",
        "kept: speakers_app.organisation Harbour Institute: It is needed: there are appearances of it.",
        "kept: sessions_app.region North Sea: It is needed: there are sessions of it.",
        "kept: sessions_app.series Harbour: It is needed: there are sessions of it.",
    }
    assert client.get(gone.get_absolute_url()).status_code == 410
    assert client.get("/2020/05/session-4/").status_code == 404
    assert client.get("/2020/05/session-1/").status_code == 301


def test_rollback_restores_changed_records_and_their_fingerprints():
    export_before = export(item(1, title="Before", inside=comment(3)))
    first = upload(export_before)
    work_off(first)
    before = archive()
    second = upload(export(item(1, title="After", inside=comment(3) + comment(4))))
    work_off(second)

    blocked = take_back_blocked(first)
    said = take_back(second)
    third = upload(export_before)
    work_off(third)

    assert "kept: sessions_app.session Before: A later import changed it" in blocked
    assert (
        "kept: sessions_app.comment Reader 3: Who waits longest?: Its session is kept." in blocked
    )
    assert said[-1].endswith("0 kept")
    after = archive()
    for record in (*before["Comment"], *after["Comment"]):
        record.pop("entry_changed_at")
    for session in (*before["Session"], *after["Session"]):
        session.pop("updated_at")
        session.pop("entry_changed_at")  # changes, so that feeds show the entry again
        session.pop("calendar_changed_at")
        session.pop("calendar_sequence")
        session.pop("changed_by_id")  # the user of the rollback, who is nobody in particular
    assert after == before
    assert counted(third) == {"unchanged": 1}
    assert take_back(first)[-1].endswith("0 kept")
    assert not Session.objects.exists()


def take_back_blocked(run):
    """Try to roll back a run after a later one changed some of its records."""
    return "\n".join(take_back(run))


def test_running_or_unknown_runs_cannot_be_rolled_back():
    run = upload(export(item(1)))

    with pytest.raises(rollback.CannotRollBackError):
        rollback.begin_rollback(run, None)
    with pytest.raises(CommandError, match="Import run 999 does not exist"):
        call_command("take_back_import", "999")


def test_rollback_continues_after_a_kill(monkeypatch):
    monkeypatch.setattr(rollback, "RECORDS_PER_BATCH", 3)
    run = upload(export(*(item(number, title=f"S{number}") for number in range(1, 7))))
    work_off(run)
    rollback.begin_rollback(run, run.started_by)

    slices = work_off(run, seconds=0.0)

    assert slices > 1
    assert run.state == State.TAKEN_BACK
    assert not Session.objects.exists()


def test_rollback_by_a_running_command_is_not_taken_over():
    run = upload(export(item(1)))
    work_off(run)

    rollback.begin_rollback(run, None)
    alive = import_worker.requeue_runs_without_worker()
    ImportRun.objects.filter(pk=run.pk).update(taken_at=timezone.now() - timedelta(minutes=4))
    dead = import_worker.requeue_runs_without_worker()

    assert (alive, dead) == (0, 1)


def test_session_that_was_not_imported_is_not_changed():
    other = SessionFactory()
    run = upload(export(item(1)))
    work_off(run)

    take_back(run)

    assert list(Session.objects.all()) == [other]
