"""Durations are counted from the whole file; what is stored already waits for the tick."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("recordings_app", "0009_address_index")]

    operations = [
        migrations.AddField(
            model_name="recording",
            name="is_measured",
            field=models.BooleanField(default=False, editable=False),
        ),
    ]
