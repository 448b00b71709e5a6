"""Record in search_app's change log what changed, in the same transaction as the change.

Signals cover what is saved record by record; bulk statements bypass signals and call
`touch_sessions` themselves.
"""

from collections.abc import Iterable
from functools import partial

from django.db.models import Q
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from django.dispatch import receiver
from django.utils import timezone

from search_app.change_log import record_changes
from sessions_app.catalogue.topic_tree import self_and_descendant_keys
from sessions_app.formats.entry_times import (
    mark_comment_entries_changed,
    mark_recommendation_entries_changed,
    mark_session_entries_changed,
)
from sessions_app.models import (
    Appearance,
    Comment,
    Document,
    Recommendation,
    Region,
    Series,
    Session,
    Topic,
)
from speakers_app.models import Organisation, Speaker


def touch_sessions(session_ids: Iterable[int]) -> None:
    """Mark sessions as changed now: `updated_at`, and the index of them and their advice.

    What feeds and calendars show of them is told to `entry_times`.
    """
    session_ids = list(session_ids)
    for start in range(0, len(session_ids), 500):
        chunk = session_ids[start : start + 500]
        Session.objects.filter(pk__in=chunk).update(updated_at=timezone.now())
        record_session_changes(chunk)


def record_session_changes(session_ids: list[int]) -> None:
    """Write to the change log that these sessions, and so their recommendations, changed."""
    record_changes("session", session_ids)
    advice = Recommendation.objects.filter(session__in=session_ids)
    record_changes("recommendation", list(advice.values_list("pk", flat=True)))


def on_save_or_delete_of(*models):
    """Connect a function to what is saved and deleted of these models."""

    def connected(function):
        for model in models:
            post_save.connect(function, sender=model)
            post_delete.connect(function, sender=model)
        return function

    return connected


@receiver(post_save, sender=Session)
@receiver(pre_delete, sender=Session)
def record_changed_session(instance, raw=False, created=False, **kwargs):
    record_session_changes([instance.pk])
    if "advice and comments" in instance.moved_times and not created:
        mark_recommendation_entries_changed(instance.recommendations.all())
        mark_comment_entries_changed(instance.pk)


@on_save_or_delete_of(Appearance, Document, Recommendation)
def touch_session_of_part(instance, **kwargs):
    touch_sessions([instance.session_id])
    if isinstance(instance, Recommendation):
        # After the deletion a query would not find it.
        record_changes("recommendation", [instance.pk])


@receiver(post_save, sender=Appearance)
@receiver(pre_delete, sender=Appearance)
def mark_entries_showing_appearance(instance, signal, created=False, **kwargs):
    goes = signal is pre_delete
    feeds = goes or "feeds" in instance.moved_times
    mark_session_entries_changed(
        [instance.session_id], feeds=feeds, calendars=goes or "calendars" in instance.moved_times
    )
    if feeds and not created:
        mark_recommendation_entries_changed(instance.recommendations.all())


@on_save_or_delete_of(Comment)
def record_changed_visible_comment(instance, **kwargs):
    """Invalidate cached pages if the visible comments changed.

    What waits or was rejected is on no page: robots must not be able to empty the cache.
    """
    shown = Comment.Status.APPROVED
    if shown in (instance.status, getattr(instance, "_stored_status", "")):
        record_changes("comment", [instance.pk])


def ids_of_sessions_naming(instance) -> list[int]:
    """Return the ids of the sessions whose page names `instance`."""
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
            below = self_and_descendant_keys([instance.pk])
            condition = Q(topics__in=below) | Q(recommendations__topics__in=below)
    sessions = Session.objects.filter(condition).order_by()
    return list(sessions.values_list("pk", flat=True).distinct())


NAME_FIELDS_SHOWN_IN_ENTRIES = {
    Speaker: ("honorific", "given_name", "family_name", "suffix"),
    Organisation: ("name",),
    Topic: ("name",),
}


@receiver(pre_save, sender=Speaker)
@receiver(pre_save, sender=Organisation)
@receiver(pre_save, sender=Topic)
def remember_whether_name_changes(instance, **kwargs):
    """Note whether the name that entries show is another than the stored one."""
    names = {
        name: getattr(instance, name) for name in NAME_FIELDS_SHOWN_IN_ENTRIES[type(instance)]
    }
    stored = type(instance)._base_manager.filter(pk=instance.pk, **names)
    instance._has_new_name = not stored.exists()


@receiver(post_save, sender=Speaker)
@receiver(post_save, sender=Organisation)
@receiver(post_save, sender=Series)
@receiver(post_save, sender=Region)
@receiver(post_save, sender=Topic)
@receiver(pre_delete, sender=Organisation)
@receiver(pre_delete, sender=Region)
@receiver(pre_delete, sender=Topic)
def touch_sessions_naming(instance, created=False, signal=None, **kwargs):
    if created:
        return
    showing = ids_of_sessions_naming(instance)
    touch_sessions(showing)
    if type(instance) not in NAME_FIELDS_SHOWN_IN_ENTRIES:
        return
    if signal is pre_delete or instance._has_new_name:
        mark_entries_showing_name(instance, showing)


def mark_entries_showing_name(instance, showing: list[int]) -> None:
    """Move the times of what shows the name of `instance`; `showing`: sessions that do anywhere."""
    match instance:
        case Speaker():
            mark_session_entries_changed(showing, feeds=True, calendars=True)
            mark_recommendation_entries_changed(
                Recommendation.objects.filter(made_by__speaker=instance)
            )
        case Organisation():
            mark_session_entries_changed(showing, calendars=True)
        case Topic():  # feed entries show no parent topics
            own = instance.sessions.order_by().values_list("pk", flat=True)
            mark_session_entries_changed(own, feeds=True, calendars=True)


def touch_sessions_of_changed_links(instance, action, reverse, model, pk_set, *, field, **kwargs):
    """Follow a many-to-many field from either side."""
    if action not in ("post_add", "post_remove", "pre_clear"):
        return
    if not reverse:
        owners = [instance]
    elif pk_set:
        owners = list(model._base_manager.filter(pk__in=pk_set))
    else:
        return
    sessions = {owner.pk if isinstance(owner, Session) else owner.session_id for owner in owners}
    touch_sessions(sessions)
    if field is Session.topics:
        mark_session_entries_changed(sessions, feeds=True, calendars=True)
    elif field is Appearance.further_organisations:
        mark_session_entries_changed(sessions, calendars=True)
    elif field is Recommendation.made_by:
        mark_recommendation_entries_changed(
            Recommendation.objects.filter(pk__in=[owner.pk for owner in owners])
        )


for _field in (
    Session.topics,
    Session.regions,
    Appearance.further_organisations,
    Recommendation.made_by,
    Recommendation.topics,
):
    m2m_changed.connect(
        partial(touch_sessions_of_changed_links, field=_field), sender=_field.through, weak=False
    )
