"""Record the permanent deletion of a session, which harvesters must learn of."""

from django.db.models.signals import pre_delete
from django.dispatch import receiver

from sessions_app.models import DeletedSession, Session

from .sets import set_specs_by_session


@receiver(pre_delete, sender=Session)
def record_deleted_session(instance, **kwargs):
    """Keep the identifier of a session that was public; its sets are read before its links go."""
    first_public_at = instance.first_public_at or (instance.is_public and instance.published_at)
    if not first_public_at:
        return
    specs = set_specs_by_session([instance])[instance.pk]
    DeletedSession.objects.update_or_create(
        uid=instance.uid,
        defaults={
            "first_public_at": first_public_at,
            "set_specs": f" {' '.join(specs)} " if specs else "",
        },
    )
