from django.conf import settings
from django.db import models


def nullable_user_foreign_key(**options) -> models.ForeignKey:
    """Return a field for the user who did something: None for a command or a deleted account."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        **options,
    )
