"""Entries that are there go on telling the times they told; batches, so that nothing is long locked."""

from django.db import migrations
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

BATCH = 2000


def fill(apps, schema_editor):
    session, recommendation, comment = (
        apps.get_model("sessions_app", name) for name in ("Session", "Recommendation", "Comment")
    )
    updated = session._base_manager.filter(pk=OuterRef("session")).values("updated_at")
    times = {
        session: {"calendar_changed_at": F("updated_at")},
        recommendation: {"entry_changed_at": Subquery(updated)},
        comment: {"entry_changed_at": Coalesce("decided_at", "created_at")},
    }
    for model, values in times.items():
        rows = model._base_manager.using(schema_editor.connection.alias)
        last = 0
        while keys := list(
            rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
        ):
            rows.filter(pk__gt=last, pk__lte=keys[-1]).update(**values)
            last = keys[-1]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("sessions_app", "0020_entry_times")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
