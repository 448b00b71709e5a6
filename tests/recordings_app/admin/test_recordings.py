"""Recordings in the admin: what each group of staff sees and may do."""

import pytest
from django.core.files.storage import storages
from django.urls import reverse

from recordings_app.models import AccessLog, Recording
from sessions_app.models import Session
from tests.factories import (
    GrantFactory,
    RecordingFactory,
    SessionFactory,
    TranscriptFactory,
    request_for,
)
from tests.sessions_app.admin_forms import post_change, post_new, row, rows

pytestmark = pytest.mark.django_db

LIST = reverse("admin:recordings_app_recording_changelist")


def change(recording):
    return reverse("admin:recordings_app_recording_change", args=[recording.pk])


@pytest.mark.parametrize("count", [1, 3])
def test_list_query_count(staff_client, count, django_assert_num_queries):
    client = staff_client("Access officers")
    for _ in range(count):
        TranscriptFactory(recording=RecordingFactory(has_audio=True))
    client.get(LIST)

    with django_assert_num_queries(9):
        response = client.get(LIST)

    assert len(response.context["cl"].result_list) == count


@pytest.mark.parametrize("count", [1, 3])
def test_session_page_lists_recordings_under_one_query_count(
    staff_client, count, django_assert_num_queries
):
    client = staff_client("Publishers")
    session = SessionFactory()
    for _ in range(count):
        RecordingFactory(session=session)
    address = reverse("admin:sessions_app_session_change", args=[session.pk])
    client.get(address)

    with django_assert_num_queries(24):
        page = client.get(address).content.decode()

    assert page.count("Open (no audio yet)") == count


@pytest.mark.parametrize(
    ("query", "titles"),
    [("audio=yes", ["A"]), ("audio=no", ["B"]), ("audio=odd", ["A"]), ("access=closed", ["B"]), ("q=Sea", ["A"])],
)  # fmt: skip
def test_list_is_filtered(staff_client, query, titles):
    RecordingFactory(title="A", has_audio=True, file_remark="Listen", session__title="Sea lanes")
    RecordingFactory(title="B", access="closed", session__title="Rivers")

    response = staff_client("Access officers").get(f"{LIST}?{query}")

    assert [each.title for each in response.context["cl"].result_list] == titles


@pytest.mark.parametrize("access", ["open", "automatic"])
def test_editors_cannot_open_the_recordings_they_add(staff_client, access):
    answer = post_new(
        staff_client("Editors"), title="Rivers", **rows("recordings", {"access": access})
    )

    assert answer.status_code == 200
    assert Recording.objects.count() == 0


def test_editors_cannot_change_a_recording(staff_client):
    recording = RecordingFactory(access="closed", session__status="draft")
    client = staff_client("Editors")

    post_change(client, recording.session, row("recordings", 0, access="on_request"), title="New")
    client.post(change(recording), {"access": "open", "position": "0"})

    recording.refresh_from_db()
    assert recording.access == "closed"
    assert Session.objects.get().title == "New"
    assert "data-audio-upload" not in client.get(change(recording)).content.decode()


def test_open_access_without_audio_is_rejected_with_a_message(staff_client):
    session = SessionFactory()

    answer = staff_client("Access officers").post(
        reverse("admin:recordings_app_recording_add"),
        {"session": session.pk, "access": "open", "position": "0"},
    )

    assert "Attach the audio first" in answer.content.decode()


def test_invalid_chapters_are_reported_by_line(staff_client):
    recording = RecordingFactory()

    answer = staff_client("Access officers").post(
        change(recording),
        {
            "access": "on_request",
            "position": "0",
            "chapters": "0:00 Opening\nlater: Questions",
            "transcript-TOTAL_FORMS": "0",
            "transcript-INITIAL_FORMS": "0",
        },
    )

    assert "Line 2: write a time and a title" in answer.content.decode()


@pytest.mark.parametrize("reason", ["asked for", "heard", "neither"])
def test_recording_with_an_access_log_is_not_deleted(
    staff_client, reason, django_capture_on_commit_callbacks
):
    recording = RecordingFactory(has_audio=True)
    if reason == "asked for":
        request_for(recording)
    if reason == "heard":
        AccessLog.objects.create(recording=recording, what="audio")

    with django_capture_on_commit_callbacks(execute=True):
        answer = staff_client("Access officers").post(
            reverse("admin:recordings_app_recording_delete", args=[recording.pk]), {"post": "yes"}
        )

    is_deleted = reason == "neither"
    assert answer.status_code == (302 if is_deleted else 403)
    assert Recording.objects.exists() is not is_deleted
    assert storages["private"].exists(recording.file.name) is not is_deleted


def test_session_with_audio_is_not_deleted_permanently():
    from django.db.models import ProtectedError  # caught by deletion into the bin

    recording = RecordingFactory(has_audio=True)
    announced = RecordingFactory()

    with pytest.raises(ProtectedError):
        recording.session.delete()
    announced.session.delete()

    assert list(Recording.objects.all()) == [recording]


def test_grants_are_not_shown_to_editors(staff_client):
    grant = GrantFactory()

    page = staff_client("Editors").get(change(grant.requested.recording)).content.decode()

    assert grant.token not in page
    assert "Ada Reader" not in page
