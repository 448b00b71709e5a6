"""The pages of worklists in the admin: all with their counts, and each with its bulk fixes."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from desk_app.worklists.registry import last_check_runs, worklist_counts_by_group, worklist_named
from site_app.permissions import RightMissingError

ROWS_PER_PAGE = 50
MAX_ROWS_PER_BULK_FIX = 1000  # a row can have several lines


@never_cache
def worklists_page(request):
    return TemplateResponse(
        request,
        "admin/desk_app/worklists.html",
        {
            **admin.site.each_context(request),
            "title": gettext("Worklists"),
            "groups": worklist_counts_by_group(request.user),
            "runs": last_check_runs(),
        },
    )


@never_cache
def worklist_page(request, name):
    worklist = worklist_named(name)
    if worklist is None:
        raise Http404
    if not request.user.has_perm(worklist.permission):
        raise RightMissingError(worklist.permission)
    fixes = [fix for fix in worklist.fixes if request.user.has_perm(fix.permission)]
    form_class = bulk_fix_form_class(fixes)
    form = form_class(request.POST or None, auto_id="fix-%s")
    if (
        request.method == "POST"
        and form.is_valid()
        and _apply_pressed_fix(request, form, worklist, fixes)
    ):
        return HttpResponseRedirect(request.get_full_path())
    pages = Paginator(worklist.rows_user_may_fix(request.user), ROWS_PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    ticked = request.POST.getlist("line")
    run = last_check_runs().get(worklist.check_name) if worklist.check_name else None
    return TemplateResponse(
        request,
        "admin/desk_app/worklist.html",
        {
            **admin.site.each_context(request),
            "title": str(worklist),
            "worklist": worklist,
            "page": page,
            "page_range": pages.get_elided_page_range(page.number),
            "lines": [(line, str(line.key) in ticked) for line in worklist.lines(list(page))],
            "fixes": [(fix, form[fix.name] if fix.field else None) for fix in fixes],
            "form": form,
            "run": run,
        },
    )


def bulk_fix_form_class(fixes) -> type[forms.Form]:
    """Return the form with a field for each bulk fix that needs a value."""
    fields = {fix.name: fix.field() for fix in fixes if fix.field}
    for field in fields.values():
        field.required = False
    return type("BulkFixForm", (forms.Form,), fields)


def _apply_pressed_fix(request, form, worklist, fixes) -> bool:
    """Apply the fix whose button was pressed and report the result; return whether it was applied."""
    pressed = next((fix for fix in fixes if fix.name == request.POST.get("fix")), None)
    keys = worklist.read_keys(request.POST.getlist("line"))
    if pressed is None:  # not a fix that this account may apply
        raise PermissionDenied
    if not keys:
        messages.warning(request, gettext("Select at least one row."))
        return False
    value = form.cleaned_data.get(pressed.name)
    if pressed.field and not value:
        form.add_error(pressed.name, gettext("Choose a value first."))
        return False
    done = pressed.apply(keys[:MAX_ROWS_PER_BULK_FIX], value, request.user)
    if done.count:
        messages.success(
            request,
            gettext("%(label)s: %(count)s.") % {"label": pressed.label, "count": done.count},
        )
    for remark in done.remarks:
        messages.warning(request, remark)
    if not done.count and not done.remarks:
        messages.warning(request, gettext("None of the selected rows needed a change."))
    return True
