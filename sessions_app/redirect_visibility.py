"""What visitors may know of a page to which an old address leads: nothing if it is not public.

And where the addresses lead that every site of the old program had: its feeds, its archives by date.
"""

from django.urls import reverse

from sessions_app.catalogue.authorities import AUTHORITIES, AuthorityType, public_entries
from sessions_app.models.recommendations import split_public_id
from site_app.redirects.addresses import (
    PageVisibility,
    register_pattern_redirect,
    register_visibility_check,
)
from site_app.text.dates import UnreadableDateError, read_iso_period

from .models import Session
from .visibility import is_no_longer_public


@register_visibility_check("/sessions/")
def page_visibility_of_session(slug: str) -> PageVisibility:
    if Session.objects.published().filter(slug=slug).exists():
        return PageVisibility.PUBLIC
    if is_no_longer_public(slug):
        return PageVisibility.WITHDRAWN
    return (
        PageVisibility.HIDDEN
        if Session.objects.filter(slug=slug).exists()
        else PageVisibility.UNKNOWN
    )


@register_visibility_check("/recommendations/")
def page_visibility_of_recommendation(public_id: str) -> PageVisibility:
    if not (place := split_public_id(public_id)):
        return PageVisibility.PUBLIC  # a page about all of them
    return page_visibility_of_session(place[0])


def _page_visibility_function(kind: AuthorityType):
    def standing_of_entry(slug: str) -> PageVisibility:
        if public_entries(kind.model).filter(slug=slug).exists():
            return PageVisibility.PUBLIC
        is_there = kind.model.objects.filter(slug=slug).exists()
        return PageVisibility.HIDDEN if is_there else PageVisibility.UNKNOWN

    return standing_of_entry


for _kind in AUTHORITIES.values():
    register_visibility_check(_kind.prefix)(_page_visibility_function(_kind))


@register_pattern_redirect(
    r"/(?P<comments>comments/)?(?:feed/(?:(?P<kind>rss2?|rdf|atom)/)?|(?P<short>rss2?|rdf|atom)/)"
    r"|/(?:feed|rss|atom|index)\.xml"
    r"|/wp-(?P<file>rss2?|rdf|atom|feed|commentsrss2)\.php"
)
def feed_url_of_old_feed_path(match) -> str:
    is_of_comments = match["comments"] or match["file"] == "commentsrss2"
    kind = match["kind"] or match["short"] or match["file"]
    return reverse(
        "sessions:comments-feed" if is_of_comments else "sessions:feed",
        kwargs={"extension": "atom" if kind == "atom" else "rss"},
    )


@register_pattern_redirect(r"/(?P<year>\d{4})/(?:(?P<month>\d\d)/(?:(?P<day>\d\d)/)?)?")
def list_url_of_date_archive_path(match) -> str:
    """Return the list of the sessions held then, "" where there is no public one."""
    text = "-".join(filter(None, match.groups()))
    try:
        period = read_iso_period(text)
    except UnreadableDateError:
        return ""
    held = Session.objects.published().filter(held_on__range=(period.first, period.last))
    if not held.exists():
        return ""
    return f"{reverse('sessions:list')}?date_after={text}&date_before={text}"
