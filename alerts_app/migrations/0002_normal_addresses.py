"""Addresses are stored in small letters, their domain in ASCII; what they were typed as is gone."""

from django.db import migrations

from site_app.text.email_addresses import stored_address


def normalise(apps, schema_editor):
    """Of two alerts that turn out to be one, the confirmed one stays."""
    alerts = apps.get_model("alerts_app", "Alert").objects.exclude(email="")
    best_first = sorted(alerts, key=lambda alert: (alert.status != "active", alert.pk))
    kept = {}
    for alert in best_first:
        address = stored_address(alert.email)
        if kept.setdefault((address, alert.kind, alert.query), alert) is not alert:
            alert.delete()
    for (address, _kind, _query), alert in kept.items():
        if alert.email != address:
            alerts.filter(pk=alert.pk).update(email=address)


class Migration(migrations.Migration):
    dependencies = [("alerts_app", "0001_alerts")]

    operations = [migrations.RunPython(normalise, migrations.RunPython.noop)]
