from django.contrib import admin

from .models import Alert
from .retention import delete_alerts_and_queued_mail


@admin.register(Alert)
class AlertAdmin(admin.ModelAdmin):
    """Alerts in the admin: to look up, and to delete on request."""

    list_display = ["email", "kind", "query", "frequency", "status", "asked_at", "mailed_at"]
    list_filter = ["status", "frequency", "kind"]
    search_fields = ["email", "query"]
    date_hierarchy = "asked_at"
    fields = [
        "email",
        "kind",
        "query",
        "note",
        "frequency",
        "status",
        "asked_at",
        "confirmed_at",
        "mailed_at",
        "stopped_at",
        "unusable_since",
    ]

    def delete_model(self, request, obj):
        self.delete_queryset(request, Alert.objects.filter(pk=obj.pk))

    def delete_queryset(self, request, queryset):
        delete_alerts_and_queued_mail(queryset)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
