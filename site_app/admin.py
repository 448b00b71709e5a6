from django.contrib import admin
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from search_app.changes import record

from .mail import wake
from .models import ContactMessage, MailMessage, SiteSettings


@admin.register(SiteSettings)
class SiteSettingsAdmin(admin.ModelAdmin):
    """One row, there from the first time that somebody saves it."""

    fieldsets = [
        (
            None,
            {
                "fields": ["name", "tagline", "contact_email"],
                "description": "All of this is public as soon as it is saved. "
                "An empty name or address means the one of the installation.",
            },
        ),
        ("Texts", {"fields": ["about", "recording_terms"]}),
        ("Comments", {"fields": ["commenting"]}),
    ]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def changelist_view(self, request, extra_context=None):
        return redirect(reverse("admin:site_app_sitesettings_change", args=[1]))

    def get_object(self, request, object_id, from_field=None):
        found = super().get_object(request, object_id, from_field)
        return found or (SiteSettings(pk=1) if object_id == "1" else None)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        # Name and texts stand on every page; a new generation makes all kept pages old.
        record("site_settings", [obj.pk])


@admin.register(MailMessage)
class MailMessageAdmin(admin.ModelAdmin):
    """The mail queue, for watching; the messages themselves are made when they are sent."""

    list_display = [
        "kind",
        "recipient",
        "state",
        "attempts",
        "created_at",
        "sent_at",
        "last_error",
    ]
    list_filter = ["state", "kind"]
    search_fields = ["recipient", "kind"]
    date_hierarchy = "created_at"
    actions = ["send_again"]

    def has_add_permission(self, request):
        return False

    def get_readonly_fields(self, request, obj=None):
        return [field.name for field in MailMessage._meta.fields]

    @admin.action(description="Send again, now", permissions=["change"])
    def send_again(self, request, queryset):
        waiting = queryset.exclude(state=MailMessage.State.SENT)
        count = waiting.update(
            state=MailMessage.State.QUEUED, attempts=0, next_attempt_at=timezone.now()
        )
        wake()
        self.message_user(request, f"{count} messages are queued again.")


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
