"""Sessions for a reader's own calendar."""

from django.http import Http404, HttpResponse
from django.views import View

from sessions_app.formats import ical
from sessions_app.visibility import TombstoneMixin, visible_session
from site_app.models import SiteSettings

from ..models import Session


class CalendarView(TombstoneMixin, View):
    """One dated session; without a slug, all that are still to come."""

    def get(self, request, slug=None):
        sessions = Session.objects.with_speakers().prefetch_related("topics")
        name = SiteSettings.load().name
        if slug:
            session = visible_session(request, slug, sessions)
            if session.held_on is None:
                raise Http404
            chosen, filename = [session], session.slug
        else:
            chosen, filename = sessions.published().upcoming(), "upcoming"
        text = ical.calendar_of_sessions(chosen, name=name)
        response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{filename}.ics"'
        response["X-Robots-Tag"] = "noindex"
        return response
