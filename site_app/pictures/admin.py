"""A picture in a form of the admin: shown, replaced, taken away, and where its focus is chosen."""

from django.contrib.admin.widgets import AdminFileWidget
from django.forms import Script
from django.utils.translation import gettext_lazy

from .images import PictureField

ALT_TEXT_REQUIRED_MESSAGE = gettext_lazy(
    "Say in a few words what the picture shows: some readers do not see it."
)


class PictureWidget(AdminFileWidget):
    template_name = "admin/picture_input.html"

    class Media:
        css = {"all": ["css/admin/pictures.css"]}
        js = [Script("js/admin/focus_point.js", type="module")]

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        record = getattr(value, "instance", None)
        context["widget"]["always_square"] = bool(record and record.always_square)
        return context


PICTURE_FORMFIELD_OVERRIDES = {"form_class": PictureField, "widget": PictureWidget}


class PictureFormMixin:
    """Mixin of the forms of a PictureModel: no picture without words, no focus of another one."""

    def clean(self):
        cleaned = super().clean()
        name = self.instance.picture_field
        if cleaned.get(name) and not cleaned.get("picture_alt"):
            self.add_error("picture_alt", ALT_TEXT_REQUIRED_MESSAGE)
        if name in self.changed_data and not {"focus_x", "focus_y"} & set(self.changed_data):
            cleaned["focus_x"] = cleaned["focus_y"] = None
        return cleaned
