from django.apps import AppConfig


class RecordingsConfig(AppConfig):
    name = "recordings_app"
    verbose_name = "Recordings"

    def ready(self):
        from . import offers, spoken  # noqa: F401 - receivers and tellers need loaded models
