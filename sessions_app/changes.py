"""Tell the search room what changed, in the same transaction as the change.

Signals cover what is saved record by record; bulk statements bypass signals and call
`touch_sessions` themselves.
"""

from collections.abc import Iterable
from functools import partial

from django.db.models import Q
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from django.dispatch import receiver
from django.utils import timezone

from search_app.changes import record
from speakers_app.models import Organisation, Speaker

from .models import Appearance, Comment, Document, Recommendation, Region, Series, Session, Topic
from .topics import descendants


def touch_sessions(session_ids: Iterable[int], *, in_feeds: bool = True) -> None:
    """Mark sessions as changed now: `updated_at`, and the index of them and their advice.

    `in_feeds` False: nothing changed that feeds show of them, so that no program shows them anew.
    """
    session_ids = list(session_ids)
    now = timezone.now()
    times = {"updated_at": now} | ({"entry_changed_at": now} if in_feeds else {})
    for start in range(0, len(session_ids), 500):
        chunk = session_ids[start : start + 500]
        Session.objects.filter(pk__in=chunk).update(**times)
        record_sessions(chunk)


def record_sessions(session_ids: list[int]) -> None:
    """Write to the change log that these sessions, and so their recommendations, changed."""
    record("session", session_ids)
    advice = Recommendation.objects.filter(session__in=session_ids)
    record("recommendation", list(advice.values_list("pk", flat=True)))


@receiver(post_save, sender=Session)
@receiver(pre_delete, sender=Session)
def session_changed(instance, raw=False, **kwargs):
    record_sessions([instance.pk])


@receiver(post_save, sender=Appearance)
@receiver(post_delete, sender=Appearance)
@receiver(post_save, sender=Document)
@receiver(post_delete, sender=Document)
@receiver(post_save, sender=Recommendation)
@receiver(post_delete, sender=Recommendation)
def part_changed(instance, **kwargs):
    touch_sessions([instance.session_id], in_feeds=isinstance(instance, Appearance))
    if isinstance(instance, Recommendation):
        record("recommendation", [instance.pk])  # after a deletion no query finds it any more


@receiver(post_save, sender=Comment)
@receiver(post_delete, sender=Comment)
def comment_changed(instance, **kwargs):
    """Make kept pages old if what readers see of comments changed.

    What waits or was rejected is on no page: robots must not be able to empty the cache.
    """
    shown = Comment.Status.APPROVED
    if shown in (instance.status, getattr(instance, "_stored_status", "")):
        record("comment", [instance.pk])


def sessions_showing(instance) -> list[int]:
    """Return the ids of the sessions on whose page the name of `instance` stands."""
    match instance:
        case Speaker():
            condition = Q(appearances__speaker=instance)
        case Organisation():
            condition = Q(appearances__organisation=instance) | Q(
                appearances__further_organisations=instance
            )
        case Series():
            condition = Q(series=instance)
        case Region():
            condition = Q(regions=instance)
        case Topic():
            below = descendants([instance.pk])
            condition = Q(topics__in=below) | Q(recommendations__topics__in=below)
    found = Session.objects.filter(condition).order_by()
    return list(found.values_list("pk", flat=True).distinct())


NAMES_IN_FEEDS = {Speaker: ("honorific", "given_name", "family_name", "suffix"), Topic: ("name",)}


@receiver(pre_save, sender=Speaker)
@receiver(pre_save, sender=Topic)
def note_name(instance, **kwargs):
    """Note whether the name that feeds show is another than the stored one."""
    names = {name: getattr(instance, name) for name in NAMES_IN_FEEDS[type(instance)]}
    stored = type(instance)._base_manager.filter(pk=instance.pk, **names)
    instance._has_new_name = not stored.exists()


@receiver(post_save, sender=Speaker)
@receiver(post_save, sender=Organisation)
@receiver(post_save, sender=Series)
@receiver(post_save, sender=Region)
@receiver(post_save, sender=Topic)
@receiver(pre_delete, sender=Region)
@receiver(pre_delete, sender=Topic)
def name_changed(instance, created=False, signal=None, **kwargs):
    if not created:
        goes = signal is pre_delete
        in_feeds = type(instance) in NAMES_IN_FEEDS and (goes or instance._has_new_name)
        touch_sessions(sessions_showing(instance), in_feeds=in_feeds)


def links_changed(instance, action, reverse, model, pk_set, *, session_of, in_feeds, **kwargs):
    """Follow a many-to-many field from either side."""
    if action not in ("post_add", "post_remove", "pre_clear"):
        return
    if not reverse:
        touch_sessions([session_of(instance)], in_feeds=in_feeds)
    elif pk_set:
        others = model._base_manager.filter(pk__in=pk_set)
        touch_sessions({session_of(other) for other in others}, in_feeds=in_feeds)


for _field, _session_of in (
    (Session.topics, lambda session: session.pk),
    (Session.regions, lambda session: session.pk),
    (Appearance.further_organisations, lambda appearance: appearance.session_id),
    (Recommendation.made_by, lambda recommendation: recommendation.session_id),
    (Recommendation.topics, lambda recommendation: recommendation.session_id),
):
    m2m_changed.connect(
        partial(links_changed, session_of=_session_of, in_feeds=_field is Session.topics),
        sender=_field.through,
        weak=False,
    )
