"""The language of a response: the reader's choice, or else the browser's preference.

URLs do not depend on the language. What programs read (API, feeds, exports, citations) is always in
LANGUAGE_CODE.
"""

from django.conf import settings
from django.http import HttpResponseRedirect
from django.middleware import locale
from django.utils import translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from site_app.text.languages import language_tag

PATH_PREFIXES_FOR_PROGRAMS = ("/api/v1/", "/api/schema/", "/oai", "/oembed", "/healthz", "/readyz")
PATH_PREFIXES_OF_TRANSLATED_FILES = ("/pack/document.",)


def is_for_programs(path: str) -> bool:
    """Return whether the response at `path` is always in LANGUAGE_CODE: data, or a file."""
    is_file = "." in path.rpartition("/")[2] and not path.startswith(
        PATH_PREFIXES_OF_TRANSLATED_FILES
    )
    return is_file or path.startswith(PATH_PREFIXES_FOR_PROGRAMS)


def response_language(request) -> str:
    """Return the code of the language, one of LANGUAGES, in which to answer."""
    if is_for_programs(request.path_info):
        return settings.LANGUAGE_CODE
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if chosen in dict(settings.LANGUAGES):
        return chosen
    return translation.get_language_from_request(request)


class LocaleMiddleware(locale.LocaleMiddleware):
    """Answer in the reader's language, and restore the thread's language.

    It comes before the page cache, which is separate for each language.
    """

    def __call__(self, request):
        language = response_language(request)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        if not is_for_programs(request.path_info):
            patch_vary_headers(response, ["Accept-Language", "Cookie"])
            if response.get("Content-Type", "").startswith("text/html"):
                response.headers.setdefault("Content-Language", language_tag(language))
        return response


# A CSRF token would make every page with the language switch specific to a reader, so that it could
# not be cached. A forged form can change only the language of the pages.
@csrf_exempt
@require_POST
def choose_language(request):
    """Store the language that a reader chose in a cookie, and return to the page."""
    address = request.POST.get("next", "")
    is_ours = address.startswith("/") and url_has_allowed_host_and_scheme(address, None)
    response = HttpResponseRedirect(address if is_ours else "/")
    response.status_code = 303
    language = request.POST.get("language")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        )
    add_never_cache_headers(response)
    return response
