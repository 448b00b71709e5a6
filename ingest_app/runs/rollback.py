"""Rollback of a run, except for records edited or needed since."""

import time
from contextlib import suppress

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Model, ProtectedError, RestrictedError
from django.utils import timezone
from django.utils.translation import gettext_noop
from reversion.models import Version

from ingest_app.models import ImportedRecord, ImportRun, RunMade
from sessions_app.editing.restore import restore_version
from sessions_app.editing.trash import delete_permanently, put_into_bin
from sessions_app.models import (
    Comment,
    Region,
    Series,
    Session,
    Topic,
    TopicAlias,
)
from site_app.models import OldAddress
from site_app.permissions import NotAllowedError, require_may_change
from speakers_app.models import Organisation, OrganisationAlias, Speaker, SpeakerAlias

from .provenance import DELETED_FINGERPRINT, record_fingerprint

# Records that refer to others are deleted first.
DELETION_ORDER = (
    Session,
    Comment,
    SpeakerAlias,
    OrganisationAlias,
    TopicAlias,
    Speaker,
    Organisation,
    Topic,
    Region,
    Series,
)
RECORDS_PER_BATCH = 20


class CannotRollBackError(ValueError):
    """The run cannot be rolled back in its state; the message gives the reason."""


@transaction.atomic
def begin_rollback(run: ImportRun, user) -> None:
    """Mark a run as being rolled back by `user`. Raises CannotRollBackError.

    None means a command, which does the work itself; if it dies, the worker continues.
    """
    ended = (
        ImportRun.State.DONE,
        ImportRun.State.CANCELLED,
        ImportRun.State.FAILED,
        ImportRun.State.TAKEN_BACK,  # the reason for keeping some records may no longer apply
    )
    options = run.options | {"taken_back_by": user.pk if user else None}
    changed = ImportRun.objects.filter(pk=run.pk, state__in=ended).update(
        state=ImportRun.State.TAKING_BACK,
        options=options,
        position=0,
        length=run.made.count(),
        taken_at=None if user else timezone.now(),
    )
    if not changed:
        raise CannotRollBackError(f"This run is {run.get_state_display().lower()}.")
    run.made.exclude(kept_because="").update(is_settled=False, kept_because="")
    run.refresh_from_db()


def continue_rollback(run: ImportRun, seconds: float = float("inf")) -> bool:
    """Roll back for this many seconds; return whether all is done. Each batch is one transaction."""
    deadline = time.monotonic() + seconds
    user = None
    if number := run.options.get("taken_back_by"):
        # A user whose account was deleted has no permissions; None would mean a management command.
        user = get_user_model().objects.filter(pk=number).first() or AnonymousUser()
    for model in DELETION_ORDER:
        pending = run.made.filter(is_settled=False, model=model._meta.label_lower)
        # In reverse order, so that a child topic is deleted before its parent.
        while batch := list(pending.order_by("-key")[:RECORDS_PER_BATCH]):
            with transaction.atomic():
                for made in batch:
                    try:
                        with transaction.atomic():
                            made.kept_because = _roll_back_record(made, model, user)
                    except NotAllowedError as error:
                        made.kept_because = str(error)[:300]
                    made.is_settled = True
                    made.save(update_fields=["kept_because", "is_settled"])
                ImportRun.objects.filter(pk=run.pk).update(
                    position=run.made.filter(is_settled=True).count(), taken_at=timezone.now()
                )
            if time.monotonic() > deadline:
                return False
    return True


def _roll_back_record(made: RunMade, model: type[Model], user) -> str:
    """Roll back one record; return why it was kept, empty if it was not."""
    record = model._base_manager.select_for_update(of=("self",)).filter(pk=made.key).first()
    if record is None:
        if made.fingerprint == DELETED_FINGERPRINT:
            _restore_deleted_alias(made, model, user)
        return ""
    later = RunMade.objects.filter(model=made.model, key=made.key, run__gt=made.run_id)
    if later.filter(is_settled=False).exists():
        return gettext_noop("A later import changed it: roll that one back first.")
    if record_fingerprint(record) != made.fingerprint:
        return gettext_noop("It has been edited since.")
    if isinstance(record, Comment):
        of_run = made.run.made.filter(model=Session._meta.label_lower, key=record.session_id)
        if of_run.exclude(kept_because="").exists():
            return gettext_noop("Its session is kept.")
    if isinstance(record, Session):
        return _roll_back_session(record, made, user)
    require_may_change(user, record)
    if not made.is_new:
        for name, value in made.before.items():
            setattr(record, name, value)
        record.save()
        return ""
    return _delete_unless_needed(record)


def _restore_deleted_alias(made, model, user):
    """Return another name to its former record, if that still exists."""
    values = {name: value for name, value in made.before.items() if name != model._meta.pk.attname}
    owners = [field for field in model._meta.concrete_fields if field.is_relation]
    is_owned = all(
        field.related_model._base_manager.filter(pk=values[field.attname]).exists()
        for field in owners
    )
    if is_owned and not model._base_manager.filter(**values).exists():
        record = model(**values)
        require_may_change(user, record)
        record.save()


def _roll_back_session(session, made, user):
    if not made.is_new:
        version = Version.objects.filter(pk=made.before.get("version")).first()
        if version is None:
            return gettext_noop("Its earlier state is not kept any more.")
        restore_version(version, user=user, with_status=True)
        if imported := made.before.get("imported"):
            ImportedRecord.objects.filter(session=session).update(**imported)
        else:
            ImportedRecord.objects.filter(session=session).delete()
        return ""
    if session.comments.filter(import_ref=None).exists():
        return gettext_noop("Readers have commented on it.")
    if session.recordings.filter(requests__isnull=False).exists():
        return gettext_noop("Its recording was asked for.")
    addresses = [session.get_absolute_url()]
    addresses += [document.get_absolute_url() for document in session.documents.exclude(file="")]
    binned = put_into_bin(Session.objects.filter(pk=session.pk), user=user)
    delete_permanently(binned)
    _remove_old_addresses_to(addresses)
    return ""


def _delete_unless_needed(record):
    for relation in record._meta.related_objects:
        related = relation.related_model._base_manager.filter(**{relation.field.name: record})
        if related.exists():
            words = relation.related_model._meta.verbose_name_plural
            return f"It is needed: there are {words} of it."
    address = record.get_absolute_url() if hasattr(record, "get_absolute_url") else ""
    picture = getattr(record, "photo", None)
    try:
        with transaction.atomic():
            record.delete()
    except (ProtectedError, RestrictedError):
        return gettext_noop("It is needed by others.")
    if picture:
        transaction.on_commit(lambda: _delete_file_if_possible(picture.storage, picture.name))
    if address:
        _remove_old_addresses_to([address])
    return ""


def _delete_file_if_possible(storage, name):
    with suppress(OSError):
        storage.delete(name)


def _remove_old_addresses_to(addresses):
    """Remove old addresses of deleted records; those that readers request stay listed."""
    led = OldAddress.objects.filter(origin=OldAddress.Origin.OLD_SITE, leads_to__in=addresses)
    led.filter(times_asked=0).delete()
    led.update(leads_to="", origin=OldAddress.Origin.ASKED)
