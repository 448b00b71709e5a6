"""The whole public archive as files, at addresses that stay."""

import base64
import hashlib

from django.core.files.storage import storages
from django.http import FileResponse, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException, NotFound
from rest_framework.views import APIView

from sessions_app.formats.bulk_files import Freshness, freshness_of
from sessions_app.formats.json import absolute_url, moment_json
from sessions_app.models import BulkFile
from site_app.http.content_negotiation import WhateverIsAccepted

from .serializers import BulkIndexSerializer

RETRY_AFTER_SECONDS = 60
INDEX_LAG_HEADER = "X-Index-Lag"


class FileBeingRebuilt(APIException):
    """The file must be rebuilt: it contains something that is no longer public."""

    status_code = 503
    default_detail = "The file is being rebuilt. Try again in a minute."
    default_code = "being_made"
    wait = RETRY_AFTER_SECONDS  # sent as the Retry-After header


def revalidated_response(request, answer):
    """Return a response that must be revalidated each time, or 304."""
    etag = quote_etag(hashlib.sha256(answer.content).hexdigest())
    answer["ETag"], answer["Cache-Control"] = etag, "no-cache"
    return get_conditional_response(request, etag=etag, response=answer)


class BulkIndexAPIView(APIView):
    @extend_schema(
        summary="Files of the whole archive", responses=BulkIndexSerializer, tags=["bulk"]
    )
    def get(self, request):
        files = list(BulkFile.objects.all())
        worth = freshness_of(files[0]) if files else Freshness.WITHDRAWN
        answer = JsonResponse(
            {
                "made_at": moment_json(files[0].made_at) if files else None,
                "is_current": worth is Freshness.CURRENT,
                "checksums": absolute_url(reverse("api:bulk-checksums")),
                "files": [
                    {
                        "name": file.name,
                        "url": absolute_url(reverse("api:bulk-file", args=[file.name])),
                        "sha256": file.sha256,
                        "byte_count": file.byte_count,
                        "record_count": file.record_count,
                    }
                    for file in files
                ],
            }
        )
        if files:
            answer["Last-Modified"] = http_date(files[0].made_at.timestamp())
        return revalidated_response(request, answer)


class BulkChecksumsAPIView(APIView):
    """The checksums as `sha256sum --check` reads them."""

    content_negotiation_class = WhateverIsAccepted

    @extend_schema(exclude=True)
    def get(self, request):
        lines = [f"{file.sha256}  {file.name}\n" for file in BulkFile.objects.all()]
        answer = HttpResponse("".join(lines), content_type="text/plain; charset=utf-8")
        return revalidated_response(request, answer)


class BulkFileAPIView(APIView):
    content_negotiation_class = WhateverIsAccepted

    @extend_schema(exclude=True)
    def get(self, request, name):
        file = BulkFile.objects.filter(name=name).first()
        if file is None:
            raise NotFound
        worth = freshness_of(file)
        if worth is Freshness.WITHDRAWN:
            raise FileBeingRebuilt
        etag = quote_etag(file.sha256)
        headers = {
            "ETag": etag,
            "Last-Modified": http_date(file.made_at.timestamp()),
            "Cache-Control": "no-cache",
            "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(file.sha256)).decode()}:",
        }
        if worth is Freshness.BEHIND:
            headers |= {INDEX_LAG_HEADER: "1", "Cache-Control": "no-store"}
        unconditional = HttpResponse()
        modified = int(file.made_at.timestamp())
        conditional = get_conditional_response(request, etag, modified, unconditional)
        if conditional is not unconditional:
            for header, value in headers.items():
                conditional[header] = value
            return conditional
        try:
            content = storages["private"].open(file.path)
        except OSError as error:
            raise FileBeingRebuilt from error
        response = FileResponse(
            content, as_attachment=True, filename=file.name, content_type="application/gzip"
        )
        for header, value in headers.items():
            response[header] = value
        return response
