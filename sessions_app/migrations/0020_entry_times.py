"""Entries of feeds and calendars tell when something changed that they show."""

import django.utils.timezone
from django.db import migrations

import sessions_app.models.entry_times


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0019_former_import_refs")]

    operations = [
        migrations.AlterField(
            model_name="session",
            name="entry_changed_at",
            field=sessions_app.models.entry_times.EntryTimeField(
                default=django.utils.timezone.now, editable=False
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="calendar_changed_at",
            field=sessions_app.models.entry_times.EntryTimeField(
                default=django.utils.timezone.now, editable=False
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="calendar_sequence",
            field=sessions_app.models.entry_times.SequenceField(
                default=0,
                editable=False,
                help_text="How often the time of the event was changed.",
            ),
        ),
        migrations.AddField(
            model_name="recommendation",
            name="entry_changed_at",
            field=sessions_app.models.entry_times.EntryTimeField(
                default=django.utils.timezone.now, editable=False
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="entry_changed_at",
            field=sessions_app.models.entry_times.EntryTimeField(
                default=django.utils.timezone.now, editable=False
            ),
        ),
    ]
