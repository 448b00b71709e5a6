"""Import runs in the admin: upload, report, cancel, roll back; and the permissions for each."""

import json

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django_tasks_db.models import DBTaskResult
from lxml import html

from ingest_app import import_worker
from ingest_app.admin import runs
from ingest_app.models import ImportRun, MappingRule, RunItem
from sessions_app.models import Session
from tests.factories import SessionFactory, UserFactory
from tests.ingest_app.wordpress.exports import export, item

pytestmark = pytest.mark.django_db
ADD = "/admin/ingest_app/importrun/add/"
LIST = "/admin/ingest_app/importrun/"
State = ImportRun.State


def upload(staff, content=None, **values):
    file = SimpleUploadedFile("old.xml", content or export(item(1)), content_type="text/xml")
    return staff.post(ADD, {"file": file} | values)


def work_off(run):
    while import_worker.run_slice(run.pk):
        pass
    run.refresh_from_db()


def finished(**options):
    run = ImportRun.objects.create(
        kind="wordpress",
        source_name="old.xml",
        state=State.WAITING,
        options={"publish": False, "dry_run": False} | options,
        started_by=UserFactory(group="Publishers"),
    )
    run.file.save("old.xml", ContentFile(export(item(1, title="Tides"), item(2, "Odd"))))
    work_off(run)
    return run


def test_upload_waits_for_the_worker(staff_client, django_capture_on_commit_callbacks):
    staff = staff_client("Publishers")

    with django_capture_on_commit_callbacks(execute=True):
        response = upload(staff, dry_run="on")

    run = ImportRun.objects.get()
    assert response["Location"] == f"{LIST}{run.pk}/change/"
    assert (run.state, run.options, run.source_name) == (
        State.WAITING,
        {"publish": False, "dry_run": True},
        "old.xml",
    )
    task = DBTaskResult.objects.get()
    assert (task.task_path, task.args_kwargs["args"]) == (
        "ingest_app.import_worker.go_on_with_import",
        [run.pk],
    )
    page = staff.get(response["Location"]).content.decode()
    assert "Waiting for the worker" in page
    assert "data-working" in page


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html></html>", "does not begin with &lt;rss&gt;"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><rss></rss>', "document type or entities"),
        (b" ", "The file is empty."),
        (b"\xff\xfe<", "save it as UTF-8"),
    ],
)
def test_file_that_is_not_an_export_is_rejected_at_the_field(staff_client, content, reason):
    response = upload(staff_client("Editors"), content)

    assert response.status_code == 200
    assert reason in response.content.decode()
    assert not ImportRun.objects.exists()


def test_media_file_that_is_not_a_zip_is_rejected_at_the_field(staff_client):
    media = SimpleUploadedFile("media.zip", b"no zip")

    response = upload(staff_client("Editors"), media=media)

    assert "not a ZIP archive" in response.content.decode()
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize(("group", "status"), [("Editors", "draft"), ("Publishers", "published")])
def test_publishing_requires_the_permission(staff_client, group, status):
    upload(staff_client(group), publish="on")
    run = ImportRun.objects.get()

    work_off(run)

    assert Session.objects.get().status == status


def test_permission_revoked_in_the_meantime_counts(staff_client):
    upload(staff_client("Publishers"), publish="on")
    run = ImportRun.objects.get()
    run.started_by.groups.clear()

    work_off(run)

    assert Session.objects.get().status == "draft"


@pytest.mark.parametrize("group", [None, "Access officers"])
def test_users_without_permission_see_nothing(staff_client, group):
    run = finished()
    staff = staff_client(group)

    answers = [
        staff.get(address).status_code
        for address in (
            LIST,
            ADD,
            f"{LIST}{run.pk}/change/",
            f"{LIST}{run.pk}/report.json",
            f"{LIST}{run.pk}/take-back/",
        )
    ]
    answers += [
        staff.post(f"{LIST}{run.pk}/{name}/").status_code
        for name in ("cancel", "again", "take-back")
    ]

    assert set(answers) == {403}


def test_editor_cannot_roll_back(staff_client):
    run = finished()
    staff = staff_client("Editors")

    page = staff.get(f"{LIST}{run.pk}/change/").content.decode()
    answer = staff.post(f"{LIST}{run.pk}/take-back/")

    run.refresh_from_db()
    assert "take-back" not in page
    assert (answer.status_code, run.state) == (403, State.DONE)


def test_report_page_shows_each_item_with_reasons(staff_client):
    run = finished()
    staff = staff_client("Editors")

    everything = staff.get(f"{LIST}{run.pk}/change/").content.decode()
    doubtful = staff.get(f"{LIST}{run.pk}/change/?status=doubtful").content.decode()

    assert "Tides" in everything
    assert "Tides" not in doubtful
    assert "Neither speakers nor a date were found" in doubtful


def test_report_as_json(staff_client):
    run = finished()

    response = staff_client("Editors").get(f"{LIST}{run.pk}/report.json")
    report = json.loads(b"".join(response.streaming_content))

    assert report["counts"] == run.counts
    assert [(each["ref"], each["status"], each["doubtful"]) for each in report["items"]] == [
        ("wordpress:post:1", "created", False),
        ("wordpress:post:2", "created", True),
    ]


