from django.apps import AppConfig


class PreservationConfig(AppConfig):
    name = "preservation_app"
    verbose_name = "Preservation"

    def ready(self):
        from . import worklists  # noqa: F401 - registers itself, with all models in place
