"""What the first page of the admin shows of the work at hand."""

from urllib.parse import urlencode

from django import template
from django.urls import reverse

from ..models import Session

register = template.Library()
SHOWN = 5


@register.simple_tag(takes_context=True)
def work_at_hand(context):
    """Return [(heading, sessions, address of the whole list)] for this member of staff.

    What waits for a publisher, and the drafts that the person began; two queries.
    """
    user = context["request"].user
    status = Session.Status
    groups = [
        ("Waiting for review", {"status__exact": status.IN_REVIEW}),
        ("Your drafts", {"status__exact": status.DRAFT, "created_by__id__exact": user.pk}),
    ]
    changelist = reverse("admin:sessions_app_session_changelist")
    work = []
    for heading, filters in groups:
        newest = Session.objects.filter(**filters).order_by("-updated_at", "-pk")
        if sessions := list(newest.only("title", "slug", "updated_at")[:SHOWN]):
            work.append((heading, sessions, f"{changelist}?{urlencode(filters)}"))
    return work
