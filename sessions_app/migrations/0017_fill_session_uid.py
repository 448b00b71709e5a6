"""Give each session an id; batches of their own transactions, so that no table is long locked."""

import uuid

from django.db import migrations

BATCH = 500


def fill(apps, schema_editor):
    sessions = apps.get_model("sessions_app", "Session")._base_manager
    sessions = sessions.using(schema_editor.connection.alias)
    while batch := list(sessions.filter(uid=None).only("pk", "updated_at").order_by("pk")[:BATCH]):
        for session in batch:
            session.uid = uuid.uuid4()
            session.entry_changed_at = session.updated_at
        sessions.bulk_update(batch, ["uid", "entry_changed_at"])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("sessions_app", "0016_session_uid")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
