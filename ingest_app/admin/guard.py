"""A form that is sent after the login has ended comes back filled in.

What is larger than a form may be never gets here (`sma_archive.body_limits`).
"""

from functools import wraps

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.middleware.csrf import CsrfViewMiddleware
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt


class _CsrfCheck(CsrfViewMiddleware):
    def _reject(self, request, reason):
        return reason


def loses_nothing(admin_site, view):
    """Return `view` for the admin, called with `request.was_refused` set where a POST must not count.

    Without a login, the posted values are shown again beside a link to log in. With a login but a
    stale or missing CSRF token, the view is to show its form filled in, and to do nothing.
    """
    inside = admin_site.admin_view(view, cacheable=True)

    @csrf_exempt  # checked here, so that the values typed can be shown again
    @never_cache
    @wraps(view)
    def guarded(request, *args, **kwargs):
        request.was_refused = False
        if request.method != "POST":
            return inside(request, *args, **kwargs)
        try:
            values = request.POST
            _ = request.FILES
        except SuspiciousOperation:
            limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE >> 20
            return _too_large(
                request, admin_site, f"more than {limit} MB of text, or more than 100 files"
            )
        if not admin_site.has_permission(request):
            had_files = bool(request.FILES) or getattr(request, "has_left_out_files", False)
            return _log_in_first(request, admin_site, values, had_files=had_files)
        check = _CsrfCheck(lambda _request: None)
        check.process_request(request)
        request.was_refused = bool(check.process_view(request, None, (), {}))
        # The check is done: the wrapper of the admin would do it again and drop the values.
        request._dont_enforce_csrf_checks = True
        return inside(request, *args, **kwargs)

    return guarded


def _too_large(request, admin_site, what):
    context = {**admin_site.each_context(request), "title": "Too large", "what": what}
    template = "admin/ingest_app/incomingpage/too_large.html"
    return TemplateResponse(request, template, context, status=413)


def _log_in_first(request, admin_site, values, *, had_files):
    kept = [
        (name, value)
        for name, each in values.lists()
        if name != "csrfmiddlewaretoken"
        for value in each
    ]
    context = {
        **admin_site.each_context(request),
        "title": "Log in again",
        "kept": kept,
        "had_files": had_files,
        "login": f"{reverse('admin:login')}?next={reverse('admin:index')}",
    }
    template = "admin/ingest_app/incomingpage/log_in_first.html"
    return TemplateResponse(request, template, context, status=403)
