from django.contrib import admin

from site_app.admin_bases.read_only import ReadOnlyAdmin

from .models import FileCheck


@admin.register(FileCheck)
class FileCheckAdmin(ReadOnlyAdmin):
    """Every stored file as last checked, maintained by the tick and check_fixity."""

    list_display = ["name", "storage", "outcome", "owner", "byte_count", "checked_at"]
    list_filter = ["outcome", "storage"]
    search_fields = ["name"]
    show_full_result_count = False
