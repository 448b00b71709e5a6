"""Restore a session to a version in its history."""

from dataclasses import dataclass, field

from django.db.models import Model
from django.utils.translation import gettext
from reversion.errors import RevertError
from reversion.models import Version

from desk_app.merging.merge import keys_of_merge_successors
from sessions_app.models import Appearance, Document, Region, Series, Session, Topic
from site_app.permissions import may_publish, require_may_change
from site_app.text.dates import moment_in_words
from speakers_app.models import Organisation, Speaker

from . import history, import_remains
from .bulk_edit import recorded_edit
from .snapshots import MODEL_BY_PART_NAME, SessionSnapshot

# Fields that identify the record and its source; a restored session keeps its current values.
SESSION_FIELDS_NOT_RESTORED = {
    "id", "slug", "last_recommendation_number", "last_document_number", "last_recording_number",
    "has_recording", "has_transcript", "first_public_at", "import_ref", "source_url", "created_at",
    "created_by_id", "changed_by_id", "updated_at", "binned_at", "binned_by_id",
    "status_before_bin", "reviewer_id", "settled_remains", "uid", "entry_changed_at",
    "calendar_changed_at", "calendar_sequence",
}  # fmt: skip
PART_FIELDS_NOT_RESTORED = {"entry_changed_at"}
PUBLICATION_FIELDS = {"status", "published_at"}
MODEL_BY_LINK_FIELD = {"topics": Topic, "regions": Region}
LINK_FIELDS_OF_PARTS = {
    "appearances": {"further_organisations": Organisation},
    "recommendations": {"made_by": Appearance, "topics": Topic},
    "documents": {},
}


@dataclass
class RestoredSession:
    """The restored session, and in words for its editor what could not be restored."""

    session: Session
    remarks: list[str] = field(default_factory=list)


def restore_version(version: Version, *, user, with_status: bool = False) -> RestoredSession:
    """Restore the session of this version with all its parts; record this as a change, too.

    The session keeps its slug, numbers and source, and its status unless `with_status`. References to
    deleted records are omitted and reported. `user` is recorded as the author of the change, None means a
    command; the status is restored only for users who may publish.

    Raises NotAllowedError if `user` may not change the session, reversion.errors.RevertError if the version
    cannot be read, and Session.DoesNotExist if the session was permanently deleted or is in the bin.
    """
    state = history.snapshot_of_version(version)
    with_status = (
        with_status and may_publish(user) and state.values["status"] != Session.Status.BINNED
    )
    sessions = Session.objects.outside_bin().filter(pk=version.object_id)
    made = moment_in_words(version.revision.date_created)
    with recorded_edit(sessions, user=user, comment=f"Restored the state of {made}."):
        session = sessions.get()
        require_may_change(user, session)
        result = RestoredSession(session)
        _restore_session_fields(session, state, with_status=with_status)
        _restore_series(result, state)
        session.save()
        _restore_many_to_many(session, state.values, MODEL_BY_LINK_FIELD)
        _restore_parts(result, state)
    return result


def _restore_session_fields(
    session: Session, state: SessionSnapshot, *, with_status: bool
) -> None:
    keep = (
        SESSION_FIELDS_NOT_RESTORED
        if with_status
        else SESSION_FIELDS_NOT_RESTORED | PUBLICATION_FIELDS
    )
    values = {name: value for name, value in state.values.items() if name not in keep}
    _assign_fields(session, values)
    # Leftover text resolved since that version stays resolved.
    import_remains.replace_open_remains(session, session.import_remains)


def _assign_fields(record, values: dict) -> None:
    for column in record._meta.concrete_fields:
        if column.attname in values:
            setattr(record, column.attname, values[column.attname])


def _restore_series(result: RestoredSession, state: SessionSnapshot) -> None:
    series = state.values["series_id"]
    series = keys_of_merge_successors(Series, [series]).get(series, series)
    result.session.series_id = series
    if series and not Series.objects.filter(pk=series).exists():
        result.session.series_id = None
        result.remarks.append(gettext("Its series no longer exists."))


