"""The form that uploads pages."""

from django import forms
from django.utils.translation import gettext, gettext_lazy

from ingest_app.pages.uploads import PAGE_SUFFIXES


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Any number of files; cleaned to a list."""

    def clean(self, value, initial=None):
        return [super(SeveralFilesField, self).clean(file, initial) for file in value or []]


class PageUploadForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Text or HTML of the page"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "autofocus": True, "spellcheck": "false"}),
    )
    # The HTML on the clipboard: the URLs of links are only there.
    markup = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
    files = SeveralFilesField(
        label=gettext_lazy("Saved pages"),
        required=False,
        widget=SeveralFilesInput(attrs={"accept": ",".join([*PAGE_SUFFIXES, ".zip"])}),
        help_text=gettext_lazy("Text, HTML or MHTML files, several at once, or a ZIP of them."),
    )
    address = forms.URLField(
        label=gettext_lazy("Its address on the old site"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=gettext_lazy("If you have it. Kept with the session."),
    )

    def clean(self):
        cleaned = super().clean()
        has_text = bool((cleaned.get("text") or "").strip())
        if not self.errors and not has_text and not cleaned.get("files"):
            self.add_error("text", gettext("Paste a page here, or choose files below."))
        return cleaned
