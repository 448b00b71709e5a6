from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class IngestConfig(AppConfig):
    name = "ingest_app"
    verbose_name = gettext_lazy("Import")

    def ready(self):
        from ingest_app.runs.sheet_runs import record_sheet_import
        from site_app.spreadsheets.admin import register_import_recorder

        from . import merge_rules  # noqa: F401 - registers itself, with models loaded
        from .contradictions import worklists  # noqa: F401 - likewise

        register_import_recorder(record_sheet_import)
