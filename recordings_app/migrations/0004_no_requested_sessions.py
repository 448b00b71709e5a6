from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("recordings_app", "0003_announced_recordings"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="recordingrequest",
            name="sessions",
        ),
        migrations.DeleteModel(
            name="RequestedSession",
        ),
    ]
