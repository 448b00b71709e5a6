"""Forms of the import from WordPress."""

from django import forms
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from ..models import MappingRule
from ..wordpress.media import MediaError, MediaZip
from ..wordpress.piece_scanner import NotAnExportError
from ..wordpress.wxr import read_export_head
from ..wordpress_mapping_choices import ALLOWED_TARGETS

MAX_UPLOAD_BYTES = 2 * 1024 * 1024 * 1024


class WordpressUploadForm(forms.Form):
    file = forms.FileField(
        label=pgettext_lazy("a file", "Export"),
        help_text=gettext_lazy(
            "The .xml file that WordPress gives under Tools, Export, “All content”."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".xml,text/xml,application/xml"}),
    )
    media = forms.FileField(
        label=gettext_lazy("Files of the old site"),
        required=False,
        help_text=gettext_lazy(
            "A ZIP of its folder wp-content/uploads. Without it sessions name the files "
            "that are missing; import again with it later, and they are added."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".zip,application/zip"}),
    )
    dry_run = forms.BooleanField(
        label=gettext_lazy("Dry run"),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "Everything is read and compared, nothing is stored but the report. "
            "The import can follow from there, without another upload."
        ),
    )
    publish = forms.BooleanField(
        label=gettext_lazy("Publish what is new"),
        required=False,
        help_text=gettext_lazy(
            "What was public on the old site is public here at once, as of its day there. "
            "Otherwise all that is new comes as drafts."
        ),
    )

    def __init__(self, *args, may_publish: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not may_publish:
            del self.fields["publish"]

    def clean_file(self):
        file = self.cleaned_data["file"]
        refuse_too_large_file(file)
        try:
            read_export_head(file)
        except NotAnExportError as error:
            raise ValidationError(str(error)) from error
        file.seek(0)
        return file

    def clean_media(self):
        media = self.cleaned_data["media"]
        if media:
            refuse_too_large_file(media)
            try:
                MediaZip(media)
            except MediaError as error:
                raise ValidationError(str(error)) from error
            media.seek(0)
        return media


def refuse_too_large_file(file):
    if file.size > MAX_UPLOAD_BYTES:
        raise ValidationError(
            gettext(
                "The file has %(size)s; at most %(limit)s are allowed. Use the command for more."
            )
            % {"size": filesizeformat(file.size), "limit": filesizeformat(MAX_UPLOAD_BYTES)}
        )


class RuleTargetActionForm(ActionForm):
    """The new target of the selected rules."""

    becomes = forms.ChoiceField(
        label=gettext_lazy("Becomes"),
        required=False,
        choices=[("", "---------"), *MappingRule.Target.choices],
    )


class MappingRuleForm(forms.ModelForm):
    """Offers the targets for a rule of this kind."""

    class Meta:
        model = MappingRule
        fields = ["kind", "source", "target", "name"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        allowed = ALLOWED_TARGETS.get(self.instance.kind)
        if allowed and "target" in self.fields:
            choices = self.fields["target"].choices
            self.fields["target"].choices = [
                (value, label) for value, label in choices if value in allowed
            ]
