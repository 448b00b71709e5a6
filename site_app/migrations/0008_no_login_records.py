"""Delete what a former package kept of log-ins: names, network addresses and browsers, for ever.

Reversible in that nothing is to be made again: the rows were of no use to anything else.
"""

from django.db import migrations

TABLES = (
    "axes_accessattemptexpiration",  # refers to the next
    "axes_accessattempt",
    "axes_accessfailurelog",
    "axes_accesslog",
)


def drop_tables(apps, schema_editor):
    for table in TABLES:
        schema_editor.execute(f"DROP TABLE IF EXISTS {schema_editor.quote_name(table)}")
    # With them the rights that groups and accounts may have had on them.
    apps.get_model("contenttypes", "ContentType").objects.filter(app_label="axes").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("site_app", "0007_normal_addresses"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(drop_tables, migrations.RunPython.noop)]
