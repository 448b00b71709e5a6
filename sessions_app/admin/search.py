"""Search of the admin's list of sessions: drafts too, so the database answers."""

from django.db.models import Q, QuerySet

from site_app.text.name_search import any_field_contains, filter_by_each_word, parse_typed_words
from speakers_app.models import Organisation, Speaker

from ..models import Appearance, Session, Topic


def search_sessions(sessions: QuerySet[Session], text: str) -> QuerySet[Session]:
    """Return the sessions that contain each word of `text`; no session twice.

    An address or an import reference finds its session. Names are looked up in sub-queries: joins
    over five tables would multiply the rows.
    """
    typed = parse_typed_words(text)
    if not typed.text:
        return sessions
    by_words = filter_by_each_word(
        sessions, typed, _contains_word_condition, _speaker_name_condition
    )
    exact = Q(slug=typed.text.rstrip("/").rsplit("/", 1)[-1]) | Q(import_ref=typed.text)
    return sessions.filter(exact | Q(pk__in=by_words.order_by().values("pk")))


def _contains_word_condition(word: str) -> Q:
    organisations = Organisation.objects.filter(
        any_field_contains(Organisation, ("name", "aliases__name"), word)
        | Q(abbreviation__iexact=word)
    )
    appearances = Appearance.objects.filter(organisation__in=organisations.order_by().values("pk"))
    topics = Topic.objects.filter(any_field_contains(Topic, ("name", "aliases__name"), word))
    through = Session.topics.through.objects.filter(topic__in=topics.order_by().values("pk"))
    return (
        any_field_contains(Session, ("title", "series__name"), word)
        | _speaker_name_condition(word)
        | Q(pk__in=appearances.order_by().values("session"))
        | Q(pk__in=through.values("session"))
    )


def _speaker_name_condition(word: str) -> Q:
    fields = ("family_name", "given_name", "aliases__name")
    speakers = Speaker.objects.filter(any_field_contains(Speaker, fields, word))
    appearances = Appearance.objects.filter(speaker__in=speakers.order_by().values("pk"))
    return Q(pk__in=appearances.order_by().values("session"))
