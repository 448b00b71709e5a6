"""What staff see on public pages, and visitors do not."""

from django import template
from django.conf import settings

from sessions_app.editing.publishing import UNPUBLISHED_STATUSES, status_in_words
from site_app.admin_bases.addresses import admin_address
from site_app.permissions import change_refusal, may_publish

from ..models import Session

register = template.Library()


@register.inclusion_tag("includes/staff_bar.html", takes_context=True)
def staff_bar(context, record):
    """Show links to edit a session or what it names, for members of staff who may change such."""
    request = context["request"]
    # Pages for visitors do not check the login, so that they are the same for all and can be
    # cached.
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return {}
    user, opts = request.user, record._meta
    may_change = user.has_perm(f"{opts.app_label}.change_{opts.model_name}")
    if not (user.is_active and user.is_staff and may_change):
        return {}
    request.is_staff_page = True
    is_session = isinstance(record, Session)
    return {
        "record": record,
        "csrf_token": context.get("csrf_token"),
        "status": status_in_words(record) if is_session else "",
        "edit": admin_address(record, "change", record.pk),
        "history": admin_address(record, "history", record.pk),
        "is_refused": bool(change_refusal(user, record)),
        "review": admin_address(record, "review", record.pk)
        if is_session and record.status in UNPUBLISHED_STATUSES and may_publish(user)
        else "",
        "is_session": is_session,
    }
