"""RSS and Atom of any list, and of comments: the newest 50 by date of publication.

Entries are known by an id made of what is stored (RFC 4122), never by an address: a session that
is renamed, or a site that moves, makes no entry new.
"""

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.views import View

from sessions_app.catalogue.authorities import AUTHORITIES, public_entries
from sessions_app.catalogue.filters import RecommendationFilter, SessionFilter
from sessions_app.catalogue.list_kinds import RECOMMENDATIONS, SESSIONS
from sessions_app.catalogue.results import sort_by_keys
from sessions_app.visibility import (
    TombstoneMixin,
    commenting_in_force,
    visible_comments,
    visible_session,
)
from site_app.http.problem_details import invalid_parameters_response
from site_app.models import Commenting, SiteSettings

from . import feed_entries
from .json import absolute_url, remove_invalid_xml_characters

MAX_ENTRIES = 50
INDEX_LAG_NOTE = (
    "The archive is taking in many changes; the newest may be missing here for a moment."
)
FEED_CLASS_BY_EXTENSION = {"rss": Rss201rev2Feed, "atom": Atom1Feed}


class ListFeedView(View):
    """The feed of a list's query string. Unusable values are refused, not left out."""

    kind = None

    def get(self, request, extension):
        return self.list_feed_response(request, extension)

    def list_feed_response(self, request, extension, heading="", **fixed):
        result_list = self.kind.result_list(
            request.GET,
            fixed=fixed,
            with_facets=False,
            only_iso_dates=True,
            overrides={"sort": "published", "page": 1, "per_page": MAX_ENTRIES, "excerpts": False},
        )
        if not result_list.filterset.is_valid():
            return invalid_parameters_response(result_list.filterset.errors)
        name = (
            result_list.heading_with_query(heading, besides=heading.split(":")[0])
            if heading
            else result_list.name
        )
        keys = result_list.hits.keys
        feed = create_feed(
            request, extension, name, note=INDEX_LAG_NOTE if result_list.hits.stale else ""
        )
        records = self.with_data_of_entries(self.kind.published().filter(pk__in=keys))
        for record in sort_by_keys(records, keys):
            add_entry(feed, **self.entry_of_record(record))
        return feed_response(feed)

    def with_data_of_entries(self, records):
        """Add what an entry shows."""
        raise NotImplementedError

    def entry_of_record(self, record) -> dict:
        raise NotImplementedError


class SessionFeedView(ListFeedView):
    """Sessions; `parameter` fixes one of the filters (an entry page's feed)."""

    kind = SESSIONS
    query_parameters = SessionFilter.parameter_names()
    parameter = ""

    def get(self, request, extension, slug=""):
        if not self.parameter:
            return super().get(request, extension)
        kind = AUTHORITIES[self.parameter]
        entry = public_entries(kind.model).filter(slug=slug).first()
        if entry is None:
            raise Http404
        return self.list_feed_response(
            request, extension, f"{kind.label}: {entry}", **{self.parameter: slug}
        )

    def with_data_of_entries(self, records):
        return records.with_speakers().prefetch_related("topics")

    def entry_of_record(self, session):
        return feed_entries.session_entry(session)


class RecommendationFeedView(ListFeedView):
    kind = RECOMMENDATIONS
    query_parameters = RecommendationFilter.parameter_names()

    def with_data_of_entries(self, records):
        return records.for_cards()

    def entry_of_record(self, advice):
        return feed_entries.recommendation_entry(advice)


class CommentFeedView(TombstoneMixin, View):
    """The newest comments that were approved: of one session, or of all."""

    def get(self, request, extension, slug=None):
        site = SiteSettings.load()
        if site.commenting == Commenting.OFF:
            raise Http404
        comments = visible_comments(site)
        heading = "Comments"
        if slug:
            session = visible_session(None, slug)
            if commenting_in_force(session, site) == Commenting.OFF:
                raise Http404
            comments = comments.filter(session=session)
            heading = f"Comments on {session.title}"
        link = session.get_absolute_url() if slug else reverse("sessions:list")
        feed = create_feed(request, extension, heading, link=absolute_url(link))
        for comment in (
            comments.newest_first().select_related("session").defer("email")[:MAX_ENTRIES]
        ):
            add_entry(feed, **feed_entries.comment_entry(comment))
        return feed_response(feed)


def create_feed(request, extension, heading, *, link="", note=""):
    """Return an empty feed, described by the archive's tagline or a `note` of its own.

    `link` is the page it belongs to: by itself the one it lies below.
    """
    site = SiteSettings.load()
    address = absolute_url(request.get_full_path())
    return FEED_CLASS_BY_EXTENSION[extension](
        title=remove_invalid_xml_characters(f"{heading} – {site.name}"),
        link=link or address.replace(f"feed.{extension}", "", 1),
        # For RSS.
        description=remove_invalid_xml_characters(note or site.tagline or f"New in {site.name}"),
        subtitle=note or None,  # for Atom
        language="en",
        feed_url=address,
    )


def add_entry(feed, **fields):
    """Add the elements of one record to the feed."""
    fields = {name: without_invalid_xml(value) for name, value in fields.items()}
    feed.add_item(**fields, unique_id_is_permalink=False)


def without_invalid_xml(value):
    """Return a text, or a list of texts, without the characters not allowed in XML."""
    if isinstance(value, str):
        return remove_invalid_xml_characters(value)
    return list(map(without_invalid_xml, value)) if isinstance(value, list | tuple) else value


def feed_response(feed):
    response = HttpResponse(content_type=feed.content_type)
    feed.write(response, "utf-8")
    response["X-Robots-Tag"] = "noindex"
    return response
