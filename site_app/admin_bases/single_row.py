"""The admin of a table that has one row."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect

from .addresses import admin_address


class SingleRowAdmin(admin.ModelAdmin):
    """One row, created by the first save; its form replaces the list."""

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return redirect(admin_address(self.model, "change", 1))

    def get_object(self, request, object_id, from_field=None):
        record = super().get_object(request, object_id, from_field)
        return record or (self.model(pk=1) if object_id == "1" else None)
