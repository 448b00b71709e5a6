"""Addresses are stored in small letters, their domain in ASCII; what they were typed as is gone."""

from django.db import migrations

from site_app.text.email_addresses import normalise_stored


def normalise(apps, schema_editor):
    normalise_stored(apps.get_model("sessions_app", "Comment"))


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0009_newest_comments")]

    operations = [migrations.RunPython(normalise, migrations.RunPython.noop)]
