"""Makes every error response below /api/ a problem document. Source: RFC 9457."""

from http import HTTPStatus

from django.conf import settings

from site_app.http.problem_details import PROBLEM_CONTENT_TYPE, problem_response
from site_app.http.refusals import without_django_log_line

API_PATH_PREFIX = "/api/"
DETAIL_OF_STATUS = {
    400: "The request could not be understood.",
    403: "This address is not open to you.",
    404: "There is nothing at this address; /api/v1/ names the lists.",
    405: "The API is read-only; the header Allow names the methods of this address.",
    406: "This address answers application/json alone; ask for it, or leave the header Accept out.",
    413: "The request is too large; the API takes no content.",
    429: "There were too many requests; the header Retry-After says when to try again.",
    500: "Something went wrong here. It has been noted; please try again later.",
    503: "The archive is busy; please try again in a moment.",
}
_HEADERS_OF_HTML_BODY = {"content-type", "content-length", "content-encoding", "etag"}


class ApiProblemMiddleware:
    """Turn error pages of Django or other middleware into problem documents."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        status = response.status_code
        if not request.path_info.startswith(API_PATH_PREFIX) or status < 400:
            return response
        if response.get("Content-Type") == PROBLEM_CONTENT_TYPE or (
            settings.DEBUG and status == 500
        ):
            return response
        problem = problem_response(status, detail_of(status))
        for name, value in response.items():
            if name.lower() not in _HEADERS_OF_HTML_BODY:
                problem[name] = value
        problem.cookies = response.cookies
        # Closed together with the problem: closing it here would end the request and its database
        # connection.
        problem._resource_closers.extend(response._resource_closers)
        return without_django_log_line(problem, like=response)


def detail_of(status: int) -> str:
    """Return a sentence on what a status means, and what to do."""
    return DETAIL_OF_STATUS.get(status) or f"{HTTPStatus(status).phrase}."
