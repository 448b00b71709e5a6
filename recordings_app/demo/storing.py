"""The recordings that the sessions of the demonstration say they have."""

from django.db import transaction
from django.db.models import Q

from search_app.changes import record_everything
from sessions_app.demo.storing import REF
from sessions_app.models import Session

from ..models import Recording
from ..offers import refresh

BATCH = 500


def add_recordings() -> int:
    """Announce a recording for each session of the demonstration that names a contact for one.

    Call it after the sessions are stored; a second run finds its own. Returns how many were made.
    """
    without = Session.objects.filter(
        ~Q(recording_contact_email=""), import_ref__startswith=REF, last_recording_number=0
    )
    made = 0
    while keys := list(without.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            Recording.objects.bulk_create(
                Recording(session_id=key, number=1, access=Recording.Access.ON_REQUEST)
                for key in keys
            )
            Session.objects.filter(pk__in=keys).update(last_recording_number=1)
            refresh(keys)
        made += len(keys)
    if made:
        record_everything()
    return made
