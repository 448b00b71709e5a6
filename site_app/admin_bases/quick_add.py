"""A missing choice is added in a small window, with what was typed already filled in."""

from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR

TYPED_TEXT_PARAMETER = "_typed"  # in the URL of the pop-up: the text searched for in the list
MAX_TYPED_CHARACTERS = 500  # characters


class QuickAddAdmin(admin.ModelAdmin):
    """`popup_fields`: what the small window asks for; the rest is entered on the record's page."""

    popup_fields: tuple = ()

    def initial_values_of_typed_text(self, typed: str) -> dict[str, str]:
        """Return the values of fields that a text means which somebody looked for."""
        return {"name": typed}

    def is_quick_add(self, request, record) -> bool:
        is_popup = IS_POPUP_VAR in request.GET or IS_POPUP_VAR in request.POST
        return record is None and is_popup and bool(self.popup_fields)

    def get_fieldsets(self, request, obj=None):
        if self.is_quick_add(request, obj):
            return [(None, {"fields": list(self.popup_fields)})]
        return super().get_fieldsets(request, obj)

    def get_inlines(self, request, obj):
        return [] if self.is_quick_add(request, obj) else super().get_inlines(request, obj)

    def get_changeform_initial_data(self, request):
        initial = super().get_changeform_initial_data(request)
        if typed := " ".join(initial.pop(TYPED_TEXT_PARAMETER, "").replace("\x00", "").split())[
            :MAX_TYPED_CHARACTERS
        ]:
            initial |= self.initial_values_of_typed_text(typed)
        return initial
