"""The migration from "a session has a recording" to recordings, and back, with records in the tables."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = [
    ("recordings_app", "0001_recording_requests"),
    ("sessions_app", "0003_comments"),
    ("ingest_app", "0001_import_runs"),
]
YES, NO, OTHER = "b5bea41b6c623f7c", "fcbcf165908dd18a", "0123456789abcdef"


def migrate(targets):
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


@pytest.fixture
def old():
    """The historical apps; afterwards the current state is restored."""
    yield migrate(BEFORE)
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    MigrationExecutor(connection).migrate(newest)


@pytest.mark.slow
def test_requests_and_placeholders_survive_the_migration_both_ways(old):
    session = old.get_model("sessions_app", "Session")
    offered = session.objects.create(title="A", slug="a", recording_on_request=True)
    no_more = session.objects.create(title="B", slug="b")
    session.objects.create(title="C", slug="c")
    request = old.get_model("recordings_app", "RecordingRequest").objects.create(
        name="R",
        email="r@reader.example",
        purpose="p",
        agreed_terms="t",
        confirmed_at=timezone.now(),
    )
    for row in (offered, no_more):
        old.get_model("recordings_app", "RequestedSession").objects.create(
            request=request, session=row, decision="approved", note=row.title
        )
    imported = old.get_model("ingest_app", "ImportedRecord")
    for row, was in ((offered, YES), (no_more, OTHER)):
        imported.objects.create(session=row, digest="d", fields={"recording_on_request": was})

    targets = [("recordings_app", "0005_grants"), ("ingest_app", "0002_fingerprint_of_recordings")]
    new = migrate(targets)

    recordings = new.get_model("recordings_app", "Recording").objects.order_by("pk")
    assert list(recordings.values_list("session__slug", "number", "access")) == [
        ("a", 1, "on_request"),
        ("b", 1, "closed"),
    ]
    wanted = new.get_model("recordings_app", "RequestedRecording").objects.order_by("pk")
    assert list(wanted.values_list("recording__session__slug", "decision", "note")) == [
        ("a", "approved", "A"),
        ("b", "approved", "B"),
    ]
    sessions = new.get_model("sessions_app", "Session").objects.order_by("slug")
    assert list(sessions.values_list("has_recording", "last_recording_number")) == [
        (True, 1),
        (False, 1),
        (False, 0),
    ]

    back = migrate(BEFORE)

    sessions = back.get_model("sessions_app", "Session").objects.order_by("slug")
    assert list(sessions.values_list("recording_on_request", flat=True)) == [True, False, False]
    asked = back.get_model("recordings_app", "RequestedSession").objects.order_by("pk")
    assert list(asked.values_list("session__slug", "note")) == [("a", "A"), ("b", "B")]
    records = back.get_model("ingest_app", "ImportedRecord").objects.order_by("pk")
    assert [record.fields for record in records] == [
        {"recording_on_request": YES},
        {"recording_on_request": OTHER},
    ]
