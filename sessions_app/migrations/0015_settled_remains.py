"""What was settled of what an import left over."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sessions_app", "0014_index_of_due_publications"),
    ]

    operations = [
        migrations.AddField(
            model_name="session",
            name="settled_remains",
            field=models.JSONField(
                blank=True,
                default=list,
                editable=False,
                help_text="What somebody, or an attached file, settled of it; see sessions_app.editing.import_remains.",
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="import_remains",
            field=models.JSONField(
                blank=True,
                default=list,
                editable=False,
                help_text="What the import did not understand and nobody has settled: a list of {kind, text}.",
            ),
        ),
    ]
