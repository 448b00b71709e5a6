"""Addresses are stored in small letters, their domain in ASCII; what they were typed as is gone."""

from django.db import migrations

from site_app.text.email_addresses import normalise_stored


def normalise(apps, schema_editor):
    normalise_stored(apps.get_model("site_app", "ContactMessage"))
    normalise_stored(apps.get_model("site_app", "MailMessage"), "recipient")


class Migration(migrations.Migration):
    dependencies = [("site_app", "0006_mail_texts_and_bounces")]

    operations = [migrations.RunPython(normalise, migrations.RunPython.noop)]
