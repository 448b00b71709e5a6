"""An import's note of what it wrote speaks of recordings, no longer of a field of the session."""

import hashlib
import json

from django.db import migrations

BATCH = 500


def fingerprint(value):
    """As `ingest_app.fingerprints.fingerprint` was when this was written."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


SAID = {fingerprint(True): [["", "on_request", False]], fingerprint(False): []}


def speak_of_recordings(apps, schema_editor):
    new = {was: fingerprint(recordings) for was, recordings in SAID.items()}
    change(apps, "recording_on_request", "recordings", new)


def speak_of_the_field(apps, schema_editor):
    old = {fingerprint(recordings): was for was, recordings in SAID.items()}
    change(apps, "recordings", "recording_on_request", old)


def change(apps, name, new_name, values):
    model = apps.get_model("ingest_app", "ImportedRecord")
    last = 0
    while batch := list(model.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        for record in batch:
            if (was := record.fields.pop(name, None)) is not None:
                # What stands for neither was edited; it stays different from whatever is there.
                record.fields[new_name] = values.get(was, was)
        model.objects.bulk_update(batch, ["fields"])


class Migration(migrations.Migration):
    dependencies = [
        ("ingest_app", "0001_import_runs"),
        ("recordings_app", "0003_announced_recordings"),
    ]

    operations = [migrations.RunPython(speak_of_recordings, speak_of_the_field)]
