"""Addresses are stored in small letters, their domain in ASCII; what they were typed as is gone."""

from django.db import migrations

from site_app.text.email_addresses import normalise_stored


def normalise(apps, schema_editor):
    normalise_stored(apps.get_model("recordings_app", "RecordingRequest"))


class Migration(migrations.Migration):
    dependencies = [("recordings_app", "0007_uploads")]

    operations = [migrations.RunPython(normalise, migrations.RunPython.noop)]
