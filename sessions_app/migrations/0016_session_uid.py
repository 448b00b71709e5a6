"""Ids of feeds and calendars, and when an entry changed; empty until the next migration fills them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0015_settled_remains")]

    operations = [
        migrations.AddField("session", "uid", models.UUIDField(editable=False, null=True)),
        migrations.AddField(
            "session", "entry_changed_at", models.DateTimeField(editable=False, null=True)
        ),
    ]
