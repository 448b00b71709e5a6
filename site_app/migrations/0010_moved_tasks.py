"""Update the paths of queued tasks whose functions were moved."""

from django.db import migrations

MOVED = {
    "site_app.mail.send_queued": "site_app.mail.queue.send_queued",
    "sma_archive.tasks.heartbeat": "sma_archive.background.tasks.heartbeat",
    "ingest_app.background.go_on_with_import": "ingest_app.import_worker.go_on_with_import",
}


def rename_tasks(apps, schema_editor, renamed=MOVED):
    results = apps.get_model("django_tasks_database", "DBTaskResult").objects.using(
        schema_editor.connection.alias
    )
    for old, new in renamed.items():
        results.filter(task_path=old).update(task_path=new)


def rename_back(apps, schema_editor):
    rename_tasks(apps, schema_editor, {new: old for old, new in MOVED.items()})


class Migration(migrations.Migration):
    dependencies = [
        ("site_app", "0009_job_states_and_clock"),
        ("django_tasks_database", "0021_conditional_partial_index_ordering"),
    ]

    operations = [migrations.RunPython(rename_tasks, rename_back, elidable=True)]
