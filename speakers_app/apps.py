from django.apps import AppConfig


class SpeakersConfig(AppConfig):
    name = "speakers_app"
    verbose_name = "Speakers and organisations"

    def ready(self):
        from . import merging, pictures  # noqa: F401 - register themselves, with models loaded
