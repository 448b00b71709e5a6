"""Warnings of duplicates: while typing, and again before a record is saved."""

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Script
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils.safestring import mark_safe

from site_app.admin_bases.addresses import admin_address
from site_app.text.numbers import parse_whole_number

from .findings import dismiss_pairs_with_record

ACKNOWLEDGED_KEYS_FIELD = (
    "not_alike"  # keys of records that the user has seen and marked as different
)


class DuplicateWarningForm(forms.ModelForm):
    """A form that stops the first save of a possible duplicate; the second save is a decision."""

    alike_admin = None  # the AlikeAdmin, set for the current request
    alike: list = []  # (record, reason) for each similar record

    def clean(self):
        cleaned = super().clean()
        cleaned = self.cleaned_data if cleaned is None else cleaned
        names = self.alike_admin.alike_fields
        if self.instance.pk and not set(names) & set(self.changed_data):
            return cleaned
        self.alike = self.alike_admin.similar_records(
            {name: cleaned.get(name) or "" for name in names}, besides=self.instance.pk
        )
        seen = set(self.data.get(ACKNOWLEDGED_KEYS_FIELD, "").split(","))
        if any(str(record.pk) not in seen for record, _reason in self.alike):
            html = self.alike_admin.similar_records_html(
                self.alike, is_popup=IS_POPUP_VAR in self.data, asks=True
            )
            # Rendered by a template that escapes its output.
            self.add_error(None, ValidationError(mark_safe(html), code="alike"))  # noqa: S308
        return cleaned


class DuplicateWarningAdmin(admin.ModelAdmin):
    """Mixin for admins whose form is a DuplicateWarningForm.

    `alike_fields`: what a name is made of. `similar_records` says what records it may mean.
    """

    alike_fields: tuple[str, ...] = ()

    class Media:
        css = {"all": ["css/admin/worklists.css"]}
        js = [Script("js/admin/look_alike.js", type="module")]

    def similar_records(self, values: dict, besides: int | None) -> list:
        """Return [(record, reason)] similar to `values` by field; `besides` is excluded."""
        raise NotImplementedError

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.alike_admin = self
        return form

    def get_urls(self):
        view = self.admin_site.admin_view(self.similar_records_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_alike"
        return [path("alike/", view, name=name), *super().get_urls()]

    def similar_records_view(self, request):
        """Return an HTML fragment with records similar to the name being typed."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        form = self.get_form(request)
        values = {}
        for name in self.alike_fields:
            text = request.GET.get(name, "").replace("\x00", "")[:500]
            try:
                values[name] = form.base_fields[name].clean(text) or ""
            except ValidationError:
                values[name] = ""
        besides = parse_whole_number(request.GET.get("besides", ""))
        found = self.similar_records(values, besides=besides)
        is_popup = IS_POPUP_VAR in request.GET
        return HttpResponse(self.similar_records_html(found, is_popup=is_popup, asks=False))

    def similar_records_html(self, found, *, is_popup: bool, asks: bool) -> str:
        """Return similar records as markup; `asks`: with a checkbox to confirm a new record."""
        html = render_to_string(
            "admin/desk_app/alike.html",
            {
                "found": [
                    (record, reason, admin_address(record, "change", record.pk))
                    for record, reason in found
                ],
                "keys": ",".join(str(record.pk) for record, _reason in found),
                "noun": self.opts.verbose_name,
                "is_popup": is_popup,
                "asks": asks,
                "name": ACKNOWLEDGED_KEYS_FIELD,
            },
        )
        return html.strip()

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context["alike_fields"] = ",".join(self.alike_fields)
        context["alike_address"] = admin_address(self.model, "alike")
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def add_view(self, request, form_url="", extra_context=None):
        chosen = parse_whole_number(request.POST.get("_use", ""))
        if IS_POPUP_VAR in request.POST and chosen:
            if not self.has_view_permission(request):
                raise PermissionDenied
            if found := self.get_queryset(request).filter(pk=chosen).first():
                # The pop-up puts the existing record into the field from which it was opened.
                return super().response_add(request, found)
        return super().add_view(request, form_url, extra_context)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        others = [record.pk for record, _reason in form.alike]
        dismiss_pairs_with_record(self.opts.label_lower, form.instance.pk, others, request.user)
