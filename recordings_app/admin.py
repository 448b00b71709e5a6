from django.contrib import admin
from django.db.models import Case, Prefetch, When
from django.utils.html import format_html_join

from .access import note_decisions
from .models import RecordingRequest, RequestedRecording


class RequestedRecordingInline(admin.TabularInline):
    model = RequestedRecording
    fields = ["recording", "decision", "note", "decided_at", "decided_by"]
    readonly_fields = ["recording", "decided_at", "decided_by"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("recording__session", "decided_by")


@admin.register(RecordingRequest)
class RecordingRequestAdmin(admin.ModelAdmin):
    """The queue of requests, oldest open first. What the requester wrote cannot be changed."""

    list_display = ["reference", "sent", "status", "name", "organisation", "email", "asked_for"]
    list_filter = ["status", "created_at"]
    search_fields = ["reference", "name", "email", "organisation"]
    inlines = [RequestedRecordingInline]
    fields = [
        "reference", "status", "created_at", "confirmed_at", "name", "email", "organisation",
        "purpose", "agreed_terms", "staff_note",
    ]  # fmt: skip
    readonly_fields = [name for name in fields if name != "staff_note"]

    def get_queryset(self, request):
        recordings = RequestedRecording.objects.select_related("recording__session")
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("requested_recordings", recordings))
        )

    def get_ordering(self, request):
        open_first = Case(When(status=RecordingRequest.Status.OPEN, then=0), default=1)
        return [open_first.asc(), "created_at", "pk"]

    @admin.display(description="sent", ordering="created_at")
    def sent(self, request):
        return f"{request.created_at:%Y-%m-%d %H:%M:%S %Z}"

    @admin.display(description="recordings")
    def asked_for(self, request):
        return format_html_join(
            "; ",
            "{} ({})",
            (
                (row.recording.label, row.get_decision_display())
                for row in request.requested_recordings.all()
            ),
        )

    def has_add_permission(self, request):
        return False

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        note_decisions(form.instance, request.user)
