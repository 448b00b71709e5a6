"""Recordings in the admin: attached, described and closed by access officers."""

from django import forms
from django.contrib import admin
from django.forms import Script
from django.http import Http404
from django.template.defaultfilters import filesizeformat
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_lazy

from recordings_app.audio import upload_views
from recordings_app.audio.attaching import check_and_attach_audio, check_audio_size
from recordings_app.audio.inspection import ALLOWED_FORMATS, inspect_audio
from recordings_app.models import Recording, Transcript
from recordings_app.permissions import accesses_allowed_to
from recordings_app.transcripts.forms import TranscriptForm
from sessions_app.admin.inlines import OrderedForm, PartInline
from sessions_app.admin.sessions import SessionAdmin
from sessions_app.indexing.transcripts import recording_time_text
from site_app.admin_bases.permissions import PermissionCheckFormMixin, PermittedAdmin
from site_app.permissions import RightMissingError, require_may_change
from site_app.text.dates import moment_in_words

ACCEPTED_FILE_TYPES = ".mp3,.m4a,.aac,.ogg,.oga,.opus,.wav,.flac,audio/*"


class RecordingForm(forms.ModelForm):
    audio = forms.FileField(
        required=False,
        label=gettext_lazy("Audio file"),
        help_text=format_lazy(
            gettext_lazy(
                "{allowed}, up to 2 GB. It is uploaded in pieces: if the connection breaks, choose "
                "the same file again and the upload continues where it stopped."
            ),
            allowed=ALLOWED_FORMATS,
        ),
        widget=forms.FileInput(attrs={"accept": ACCEPTED_FILE_TYPES, "data-audio-upload": ""}),
    )

    class Meta:
        widgets = {"chapters": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"})}

    def clean_audio(self):
        audio = self.cleaned_data["audio"]
        if audio:
            check_audio_size(audio.size)
            inspect_audio(audio)
        return audio


class RecordingMixin:
    """For the page of a recording and for the rows of recordings on the page of a session."""

    def get_queryset(self, request):
        return super().get_queryset(request).defer("peaks")

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        if db_field.name == "access":
            choices = [
                (access.value, access.label) for access in accesses_allowed_to(request.user)
            ]
            kwargs["choices"] = choices
        return super().formfield_for_choice_field(db_field, request, **kwargs)


class TranscriptInline(admin.StackedInline):
    model = Transcript
    form = TranscriptForm
    fields = [("access", "language"), "note", "upload", "text"]
    extra = 1

    def get_extra(self, request, obj=None, **kwargs):
        return 0 if obj and hasattr(obj, "transcript") else 1


def filter_with_title(title: str) -> type[admin.ChoicesFieldListFilter]:
    """Return a filter by the choices of a field that goes by another name than the field."""

    class TitledFilter(admin.ChoicesFieldListFilter):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.title = title

    return TitledFilter


class HasAudioFilter(admin.SimpleListFilter):
    title = gettext_lazy("audio")
    parameter_name = "audio"

    def lookups(self, request, model_admin):
        return [
            ("yes", gettext("Attached")),
            ("no", gettext("Not attached yet")),
            ("odd", gettext("Check by listening")),
        ]

    def queryset(self, request, queryset):
        match self.value():
            case "yes":
                return queryset.exclude(file="")
            case "no":
                return queryset.filter(file="")
            case "odd":
                return queryset.exclude(file_remark="")
        return queryset


@admin.register(Recording)
class RecordingAdmin(RecordingMixin, PermittedAdmin):
    form = RecordingForm
    change_form_template = "admin/recordings_app/recording/change_form.html"
    list_display = [
        "session_title",
        "title",
        "access",
        "sealed_until",
        "duration_in_words",
        "transcript_access",
    ]
    list_display_links = ["session_title"]
    list_filter = [
        ("access", filter_with_title(gettext_lazy("access to the audio"))),
        HasAudioFilter,
        ("transcript__access", filter_with_title(gettext_lazy("access to the transcript"))),
    ]
    list_select_related = ["session", "transcript"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["session__title", "title"]
    search_help_text = gettext_lazy("Words of the session's title.")
    date_hierarchy = "session__held_on"
    ordering = ["-pk"]
    autocomplete_fields = ["session"]
    inlines = [TranscriptInline]
    readonly_fields = ["audio_facts"]
    # No bulk actions: each recording is decided individually, above all its deletion.
    actions = None

    class Media:
        css = {"all": ["css/admin/recording.css"]}
        js = [Script("js/admin/upload.js", type="module")]

    def get_fieldsets(self, request, obj=None):
        audio = ["audio_facts", "audio"] if self.may_attach(request, obj) else ["audio_facts"]
        return [
            (None, {"fields": ["session", "title", ("access", "sealed_until"), "position"]}),
            (gettext("Audio"), {"fields": [*audio, "chapters"] if obj else ["audio_facts"]}),
        ]

    def get_readonly_fields(self, request, obj=None):
        # A recording has a number within its session and cannot move to another one.
        return [*self.readonly_fields, *(["session"] if obj else [])]

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def may_attach(self, request, recording):
        return bool(recording) and self.has_change_permission(request, recording)

    def has_delete_permission(self, request, obj=None):
        """Refuse recordings that were requested or played: they are closed, so the log stays complete."""
        is_accounted = obj and (obj.requests.exists() or obj.accesses.exists())
        return super().has_delete_permission(request, obj) and not is_accounted

    def view_on_site(self, recording):
        if not recording.file and not hasattr(recording, "transcript"):
            return None
        return recording.get_absolute_url()

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if audio := form.cleaned_data.get("audio"):
            check_and_attach_audio(obj, audio, user=request.user)

    def get_urls(self):
        return [
            path(
                "<int:recording_id>/upload/",
                self.admin_site.admin_view(self.upload),
                name="recordings_app_recording_upload",
            ),
            path(
                "<int:recording_id>/upload/<slug:key>",
                self.admin_site.admin_view(self.upload),
                name="recordings_app_recording_piece",
            ),
            *super().get_urls(),
        ]

    def upload(self, request, recording_id, key=None):
        if not self.has_change_permission(request):
            raise RightMissingError("recordings_app.change_recording")
        recording = Recording.objects.filter(pk=recording_id).first()
        if recording is None:
            raise Http404
        require_may_change(request.user, recording)
        if key is None:
            return upload_views.create_upload(request, recording)
        return upload_views.upload_view(request, recording, key)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        if self.may_attach(request, obj):
            context["upload_url"] = reverse(
                f"{self.admin_site.name}:recordings_app_recording_upload", args=[obj.pk]
            )
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=gettext_lazy("session"), ordering="session__title")
    def session_title(self, recording):
        return recording.session.title

    @admin.display(description=gettext_lazy("audio"), ordering="duration_seconds")
    def duration_in_words(self, recording):
        return (
            recording_time_text(recording.duration_seconds)
            if recording.file
            else gettext("Not attached yet")
        )

    @admin.display(description=gettext_lazy("transcript"))
    def transcript_access(self, recording):
        transcript = getattr(recording, "transcript", None)
        return transcript.get_access_display() if transcript else gettext("None")

    @admin.display(description=gettext_lazy("attached"))
    def audio_facts(self, recording):
        if not recording.pk:
            return gettext("Save the recording first; then attach its audio on this page.")
        if not recording.file:
            return gettext(
                "No audio yet. Readers can already ask for it; approvals wait until there is audio."
            )
        facts = recording.facts
        words = [
            recording_time_text(recording.duration_seconds),
            str(facts.get("codec", "")),
            f"{facts['bit_rate'] // 1000} kbit/s" if facts.get("bit_rate") else "",
            f"{facts['sample_rate']} Hz" if facts.get("sample_rate") else "",
            filesizeformat(recording.byte_count),
        ]
        waveform = {None: gettext("waveform being drawn"), 0: gettext("no waveform")}.get(
            recording.peaks if recording.peaks is None else len(recording.peaks),
            gettext("with waveform"),
        )
        return format_html(
            "{}; {}<br>{}, {} {}<br>SHA-256 <code>{}</code>{}",
            ", ".join(word for word in words if word),
            waveform,
            recording.original_name,
            moment_in_words(recording.attached_at) if recording.attached_at else "",
            gettext("by %(attached_by)s") % {"attached_by": recording.attached_by}
            if recording.attached_by
            else "",
            recording.sha256,
            format_html("<br><strong>{}</strong>", gettext(recording.file_remark))
            if recording.file_remark
            else "",
        )


class RecordingInlineForm(PermissionCheckFormMixin, OrderedForm):
    def has_changed(self):
        # A new row may be saved without any change: it records that a recording exists.
        return self.instance.pk is None or super().has_changed()


class RecordingInline(RecordingMixin, PartInline, admin.TabularInline):
    """On the page of a session: editors announce a recording, access officers decide on it."""

    model = Recording
    form = RecordingInlineForm
    fields = ["title", "access", "sealed_until", "page", "position"]
    readonly_fields = ["page"]
    can_delete = False

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.user = request.user
        return formset

    @admin.display(description=gettext_lazy("audio and transcript"))
    def page(self, recording):
        if not recording.pk:
            return gettext("After saving")
        address = reverse("admin:recordings_app_recording_change", args=[recording.pk])
        said = (
            recording_time_text(recording.duration_seconds)
            if recording.file
            else gettext("no audio yet")
        )
        return format_html(
            '<a href="{}">{}</a>', address, gettext("Open (%(what)s)") % {"what": said}
        )


# The dependency goes one way: sessions_app does not import recordings_app.
SessionAdmin.inlines = [*SessionAdmin.inlines, RecordingInline]
