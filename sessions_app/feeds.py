"""RSS and Atom of any list, and of comments: the newest 50 by date of publication."""

from textwrap import shorten

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.html import linebreaks
from django.views import View

from search_app.room import search
from site_app.models import Commenting, SiteSettings

from .comments import commenting_on, shown_comments
from .entries import KINDS, public, renamed
from .filters import RecommendationFilter, SessionFilter
from .lists import in_order
from .models import Recommendation, Session
from .problems import problem
from .representations import absolute, xml_text
from .views.visibility import TombstoneMixin, visible_session

NEWEST = 50
GENERATORS = {"rss": Rss201rev2Feed, "atom": Atom1Feed}


class ListFeedView(View):
    """The feed of a list's query string. Unusable values are refused, not left out."""

    filterset_class = None
    heading = ""

    def get(self, request, extension):
        return self.feed(request, extension, request.GET, self.heading)

    def feed(self, request, extension, query, heading):
        filterset = self.filterset_class(query, only_iso_dates=True)
        if not filterset.is_valid():
            return problem(filterset.errors)
        criteria = filterset.criteria(
            successors=renamed(filterset.chosen_values()),
            sort="published",
            page=1,
            per_page=NEWEST,
            excerpts=False,
        )
        keys = search(criteria).keys
        if text := filterset.chosen("q"):
            heading = f"{heading} with “{text}”"
        feed = new_feed(request, extension, heading)
        for record in in_order(self.records(keys), keys):
            add_item(feed, **self.item(record))
        return written(feed)

    def records(self, keys):
        raise NotImplementedError

    def item(self, record) -> dict:
        raise NotImplementedError


class SessionFeedView(ListFeedView):
    """Sessions; `parameter` fixes one of the filters (an entry page's feed)."""

    filterset_class = SessionFilter
    heading = "Sessions"
    parameter = ""

    def get(self, request, extension, slug=""):
        if not self.parameter:
            return super().get(request, extension)
        kind = KINDS[self.parameter]
        entry = public(kind.model).filter(slug=slug).first()
        if entry is None:
            raise Http404
        query = request.GET.copy()
        query[self.parameter] = slug
        return self.feed(request, extension, query, f"{kind.label}: {entry}")

    def records(self, keys):
        found = Session.objects.published().filter(pk__in=keys)
        return found.with_speakers().prefetch_related("topics")

    def item(self, session):
        return {
            "title": session.title,
            "link": absolute(session.get_absolute_url()),
            "description": session.summary_text[:1000],
            "pubdate": session.published_at,
            "updateddate": session.updated_at,
            "author_name": names(session.appearances.all()),
            "categories": [topic.name for topic in session.topics.all()],
        }


class RecommendationFeedView(ListFeedView):
    filterset_class = RecommendationFilter
    heading = "Recommendations"

    def records(self, keys):
        return Recommendation.objects.published().filter(pk__in=keys).for_cards()

    def item(self, advice):
        session = advice.session
        return {
            "title": shorten(advice.text, 120, placeholder=" …"),
            "link": absolute(advice.get_absolute_url()),
            "description": f"{advice.text} ({session.title})",
            "pubdate": session.published_at,
            "updateddate": session.updated_at,
            "author_name": names(advice.made_by.all()),
            "categories": [advice.audience] if advice.audience else [],
        }


def names(appearances) -> str | None:
    return ", ".join(appearance.speaker.name for appearance in appearances) or None


class CommentFeedView(TombstoneMixin, View):
    """The newest comments that were approved: of one session, or of all."""

    def get(self, request, extension, slug=None):
        site = SiteSettings.load()
        if site.commenting == Commenting.OFF:
            raise Http404
        comments = shown_comments(site)
        heading = "Comments"
        if slug:
            session = visible_session(None, slug)
            if commenting_on(session, site) == Commenting.OFF:
                raise Http404
            comments = comments.filter(session=session)
            heading = f"Comments on {session.title}"
        link = session.get_absolute_url() if slug else reverse("sessions:list")
        feed = new_feed(request, extension, heading, link=absolute(link))
        for comment in comments.newest().select_related("session").defer("email")[:NEWEST]:
            add_item(
                feed,
                title=f"{comment.name} on {comment.session.title}",
                link=absolute(comment.get_absolute_url()),
                description=linebreaks(comment.body, autoescape=True),
                pubdate=comment.public_since,
                updateddate=comment.public_since,
                author_name=comment.name,
            )
        return written(feed)


def new_feed(request, extension, heading, *, link=""):
    """Return an empty feed; `link` is the page it belongs to: by itself the one it lies below."""
    site = SiteSettings.load()
    address = absolute(request.get_full_path())
    return GENERATORS[extension](
        title=xml_text(f"{heading} – {site.name}"),
        link=link or address.replace(f"feed.{extension}", ""),
        description=site.tagline or f"New in {site.name}",
        language="en",
        feed_url=address,
    )


def add_item(feed, **fields):
    """Add what the feed tells of one record; its address is also what it is known by."""
    texts = {name: xml_text(each) for name, each in fields.items() if isinstance(each, str)}
    feed.add_item(**{**fields, **texts, "unique_id": fields["link"]})


def written(feed):
    response = HttpResponse(content_type=feed.content_type)
    feed.write(response, "utf-8")
    response["X-Robots-Tag"] = "noindex"
    return response
