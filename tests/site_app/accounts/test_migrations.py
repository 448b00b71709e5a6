from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection


@pytest.mark.django_db
def test_migration_deletes_records_of_logins():
    migration = import_module("site_app.migrations.0008_no_login_records")
    kind = ContentType.objects.create(app_label="axes", model="accesslog")
    Permission.objects.create(content_type=kind, codename="view_accesslog", name="x")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE axes_accesslog (username varchar(255))")

    # As in a migration: using the schema editor of this test's transaction.
    editor = connection.schema_editor(atomic=False)
    editor.deferred_sql = []
    kind_key = kind.pk
    migration.drop_tables(apps, editor)

    assert not [name for name in connection.introspection.table_names() if "axes" in name]
    assert not Permission.objects.filter(content_type=kind_key).exists()
    assert not ContentType.objects.filter(app_label="axes").exists()
