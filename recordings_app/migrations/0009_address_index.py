"""Addresses are compared as they are stored, so the index needs no function."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("recordings_app", "0008_normal_addresses")]

    operations = [
        migrations.RemoveIndex(model_name="recordingrequest", name="request_address_idx"),
        migrations.AddIndex(
            model_name="recordingrequest",
            index=models.Index(fields=["email"], name="request_address_idx"),
        ),
    ]
