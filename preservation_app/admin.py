from django.contrib import admin

from .models import FileCheck


@admin.register(FileCheck)
class FileCheckAdmin(admin.ModelAdmin):
    """Every stored file as it was when it was last looked at; the tick and check_fixity keep it."""

    list_display = ["name", "storage", "outcome", "owner", "byte_count", "checked_at"]
    list_filter = ["outcome", "storage"]
    search_fields = ["name"]
    show_full_result_count = False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
