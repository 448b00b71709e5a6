"""Sessions that were published for a later time, once the time has come."""

from django.db import transaction
from django.db.models import F

from .changes import touch_sessions
from .models import Session


@transaction.atomic
def publish_due() -> int:
    """Note that sessions became public by the passing of time, and tell the index; return how many.

    Pages show them from the moment itself, `published()` sees to that; search, feeds and kept
    pages learn it here.
    """
    due = Session.objects.published().filter(first_public_at=None).select_for_update()
    keys = list(due.order_by().values_list("pk", flat=True))
    Session.objects.filter(pk__in=keys).update(first_public_at=F("published_at"))
    touch_sessions(keys)
    return len(keys)
