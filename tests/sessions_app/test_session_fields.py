"""Every place that must handle each field of Session. A new field fails here, naming the place."""

import pytest
import sqlite_utils
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets

from preservation_app.exchange.archive_rows import PUBLIC_VALUES_OF_STAFF_FIELDS
from sessions_app.api.serializers import SessionSerializer
from sessions_app.editing.resources import SessionResource
from sessions_app.formats.bulk_files import _DatabaseTables
from sessions_app.formats.exports import SESSION_COLUMNS, session_row
from sessions_app.formats.json import session_json
from sessions_app.models import Session
from tests.factories import SessionFactory

# Written by the archive itself, never by a person or an import.
KEPT = {
    *("id", "uid", "summary_text", "has_recording", "has_transcript", "first_public_at"),
    *("reviewer", "binned_at", "binned_by", "status_before_bin", "settled_remains"),
    *("created_at", "updated_at", "entry_changed_at", "calendar_changed_at", "calendar_sequence"),
    *("created_by", "changed_by", "last_recommendation_number", "last_document_number"),
    "last_recording_number",
}
# For staff, or shown on pages alone: programs and readers' files do not have them.
OF_STAFF = {
    *("status", "published_at", "internal_note", "recording_contact_email", "commenting"),
    *("source_url", "import_remains", "import_ref"),
}


def form():
    return flatten_fieldsets(admin.site.get_model_admin(Session).fieldsets)


def sheet():
    return SessionResource().fields


def api():
    return session_json(Session.objects.with_everything().get())


def schema():
    return SessionSerializer().fields


def bulk():
    return _DatabaseTables(sqlite_utils.Database(memory=True)).database["sessions"].columns_dict


def export():
    return session_row(Session.objects.with_everything().get())


def export_columns():
    return SESSION_COLUMNS


PLACES = {
    # The fields that the place omits on purpose; the names it uses for others.
    "sessions_app/admin/sessions.py: fieldsets": (
        form,
        {"source_url", "import_remains"},
        {},
    ),
    "sessions_app/editing/resources.py: SessionResource": (
        sheet,
        {"start_time", "time_zone", "import_ref", "import_remains"},
        {},
    ),
    "sessions_app/formats/json.py: session_json": (
        api,
        (OF_STAFF - {"import_ref"}) | {"start_time", "time_zone"},
        {"summary": "summary_html"},
    ),
    "sessions_app/api/serializers.py: SessionSerializer": (
        schema,
        (OF_STAFF - {"import_ref"}) | {"start_time", "time_zone"},
        {"summary": "summary_html"},
    ),
    "sessions_app/formats/bulk_files.py: _DatabaseTables": (
        bulk,
        (OF_STAFF - {"import_ref"}) | {"start_time", "time_zone", "topics", "regions"},
        {"summary": "summary_html"},
    ),
    "sessions_app/formats/exports.py: session_row": (
        export,
        OF_STAFF | {"start_time", "time_zone", "slug"},
        {},
    ),
    "sessions_app/formats/exports.py: SESSION_COLUMNS": (
        export_columns,
        OF_STAFF | {"start_time", "time_zone", "slug"},
        {},
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("place", PLACES)
def test_every_field_is_handled_or_deliberately_omitted(place):
    SessionFactory()
    told, left_out, names = PLACES[place]
    shown = set(told())
    fields = {field.name for field in Session._meta.get_fields() if not field.auto_created}

    missing = {name for name in fields - KEPT if names.get(name, name) not in shown}

    assert missing == left_out, f"{place} does not tell of {missing - left_out}"


def test_fields_for_staff_are_emptied_in_a_public_export():
    emptied = PUBLIC_VALUES_OF_STAFF_FIELDS["sessions_app.session"].keys()

    # Readers can see these, or what follows from them.
    exported = {
        "recording_contact_email",
        "status",
        "published_at",
        "commenting",
        "source_url",
        "import_remains",
        "import_ref",
    }
    assert OF_STAFF - emptied == exported
