from django.db import migrations

from search_app.query.folded_lookup import SQL_FUNCTION_NAME, postgresql_create_function_sql

ICU = "und-x-icu"


def make_function(apps, schema_editor):
    """PostgreSQL folds text by a function of its own; SQLite is given one with each connection."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_collation WHERE collname = %s", [ICU])
        has_icu = cursor.fetchone() is not None
        cursor.execute(postgresql_create_function_sql(ICU if has_icu else ""))


def drop_function(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {SQL_FUNCTION_NAME}(text)")


class Migration(migrations.Migration):
    dependencies = [("search_app", "0002_synonyms_and_search_counts")]
    operations = [migrations.RunPython(make_function, drop_function)]
