"""The tick counts again how long Ogg files are: several streams in one were taken for the first."""

from django.db import migrations


def measure_again(apps, schema_editor):
    recordings = apps.get_model("recordings_app", "Recording")._base_manager
    recordings = recordings.using(schema_editor.connection.alias)
    recordings.filter(media_type="audio/ogg").update(is_measured=False)


class Migration(migrations.Migration):
    dependencies = [("recordings_app", "0012_no_token_hashes")]

    operations = [migrations.RunPython(measure_again, migrations.RunPython.noop)]
