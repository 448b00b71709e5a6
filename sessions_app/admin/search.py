"""Search of the admin's list of sessions: drafts too, so the database answers."""

from django.db.models import Q, QuerySet

from site_app.name_search import name_contains, typed_words
from speakers_app.models import Organisation, Speaker

from ..models import Appearance, Session, Topic


def matching(sessions: QuerySet[Session], text: str) -> QuerySet[Session]:
    """Return the sessions in which each word of `text` stands somewhere; no session twice.

    Names are looked up in sub-queries: joins over five tables would multiply the rows.
    """
    for word in typed_words(text).words:
        sessions = sessions.filter(_condition(word))
    return sessions


def _condition(word: str) -> Q:
    speakers = Speaker.objects.filter(
        name_contains(Speaker, ("family_name", "given_name", "aliases__name"), word)
    )
    organisations = Organisation.objects.filter(
        name_contains(Organisation, ("name", "aliases__name"), word) | Q(abbreviation__iexact=word)
    )
    appearances = Appearance.objects.filter(
        Q(speaker__in=speakers.order_by().values("pk"))
        | Q(organisation__in=organisations.order_by().values("pk"))
    )
    topics = Topic.objects.filter(name_contains(Topic, ("name", "aliases__name"), word))
    through = Session.topics.through.objects.filter(topic__in=topics.order_by().values("pk"))
    return (
        Q(title__icontains=word)
        | Q(slug=word.rstrip("/").rsplit("/", 1)[-1])
        | Q(import_ref=word)
        | Q(series__name__icontains=word)
        | Q(pk__in=appearances.order_by().values("session"))
        | Q(pk__in=through.values("session"))
    )