def _restore_many_to_many(record, values: dict, models: dict) -> None:
    for name, model in models.items():
        present = keys_of_merge_successors(model, values[name])
        there = model.objects.filter(pk__in=[present.get(key, key) for key in values[name]])
        getattr(record, name).set(there.values_list("pk", flat=True))


def _restore_parts(result: RestoredSession, state: SessionSnapshot) -> None:
    wanted = _parts_to_restore(result, state)
    for name, model in MODEL_BY_PART_NAME.items():
        _delete_parts_not_in_version(
            model, result.session, {values["id"]: values for values in wanted[name]}
        )
    for name, model in MODEL_BY_PART_NAME.items():
        for values in wanted[name]:
            part = model()
            _assign_fields(
                part, {name: values[name] for name in values.keys() - PART_FIELDS_NOT_RESTORED}
            )
            part.save()
            _restore_many_to_many(part, values, LINK_FIELDS_OF_PARTS[name])


def _parts_to_restore(result: RestoredSession, state: SessionSnapshot) -> dict[str, list[dict]]:
    """Return the parts to restore, without what was deleted since.

    Who was merged into another since comes back as that one.
    """
    kept, state = _replace_merged_records(state)
    speakers = _existing_keys(Speaker, {values["speaker_id"] for values in kept})
    bodies = _existing_keys(Organisation, {values["organisation_id"] for values in kept})
    appearances = [
        values | {"organisation_id": key if (key := values["organisation_id"]) in bodies else None}
        for values in kept
        if values["speaker_id"] in speakers
    ]
    if lost := len(kept) - len(appearances):
        result.remarks.append(
            gettext("Speakers that have since been deleted and are missing: %(lost)s.")
            % {"lost": lost}
        )
    storage = Document._meta.get_field("file").storage
    for values in state.parts["documents"]:
        if values["file"] and not storage.exists(values["file"]):
            result.remarks.append(
                gettext("The file of “%(title)s” is no longer stored.")
                % {"title": values["title"]}
            )
    return state.parts | {"appearances": appearances}


def _replace_merged_records(state: SessionSnapshot) -> tuple[list[dict], SessionSnapshot]:
    """Return appearances and state with the successors of what was merged, each person once."""
    kept = state.parts["appearances"]
    people = keys_of_merge_successors(Speaker, {values["speaker_id"] for values in kept})
    bodies = keys_of_merge_successors(
        Organisation, {values["organisation_id"] for values in kept} - {None}
    )
    if not people and not bodies:
        return kept, state
    first: dict[int, dict] = {}
    now = {}
    for values in kept:
        speaker = people.get(values["speaker_id"], values["speaker_id"])
        body = bodies.get(values["organisation_id"], values["organisation_id"])
        row = first.setdefault(speaker, values | {"speaker_id": speaker, "organisation_id": body})
        now[values["id"]] = row["id"]
    recommendations = [
        values | {"made_by": sorted({now[key] for key in values["made_by"] if key in now})}
        for values in state.parts["recommendations"]
    ]
    parts = {**state.parts, "recommendations": recommendations}
    return list(first.values()), SessionSnapshot(values=state.values, parts=parts)


def _existing_keys(model: type[Model], keys: set) -> set:
    return set(model.objects.filter(pk__in=keys).values_list("pk", flat=True))


def _delete_parts_not_in_version(
    model: type[Model], session: Session, wanted: dict[int, dict]
) -> None:
    """Delete the parts that the state does not have.

    Appearances whose speaker differs go first too: two that exchange their speakers would
    otherwise meet in the constraint that a speaker appears once.
    """
    if model.objects.filter(pk__in=wanted).exclude(session=session).exists():
        raise RevertError(gettext("Parts of this version belong to another session now."))
    for part in model.objects.filter(session=session):
        values = wanted.get(part.pk)
        if values is None or getattr(part, "speaker_id", None) != values.get("speaker_id"):
            part.delete()
