from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class PreservationConfig(AppConfig):
    name = "preservation_app"
    verbose_name = gettext_lazy("Preservation")

    def ready(self):
        from . import worklists  # noqa: F401 - registers itself, with all models in place
