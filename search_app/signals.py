"""Staff's own synonyms count from the next search on."""

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from .models import Synonym
from .synonyms import record_change


@receiver(post_save, sender=Synonym)
@receiver(post_delete, sender=Synonym)
def synonym_changed(**kwargs):
    record_change()
