"""RSS and Atom of any list, and of comments: the newest 50 by date of publication."""

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.html import linebreaks
from django.views import View

from search_app.room import search
from site_app.models import Commenting, SiteSettings

from .comments import commenting_on, shown_comments
from .entries import KINDS, public, renamed
from .filters import SessionFilter
from .lists import in_order
from .models import Session
from .problems import problem
from .representations import absolute
from .views.visibility import TombstoneMixin, visible_session

NEWEST = 50
GENERATORS = {"rss": Rss201rev2Feed, "atom": Atom1Feed}


class SessionFeedView(View):
    """The feed of a query string; `parameter` fixes one of its filters (an entry page's feed)."""

    parameter = ""

    def get(self, request, extension, slug=""):
        query = request.GET.copy()
        heading = "Sessions"
        if self.parameter:
            kind = KINDS[self.parameter]
            entry = public(kind.model).filter(slug=slug).first()
            if entry is None:
                raise Http404
            query[self.parameter] = slug
            heading = f"{kind.label}: {entry}"
        filterset = SessionFilter(query)
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
        sessions = Session.objects.published().filter(pk__in=keys).with_speakers()
        if text := filterset.chosen("q"):
            heading = f"{heading} with “{text}”"
        feed = new_feed(request, extension, heading)
        for session in in_order(sessions.prefetch_related("topics"), keys):
            address = absolute(session.get_absolute_url())
            feed.add_item(
                title=session.title,
                link=address,
                description=session.summary_text[:1000],
                unique_id=address,
                pubdate=session.published_at,
                updateddate=session.updated_at,
                author_name=", ".join(
                    appearance.speaker.name for appearance in session.appearances.all()
                )
                or None,
                categories=[topic.name for topic in session.topics.all()],
            )
        return written(feed)


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
            address = absolute(comment.get_absolute_url())
            feed.add_item(
                title=f"{comment.name} on {comment.session.title}",
                link=address,
                description=linebreaks(comment.body, autoescape=True),
                unique_id=address,
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
        title=f"{heading} – {site.name}",
        link=link or address.replace(f"feed.{extension}", ""),
        description=site.tagline or f"New in {site.name}",
        language="en",
        feed_url=address,
    )


def written(feed):
    response = HttpResponse(content_type=feed.content_type)
    feed.write(response, "utf-8")
    response["X-Robots-Tag"] = "noindex"
    return response
