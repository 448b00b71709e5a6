"""The desk's pages in the admin: counts first, then each section by pages, mended in bulk."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache

from desk_app.worklists.registry import counts, last_runs, worklist_named
from site_app.permissions import RightMissingError

PER_PAGE = 50
MAX_LINES = 1000  # a row can have several


@never_cache
def worklists_page(request):
    return TemplateResponse(
        request,
        "admin/desk_app/desk.html",
        {
            **admin.site.each_context(request),
            "title": "Desk",
            "groups": counts(request.user),
            "runs": last_runs(),
        },
    )


@never_cache
def worklist_page(request, name):
    shown = worklist_named(name)
    if shown is None:
        raise Http404
    if not request.user.has_perm(shown.permission):
        raise RightMissingError(shown.permission)
    mends = [fix for fix in shown.mends if request.user.has_perm(fix.permission)]
    form_class = mend_form(mends)
    form = form_class(request.POST or None, auto_id="mend-%s")
    if request.method == "POST" and form.is_valid() and _mended(request, form, shown, mends):
        return HttpResponseRedirect(request.get_full_path())
    pages = Paginator(shown.rows_for(request.user), PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    ticked = request.POST.getlist("line")
    run = last_runs().get(shown.check_name) if shown.check_name else None
    return TemplateResponse(
        request,
        "admin/desk_app/section.html",
        {
            **admin.site.each_context(request),
            "title": shown.title,
            "section": shown,
            "page": page,
            "page_range": pages.get_elided_page_range(page.number),
            "lines": [(line, str(line.key) in ticked) for line in shown.lines(list(page))],
            "mends": [(fix, form[fix.name] if fix.field else None) for fix in mends],
            "form": form,
            "run": run,
        },
    )


def mend_form(mends) -> type[forms.Form]:
    """Return the form of what can be done to ticked lines: one field for each mend that needs one."""
    fields = {fix.name: fix.field() for fix in mends if fix.field}
    for field in fields.values():
        field.required = False
    return type("MendForm", (forms.Form,), fields)


def _mended(request, form, section, mends) -> bool:
    """Do what the pressed button says; tell how it went."""
    pressed = next((fix for fix in mends if fix.name == request.POST.get("mend")), None)
    keys = section.read_keys(request.POST.getlist("line"))
    if pressed is None:  # none of what this account may do here
        raise PermissionDenied
    if not keys:
        messages.warning(request, "Tick at least one line.")
        return False
    value = form.cleaned_data.get(pressed.name)
    if pressed.field and not value:
        form.add_error(pressed.name, "This is needed for it.")
        return False
    done = pressed.apply(keys[:MAX_LINES], value, request.user)
    if done.count:
        messages.success(request, f"{pressed.label}: {done.count}.")
    for remark in done.remarks:
        messages.warning(request, remark)
    if not done.count and not done.remarks:
        messages.warning(request, "None of the ticked lines needed a change.")
    return True
