from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0003_comments")]

    operations = [
        migrations.RenameField("session", "recording_on_request", "has_recording"),
        migrations.AlterField(
            model_name="session",
            name="has_recording",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="session",
            name="has_transcript",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="session",
            name="last_recording_number",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
    ]
