"""Sessions to come are found by their days, without reading every session."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0023_bulk_files")]

    operations = [
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                condition=models.Q(("ends_on__isnull", False)),
                fields=["ends_on"],
                name="session_last_day_idx",
            ),
        ),
    ]
