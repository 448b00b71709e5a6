"""Commands that change public records end when this machine's index is up to date."""

import json

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class

from search_app import api
from search_app.criteria_and_hits import Criteria
from search_app.updating.record_changing_command import RecordChangingCommand
from tests.factories import SessionFactory

pytestmark = pytest.mark.django_db(transaction=True)

# Commands that change nothing in the search, or update the index themselves.
OTHERS = {
    "check_fixity", "check_links", "export_archive", "export_static", "export_person", "backup", "note_bounce",
    "rebuild_search_index", "restore", "serve", "tick", "web",
}  # fmt: skip


@pytest.fixture
def index(settings, tmp_path):
    settings.INDEX_DIR = tmp_path / "index"
    api.discard_indexes()
    yield
    api.discard_indexes()


def test_every_command_that_changes_records_updates_the_index():
    ours = {
        name: app
        for name, app in get_commands().items()
        if str(app).endswith("_app") or app == "sma_archive"
    }

    for name, app in ours.items():
        is_updating = isinstance(load_command_class(app, name), RecordChangingCommand)
        assert is_updating is (name not in OTHERS), name


def test_import_ends_when_its_records_are_searchable(index, client, tmp_path):
    SessionFactory()
    assert api.search(Criteria()).total == 1
    file = tmp_path / "talks.jsonl"
    talks = [{"id": f"t{n}", "title": f"Talk {n} of rivers", "speakers": []} for n in range(700)]
    file.write_text("\n".join(map(json.dumps, [*talks, {"id": "no title"}])))

    with pytest.raises(CommandError, match="1 lines failed"):
        call_command("import_talks", file, "--publish")

    answer = client.get("/api/v1/sessions/")
    assert answer.json()["count"] == 701
    assert not answer.has_header("X-Index-Lag")
