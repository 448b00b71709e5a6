"""RSS and Atom of any list: the newest 50 by date of publication."""

from django.http import Http404, HttpResponse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.views import View

from search_app.room import search
from site_app.models import SiteSettings

from .entries import KINDS, public, renamed
from .filters import SessionFilter
from .lists import in_order
from .models import Session
from .problems import problem
from .representations import absolute

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
        feed = self.feed(request, extension, heading, filterset.chosen("q"))
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
        response = HttpResponse(content_type=feed.content_type)
        feed.write(response, "utf-8")
        response["X-Robots-Tag"] = "noindex"
        return response

    def feed(self, request, extension, heading, text):
        site = SiteSettings.load()
        wanted = f"{heading} with “{text}”" if text else heading
        address = absolute(request.get_full_path())
        return GENERATORS[extension](
            title=f"{wanted} – {site.name}",
            link=address.replace(f"feed.{extension}", ""),
            description=site.tagline or f"New in {site.name}",
            language="en",
            feed_url=address,
        )
