"""oEmbed: what a page of another site shows of a session or of a moment of its recording.

Source: oEmbed 1.0. Nothing is framed; the answer is a quotation with its source.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404
from django.urls import Resolver404, resolve
from django.utils.html import format_html

from sessions_app.formats import citations, reference_styles
from sessions_app.formats.json import absolute_url
from sessions_app.models import Session
from sessions_app.visibility import WithdrawnError, current_slug_of_renamed, visible_session

from .cards import CARD_HEIGHT, CARD_WIDTH, card_url_path

MIN_REQUESTED_PIXELS, MAX_REQUESTED_PIXELS = 200, 10_000  # pixels that a client may request
SUGGESTED_WIDTH, SUGGESTED_HEIGHT = 600, 220

_embeddable: dict[str, Callable] = {}


def register_embed(route: str):
    """Register what an address shows: `function(path arguments, fragment, site)` → answer."""

    def register(function):
        _embeddable[route] = function
        return function

    return register


def oembed_response(address: str, site) -> dict:
    """Return the oEmbed response for a URL of this site. Raises Http404 if there is none."""
    try:
        parts, own = urlsplit(address), urlsplit(settings.SITE_URL)
        if parts.scheme not in ("http", "https") or parts.netloc.lower() != own.netloc.lower():
            raise Http404
        match = resolve(parts.path)
    except (ValueError, Resolver404) as error:
        raise Http404 from error
    if (embed := _embeddable.get(match.view_name)) is None:
        raise Http404
    try:
        slug = match.kwargs["slug"]
        current = {**match.kwargs, "slug": current_slug_of_renamed(slug) or slug}
        return embed(current, parts.fragment, site)
    except WithdrawnError as error:
        raise Http404 from error


def rich_response(
    session: Session, site, *, title: str, path: str, citation: citations.Citation
) -> dict:
    """Return the answer that shows one page of a session, cited as `citation`."""
    url = absolute_url(path)
    answer = {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": site.name,
        "provider_url": absolute_url("/"),
        "url": url,
        "html": format_html(
            '<blockquote><p><a href="{}">{}</a></p><footer>{}</footer></blockquote>',
            url,
            title,
            reference_styles.plain_text_reference(citation),
        ),
        "width": SUGGESTED_WIDTH,
        "height": SUGGESTED_HEIGHT,
        "thumbnail_url": absolute_url(card_url_path(session, site.name)),
        "thumbnail_width": CARD_WIDTH,
        "thumbnail_height": CARD_HEIGHT,
    }
    if names := ", ".join(author.in_reading_order for author in citation.authors):
        answer["author_name"] = names
    return answer


def fit_to_requested_size(answer: dict, max_width: int | None, max_height: int | None) -> dict:
    """Return the response within the requested size; a picture that does not fit is left out."""
    largest = {"width": max_width, "height": max_height}
    sizes = {name: min(answer[name], most) for name, most in largest.items() if most}
    fits = all(not most or answer[f"thumbnail_{name}"] <= most for name, most in largest.items())
    kept = (
        answer
        if fits
        else {name: value for name, value in answer.items() if not name.startswith("thumbnail_")}
    )
    return {**kept, **sizes}


@register_embed("sessions:detail")
def session_embed(arguments: dict, fragment: str, site) -> dict:
    sessions = Session.objects.with_speakers().prefetch_related("topics")
    session = visible_session(None, arguments["slug"], sessions)
    citation = citations.citation_of_session(session, site.name)
    return rich_response(
        session, site, title=session.title, path=session.get_absolute_url(), citation=citation
    )
