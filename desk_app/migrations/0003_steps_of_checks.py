from django.db import migrations, models


def forget_unfinished(apps, schema_editor):
    """Going back: the state before knows no check that has not ended yet."""
    apps.get_model("desk_app", "CheckRun").objects.filter(ended_at=None).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("desk_app", "0002_checked_records"),
    ]

    operations = [
        migrations.AddField(
            model_name="checkrun",
            name="change_mark",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="checkrun",
            name="scanned_to",
            field=models.BigIntegerField(
                help_text="Up to this key, while it goes through all records.", null=True
            ),
        ),
        migrations.AddField(
            model_name="checkrun",
            name="version",
            field=models.PositiveIntegerField(default=0, help_text="Counts its steps."),
        ),
        migrations.AddField(
            model_name="checkrun",
            name="went_through_at",
            field=models.DateTimeField(
                help_text="When it last began to go through all records.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="checkrun",
            name="change_id",
            field=models.BigIntegerField(
                default=0, help_text="The last change that it has taken into account."
            ),
        ),
        migrations.AlterField(
            model_name="checkrun",
            name="ended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget_unfinished),
    ]
