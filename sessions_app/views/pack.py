"""The evidence pack: its page, and what a reader takes away of it."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.generic import TemplateView

from sessions_app.formats import exports
from sessions_app.formats.reference_styles import STYLES
from sessions_app.selection import evidence_pack, pack_documents
from sessions_app.selection.comparison_table import MAX_COLUMNS
from site_app.http.generated_files import limit_concurrent_files
from site_app.http.problem_details import invalid_parameters_response
from site_app.text.slugs import slug_from_text

MAX_TITLE_CHARACTERS_IN_FILENAME = 60  # characters of the pack's title in a file name


class PackView(TemplateView):
    template_name = "sessions_app/pack.html"

    def get(self, request, *args, **kwargs):
        self.pack = evidence_pack.Pack(request.GET)
        # Redirect to a URL without positions, unless the URL is too long or a message must be
        # shown.
        if self.pack.is_update and not (self.pack.is_url_too_long or self.pack.errors):
            return mark_private_response(redirect(self.pack.url))
        return mark_private_response(super().get(request, *args, **kwargs))

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            pack=self.pack,
            limits=evidence_pack,
            styles=STYLES,
            most_side_by_side=MAX_COLUMNS,
            report_path=self.request.path,
            **kwargs,
        )


class PackFileView(View):
    """A pack as a file. Unusable values are refused, not left out."""

    filename = "evidence-pack"
    extension = ""
    media_type = ""

    def file_content(self, request, chosen: evidence_pack.Pack):
        raise NotImplementedError

    @method_decorator(limit_concurrent_files)
    def get(self, request):
        chosen = evidence_pack.Pack(request.GET)
        if chosen.errors:
            return mark_private_response(invalid_parameters_response(chosen.errors))
        response = HttpResponse(self.file_content(request, chosen), content_type=self.media_type)
        title = slug_from_text(chosen.title, "")[:MAX_TITLE_CHARACTERS_IN_FILENAME].strip("-")
        parts = [self.filename, title, f"{timezone.localdate():%Y-%m-%d}"]
        name = "-".join(filter(None, parts))
        response["Content-Disposition"] = f'attachment; filename="{name}.{self.extension}"'
        return mark_private_response(response)


class PackDocumentView(PackFileView):
    extension = "html"
    media_type = "text/html; charset=utf-8"

    def file_content(self, request, chosen):
        context = {"pack": chosen, "today": timezone.localdate()}
        return render_to_string("sessions_app/pack_document.html", context, request)


class PackWordView(PackFileView):
    extension = "docx"
    media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

    def file_content(self, request, chosen):
        return pack_documents.pack_as_docx(chosen, timezone.localdate())


class PackMarkdownView(PackFileView):
    extension = "md"
    media_type = "text/markdown; charset=utf-8; variant=CommonMark"

    def file_content(self, request, chosen):
        return pack_documents.pack_as_markdown(chosen, timezone.localdate())


class PackReferencesView(PackFileView):
    extension = "ris"
    media_type = exports.RIS_MEDIA_TYPE

    def file_content(self, request, chosen):
        return chosen.ris_records()


class PackItemsView(PackFileView):
    extension = "csv"
    media_type = exports.CSV_MEDIA_TYPE

    def file_content(self, request, chosen):
        return chosen.csv_lines()


def mark_private_response(response):
    """Mark a response with a reader's own notes: not for search engines or caches."""
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private, no-cache"
    return response
