from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "sessions_app"
    verbose_name = "Sessions"

    def ready(self):
        # Signals, makers, tests and merging need loaded models.
        from . import (  # noqa: F401
            changes,
            documents_maker,
            entry_makers,
            merging,
            old_addresses,
            personal_data,
            public_records,
            session_merging,
        )
        from .desk import sections  # noqa: F401
