"""An admin form whose login has expired is shown again with its input.

One mechanism for every page of the admin. A POST without a login is answered with a login form that
carries the input; a POST with the CSRF token of an earlier login is answered with a page that submits
it again. Nothing is stored on the server, and no action is taken: a form marked with `shows_again` is
shown filled in, any other page asks for confirmation. Permissions are those of the new login.
"""

import json
from functools import wraps

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR, TO_FIELD_VAR
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import Resolver404, resolve, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, gettext_lazy
from django.views.csrf import csrf_failure as plain_csrf_failure

from .kept_uploads import keep_uploads_of_request

SHOWN_AGAIN_FIELD = "_shown_again"  # in a POST: show the form, save nothing
# In a POST to the login page: the form data sent without a login, as JSON.
CARRIED_FORM_FIELD = "carried"
POPUP_FIELDS = (IS_POPUP_VAR, TO_FIELD_VAR)
NOT_STORED_MESSAGE = gettext_lazy(
    "Nothing is stored yet, and nothing that you entered is lost: your login had ended. "
    "Your entries are shown below; press the button again."
)


def mark_view_reshows_form(view):
    """Mark a view of the admin that shows its form filled in where `must_reshow_form(request)`."""
    view.shows_again = True
    return view


def must_reshow_form(request) -> bool:
    """Return whether a form sent without a login must be shown again; then nothing may be stored."""
    return request.method == "POST" and SHOWN_AGAIN_FIELD in request.POST


class ReshownFormAdmin(admin.ModelAdmin):
    """Mixin of all admins: their forms are shown again and not saved."""

    @mark_view_reshows_form
    def add_view(self, *args, **kwargs):
        return super().add_view(*args, **kwargs)

    @mark_view_reshows_form
    def change_view(self, *args, **kwargs):
        return super().change_view(*args, **kwargs)

    def get_form(self, request, *args, **kwargs):
        form = super().get_form(request, *args, **kwargs)
        if not must_reshow_form(request):
            return form

        class UnsavedForm(form):
            def full_clean(self):
                super().full_clean()
                if self.is_bound:
                    self.add_error(None, NOT_STORED_MESSAGE)

        return UnsavedForm


def keep_form_during_login(admin_site, view, inside):
    """Return the view `inside` (`view` behind the login) such that a refused POST loses nothing."""

    @wraps(inside)
    def answer(request, *args, **kwargs):
        if request.method != "POST":
            return inside(request, *args, **kwargs)
        if not admin_site.has_permission(request):
            return _login_page_carrying_form(admin_site, request) or inside(
                request, *args, **kwargs
            )
        if must_reshow_form(request) and not getattr(view, "shows_again", False):
            return _resubmission_page(
                admin_site, request, request.get_full_path(), _resubmittable_values(request.POST)
            )
        return inside(request, *args, **kwargs)

    return answer


def csrf_failure(request, reason=""):
    """Answer a POST with an invalid CSRF token (the setting CSRF_FAILURE_VIEW).

    What certainly comes from a page of this site, where somebody logged in again meanwhile, is
    offered once more; anything else is refused.
    """
    site = admin.site
    is_page = request.path_info.startswith(reverse("admin:index"))
    if is_page and request.method == "POST" and _is_from_this_site(request):
        if not site.has_permission(request):
            if answer := _login_page_carrying_form(site, request):
                return answer
        elif _is_page_load(request):
            typed = [*_resubmittable_values(request.POST), *keep_uploads_of_request(request)]
            return _resubmission_page(site, request, request.get_full_path(), typed)
    return plain_csrf_failure(request, reason=reason)


def carried_form_for_login_page(request) -> dict:
    """Return what the login page carries on while the password is wrong."""
    carried = request.POST.get(CARRIED_FORM_FIELD)
    return {CARRIED_FORM_FIELD: carried} if carried else {}


def resubmission_page_after_login(admin_site, request):
    """Return the page that submits the values kept during the login, None if there are none."""
    try:
        path, typed = json.loads(request.POST.get(CARRIED_FORM_FIELD, ""))
        typed = [(str(name), str(value)) for name, value in typed]
    except (ValueError, TypeError, RecursionError):
        return None
    is_ours = isinstance(path, str) and path.startswith(reverse("admin:index"))
    if not is_ours or not url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        return None
    return _resubmission_page(admin_site, request, path, typed)


def _login_page_carrying_form(admin_site, request):
    """Return the login page with what was typed; None if there is nothing to keep."""
    login = reverse("admin:login")
    if request.path in (login, reverse("admin:logout")):
        return None
    if not _is_page_load(request):
        return HttpResponse(gettext("Log in first.\n"), status=403, content_type="text/plain")
    typed = _resubmittable_values(request.POST)
    context = {
        **admin_site.each_context(request),
        "title": gettext("Log in again"),
        "subtitle": None,
        "form": admin_site.login_form(request),
        "app_path": login,
        "username": request.user.get_username(),
        REDIRECT_FIELD_NAME: reverse("admin:index"),
        CARRIED_FORM_FIELD: json.dumps([request.get_full_path(), typed]),
        "has_ended": True,
        "had_files": bool(request.FILES) or getattr(request, "has_left_out_files", False),
    }
    response = TemplateResponse(request, "admin/login.html", context, status=403)
    add_never_cache_headers(response)
    return response


def _resubmission_page(admin_site, request, path, typed):
    """Return the page that sends `typed` [(name, value)] to `path`, with the token of this login."""
    is_shown = _reshows_form(path)
    context = {
        **admin_site.each_context(request),
        "title": gettext("You are logged in again"),
        "path": path,
        # Leave out the pressed button, so that its action does not happen without confirmation.
        "typed": [
            (name, value)
            for name, value in typed
            if name != SHOWN_AGAIN_FIELD
            and not (is_shown and name[:1] == "_" and name not in POPUP_FIELDS)
        ],
        "again": SHOWN_AGAIN_FIELD,
        "is_shown": is_shown,
    }
    response = TemplateResponse(request, "admin/send_again.html", context)
    add_never_cache_headers(response)
    return response


def _reshows_form(path) -> bool:
    try:
        return getattr(resolve(path.partition("?")[0]).func, "shows_again", False)
    except Resolver404:
        return False


def _resubmittable_values(values) -> list[tuple[str, str]]:
    """Return (name, value) of what was sent, without tokens and passwords."""
    return [
        (name, value)
        for name, of_name in values.lists()
        if name not in ("csrfmiddlewaretoken", CARRIED_FORM_FIELD) and "password" not in name
        for value in of_name
    ]


def _is_page_load(request) -> bool:
    """Return whether the response is shown as a page: a script cannot use a login form."""
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"


def _is_from_this_site(request) -> bool:
    """Return whether the browser says that a page of this site sent the request."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    origins = {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
    return request.headers.get("Origin") in origins
