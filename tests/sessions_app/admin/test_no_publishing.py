"""An editor without the permission cannot publish, in whatever way they try."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sessions_app.editing import history
from sessions_app.models import Session
from tests.factories import CommentFactory, SessionFactory
from tests.sessions_app.admin_forms import post_change, post_new

pytestmark = pytest.mark.django_db
OWN = "admin:sessions_app_session_"
LIST = reverse(f"{OWN}changelist")
PAST = {"published_at_0": "2001-01-01", "published_at_1": "00:00"}


def by_form(client, session):
    post_change(client, session, status="published", **PAST)


def by_new_record(client, session):
    post_new(client, title="New", status="published", **PAST)


def by_review_button(client, session):
    client.post(reverse(f"{OWN}review", args=[session.pk]), {"do": "publish"})


def by_save_and_ask(client, session):
    post_change(client, session, status="published", _ask_for_review="1")


def by_action(client, session):
    for action in ("publish_chosen", "withdraw_chosen", "delete_selected"):
        client.post(LIST, {"action": action, "_selected_action": [session.pk], "post": "yes"})


def by_bulk_page(client, session):
    time = {"publish_at_0": "2001-01-01", "publish_at_1": "00:00"}
    chosen = {"action": "change_chosen", "_selected_action": [session.pk]}
    client.post(LIST, {**chosen, "change_many": "1", **time})


def by_import(client, session):
    rows = f"slug,status,published_at\n{session.slug},published,2001-01-01 00:00\n".encode()
    file = SimpleUploadedFile("rows.csv", rows)
    client.post(reverse(f"{OWN}import"), {"import_file": file, "resource": "0"})
    forged = {"import_file_name": "rows.csv", "original_file_name": "rows.csv", "format": "0"}
    client.post(reverse(f"{OWN}process_import"), forged)


def by_restoring(client, session):
    Session.objects.filter(pk=session.pk).update(
        status="published", published_at=session.created_at
    )
    history.record_current_state([session.pk], comment="When it was public.")
    Session.objects.filter(pk=session.pk).update(status="draft", published_at=None)
    version = history.versions_of_session(session.pk).first()
    address = reverse(f"{OWN}revision", args=[session.pk, version.pk])
    client.post(address, {"with_status": "on"})


def by_the_bin(client, session):
    for action in (
        {"restore": session.pk},
        {"action": "restore_chosen", "_selected_action": [session.pk]},
    ):
        client.post(reverse("admin:sessions_app_binnedsession_changelist"), action)


def by_the_api(client, session):
    for method in (client.post, client.put, client.patch, client.delete):
        for address in ("/api/v1/sessions/", f"/api/v1/sessions/{session.slug}/"):
            response = method(address, {"status": "published"}, content_type="application/json")
            assert response.status_code in (404, 405)


WAYS = [
    by_form, by_new_record, by_review_button, by_save_and_ask, by_action, by_bulk_page, by_import,
    by_restoring, by_the_bin, by_the_api,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_editor_cannot_publish_a_session(client, editor, way):
    session = SessionFactory(status="draft", slug="draft")
    public = SessionFactory(title="Stays")

    way(client, session)

    assert set(Session.objects.exclude(pk=public.pk).values_list("status", flat=True)) <= {
        "draft",
        "in_review",
    }
    assert not Session.objects.exclude(pk=public.pk).exclude(published_at=None).exists()
    assert list(Session.objects.published()) == [public]


@pytest.mark.parametrize("way", WAYS)
def test_editor_cannot_change_public_records(client, editor, way):
    session = SessionFactory(slug="public", title="Stays")
    before = Session.objects.values().get()

    if way is not by_form and way is not by_save_and_ask and way is not by_restoring:
        way(client, session)
    client.post(
        reverse(f"{OWN}change", args=[session.pk]), {"title": "Changed", "status": "draft"}
    )
    client.post(reverse(f"{OWN}delete", args=[session.pk]), {"post": "yes"})

    assert Session.objects.values().get(pk=session.pk) == before


def test_editor_cannot_approve_a_comment(client, editor):
    comment = CommentFactory(status="pending")
    address = reverse("admin:sessions_app_comment_changelist")

    client.post(address, {"action": "approve_chosen", "_selected_action": [comment.pk]})

    comment.refresh_from_db()
    assert comment.status == "pending"
