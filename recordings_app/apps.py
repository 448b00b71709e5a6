from django.apps import AppConfig


class RecordingsConfig(AppConfig):
    name = "recordings_app"
    verbose_name = "Recordings"

    def ready(self):
        from . import offers  # noqa: F401 - its receivers need loaded models
