"""The rows of an exported archive, without accounts, requests, grants, logs and alerts."""

import json
from collections.abc import Iterator

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models

from preservation_app import stored_files, tables
from preservation_app.tables import Row
from recordings_app.models import Recording, Transcript
from recordings_app.querysets import offered_condition, unsealed_condition
from sessions_app.models import Comment, Session
from sessions_app.querysets import public_condition
from site_app.pictures.renditions import rendition_file_names
from site_app.redirects.addresses import PageVisibility, is_record_address, visibility_of_page

# Every row comes after the rows it refers to, except parents among topics, organisations and
# comments.
PUBLIC_MODELS = (
    "site_app.sitesettings", "search_app.synonym",
    "sessions_app.series", "sessions_app.region", "sessions_app.topic", "sessions_app.topicalias",
    "speakers_app.organisation", "speakers_app.organisationalias",
    "speakers_app.speaker", "speakers_app.speakeralias",
    "sessions_app.session", "sessions_app.session_topics", "sessions_app.session_regions",
    "sessions_app.deletedsession",
    "sessions_app.appearance", "sessions_app.appearance_further_organisations",
    "sessions_app.recommendation", "sessions_app.recommendation_made_by",
    "sessions_app.recommendation_topics", "sessions_app.document", "sessions_app.comment",
    "recordings_app.recording", "recordings_app.transcript", "recordings_app.transcriptcue",
    "site_app.oldaddress",
)  # fmt: skip
STAFF_MODELS = (
    "sessions_app.tombstone",
    "sessions_app.formerimportref",
    "sessions_app.statuschange",
    "sessions_app.reviewnote",
    "ingest_app.importedrecord",
    "ingest_app.mappingrule",
    "reversion.revision",
    "reversion.version",
)
# A new database already has rows of these models; the rows of the archive replace them.
MODELS_TO_REPLACE = {"site_app.sitesettings"}
# Fields of public records that only staff may see, and their values in a public export.
PUBLIC_VALUES_OF_STAFF_FIELDS = {
    "sessions_app.session": {
        "internal_note": "",
        "settled_remains": "[]",
        "status_before_bin": "",
        "binned_at": None,
    },
    "sessions_app.comment": {"email": "", "import_ref": None, "decided_at": None},
    "site_app.oldaddress": {"times_asked": 0, "last_asked_on": None},
}
RECORDING_VALUES_WITHOUT_AUDIO = {
    "file": "",
    "original_name": "",
    "sha256": "",
    "facts": "{}",
    "peaks": "[]",
    "file_remark": "",
    "byte_count": None,
    "attached_at": None,
}


def exported_models(*, is_public: bool) -> list[type[models.Model]]:
    labels = PUBLIC_MODELS if is_public else PUBLIC_MODELS + STAFF_MODELS
    return [apps.get_model(label) for label in labels]


