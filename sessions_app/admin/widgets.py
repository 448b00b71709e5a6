"""Form fields of the session page: rich text, private files, and who gave a recommendation."""

import re

from django import forms
from django.contrib.admin.widgets import AdminFileWidget
from django.templatetags.static import static

from sessions_app.editing.document_files import SUFFIX_BY_MEDIA_TYPE
from site_app.text.pasted_markup import clean_up_pasted_markup
from site_app.text.rich_text import sanitise

ACCEPTED_FILE_TYPES = ",".join(
    [*(f".{suffix}" for suffix in SUFFIX_BY_MEDIA_TYPE.values()), ".jpeg"]
)
_EMPTY_PARAGRAPH_PATTERN = re.compile(r"<(p|h3|h4|li)>(?:\s|&nbsp;|\u00a0|<br>)*</\1>")
_PARAGRAPH_IN_LIST_ITEM_PATTERN = re.compile(
    r"<li><p>((?:(?!</?p>).)*)</p>(?=</li>|<ul>|<ol>)", re.S
)


class RichTextWidget(forms.Textarea):
    """A text box that static/js/admin/rich_text.js turns into an editor; it works without, too.

    The editor is that of django-prose-editor. Its own widget needs an inline import map; ours
    gives the module's address in an attribute, so that the admin's pages need no inline script.
    """

    class Media:
        css = {
            "all": [
                "django_prose_editor/material-icons.css",
                "django_prose_editor/editor.css",
                "django_prose_editor/overrides.css",
                "css/admin/rich_text.css",
            ]
        }
        js = [forms.Script("js/admin/rich_text.js", type="module")]

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"]["data-rich-text"] = static("django_prose_editor/editor.js")
        return context


class RichTextField(forms.CharField):
    """Rich text as stored by the archive: sanitised, no empty paragraphs, tight lists."""

    widget = RichTextWidget

    def clean(self, value):
        markup = _EMPTY_PARAGRAPH_PATTERN.sub(
            "", sanitise(clean_up_pasted_markup(super().clean(value)))
        )
        return _PARAGRAPH_IN_LIST_ITEM_PATTERN.sub(r"<li>\1", markup).strip()


class PrivateFileWidget(AdminFileWidget):
    """A file input for private storage, which has no addresses: the guarded address is shown."""

    template_name = "admin/sessions_app/private_file.html"

    def __init__(self, attrs=None):
        super().__init__({"accept": ACCEPTED_FILE_TYPES, **(attrs or {})})

    def is_initial(self, value):
        return bool(value and getattr(value, "_committed", False))

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        if self.is_initial(value):
            context["address"] = value.instance.get_absolute_url()
            context["filename"] = value.instance.filename
        return context


class SpeakersOfSession(forms.TypedMultipleChoiceField):
    """Who gave a recommendation, as keys of speakers of the same form.

    Keys of speakers, not of appearances: a speaker entered in the same form has no appearance
    yet, and nobody appears twice at a session.
    """

    def __init__(self, **kwargs):
        super().__init__(coerce=int, required=False, **kwargs)
        self.widget.attrs["data-speakers-of-session"] = ""

    def offer(self, speakers: dict[int, str]) -> None:
        """Let these be chosen: {key of the speaker: name}."""
        self.choices = [(str(key), name) for key, name in speakers.items()]

    def prepare_value(self, value):
        return [str(item) for item in value or []]
