import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sessions_app", "0001_sessions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Recurrence",
            fields=[
                (
                    "recommendation",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="recurrence",
                        serialize=False,
                        to="sessions_app.recommendation",
                    ),
                ),
                ("group", models.BigIntegerField(db_index=True)),
                ("likeness", models.FloatField()),
            ],
        ),
        migrations.CreateModel(
            name="RecurrenceRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("change_id", models.BigIntegerField()),
                ("seconds", models.FloatField()),
                ("ended_at", models.DateTimeField()),
            ],
        ),
    ]
