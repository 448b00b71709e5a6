"""Nothing reads the hashes of tokens: a token is derived from its nonce."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("alerts_app", "0002_normal_addresses")]

    operations = [
        # With a default, so that the way back finds rows as well.
        migrations.AlterField("alert", "token_hash", models.CharField(max_length=64, default="")),
        migrations.RemoveField("alert", "token_hash"),
    ]
