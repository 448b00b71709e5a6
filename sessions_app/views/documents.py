"""Delivery of documents; each request checks whether they are public."""

from django.http import FileResponse, Http404, HttpResponse
from django.utils.http import content_disposition_header
from django.views import View

from sessions_app.formats.head import Link
from sessions_app.formats.json import absolute_url
from sessions_app.visibility import TombstoneMixin, visible_session
from site_app.http.private_files import x_accel_redirect_value

from ..models import Document

INLINE_MEDIA_TYPES = {"application/pdf", "image/png", "image/jpeg"}


class DocumentView(TombstoneMixin, View):
    def get(self, request, slug, number, filename):
        session = visible_session(request, slug)
        document = Document.objects.filter(session=session, number=number).exclude(file="").first()
        if document is None or document.filename != filename:
            raise Http404
        response = self.file_response(document)
        # A withdrawal must take effect at once, so no cache may store these files.
        response["Cache-Control"] = "no-cache, private"
        page = absolute_url(session.get_absolute_url())
        response["Link"] = Link("collection", page, "text/html").as_header()
        return response

    def file_response(self, document):
        is_attachment = document.media_type not in INLINE_MEDIA_TYPES
        media_type = document.media_type or "application/octet-stream"
        try:
            content = document.file.open("rb")
        except OSError as error:
            raise Http404 from error
        address = x_accel_redirect_value(document.file.name)
        if address is None:
            return FileResponse(
                content,
                as_attachment=is_attachment,
                filename=document.filename,
                content_type=media_type,
            )
        content.close()
        response = HttpResponse(content_type=media_type)
        disposition = content_disposition_header(is_attachment, document.filename)
        response["Content-Disposition"] = disposition
        response["X-Accel-Redirect"] = address
        return response
