"""Responses to missing permissions: in the admin, the permission and whom to ask for it."""

import logging

from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, gettext_lazy, gettext_noop
from django.views.defaults import permission_denied

from site_app.accounts.names import full_name_or_username
from site_app.accounts.roles import ROLES, role_of
from site_app.http.refusals import without_django_log_line
from site_app.permissions import PUBLISH_PERMISSION, change_refusal, may_publish
from site_app.text.numbers import parse_whole_number

logger = logging.getLogger(__name__)

MAX_PEOPLE_NAMED = 5  # people whom the page suggests to contact
ACTION_TEXTS = {
    "view": gettext_lazy("view %(record)s"),
    "change": gettext_lazy("change %(record)s"),
    "add": gettext_lazy("add %(record)s"),
    "delete": gettext_lazy("delete %(record)s"),
}
# The project's own permissions, with the names from the models.
CUSTOM_PERMISSION_TEXTS = (
    gettext_noop("publish and withdraw sessions"),
    gettext_noop("take back an import"),
)
# The end of a URL name in the admin: the permission it requires first.
ACTION_OF_URL_NAME = {"add": "add", "delete": "delete", "delete_selected": "delete"}


def handler403(request, exception):
    """Answer a PermissionDenied. Django would log a traceback of each; a line is enough."""
    user = getattr(request, "user", None)
    if user is None or not user.is_staff or not request.path.startswith("/admin/"):
        return without_django_log_line(permission_denied(request, exception))
    said = str(exception) or change_refusal(user, record_of_admin_url(request))
    permission = (
        PUBLISH_PERMISSION if said and not may_publish(user) else missing_right(request, exception)
    )
    logger.info("%s may not %s %s.", user.get_username(), request.method, request.path)
    context = admin.site.each_context(request) | {
        "title": gettext("Not allowed"),
        "said": said,
        "role": ROLES[role_of(user)][0] if role_of(user) else "",
        "right": "" if said else right_in_words(permission),
        "roles": roles_with(permission),
        "people": people_with(permission) or people_with(""),
        "back": previous_page(request),
    }
    return without_django_log_line(render(request, "admin/forbidden.html", context, status=403))


def record_of_admin_url(request):
    """Return the record of an admin URL, or None."""
    model, match = model_of_admin_url(request), request.resolver_match
    key = parse_whole_number(str(match.kwargs.get("object_id", ""))) if match else None
    return model._base_manager.filter(pk=key).first() if model and key else None


def model_of_admin_url(request):
    parts = request.path.removeprefix("/admin/").split("/")
    try:
        return apps.get_model(parts[0], parts[1])
    except (LookupError, ValueError, IndexError):
        return None


def missing_right(request, exception) -> str:
    """Return the missing permission ("app.codename"), or "" if unknown.

    Django's admin only says "denied"; the URL gives the record and the action.
    """
    if named := getattr(exception, "permission", ""):
        return named
    model = model_of_admin_url(request)
    if model is None:
        return ""
    match = request.resolver_match
    last = match.url_name.rpartition("_")[2] if match and match.url_name else ""
    first = ACTION_OF_URL_NAME.get(last) or ("change" if request.method == "POST" else "view")
    app, name = model._meta.app_label, model._meta.model_name
    wanted = [f"{app}.{action}_{name}" for action in dict.fromkeys((first, *ACTION_TEXTS))]
    return next((right for right in wanted if not request.user.has_perm(right)), "")


def _permission(name: str) -> Permission | None:
    app, _, codename = name.partition(".")
    return Permission.objects.filter(content_type__app_label=app, codename=codename).first()


def right_in_words(name: str) -> str:
    """Return the name of a permission: "view recording request"; "" if there is none."""
    permission = _permission(name)
    if permission is None:
        return ""
    action = ACTION_TEXTS.get(permission.codename.partition("_")[0])
    model = permission.content_type.model_class()
    if action and model and permission.codename.endswith(f"_{model._meta.model_name}"):
        return action % {"record": model._meta.verbose_name}
    return gettext(permission.name.removeprefix("Can "))


def roles_with(name: str) -> list[str]:
    """Return the roles that have a permission; administrators have every one."""
    permission = _permission(name)
    groups = set(permission.group_set.values_list("name", flat=True)) if permission else set()
    return [
        str(label) for label, _may, group in ROLES.values() if group is None or group in groups
    ]


def people_with(name: str) -> list[dict[str, str]]:
    """Return [{"name", "email"}] of some users with the permission; "" means administrators."""
    users = get_user_model().objects.filter(is_active=True, is_staff=True)
    if permission := _permission(name):
        users = users.filter(user_permissions=permission) | users.filter(
            groups__permissions=permission
        )
    else:
        users = users.filter(is_superuser=True)
    users = users.distinct().order_by("last_name", "first_name", "username")
    return [
        {"name": full_name_or_username(user), "email": user.email}
        for user in users[:MAX_PEOPLE_NAMED]
    ]


def previous_page(request) -> str:
    """Return the page of this site that one came from, "" if that is not known."""
    before = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(before, {request.get_host()})
    return before if is_ours and before != request.build_absolute_uri() else ""
