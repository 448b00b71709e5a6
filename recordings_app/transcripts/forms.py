"""A transcript in the admin: uploaded as a file, edited as text."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy

from ..models import Transcript
from .parsing import decode_transcript, read_transcript
from .storing import replace_cues
from .writing import editable_text_of


class TranscriptForm(forms.ModelForm):
    upload = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy("WebVTT, SRT, SBV or plain text; it replaces the text below."),
        widget=forms.FileInput(attrs={"accept": ".vtt,.srt,.sbv,.txt,text/plain,text/vtt"}),
    )
    text = forms.CharField(
        required=False,
        strip=False,
        help_text=gettext_lazy(
            "As WebVTT, or as plain paragraphs. “&lt;v Name&gt;” or “Name:” says who speaks."
        ),
        widget=forms.Textarea(
            attrs={"rows": 24, "class": "vLargeTextField", "spellcheck": "true"}
        ),
    )

    class Meta:
        model = Transcript
        fields = ["access", "language", "note"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.cues = None
        if self.instance.pk:
            self.initial["text"] = editable_text_of(list(self.instance.cues.all()))

    def clean_upload(self):
        upload = self.cleaned_data["upload"]
        if upload:
            self.cues = read_transcript(decode_transcript(upload.read()))
        return upload

    def clean(self):
        cleaned = super().clean()
        text = cleaned.get("text", "")
        if self.cues is None and "upload" not in self.errors and "text" in self.changed_data:
            try:
                self.cues = read_transcript(text)
            except ValidationError as error:
                self.add_error("text", error)
        elif self.cues is None and not self.instance.pk and not self.errors:
            self.add_error("text", gettext("Upload a file, or write the transcript here."))
        return cleaned

    def save(self, commit=True):
        transcript = super().save(commit=commit)
        if commit and self.cues is not None:
            replace_cues(transcript, self.cues)
        return transcript
