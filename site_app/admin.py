from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy

from site_app.accounts import admin as accounts_admin  # noqa: F401 - registers itself
from site_app.mail.admin import MailMessageAdmin, MailTextAdmin
from site_app.models import ContactMessage, MailMessage, MailText, OldAddress, SiteSettings
from site_app.redirects.addresses import normalise_path
from site_app.redirects.site_pages import checked_redirect_target, page_exists, parse_own_address

from .admin_bases.single_row import SingleRowAdmin

admin.site.register(MailMessage, MailMessageAdmin)
admin.site.register(MailText, MailTextAdmin)


@admin.register(SiteSettings)
class SiteSettingsAdmin(SingleRowAdmin):
    fieldsets = [
        (
            None,
            {
                "fields": ["name", "tagline", "contact_email"],
                "description": gettext_lazy(
                    "All of this is public as soon as it is saved. "
                    "An empty name or address means the one of the installation."
                ),
            },
        ),
        (gettext_lazy("Texts"), {"fields": ["about", "owner", "recording_terms"]}),
        (
            gettext_lazy("Rights, privacy, access"),
            {"fields": ["licence", "rights", "privacy", "accessibility"]},
        ),
        (gettext_lazy("Comments"), {"fields": ["commenting"]}),
    ]


@admin.register(ContactMessage)
class ContactMessageAdmin(admin.ModelAdmin):
    list_display = ["created_at", "name", "email", "about", "status"]
    list_filter = ["status"]
    search_fields = ["name", "email", "message"]
    date_hierarchy = "created_at"
    fields = ["created_at", "name", "email", "about", "message", "status", "staff_note"]
    readonly_fields = ["created_at", "name", "email", "about", "message"]

    def has_add_permission(self, request):
        return False


class HasDestinationFilter(admin.SimpleListFilter):
    title = gettext_lazy("where it leads")
    parameter_name = "leads"

    def lookups(self, request, model_admin):
        return [("somewhere", gettext("To a page")), ("nowhere", gettext("Nowhere"))]

    def queryset(self, request, queryset):
        match self.value():
            case "somewhere":
                return queryset.exclude(leads_to="")
            case "nowhere":
                return queryset.filter(leads_to="")
        return queryset


class OldAddressForm(forms.ModelForm):
    """`request` is of whoever enters it: what they may see is there to lead to."""

    request = None

    def clean_path(self):
        path = normalise_path(self.cleaned_data["path"].strip())
        if not path or path == "/":
            raise ValidationError(
                gettext("Write a path of the old site, such as /2019/11/a-partnership/")
            )
        if (
            "path" in self.changed_data
            and not path.startswith("/?")
            and page_exists(path, self.request)
        ):
            raise ValidationError(
                gettext("There is a page at %(path)s, so nobody would be redirected.")
                % {"path": path}
            )
        return path

    def clean_leads_to(self):
        if not self.cleaned_data["leads_to"].strip() or "leads_to" not in self.changed_data:
            return self.cleaned_data["leads_to"]
        target = parse_own_address(self.cleaned_data["leads_to"], host=self.request.get_host())
        return checked_redirect_target(target, self.request)

    def clean(self):
        values = super().clean()
        path, target = values.get("path"), values.get("leads_to")
        if path and target and normalise_path(target) == path:
            self.add_error("leads_to", gettext("This is the old address."))
        return values


@admin.register(OldAddress)
class OldAddressAdmin(admin.ModelAdmin):
    """Old addresses with their destinations and numbers of requests."""

    form = OldAddressForm
    list_display = ["path", "destination_link", "origin", "times_asked", "last_asked_on"]
    list_filter = [HasDestinationFilter, "origin"]
    list_per_page = 100
    show_full_result_count = False
    search_fields = ["path", "leads_to"]
    search_help_text = gettext_lazy("A part of the old address, or of the one it leads to.")
    ordering = ["-times_asked", "path"]
    fields = ["path", "leads_to", "origin", "times_asked", "last_asked_on"]
    readonly_fields = ["origin", "times_asked", "last_asked_on"]

    @admin.display(description=gettext_lazy("leads to"), ordering="leads_to")
    def destination_link(self, entry):
        if not entry.leads_to:
            return gettext("Nowhere")
        return format_html('<a href="{0}">{0}</a>', entry.leads_to)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"request": request})

    def save_model(self, request, obj, form, change):
        if not change or "leads_to" in form.changed_data:
            obj.origin = OldAddress.Origin.STAFF
        with transaction.atomic():
            if obj.leads_to:  # redirects to this path would need two steps
                leading_here = OldAddress.objects.filter(leads_to=obj.path)
                leading_here.exclude(path=obj.leads_to).update(leads_to=obj.leads_to)
            super().save_model(request, obj, form, change)