def test_report_of_an_import_by_command(staff_client):
    run = ImportRun.objects.create(
        kind="pages",
        source_name="pages",
        counts={"created": 1},
        report=[{"file": "a.txt", "error": "The <file> is empty."}, {"line": 3, "text": "Odd"}],
    )

    page = staff_client("Editors").get(f"{LIST}{run.pk}/change/").content.decode()

    assert "a.txt: The &lt;file&gt; is empty." in page
    assert "line 3: Odd" in page


def test_dry_run_can_be_followed_by_its_import(staff_client):
    tried = finished(dry_run=True, publish=True)
    staff = staff_client("Publishers")

    response = staff.post(f"{LIST}{tried.pk}/again/")
    run = ImportRun.objects.exclude(pk=tried.pk).get()
    work_off(run)

    assert response["Location"] == f"{LIST}{run.pk}/change/"
    assert Session.objects.filter(status="published").count() == 2


def test_repeated_run_uses_the_current_rules_without_another_upload(staff_client):
    tried = finished(dry_run=True)
    staff = staff_client("Editors")
    address = f"{LIST}{tried.pk}/change/"
    before = staff.get(address).text
    rules = MappingRule.objects.filter(kind="post type")

    staff.post(
        "/admin/ingest_app/mappingrule/",
        {
            "action": "become",
            "becomes": "ignored",
            "index": 0,
            "_selected_action": [rule.pk for rule in rules],
        },
    )
    after = staff.get(address).text
    staff.post(f"{LIST}{tried.pk}/again/", {"dry_run": "1"})
    again = ImportRun.objects.exclude(pk=tried.pk).get()
    work_off(again)

    assert ("was changed since" in before, "was changed since" in after) == (False, True)
    assert (again.is_dry, again.file.name) == (True, tried.file.name)
    assert again.counts == {"left out": 2, "doubtful": 0}
    assert "was changed since" not in staff.get(f"{LIST}{again.pk}/change/").text


def test_run_without_its_upload_cannot_be_repeated(staff_client):
    run = finished()
    ImportRun.objects.update(file="")

    page = staff_client("Editors").post(f"{LIST}{run.pk}/again/", follow=True).text

    assert "upload the export again" in page
    assert ImportRun.objects.count() == 1


def test_rolled_back_run_offers_another_import(staff_client):
    run = finished()
    staff = staff_client("Publishers")
    staff.post(f"{LIST}{run.pk}/take-back/")
    work_off(run)

    page = staff.get(f"{LIST}{run.pk}/change/").text
    staff.post(f"{LIST}{run.pk}/again/")
    work_off(ImportRun.objects.exclude(pk=run.pk).get())

    assert ("Import again" in page, "Take it back" in page) == (True, False)
    assert Session.objects.count() == 2


def test_run_of_a_truncated_file_reports_it(staff_client):
    staff = staff_client("Editors")
    content = export(item(1), item(2, title="Second"))
    upload(staff, content[: content.index(b"Second") + 30])
    run = ImportRun.objects.get()
    work_off(run)

    page = staff.get(f"{LIST}{run.pk}/change/").text

    assert "Done, but the file is cut off" in page
    assert "in the middle of “Second”" in page
    assert "1 items came before" not in page
    assert "1 item came before" in page


def test_only_sessions_public_on_the_old_site_are_published(staff_client):
    staff = staff_client("Publishers")
    upload(staff, export(item(1, title="Tides"), item(2, title="Secret", status="draft")))
    run = ImportRun.objects.get()
    work_off(run)

    staff.post(f"{LIST}{run.pk}/publish/")

    assert dict(Session.objects.values_list("title", "status")) == {
        "Tides": "published",
        "Secret": "draft",
    }


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({}, [("Tides", "", "")]),
        ({"here-others": "leave"}, [("Tides", "", "")]),
        ({"here-others": "update"}, [("Tides", "Harbour", "wordpress:post:1")]),
        ({"here-others": "separate"}, [("Tides", "", ""), ("Tides", "Harbour", "wordpress:post:1")]),
    ],
)  # fmt: skip
def test_existing_session_is_never_duplicated_silently(staff_client, choice, expected):
    SessionFactory(title="Tides", held_on="2020-05-04", series=None, import_ref=None)
    staff = staff_client("Publishers")
    upload(staff, export(item(1, title="Tides")), dry_run="on")
    tried = ImportRun.objects.get()
    work_off(tried)

    page = staff.get(f"{LIST}{tried.pk}/change/").text
    staff.post(f"{LIST}{tried.pk}/again/", choice)
    run = ImportRun.objects.exclude(pk=tried.pk).get()
    work_off(run)

    assert tried.counts == {"left out": 1, "doubtful": 1}
    assert "It is here already: “Tides”, 4 May 2020" in page
    found = Session.objects.order_by("pk").values_list("title", "series__name", "import_ref")
    assert [tuple(value or "" for value in row) for row in found] == expected


