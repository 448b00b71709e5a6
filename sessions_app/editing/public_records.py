"""Which records are or were public, for the rule of `site_app.permissions`.

A session is once it was published, scheduled or not, and stays so when it is withdrawn or set
back. What it names is shown with it: people, organisations, topics, series and regions.
"""

from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext_lazy

from sessions_app.catalogue.topic_tree import self_and_ancestor_keys_by_topic
from sessions_app.editing.comments import APPROVE_COMMENTS_PERMISSION
from sessions_app.editing.publishing import UNPUBLISHED_STATUSES
from sessions_app.models import (
    Appearance,
    Comment,
    Document,
    Recommendation,
    Region,
    Series,
    Session,
    Topic,
    TopicAlias,
)
from site_app.permissions import register_protection
from speakers_app.models import Organisation, OrganisationAlias, Speaker, SpeakerAlias

PAST_OR_PRESENT_PUBLIC_STATUSES = (Session.Status.PUBLISHED, Session.Status.WITHDRAWN)


def is_or_was_public_condition(path: str = "") -> Q:
    """Return the condition that a session is or was public, or waits for its time.

    `path` leads to it, such as "session__".
    """
    return Q(**{f"{path}status__in": PAST_OR_PRESENT_PUBLIC_STATUSES}) | Q(
        **{f"{path}first_public_at__isnull": False}
    )


def is_protected_condition() -> Q:
    """Return the condition under which only publishers change a session, including the bin."""
    return is_or_was_public_condition() | Q(status=Session.Status.BINNED)


def _protected_session_keys(keys: Collection[int]) -> set[int]:
    return set(
        Session.objects.order_by()
        .filter(is_protected_condition(), pk__in=keys)
        .values_list("pk", flat=True)
    )


def _public_speaker_keys(keys):
    rows = Appearance.objects.order_by().filter(
        is_or_was_public_condition("session__"), speaker__in=keys
    )
    return set(rows.values_list("speaker", flat=True))


def _public_organisation_keys(keys):
    """Return those that spoke at a public session, or are named above one that did."""
    wanted, level = {key: {key} for key in keys}, set(keys)
    while level:  # downwards; `below`: organisation → the wanted ones above it
        parts = Organisation.objects.order_by().filter(parent__in=level)
        rows = parts.exclude(pk__in=wanted).values_list("pk", "parent")
        below: dict[int, set[int]] = {}
        for key, parent in rows:
            below.setdefault(key, set()).update(wanted[parent])
        wanted |= below
        level = set(below)
    rows = Appearance.objects.order_by().filter(is_or_was_public_condition("session__"))
    shown = {*rows.filter(organisation__in=wanted).values_list("organisation", flat=True)}
    further = Appearance.further_organisations.through.objects.filter(
        is_or_was_public_condition("appearance__session__"), organisation__in=wanted
    )
    shown |= {*further.values_list("organisation", flat=True)}
    return set().union(*(wanted[key] for key in shown)) & set(keys)


def _public_topic_keys(keys):
    """Return those that a public session or its advice has, and all that are above those."""
    links = Session.topics.through.objects.filter(is_or_was_public_condition("session__"))
    advice = Recommendation.topics.through.objects.filter(
        is_or_was_public_condition("recommendation__session__")
    )
    used = {*links.values_list("topic", flat=True), *advice.values_list("topic", flat=True)}
    paths = self_and_ancestor_keys_by_topic()
    return set().union(*(paths.get(topic, ()) for topic in used)) & set(keys)


def _public_series_keys(keys):
    rows = Session.objects.order_by().filter(is_or_was_public_condition(), series__in=keys)
    return set(rows.values_list("series", flat=True))


def _public_region_keys(keys):
    links = Session.regions.through.objects.filter(
        is_or_was_public_condition("session__"), region__in=keys
    )
    return set(links.values_list("region", flat=True))


def _is_protected_session(session: Session) -> bool:
    """The rule of `is_protected_condition()` for one record, as it was last loaded or saved."""
    return (
        session._stored_status not in UNPUBLISHED_STATUSES or session.first_public_at is not None
    )


register_protection(Session, public_keys=_protected_session_keys, is_public=_is_protected_session)
for _part in (Appearance, Recommendation, Document):
    register_protection(_part, owner_field="session")
register_protection(
    Comment,
    owner_field="session",
    may_change_public=lambda user: user.has_perm(APPROVE_COMMENTS_PERMISSION),
    refusal_message=gettext_lazy(
        "“%(record)s” is or was public: only a person who may approve comments may change it."
    ),
)
register_protection(Speaker, public_keys=_public_speaker_keys)
register_protection(SpeakerAlias, owner_field="speaker")
register_protection(Organisation, public_keys=_public_organisation_keys)
register_protection(OrganisationAlias, owner_field="organisation")
register_protection(Topic, public_keys=_public_topic_keys)
register_protection(TopicAlias, owner_field="topic")
register_protection(Series, public_keys=_public_series_keys)
register_protection(Region, public_keys=_public_region_keys)
