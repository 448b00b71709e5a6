"""The guarded door to documents: publication is asked for each time."""

from django.http import FileResponse, Http404
from django.views import View

from ..models import Document
from .visibility import TombstoneMixin, visible_session

SHOWN_IN_BROWSER = {"application/pdf", "image/png", "image/jpeg"}


class DocumentView(TombstoneMixin, View):
    def get(self, request, slug, number, filename):
        session = visible_session(request, slug)
        document = Document.objects.filter(session=session, number=number).exclude(file="").first()
        if document is None or document.filename != filename:
            raise Http404
        try:
            content = document.file.open("rb")
        except OSError as error:
            raise Http404 from error
        response = FileResponse(
            content,
            as_attachment=document.media_type not in SHOWN_IN_BROWSER,
            filename=document.filename,
            content_type=document.media_type or "application/octet-stream",
        )
        # Withdrawing a session must take effect at once, so no cache may keep its files.
        response["Cache-Control"] = "no-cache, private"
        return response
