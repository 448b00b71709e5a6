from django.apps import AppConfig


class RecordingsConfig(AppConfig):
    name = "recordings_app"
    verbose_name = "Recordings"

    def ready(self):
        from . import desk, letters, offers, spoken  # noqa: F401 - they register themselves
