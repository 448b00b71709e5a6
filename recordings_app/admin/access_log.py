"""Admin pages of the access log and its reports."""

from itertools import islice

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import StreamingHttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, gettext_lazy

from recordings_app.requests.reports import (
    ACCESS_COLUMNS,
    GRANT_COLUMNS,
    RECORDING_COLUMNS,
    REQUEST_COLUMNS,
    access_rows,
    grant_rows,
    recording_rows,
    report_totals,
    request_rows,
    rows_as_text,
)
from sessions_app.formats.exports import csv_lines
from site_app.admin_bases.read_only import ReadOnlyAdmin
from site_app.http.generated_files import limit_concurrent_files
from site_app.text.dates import moment_in_words

from .forms import PeriodForm

MAX_GRANTS_SHOWN = 200  # grants shown on the page; the CSV contains all of them
REPORT_DEFINITIONS = {
    "requests": (gettext_lazy("Requests"), request_rows, REQUEST_COLUMNS),
    "recordings": (gettext_lazy("Recordings"), recording_rows, RECORDING_COLUMNS),
    "grants": (gettext_lazy("Grants"), grant_rows, GRANT_COLUMNS),
    "accesses": (gettext_lazy("Accesses"), access_rows, ACCESS_COLUMNS),
}


class AccessLogAdmin(ReadOnlyAdmin):
    """Every access to a recording; nobody can change or delete one here."""

    list_display = [
        "accessed_at_in_words",
        "recording_label",
        "what",
        "request_or_staff",
        "size_in_words",
    ]
    list_filter = ["what", ("user", admin.RelatedOnlyFieldListFilter), "at"]
    list_select_related = ["recording__session", "grant__requested__request"]
    search_fields = [
        "recording__session__title",
        "grant__requested__request__reference",
        "user_name",
    ]
    date_hierarchy = "at"
    show_full_result_count = False
    change_list_template = "admin/recordings_app/accesslog/change_list.html"

    def get_urls(self):
        report = self.admin_site.admin_view(self.report_page)
        return [path("report/", report, name="recordings_app_report"), *super().get_urls()]

    @admin.display(description=gettext_lazy("when"), ordering="at")
    def accessed_at_in_words(self, access):
        return moment_in_words(access.at, with_zone=True)

    @admin.display(description=gettext_lazy("recording"))
    def recording_label(self, access):
        return access.recording.label

    @admin.display(description=gettext_lazy("request or staff"))
    def request_or_staff(self, access):
        return access.by

    @admin.display(description=gettext_lazy("size"), ordering="byte_count")
    def size_in_words(self, access):
        return filesizeformat(access.byte_count)

    def report_page(self, request):
        """A period's requests, recordings and grants, as tables and as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = PeriodForm(request.GET)
        period = form.cleaned_data if form.is_valid() else {"since": None, "until": None}
        wanted = request.GET.get("csv")
        if wanted in REPORT_DEFINITIONS and form.is_valid():
            return self.csv_report_response(wanted, period)
        recordings = recording_rows(**period) if form.is_valid() else []
        context = self.admin_site.each_context(request) | {
            "title": gettext("Requests and plays in a period"),
            "opts": self.opts,
            "form": form,
            "recordings": recordings,
            "totals": report_totals(recordings),
            "time_zone": settings.TIME_ZONE,
            "grants": list(islice(grant_rows(**period), MAX_GRANTS_SHOWN))
            if form.is_valid()
            else [],
            "shown": MAX_GRANTS_SHOWN,
            "reports": [
                (key, label) for key, (label, _rows, _columns) in REPORT_DEFINITIONS.items()
            ],
        }
        return TemplateResponse(request, "admin/recordings_app/report.html", context)

    @method_decorator(limit_concurrent_files)
    def csv_report_response(self, wanted, period):
        _label, rows, columns = REPORT_DEFINITIONS[wanted]
        days = "-".join(str(day) for day in period.values() if day)
        response = StreamingHttpResponse(
            csv_lines(rows_as_text(rows(**period)), columns),
            content_type="text/csv; charset=utf-8",
        )
        name = f"{wanted}-{days}.csv" if days else f"{wanted}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "private, no-store"
        return response
