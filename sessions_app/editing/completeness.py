"""What a session can lack: {name: (words, condition)}. The admin's filter and the desk ask by it."""

from django.db.models import Exists, OuterRef, Q

from sessions_app.models import Appearance, Session

_APPEARANCES = Appearance.objects.order_by().filter(session=OuterRef("pk"))
_TOPICS = Session.topics.through.objects.filter(session=OuterRef("pk"))

# Each session is asked by its own rows; a join would meet every appearance of the archive.
LACKING = {
    "date": ("No date", Q(held_on=None)),
    "speakers": ("No speakers", ~Q(Exists(_APPEARANCES))),
    "summary": ("No summary", Q(summary="")),
    "topics": ("No topics", ~Q(Exists(_TOPICS))),
    "series": ("No series", Q(series=None)),
    "remains": ("Import left something over", ~Q(import_remains=[])),
}
