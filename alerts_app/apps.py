from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "alerts_app"
    verbose_name = "E-mail alerts"

    def ready(self):
        # The mail queue looks letters up by their kind.
        from . import letters, personal_data  # noqa: F401
