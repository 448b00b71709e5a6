"""What an import left over, on the session form: dealt with, attached or opened again on saving."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Max
from django.utils.timezone import localtime
from django.utils.translation import gettext

from sessions_app.editing import document_files, import_remains
from sessions_app.models import Document

from .widgets import ACCEPTED_FILE_TYPES


@dataclass
class OpenRemainRow:
    """A remain with its fields of the form; `attach` and `link` for a missing file alone."""

    kind: str
    text: str
    settle: forms.BoundField
    attach: forms.BoundField | None = None
    link: forms.BoundField | None = None

    @property
    def kind_in_words(self) -> str:
        return gettext(self.kind) if self.kind else ""


class ImportRemainsFormMixin(forms.ModelForm):
    """Mixin of the session form: fields for each remain, made of those that the session has."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._open = {
            import_remains.key_of_remain(remain): remain for remain in self.instance.import_remains
        }
        self._settled = {
            import_remains.key_of_remain(remain): remain
            for remain in self.instance.settled_remains
        }
        for key, remain in self._open.items():
            text = remain.get("text", "")
            self.fields[f"settle-{key}"] = forms.BooleanField(
                label=gettext("Dealt with: %(text)s") % {"text": text}, required=False
            )
            if remain.get("kind") == import_remains.MISSING_FILE_KIND:
                self.fields[f"attach-{key}"] = forms.FileField(
                    label=gettext("File for %(text)s") % {"text": text},
                    required=False,
                    widget=forms.FileInput({"accept": ACCEPTED_FILE_TYPES}),
                )
                self.fields[f"link-{key}"] = forms.URLField(
                    label=gettext("Or link to %(text)s") % {"text": text},
                    required=False,
                    max_length=1000,
                    assume_scheme="https",
                )
        for key, remain in self._settled.items():
            self.fields[f"reopen-{key}"] = forms.BooleanField(
                label=gettext("Open again: %(text)s") % {"text": remain["text"]}, required=False
            )

    @property
    def open_leftovers(self) -> list[OpenRemainRow]:
        return [
            OpenRemainRow(
                str(remain.get("kind", "")),
                str(remain.get("text", "")),
                self[f"settle-{key}"],
                self[f"attach-{key}"] if f"attach-{key}" in self.fields else None,
                self[f"link-{key}"] if f"link-{key}" in self.fields else None,
            )
            for key, remain in self._open.items()
        ]

    @property
    def settled_leftovers(self) -> list[tuple[dict, datetime, forms.BoundField]]:
        return [
            (remain, localtime(datetime.fromisoformat(remain["on"])), self[f"reopen-{key}"])
            for key, remain in self._settled.items()
        ]

    def clean(self):
        cleaned = super().clean()
        cleaned = self.cleaned_data if cleaned is None else cleaned
        self.inspections = {}
        for key in self._open:
            file, link = cleaned.get(f"attach-{key}"), cleaned.get(f"link-{key}")
            if isinstance(file, UploadedFile):
                if link:
                    self.add_error(
                        f"link-{key}", gettext("Give either a file or a link, not both.")
                    )
                try:
                    self.inspections[key] = document_files.inspect_upload(file)
                except forms.ValidationError as error:
                    self.add_error(f"attach-{key}", error)
        return cleaned

    def save_settled_and_attached_remains(self) -> None:
        """Apply the ticked and attached remains after the session and its parts are stored."""
        session, cleaned = self.instance, self.cleaned_data
        chosen = {
            name: [key for key in keys if cleaned.get(f"{name}-{key}")]
            for name, keys in (
                ("settle", self._open),
                ("attach", self._open),
                ("link", self._open),
                ("reopen", self._settled),
            )
        }
        for key in chosen["attach"] + chosen["link"]:
            self._attach_document(session, key)
        attached = import_remains.settle_remains(
            session, chosen["attach"] + chosen["link"], import_remains.SETTLED_BY_ATTACHED_FILE
        ) + import_remains.settle_remains_of_attached_files(session)
        settled = import_remains.settle_remains(session, chosen["settle"])
        if attached + settled + import_remains.reopen_remains(session, chosen["reopen"]):
            import_remains.save_remain_fields(session)

    def _attach_document(self, session, key):
        title = str(self._open[key].get("text", ""))[:500]
        file, link = self.cleaned_data.get(f"attach-{key}"), self.cleaned_data.get(f"link-{key}")
        last = session.documents.aggregate(last=Max("position"))["last"]
        document = Document(
            session=session,
            title=title,
            kind=import_remains.guess_document_kind(f"{title} {link or file.name}"),
            position=0 if last is None else last + 1,
        )
        if inspection := self.inspections.get(key):
            file.name = inspection.name
            document.file = file
            document.media_type, document.byte_count = inspection.media_type, inspection.byte_count
            document.sha256 = inspection.sha256
        else:
            document.url = link
        document.save()
