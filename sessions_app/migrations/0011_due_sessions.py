from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0010_normal_addresses")]

    operations = [
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                fields=["status", "published_at"],
                condition=models.Q(updated_at__lt=models.F("published_at")),
                name="session_due_idx",
            ),
        ),
    ]
