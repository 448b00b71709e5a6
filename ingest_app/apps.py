from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "ingest_app"
    verbose_name = "Import"
