from django.apps import AppConfig


class PreservationConfig(AppConfig):
    name = "preservation_app"
    verbose_name = "Preservation"
