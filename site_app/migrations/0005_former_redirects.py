from django.db import migrations

TABLE = "django_redirect"  # of django.contrib.redirects, which kept old addresses before


def take_over(apps, schema_editor):
    """Copy what django.contrib.redirects knew. Its table stays, so that going back loses nothing."""
    connection = schema_editor.connection
    if TABLE not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT old_path, new_path FROM {TABLE} ORDER BY id")  # noqa: S608
        rows = cursor.fetchall()
    model = apps.get_model("site_app", "OldAddress")
    model.objects.bulk_create(
        [model(path=old, leads_to=new) for old, new in rows if old != new],
        batch_size=500,
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("site_app", "0004_old_addresses")]
    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
