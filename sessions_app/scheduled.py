"""Sessions that were published for a later time, once the time has come."""

from django.db import transaction
from django.db.models import F, Q

from .changes import touch_sessions
from .models import Session


@transaction.atomic
def publish_due() -> int:
    """Note that sessions became public by the passing of time, and tell the index; return how many.

    Pages show them from the moment itself, `published()` sees to that; search and feeds learn it
    here. What was public before and got a later time is one of them: whatever is noted changes it.
    """
    due = Q(first_public_at=None) | Q(updated_at__lt=F("published_at"))
    due = Session.objects.published().filter(due).select_for_update()
    keys = list(due.order_by().values_list("pk", flat=True))
    never_public = Session.objects.filter(pk__in=keys, first_public_at=None)
    never_public.update(first_public_at=F("published_at"))
    touch_sessions(keys)
    return len(keys)
