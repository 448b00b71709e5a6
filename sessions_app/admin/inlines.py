"""What is entered below a session: appearances, recommendations, documents."""

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Max, Prefetch
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from sessions_app.editing import document_files
from sessions_app.models import Appearance, Document, Recommendation
from site_app.admin_bases.autocomplete import AutocompleteFormSet, AutocompleteInline
from site_app.admin_bases.base import URL_FIELD_OVERRIDES
from site_app.permissions import may_change
from site_app.text.numbers import parse_whole_number, parse_whole_numbers
from speakers_app.models import Speaker

from .widgets import PrivateFileWidget, SpeakersOfSession

POSITION_AFTER_ALL = gettext_lazy("Empty: at the end.")


class OrderedForm(forms.ModelForm):
    """A row whose place may be left empty."""

    position = forms.IntegerField(
        label=gettext_lazy("Order"),
        required=False,
        min_value=0,
        max_value=32767,
        help_text=POSITION_AFTER_ALL,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.initial["position"] = None


class OrderedFormSet(AutocompleteFormSet):
    """Rows without a position come after all others, in the order in which they were entered."""

    def save(self, commit=True):
        for form in self.forms:
            is_saved = form.has_changed() and form not in self.deleted_forms
            if is_saved and form.cleaned_data.get("position") is None:
                form.instance.position = self.take_next_position()
        return super().save(commit=commit)

    def take_next_position(self):
        self.last_position += 1
        return self.last_position

    @cached_property
    def last_position(self):
        given = [
            form.cleaned_data.get("position") or 0 for form in self.forms if form.has_changed()
        ]
        parts = self.model._default_manager.filter(**{self.fk.name: self.instance})
        return max([*given, parts.aggregate(last=Max("position"))["last"] or 0])


class PartInline(AutocompleteInline):
    formset = OrderedFormSet
    formfield_overrides = URL_FIELD_OVERRIDES
    view_on_site = False
    extra = 0


class AppearanceInline(PartInline, admin.StackedInline):
    model = Appearance
    form = OrderedForm
    verbose_name = gettext_lazy("speaker")
    verbose_name_plural = gettext_lazy("speakers")
    fields = [
        ("speaker", "organisation", "function"),
        ("role_title", "further_organisations", "position"),
    ]
    autocomplete_fields = ["speaker", "organisation", "further_organisations"]

    def get_extra(self, request, obj=None, **kwargs):
        return 0 if obj else 1

    def get_queryset(self, request):
        rows = super().get_queryset(request).select_related("speaker", "organisation", "session")
        return rows.prefetch_related("further_organisations")


class RecommendationForm(OrderedForm):
    made_by = SpeakersOfSession(
        label=gettext_lazy("Given by"),
        help_text=gettext_lazy(
            "Those of the speakers above who gave it; several: hold Ctrl or ⌘."
        ),
        error_messages={
            "invalid_choice": gettext_lazy(
                "A person chosen here is not one of the speakers above."
            )
        },
    )

    class Meta:
        widgets = {"text": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["made_by"] = [
                appearance.speaker_id for appearance in self.instance.made_by.all()
            ]

    def _save_m2m(self):
        appearances = Appearance.objects.filter(session=self.instance.session_id)
        given_by = appearances.filter(speaker__in=self.cleaned_data["made_by"])
        self.cleaned_data["made_by"] = given_by
        super()._save_m2m()


class RecommendationFormSet(OrderedFormSet):
    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["made_by"].offer(self.speakers)

    @cached_property
    def speakers(self):
        """{key: name} of the speakers that the whole form has: those posted, or those stored."""
        if self.is_bound:
            keys = speaker_keys_in_post_data(self.data)
            return {
                speaker.pk: speaker.full_name for speaker in Speaker.objects.filter(pk__in=keys)
            }
        if self.instance.pk is None:
            return {}
        rows = Appearance.objects.filter(session=self.instance).select_related("speaker")
        return {row.speaker_id: row.speaker.full_name for row in rows}


def speaker_keys_in_post_data(form_values) -> list[int]:
    """Return the keys of the speakers in the posted rows of appearances that are not deleted."""
    prefix = "appearances"
    total = form_values.get(f"{prefix}-TOTAL_FORMS", "")
    rows = range(min(parse_whole_number(total) or 0, 1000))
    return parse_whole_numbers(
        form_values.get(f"{prefix}-{row}-speaker", "")
        for row in rows
        if not form_values.get(f"{prefix}-{row}-DELETE")
    )


class RecommendationInline(PartInline, admin.StackedInline):
    model = Recommendation
    form = RecommendationForm
    formset = RecommendationFormSet
    fields = ["text", ("made_by", "audience", "topics", "position")]
    autocomplete_fields = ["topics"]

    def get_queryset(self, request):
        makers = Prefetch("made_by", Appearance.objects.select_related("speaker", "session"))
        return super().get_queryset(request).prefetch_related(makers, "topics")


class DocumentForm(OrderedForm):
    class Meta:
        widgets = {"file": PrivateFileWidget, "url": forms.URLInput(attrs={"class": "vURLField"})}

    def clean_file(self):
        file = self.cleaned_data["file"]
        if isinstance(file, UploadedFile):
            self.inspection = document_files.inspect_upload(file)
            file.name = self.inspection.name
        return file

    def clean(self):
        cleaned = super().clean()
        inspection = getattr(self, "inspection", None)
        if inspection:
            self.instance.media_type = inspection.media_type
            self.instance.byte_count = inspection.byte_count
            self.instance.sha256 = inspection.sha256
        elif not cleaned.get("file"):
            self.instance.media_type = self.instance.sha256 = ""
            self.instance.byte_count = None
        return cleaned


class DocumentInline(PartInline, admin.TabularInline):
    model = Document
    form = DocumentForm
    verbose_name_plural = gettext_lazy("documents and links")
    fields = ["kind", "title", "file", "url", "position"]
    readonly_fields = ["stored_file"]

    def get_fields(self, request, obj=None):
        if self.has_change_permission(request, obj) and may_change(request.user, obj):
            return self.fields
        # For a read-only field Django would request a public URL from the private storage.
        return ["stored_file" if name == "file" else name for name in self.fields]

    @admin.display(description=gettext_lazy("file"))
    def stored_file(self, document):
        if not document.file:
            return ""
        return format_html('<a href="{}">{}</a>', document.get_absolute_url(), document.filename)

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("session")
