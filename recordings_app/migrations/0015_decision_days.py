from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recordings_app", "0014_request_language"),
    ]

    operations = [
        migrations.AddField(
            model_name="requestsettings",
            name="decision_days",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="How long a decision usually takes; the request form says so. 0 means that it says nothing about it.",
                verbose_name="days until a decision",
            ),
        ),
    ]
