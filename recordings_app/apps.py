from django.apps import AppConfig


class RecordingsConfig(AppConfig):
    name = "recordings_app"
    verbose_name = "Recordings"

    def ready(self):
        # They register themselves, with loaded models.
        from . import desk, letters, offers, permissions, personal_data, spoken  # noqa: F401
        from .audio import attaching, uploads  # noqa: F401
