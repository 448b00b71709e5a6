"""Every session has an id and a time of its entry."""

import uuid

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0017_fill_session_uid")]

    operations = [
        migrations.AlterField(
            "session",
            "uid",
            models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AlterField(
            "session",
            "entry_changed_at",
            models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
    ]
