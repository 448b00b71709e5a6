from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "sessions_app"
    verbose_name = "Sessions"

    def ready(self):
        # Signals, makers and tests need loaded models.
        from . import changes, documents_maker, entry_makers, old_addresses  # noqa: F401
