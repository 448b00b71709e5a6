from django.contrib import admin
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from .mail import wake
from .models import ContactMessage, MailMessage, SiteSettings


@admin.register(SiteSettings)
class SiteSettingsAdmin(admin.ModelAdmin):
    """One row, made when it is first opened."""

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def changelist_view(self, request, extra_context=None):
        SiteSettings.objects.get_or_create(pk=1)
        return redirect(reverse("admin:site_app_sitesettings_change", args=[1]))


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
