"""Fixes for many sessions at once, with history and with the user's permissions."""

from collections.abc import Callable, Iterable

from django.utils.translation import gettext, gettext_noop

from desk_app.worklists.registry import FixOutcome
from sessions_app.editing import import_remains
from sessions_app.editing.bulk_edit import (
    BulkChange,
    NothingChangedError,
    apply_bulk_change,
    recorded_edit,
    sessions_editable_by,
)
from sessions_app.editing.publishing import publish_sessions
from sessions_app.models import Appearance, LinkCheck, Recommendation, Series, Session, Topic
from speakers_app.models import Organisation


def _change_permitted_sessions(
    session_ids: Iterable[int], user, comment: str, change: Callable[[list[int]], int]
) -> FixOutcome:
    """Run `change` on those of the sessions that `user` may edit, with history and index."""
    wanted = Session.objects.outside_bin().filter(pk__in=set(session_ids))
    count = 0
    with recorded_edit(sessions_editable_by(wanted, user), user=user, comment=comment) as keys:
        refused = wanted.count() - len(keys)
        count = change(keys)
        if not count:
            raise NothingChangedError
    return FixOutcome(count, _refused_count_messages(refused))


def add_topic(keys: list[int], topic: Topic, user) -> FixOutcome:
    return _apply_bulk_change(keys, BulkChange(add_topics=[topic]), user)


def set_missing_series(keys: list[int], series: Series, user) -> FixOutcome:
    return _apply_bulk_change(keys, BulkChange(sets_series=True, series=series), user, series=None)


def settle_import_remains(keys: list[str], value, user) -> FixOutcome:
    """Settle remains of imports; a key is that of the session, a hyphen, and the remain's."""
    wanted: dict[int, list[str]] = {}
    for session, remain in (key.split("-") for key in keys):
        wanted.setdefault(int(session), []).append(remain)

    def change(allowed):
        count = 0
        for session in Session.objects.filter(pk__in=allowed):
            count += import_remains.settle_remains(session, wanted[session.pk])
            import_remains.save_remain_fields(session)
        return count

    return _change_permitted_sessions(
        wanted, user, gettext_noop("Import remark dealt with."), change
    )


def _apply_bulk_change(keys: list[int], change: BulkChange, user, **still) -> FixOutcome:
    """Apply `change` to the sessions with these keys for which `still` holds."""
    wanted = Session.objects.outside_bin().filter(pk__in=keys, **still)
    refused = wanted.count() - sessions_editable_by(wanted, user).count()
    return FixOutcome(
        len(apply_bulk_change(wanted, change, user=user)), _refused_count_messages(refused)
    )


def _refused_count_messages(refused: int) -> list[str]:
    return (
        [
            gettext("%(refused)s are or were public: only publishers change those.")
            % {"refused": refused}
        ]
        if refused
        else []
    )


def set_missing_date(keys: list[int], day, user) -> FixOutcome:
    def change(allowed):
        return Session.objects.filter(pk__in=allowed, held_on=None).update(held_on=day)

    return _change_permitted_sessions(keys, user, f"Date set from the worklist: {day}.", change)


def set_missing_affiliation(keys: list[int], organisation: Organisation, user) -> FixOutcome:
    """Give appearances without affiliation one; the keys are those of the appearances."""
    rows = Appearance.objects.filter(pk__in=keys, organisation=None)

    def change(allowed):
        return rows.filter(session__in=allowed).update(organisation=organisation)

    sessions = rows.values_list("session_id", flat=True)
    return _change_permitted_sessions(
        sessions, user, f"Affiliation set from the worklist: {organisation}.", change
    )


def attribute_to_only_speaker(keys: list[int], value, user) -> FixOutcome:
    """Attribute recommendations without a maker to the only speaker of their session."""
    rows = Recommendation.objects.filter(pk__in=keys, made_by=None)
    pairs = dict(rows.values_list("pk", "session_id"))
    speakers: dict[int, list[int]] = {}
    appearances = Appearance.objects.filter(session__in=pairs.values()).exclude(
        function=Appearance.Function.MODERATOR
    )
    for key, session in appearances.values_list("pk", "session_id"):
        speakers.setdefault(session, []).append(key)
    clear = {key: session for key, session in pairs.items() if len(speakers.get(session, ())) == 1}

    def change(allowed):
        links = Recommendation.made_by.through
        made = [
            links(recommendation_id=key, appearance_id=speakers[session][0])
            for key, session in clear.items()
            if session in allowed
        ]
        links.objects.bulk_create(made, ignore_conflicts=True)
        return len(made)

    done = _change_permitted_sessions(
        clear.values(), user, gettext_noop("Given to the only speaker, from the worklist."), change
    )
    if several := len(pairs) - len(clear):
        done.remarks.append(
            gettext("%(several)s belong to sessions with several speakers, or none.")
            % {"several": several}
        )
    return done


def publish_sessions_in_review(keys: list[int], value, user) -> FixOutcome:
    waiting = Session.objects.filter(pk__in=keys, status=Session.Status.IN_REVIEW)
    return FixOutcome(len(publish_sessions(waiting, user=user)))


def delete_link_check_results(keys: list[int], value, user) -> FixOutcome:
    """Delete the results for these links, so that the next check starts with them."""
    return FixOutcome(LinkCheck.objects.filter(pk__in=keys).delete()[0])