class ArchiveRows:
    """The rows of an archive, read from the database `using`; call `rows` in the models' order."""

    def __init__(self, using: str, *, is_public: bool):
        self.using, self.is_public = using, is_public
        self.models = exported_models(is_public=is_public)
        # Keys of the exported rows, for models that others refer to.
        self.chosen: dict[type[models.Model], set] = {}
        self.referred_to = {
            field.related_model for model in self.models for field in _relation_fields(model)
        }
        self.exported = {model._meta.label_lower for model in self.models}
        self.labels = {
            content_type.pk: f"{content_type.app_label}.{content_type.model}"
            for content_type in ContentType.objects.using(using).all()
        }

    def rows(self, model) -> Iterator[Row]:
        """Yield the rows of a model as `tables.rows` does, without what does not go out."""
        label, key = model._meta.label_lower, model._meta.pk.attname
        chosen = self.chosen[model] = set()
        query = self._exported_queryset(model)
        parents = [field for field in _relation_fields(model) if field.related_model is model]
        kept = set(query.values_list("pk", flat=True)) if parents else set()
        for row in tables.table_rows(model, self.using, query):
            if self._clear_unexported_references(model, row, kept) and self._prepare_for_export(
                label, row
            ):
                if model in self.referred_to:
                    chosen.add(row[key])
                yield row

    def _exported_queryset(self, model):
        everything = model._base_manager.using(self.using)
        if model is Comment:
            everything = everything.filter(status=Comment.Status.APPROVED)
        if not self.is_public:
            return everything
        if model is Session:
            return everything.filter(public_condition())
        if model is Recording:
            read = unsealed_condition() & models.Q(transcript__access=Transcript.Access.PUBLIC)
            return everything.filter(public_condition("session__"), offered_condition() | read)
        if model is Transcript:
            return everything.filter(access=Transcript.Access.PUBLIC)
        if model._meta.label_lower in ("speakers_app.speaker", "sessions_app.series"):
            return everything.filter(pk__in=self._keys_in_public_sessions(model))
        if model._meta.label_lower == "sessions_app.region":
            return everything.filter(pk__in=self._keys_in_public_sessions(model))
        if model._meta.label_lower in ("sessions_app.topic", "speakers_app.organisation"):
            return everything.filter(
                pk__in=self._with_ancestors(model, self._keys_in_public_sessions(model))
            )
        return everything

    def _keys_in_public_sessions(self, model) -> set:
        """Return the keys of records that public sessions name."""
        session = Session._base_manager.using(self.using).filter(public_condition())
        paths = {
            "sessions_app.series": ["series"],
            "sessions_app.region": ["regions"],
            "sessions_app.topic": ["topics", "recommendations__topics"],
            "speakers_app.speaker": ["appearances__speaker"],
            "speakers_app.organisation": [
                "appearances__organisation",
                "appearances__further_organisations",
            ],
        }[model._meta.label_lower]
        return {
            key
            for path in paths
            for key in session.order_by().values_list(path, flat=True).distinct()
            if key is not None
        }

    def _with_ancestors(self, model, keys):
        parents = dict(model._base_manager.using(self.using).values_list("pk", "parent_id"))
        found = set()
        for key in keys:
            while key is not None and key not in found:
                found.add(key)
                key = parents.get(key)
        return found

    def _clear_unexported_references(self, model, row, kept):
        """Clear references to records that are not exported; return whether the row is still exported."""
        for field in _relation_fields(model):
            name = field.attname
            if row[name] is None:
                continue
            target = field.related_model
            if target is ContentType:
                row[name] = self.labels[row[name]]
                if row[name] not in self.exported:
                    return False
                continue
            goes_out = kept if target is model else self.chosen.get(target, ())
            if row[name] not in goes_out:
                if not field.null:
                    return False
                row[name] = None
        return True

    def _prepare_for_export(self, label, row):
        if label == "reversion.version":
            row["serialized_data"] = _without_account_keys(row["serialized_data"])
        if not self.is_public:
            return True
        row |= PUBLIC_VALUES_OF_STAFF_FIELDS.get(label, {})
        if label == "sessions_app.session":
            row["import_remains"] = _public_import_remains(row["import_remains"])
        if label == "recordings_app.recording" and row["access"] != Recording.Access.OPEN:
            row |= RECORDING_VALUES_WITHOUT_AUDIO
        if label == "site_app.oldaddress":
            target = row["leads_to"]
            return (
                is_record_address(target) and visibility_of_page(target) is PageVisibility.PUBLIC
            )
        return True


def files_of_row(model, row) -> Iterator[tuple[str, str]]:
    """Yield (storage, name) of the files that a row names."""
    for field in model._meta.local_concrete_fields:
        if isinstance(field, models.FileField) and row[field.attname]:
            yield stored_files.storage_of_field(field), row[field.attname]
        if field.name == "renditions":
            for name in sorted(rendition_file_names(json.loads(row["renditions"]))):
                yield "media", name


def content_type_ids() -> dict[str, int]:
    """Return {"app.model": id} of this database, making those that are not there yet."""
    found = ContentType.objects.get_for_models(
        *exported_models(is_public=False), for_concrete_models=False
    )
    return {model._meta.label_lower: content_type.pk for model, content_type in found.items()}


def _relation_fields(model):
    return [field for field in model._meta.local_concrete_fields if field.is_relation]


def _without_account_keys(text):
    """Return what django-reversion keeps of a record, without keys of accounts."""
    records = json.loads(text)
    for record in records:
        model = apps.get_model(record["model"])
        for field in _relation_fields(model):
            if field.related_model._meta.label_lower == "auth.user":
                record["fields"] = {
                    name: None if name == field.name else value
                    for name, value in record["fields"].items()
                }
    return json.dumps(records)


def _public_import_remains(text):
    """Return the public part of an import's remains: names of missing files."""
    shown = [
        {"kind": remain["kind"], "text": remain["text"]}
        for remain in json.loads(text)
        if remain.get("kind") == "missing file"
    ]
    return json.dumps(shown)
