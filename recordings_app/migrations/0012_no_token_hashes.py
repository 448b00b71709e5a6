"""Nothing reads the hashes of tokens: a token is derived from its nonce."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("recordings_app", "0011_staff_in_access_log")]

    operations = [
        # With a default, so that the way back finds rows as well.
        migrations.AlterField("grant", "token_hash", models.CharField(max_length=64, default="")),
        migrations.RemoveField("grant", "token_hash"),
        # With a default, so that the way back finds rows as well.
        migrations.AlterField(
            "recordingrequest", "confirm_hash", models.CharField(max_length=64, default="")
        ),
        migrations.RemoveField("recordingrequest", "confirm_hash"),
        # With a default, so that the way back finds rows as well.
        migrations.AlterField(
            "recordingrequest", "status_hash", models.CharField(max_length=64, default="")
        ),
        migrations.RemoveField("recordingrequest", "status_hash"),
    ]
