"""Synonyms change what every reader finds, at once: publishers keep them, editors no longer do."""

from django.db import migrations

CODENAMES = ("add_synonym", "change_synonym")


def take_from_editors(apps, schema_editor):
    links = apps.get_model("auth", "Group").permissions.through
    links.objects.using(schema_editor.connection.alias).filter(
        group__name="Editors",
        permission__codename__in=CODENAMES,
        permission__content_type__app_label="search_app",
    ).delete()


def give_to_editors(apps, schema_editor):
    alias = schema_editor.connection.alias
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    wanted = permissions.filter(codename__in=CODENAMES, content_type__app_label="search_app")
    for group in apps.get_model("auth", "Group").objects.using(alias).filter(name="Editors"):
        group.permissions.add(*wanted)


class Migration(migrations.Migration):
    dependencies = [
        ("search_app", "0003_flattened_text"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(take_from_editors, give_to_editors)]
