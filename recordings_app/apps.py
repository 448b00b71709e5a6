from django.apps import AppConfig


class RecordingsConfig(AppConfig):
    name = "recordings_app"
    verbose_name = "Recordings"

    def ready(self):
        # They register themselves, with loaded models.
        from . import (  # noqa: F401
            desk,
            letters,
            merging,
            offers,
            permissions,
            personal_data,
            spoken,
        )
        from .audio import attaching, uploads  # noqa: F401
