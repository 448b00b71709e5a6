from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class RecordingsConfig(AppConfig):
    name = "recordings_app"
    verbose_name = gettext_lazy("Recordings")

    def ready(self):
        # These modules register themselves and need loaded models.
        from . import availability, merge_rules, open_recording_metadata, permissions  # noqa: F401
        from .audio import attaching, uploads  # noqa: F401
        from .requests import mails, personal_data, worklists  # noqa: F401
        from .transcripts import indexing  # noqa: F401
