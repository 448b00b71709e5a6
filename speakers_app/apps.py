from django.apps import AppConfig


class SpeakersConfig(AppConfig):
    name = "speakers_app"
    verbose_name = "Speakers and organisations"
