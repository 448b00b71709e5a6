"""Every kind of public page, with a URL of the demonstration."""

from django.utils import timezone

from recordings_app.models import Recording
from sessions_app.models import Recommendation, Session

# {name}: a record of the demonstration, as returned by `records`.
PAGES = {
    "front": "/",
    "front in French": "/?language=fr",
    "sessions": "/sessions/",
    "results": "/sessions/?q=warning&sort=relevance",
    "filtered": "/sessions/?q=port&topic={topic.slug}",
    "no results": "/sessions/?q=nothingofthekind",
    "filter with an error": "/sessions/?from=yesterdayish",
    "values of a facet": "/sessions/facets/topic/",
    "session": "{session}",
    "session to come": "{to_come}",
    "session right to left": "{right_to_left}",
    "recommendations": "/recommendations/?q=warning",
    "recommendation": "{advice}",
    "recurring advice": "/recommendations/recurring/",
    "speakers": "/speakers/",
    "speaker": "{speaker}",
    "organisations": "/organisations/",
    "organisation": "{organisation}",
    "topics": "/topics/",
    "topic": "{topic}",
    "all series": "/series/",
    "series": "{series}",
    "regions": "/regions/",
    "region": "{region}",
    "insights": "/insights/",
    "recording": "{recording}",
    "request": "{requestable}request-recording/",
    "lost link": "/requests/",
    "follow": "/alerts/new/?q=warning",
    "pack": "/pack/?item=session:{session.slug}&note=mine&item=recommendation:{advice.public_id}",
    "empty pack": "/pack/",
    "compare": "/compare/?item=session:{session.slug}&item=session:{to_come.slug}",
    "about": "/about/",
    "contact": "/contact/",
    "search help": "/help/search/",
    "API": "/api/docs/",
    "not found": "/sessions/nothing-of-the-kind/",
}


def records():
    """Return demonstration records that show everything their kind of page can show."""
    public = Session.objects.published()
    newest = public.filter(held_on__lte=timezone.localdate()).order_by("-held_on").first()
    appearance = newest.appearances.exclude(organisation=None).first()
    return {
        "session": newest,
        "to_come": public.order_by("-held_on").exclude(held_on=None).first(),
        "right_to_left": public.filter(language__in=("ar", "he", "fa", "ur")).first(),
        "advice": Recommendation.objects.filter(session=newest).first(),
        "speaker": appearance.speaker,
        "organisation": appearance.organisation,
        "topic": newest.topics.first(),
        "series": newest.series,
        "region": newest.regions.first(),
        "requestable": Recording.objects.requestable().first().session,
        "recording": Recording.objects.filter(session=newest, access="open").first(),
    }


class _Address:
    """In a URL, `{record}` is the URL of its page and `{record.slug}` its attribute."""

    def __init__(self, record):
        self._record = record

    def __getattr__(self, name):
        return getattr(self._record, name)

    def __str__(self):
        return self._record.get_absolute_url()


def address_of(page: str, records: dict) -> str:
    """Return the URL of a kind of page, or of one like those in PAGES."""
    return page.format_map({name: _Address(record) for name, record in records.items()})
