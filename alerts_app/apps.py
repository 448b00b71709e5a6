from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "alerts_app"
    verbose_name = "E-mail alerts"

    def ready(self):
        from . import letters  # noqa: F401 - the mail queue looks letters up by their kind
