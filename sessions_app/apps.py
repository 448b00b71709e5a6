from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "sessions_app"
    verbose_name = "Sessions"

    def ready(self):
        from . import changes, documents_maker, entry_makers  # noqa: F401 - signals and makers need loaded models
