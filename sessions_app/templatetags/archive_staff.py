"""What the first page of the admin shows of the work at hand."""

from django import template
from django.urls import reverse

from sessions_app.editing.review import open_reviews_of_user

register = template.Library()
MAX_SESSIONS_LISTED = 5


@register.simple_tag(takes_context=True)
def work_at_hand(context):
    """Return [(heading, sessions, address of the whole list)] for this member of staff.

    What waits for this person, the newest of each kind; a query a kind.
    """
    changelist = reverse("admin:sessions_app_session_changelist")
    work = []
    for key, (heading, sessions) in open_reviews_of_user(context["request"].user).items():
        newest = sessions.order_by("-updated_at", "-pk").only("title", "slug", "updated_at")
        if found := list(newest[:MAX_SESSIONS_LISTED]):
            work.append((heading, found, f"{changelist}?waits={key}"))
    return work
