"""Pages pasted or uploaded and pages read by the command are one kind of import."""

from django.db import migrations, models


def one_kind(apps, schema_editor):
    runs = apps.get_model("ingest_app", "ImportRun").objects
    runs.filter(kind="pasted pages").update(kind="pages")


class Migration(migrations.Migration):
    dependencies = [("ingest_app", "0004_incoming_pages")]

    operations = [
        migrations.AlterField(
            model_name="importrun",
            name="kind",
            field=models.CharField(
                choices=[
                    ("pages", "Pages of the old site"),
                    ("talks", "Talks in bulk"),
                    ("wordpress", "WordPress export"),
                    ("sheet", "Spreadsheet"),
                ],
                max_length=30,
            ),
        ),
        migrations.RunPython(one_kind, migrations.RunPython.noop),
    ]
