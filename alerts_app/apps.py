from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class AlertsConfig(AppConfig):
    name = "alerts_app"
    verbose_name = gettext_lazy("E-mail alerts")

    def ready(self):
        # The mail queue looks up renderers by kind, and merging looks up registered rules.
        from . import merge_rules, personal_data  # noqa: F401
        from .mail import rendering  # noqa: F401
