"""The access log names who of staff heard what is not public."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("recordings_app", "0010_measured_audio"),
    ]

    operations = [
        migrations.AddField(
            model_name="accesslog",
            name="user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="accesslog",
            name="user_name",
            field=models.CharField(blank=True, default="", max_length=310),
        ),
    ]
