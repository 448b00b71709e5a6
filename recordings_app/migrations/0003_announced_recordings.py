"""What a session said of its recording becomes a recording that is announced, without audio yet."""

from django.db import migrations

BATCH = 1000


def announce(apps, schema_editor):
    """Make the recordings, and let requests ask for them instead of for their sessions.

    A session that was asked for and offers nothing any more gets a closed one, so that the
    request keeps what it was about.
    """
    session_model = apps.get_model("sessions_app", "Session")
    recording_model = apps.get_model("recordings_app", "Recording")
    asked_model = apps.get_model("recordings_app", "RequestedSession")
    wanted_model = apps.get_model("recordings_app", "RequestedRecording")
    offered = session_model.objects.filter(has_recording=True).order_by("pk")
    asked = session_model.objects.filter(has_recording=False, requests__isnull=False)
    for sessions, access in ((offered, "on_request"), (asked.order_by("pk").distinct(), "closed")):
        keys = list(sessions.values_list("pk", flat=True))
        for start in range(0, len(keys), BATCH):
            batch = keys[start : start + BATCH]
            recording_model.objects.bulk_create(
                recording_model(session_id=key, number=1, access=access) for key in batch
            )
            session_model.objects.filter(pk__in=batch).update(last_recording_number=1)
    recording_of = dict(recording_model.objects.values_list("session_id", "pk"))
    wanted_model.objects.bulk_create(
        (
            wanted_model(
                request_id=row.request_id,
                recording_id=recording_of[row.session_id],
                decision=row.decision,
                note=row.note,
                decided_at=row.decided_at,
                decided_by_id=row.decided_by_id,
            )
            for row in asked_model.objects.order_by("pk")
        ),
        batch_size=BATCH,
    )


def ask_for_sessions(apps, schema_editor):
    """Let requests ask for sessions again; of several recordings of one, the first row stays."""
    asked_model = apps.get_model("recordings_app", "RequestedSession")
    wanted_model = apps.get_model("recordings_app", "RequestedRecording")
    rows = {}
    for row in wanted_model.objects.order_by("pk").select_related("recording"):
        rows.setdefault(
            (row.request_id, row.recording.session_id),
            asked_model(
                request_id=row.request_id,
                session_id=row.recording.session_id,
                decision=row.decision,
                note=row.note,
                decided_at=row.decided_at,
                decided_by_id=row.decided_by_id,
            ),
        )
    asked_model.objects.bulk_create(rows.values(), batch_size=BATCH)
    wanted_model.objects.all().delete()
    # Nothing refers to them any more, and Django's collector mixes up the models of two states.
    recordings = apps.get_model("recordings_app", "Recording").objects.all()
    recordings._raw_delete(schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [("recordings_app", "0002_recordings")]

    operations = [migrations.RunPython(announce, ask_for_sessions)]
