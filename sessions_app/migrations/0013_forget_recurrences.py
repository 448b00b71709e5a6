from django.db import migrations


def forget_groups(apps, schema_editor):
    """Groups are derived: the next tick works them out anew, by the rule of its release."""
    for name in ("Recurrence", "RecurrenceBlock", "RecurrenceRun"):
        apps.get_model("sessions_app", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0012_recurrence_blocks")]

    operations = [migrations.RunPython(forget_groups, forget_groups)]
