from django.db import migrations, models
from django.db.models.functions import Now

import search_app.models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=30)),
                ("key", models.BigIntegerField()),
                ("mark", models.BigIntegerField(default=search_app.models.random_change_mark)),
                ("created_at", models.DateTimeField(db_default=Now())),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["kind", "id"], name="search_change_kind_id")],
            },
        ),
    ]
