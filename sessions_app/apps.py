from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class SessionsConfig(AppConfig):
    name = "sessions_app"
    verbose_name = gettext_lazy("Sessions")

    def ready(self):
        # These modules register themselves and need loaded models.
        from . import personal_data, redirect_visibility  # noqa: F401
        from .editing import merge_rules, public_records, session_merge_rules  # noqa: F401
        from .indexing import authorities, change_signals, sessions  # noqa: F401
        from .oai import deletions  # noqa: F401
        from .worklists import definitions  # noqa: F401
