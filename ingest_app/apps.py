from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "ingest_app"
    verbose_name = "Import"

    def ready(self):
        from site_app.admin_sheets import register_sheet_recorder

        from . import desk, merging  # noqa: F401 - they register themselves, with models loaded
        from .sheet_runs import recorded_sheet

        register_sheet_recorder(recorded_sheet)