def test_existing_session_keeps_its_edits_and_is_recognised_later(staff_client):
    session = SessionFactory(
        title="Tides", held_on="2020-05-04", summary="<p>By hand.</p>", import_ref="page:tides"
    )
    staff = staff_client("Publishers")
    for _ in range(2):
        upload(staff, export(item(1, title="Tides")))
        run = ImportRun.objects.latest("pk")
        run.options["here_already"] = {"wordpress:post:1": "update"}
        run.save()
        work_off(run)

    session.refresh_from_db()
    assert (Session.objects.count(), session.summary) == (1, "<p>By hand.</p>")
    assert session.appearances.get().speaker.family_name == "Lund"
    assert session.import_ref == "page:tides"
    assert run.counts == {"unchanged": 1, "doubtful": 0}


def test_run_can_be_rolled_back_from_its_page(staff_client):
    run = finished(publish=True)
    edited = Session.objects.get(title="Tides")
    edited.internal_note = "By hand"
    edited.save()
    staff = staff_client("Publishers")

    asked = staff.get(f"{LIST}{run.pk}/take-back/").content.decode()
    before = Session.objects.count()
    staff.post(f"{LIST}{run.pk}/take-back/")
    work_off(run)
    page = staff.get(f"{LIST}{run.pk}/change/").content.decode()

    assert "2 sessions made" in asked
    assert (before, run.state) == (2, State.TAKEN_BACK)
    assert list(Session.objects.all()) == [edited]
    assert "Tides: It has been edited since." in page


def test_run_can_be_cancelled_by_a_button(staff_client):
    staff = staff_client("Editors")
    upload(staff)
    run = ImportRun.objects.get()

    page = staff.post(f"{LIST}{run.pk}/cancel/", follow=True).content.decode()

    run.refresh_from_db()
    assert run.state == State.CANCELLED
    assert "Cancelled. What was imported stays" in page
    assert staff.get(f"{LIST}{run.pk}/cancel/").status_code == 405


def test_mapping_can_be_edited_in_the_list(staff_client):
    finished()
    staff = staff_client("Editors")
    rule = MappingRule.objects.get(source="post")
    values = {
        "form-TOTAL_FORMS": 1,
        "form-INITIAL_FORMS": 1,
        "form-0-id": rule.pk,
        "form-0-name": "",
        "_save": "Save",
    }

    refused = staff.post(
        "/admin/ingest_app/mappingrule/", values | {"form-0-target": "topics"}
    ).content.decode()
    staff.post("/admin/ingest_app/mappingrule/", values | {"form-0-target": "ignored"})

    rule.refresh_from_db()
    assert "Select a valid choice" in refused
    assert rule.target == "ignored"


def test_pages_of_a_report_keep_the_chosen_result(staff_client, monkeypatch):
    monkeypatch.setattr(runs, "ITEMS_PER_PAGE", 1)
    run = ImportRun.objects.create(kind="wordpress", source_name="x", started_by=UserFactory())
    for ref in "abc":
        RunItem.objects.create(run=run, ref=ref, status="left out", title=f"Post {ref}")
    RunItem.objects.create(run=run, ref="d", status="created", title="Post d")

    response = staff_client("Publishers").get(
        f"{LIST}{run.pk}/change/", {"status": "left out", "p": "2"}
    )

    page = html.fromstring(response.text)
    (paginator,) = page.find_class("paginator")
    assert "Page 2 of 3" in " ".join(paginator.text_content().split())
    assert paginator.xpath("a/@href") == ["?status=left+out&p=1", "?status=left+out&p=3"]


@pytest.mark.parametrize("count", [1, 3])
def test_query_counts(staff_client, count, django_assert_num_queries):
    run = ImportRun.objects.create(kind="wordpress", source_name="x", started_by=UserFactory())
    for number in range(count):
        ImportRun.objects.create(kind="wordpress", source_name="x", started_by=UserFactory())
        RunItem.objects.create(run=run, ref=f"r{number}", status="created", title="T")
        MappingRule.objects.create(kind="taxonomy", source=f"t{number}", target="topics")
    staff = staff_client("Publishers")

    with django_assert_num_queries(9):
        staff.get(LIST)
    with django_assert_num_queries(14):
        staff.get(f"{LIST}{run.pk}/change/")
    with django_assert_num_queries(7):
        staff.get("/admin/ingest_app/mappingrule/")


@pytest.mark.browser
def test_progress_updates_itself(browser_page, enter_as):
    run = ImportRun.objects.create(kind="wordpress", source_name="old.xml", state=State.RUNNING)
    page = browser_page
    enter_as(page, UserFactory(group="Publishers"))
    page.goto(f"{LIST}{run.pk}/change/")
    page.wait_for_selector("[data-working]")

    ImportRun.objects.filter(pk=run.pk).update(state=State.DONE, counts={"created": 14})

    page.wait_for_selector("text=Everything: 0")
    assert page.text_content(".run-counts [href='?status=created'] .run-number") == "14"
