"""Imports of pages create runs that can be listed, published and rolled back, by command and form."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from ingest_app import import_worker
from ingest_app.models import ImportRun, IncomingPage, RunItem
from sessions_app.models import Session, Topic
from speakers_app.models import Speaker
from tests.factories import SessionFactory, UserFactory
from tests.ingest_app.incoming import PAGE, WINDS, fields_of

pytestmark = pytest.mark.django_db
ADD = reverse("admin:ingest_app_incomingpage_add")


def at(name, run):
    return reverse(f"admin:ingest_app_importrun_{name}", args=[run.pk])


@pytest.fixture
def imported(tmp_path):
    """Return a function that imports pages, texts by name, and returns the run."""

    def run(**pages):
        for name, text in pages.items():
            (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
        call_command("import_pages", str(tmp_path))
        return ImportRun.objects.first()

    return run


def paste(client, text, button="_draft", **changes):
    response = client.post(ADD, {"text": text})
    address = response["Location"]
    client.post(address, fields_of(client.get(address)) | changes | {button: "1"})
    return IncomingPage.objects.order_by("-pk").first()


def taken_back(client, run):
    client.post(at("take_back", run))
    while import_worker.run_slice(run.pk):
        pass
    run.refresh_from_db()
    return run


def test_run_of_the_command_links_to_its_records(staff_client, imported):
    run = imported(tides=PAGE, winds=WINDS)

    page = staff_client("Editors").get(at("change", run)).content.decode()

    items = [(item.title, item.status, item.address) for item in run.items.all()]
    assert (run.kind, run.state) == (ImportRun.Kind.PAGES, ImportRun.State.DONE)
    assert items == [
        (session.title, RunItem.Status.CREATED, session.get_absolute_url())
        for session in Session.objects.order_by("pk")
    ]
    assert all(f'<a href="{address}">{title}</a>' in page for title, _status, address in items)
    assert "Publish what this run made" not in page


def test_rejected_file_is_an_item_with_its_reason(imported):
    with pytest.raises(Exception, match="1 of 2 pages failed"):
        imported(tides=PAGE, none="Contact us\nWrite to the desk.")

    refused = ImportRun.objects.get().items.get(status=RunItem.Status.REFUSED)
    assert refused.title == "none.txt"
    assert "not a session page" in refused.remarks[0]


def test_run_can_be_published_and_still_rolled_back(staff_client, imported):
    run = imported(tides=PAGE, winds=WINDS)
    SessionFactory(status="draft", title="Somebody's")
    client = staff_client("Publishers")

    shown = client.get(at("change", run)).content.decode()
    client.post(at("publish", run))
    statuses = dict(Session.objects.values_list("title", "status"))
    taken_back(client, run)

    assert "Publish what this run made: 2" in shown
    assert statuses == {
        "Tides of Trade": "published",
        "Winds": "published",
        "Somebody's": "draft",
    }
    assert run.state == ImportRun.State.TAKEN_BACK
    assert [each.title for each in Session.objects.all()] == ["Somebody's"]
    assert not Speaker.objects.exists()


def test_editor_cannot_publish_a_run(staff_client, imported):
    run = imported(tides=PAGE)

    staff_client("Editors").post(at("publish", run))

    assert Session.objects.get().status == "draft"


def test_rollback_of_a_second_run_affects_only_its_changes(staff_client, imported):
    imported(tides=PAGE)
    again = imported(tides=PAGE.replace("1) dredge and 2) wait", "1) dredge and 2) hurry"))

    taken_back(staff_client("Publishers"), again)

    session = Session.objects.get()
    assert again.items.get().status == RunItem.Status.CHANGED
    assert [each.text for each in session.recommendations.all()][-1].endswith("wait")


def test_records_edited_since_are_kept_and_listed_with_the_reason(staff_client, imported):
    run = imported(tides=PAGE, winds=WINDS)
    winds = Session.objects.get(title="Winds")
    winds.title = "Winds and gusts"
    winds.save()

    taken_back(staff_client("Publishers"), run)

    assert [each.title for each in Session.objects.all()] == ["Winds and gusts"]
    assert run.made.get(label="Winds").kept_because == "It has been edited since."


def test_pasted_page_has_a_run_that_can_be_rolled_back(staff_client):
    client = staff_client("Publishers")
    page = paste(client, PAGE, "_publish")
    run = page.run

    listed = client.get(reverse("admin:ingest_app_importrun_changelist")).content.decode()
    taken_back(client, run)
    left = Session.objects.count()
    address = reverse("admin:ingest_app_incomingpage_change", args=[page.pk])
    client.post(address, fields_of(client.get(address)) | {"_draft": "1"})

    page.refresh_from_db()
    assert at("change", run) in listed
    assert [item.title for item in run.items.all()] == ["Tides of Trade"]
    assert left == 0
    assert page.session.status == "draft"
    assert page.run != run


def test_rollback_keeps_the_chosen_topics_of_a_pasted_page(staff_client):
    client = staff_client("Publishers")
    topic = Topic.objects.create(name="Ports")
    page = paste(client, WINDS, **{"page-topics": [topic.pk]})

    taken_back(client, page.run)

    assert not Session.objects.exists()
    assert Topic.objects.get() == topic


def test_run_of_a_deleted_account_is_shown(staff_client, imported):
    run = imported(tides=PAGE)
    ImportRun.objects.filter(pk=run.pk).update(started_by=UserFactory())
    run.refresh_from_db()
    run.started_by.delete()

    assert staff_client("Editors").get(at("change", run)).status_code == 200
