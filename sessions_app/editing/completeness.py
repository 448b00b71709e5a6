"""What a session can lack: {name: (words, condition)}. For the admin's filter and worklists."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy

from sessions_app.models import Appearance, Session

_APPEARANCES_OF_SESSION = Appearance.objects.order_by().filter(session=OuterRef("pk"))
_TOPIC_LINKS_OF_SESSION = Session.topics.through.objects.filter(session=OuterRef("pk"))

# A subquery reads only the rows of one session; a join would read every appearance in the archive.
LABELS_AND_CONDITIONS_OF_GAPS = {
    "date": (gettext_lazy("No date"), Q(held_on=None)),
    "speakers": (gettext_lazy("No speakers"), ~Q(Exists(_APPEARANCES_OF_SESSION))),
    "summary": (gettext_lazy("No summary"), Q(summary="")),
    "topics": (gettext_lazy("No topics"), ~Q(Exists(_TOPIC_LINKS_OF_SESSION))),
    "series": (gettext_lazy("No series"), Q(series=None)),
    "remains": (gettext_lazy("Import left something unresolved"), ~Q(import_remains=[])),
}
