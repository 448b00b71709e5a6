"""Makes staff's synonyms take effect with the next search."""

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from search_app.query.synonyms import record_change_of_terms

from .models import Synonym


@receiver(post_save, sender=Synonym)
@receiver(post_delete, sender=Synonym)
def synonym_changed(**kwargs):
    record_change_of_terms()
