"""Views for programs linked from a session's page: its card, its link set, oEmbed."""

import json

from django.http import Http404, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View

from sessions_app.models import Session
from sessions_app.visibility import TombstoneMixin, visible_session
from site_app.http.generated_files import limit_concurrent_files
from site_app.http.problem_details import invalid_parameters_response, problem_response
from site_app.models import SiteSettings
from site_app.text.numbers import parse_whole_number

from .cards import cached_card_png, card_content
from .oembed import (
    MAX_REQUESTED_PIXELS,
    MIN_REQUESTED_PIXELS,
    fit_to_requested_size,
    oembed_response,
)
from .session_head import LINKSET_TYPE, linkset_json


class SessionCardView(TombstoneMixin, View):
    """The card image of a public session, always the current one."""

    @method_decorator(limit_concurrent_files)
    def get(self, request, slug):
        session = visible_session(None, slug, Session.objects.with_speakers())
        card = card_content(session, SiteSettings.load().name)
        return HttpResponse(cached_card_png(card), content_type="image/png")


class LinksetView(TombstoneMixin, View):
    """Every link of a session's page, as RFC 9264 has them."""

    def get(self, request, slug):
        sessions = Session.objects.with_speakers().prefetch_related("documents")
        session = visible_session(None, slug, sessions)
        for document in session.documents.all():
            document.session = session  # its URL needs the slug of the session; saves a query
        text = json.dumps(linkset_json(session), ensure_ascii=False, indent=1)
        headers = {"X-Robots-Tag": "noindex"}
        return HttpResponse(text, content_type=LINKSET_TYPE, headers=headers)


class OEmbedView(View):
    """What other sites may show of an address of this one."""

    query_parameters = frozenset({"url", "format", "maxwidth", "maxheight"})

    def get(self, request):
        if not (address := request.GET.get("url", "")):
            return invalid_parameters_response({"url": ["Give the address of a session."]})
        if request.GET.get("format", "json") != "json":
            return problem_response(501, "Answers are given as JSON only: leave format out.")
        sizes = []
        for name in ("maxwidth", "maxheight"):
            value = request.GET.get(name, "")
            size = (
                parse_whole_number(
                    value, minimum=MIN_REQUESTED_PIXELS, maximum=MAX_REQUESTED_PIXELS
                )
                if value
                else None
            )
            if value and size is None:
                return invalid_parameters_response(
                    {
                        name: [
                            f"Give a number of pixels from {MIN_REQUESTED_PIXELS} to {MAX_REQUESTED_PIXELS}."
                        ]
                    }
                )
            sizes.append(size)
        try:
            answer = oembed_response(address, SiteSettings.load())
        except Http404:
            return problem_response(
                404, "There is no public session or recording at this address."
            )
        response = JsonResponse(
            fit_to_requested_size(answer, *sizes), json_dumps_params={"ensure_ascii": False}
        )
        response["X-Robots-Tag"] = "noindex"
        return response
