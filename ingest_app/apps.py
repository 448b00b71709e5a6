from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "ingest_app"
    verbose_name = "Import"

    def ready(self):
        from . import desk  # noqa: F401 - registers itself, with models loaded
