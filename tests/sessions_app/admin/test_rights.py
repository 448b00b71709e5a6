import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sessions_app.models import Session
from tests.factories import (
    DocumentFactory,
    SessionFactory,
)
from tests.sessions_app.admin_forms import CHANGE, errors, post_change, post_new, rows

pytestmark = pytest.mark.django_db
LIST = "admin:sessions_app_session_changelist"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "Give either a file or a link, not both and not neither."),
        (
            {"file": SimpleUploadedFile("a.pdf", b"<!doctype html><p>x", "application/pdf")},
            "This type of file cannot be published. Use PDF, DOCX, XLSX, PPTX, ODT, ODS, ODP, TXT, "
            "PNG and JPEG. The content counts, not the name.",
        ),
    ],
)
def test_document_without_file_or_link_is_rejected(client, editor, values, message):
    document = {"kind": "paper", "title": "Paper", **values}

    response = post_new(client, title="T", **rows("documents", document))

    assert message in errors(response)
    assert not Session.objects.exists()


def test_editor_cannot_publish_by_a_forged_post(client, editor):
    session = SessionFactory(status="draft")

    response = post_change(client, session, status="published")

    session.refresh_from_db()
    assert session.status == "draft"
    assert errors(response) == [
        "Select a valid choice. published is not one of the available choices."
    ]


def test_editor_cannot_set_the_time_of_publication(client, editor):
    session = SessionFactory(status="draft")

    post_change(client, session, {"published_at_0": "2001-01-01", "published_at_1": "00:00"})

    session.refresh_from_db()
    assert session.published_at is None


@pytest.mark.parametrize("status", ["published", "withdrawn"])
def test_editor_cannot_change_what_is_or_was_public(client, editor, status):
    session = SessionFactory(status=status, title="Before")
    DocumentFactory(session=session, as_file=True)
    address = reverse(CHANGE, args=[session.pk])

    page = client.get(address)
    response = client.post(address, {"title": "After", "status": "draft"})

    session.refresh_from_db()
    assert page.status_code == 200
    assert session.documents.get().get_absolute_url() in page.content.decode()
    assert (response.status_code, session.title, session.status) == (403, "Before", status)


def test_editor_cannot_publish_from_the_list(client, editor):
    session = SessionFactory(status="draft")

    client.post(reverse(LIST), {"action": "publish_chosen", "_selected_action": [session.pk]})

    session.refresh_from_db()
    assert session.status == "draft"


def test_publishing_by_the_form_takes_effect_immediately(client, publisher):
    session = SessionFactory(status="draft")
    post_change(client, session, status="published")

    response = client.get(session.get_absolute_url())

    session.refresh_from_db()
    assert session.is_public
    assert session.first_public_at == session.published_at
    assert "Preview." not in response.content.decode()


def test_sessions_can_be_published_and_withdrawn_from_the_list(client, publisher):
    draft, public = SessionFactory(status="draft"), SessionFactory()
    chosen = {"_selected_action": [draft.pk, public.pk]}

    published = client.post(reverse(LIST), {"action": "publish_chosen", **chosen}, follow=True)
    draft.refresh_from_db()
    was_published = (draft.status, draft.is_public, draft.changed_by)
    withdrawn = client.post(reverse(LIST), {"action": "withdraw_chosen", **chosen}, follow=True)

    statuses = set(Session.objects.values_list("status", flat=True))
    assert was_published == ("published", True, publisher)
    assert statuses == {"withdrawn"}
    assert "Published: 1." in published.content.decode()
    assert "Withdrawn: 2." in withdrawn.content.decode()
    assert LogEntry.objects.count() == 3


def test_preview_of_a_draft_is_for_staff_only_and_labelled(client, editor):
    session = SessionFactory(status="draft")
    response = client.get(reverse(CHANGE, args=[session.pk]))

    preview = client.get(session.get_absolute_url())
    client.logout()
    public = client.get(session.get_absolute_url())

    assert session.get_absolute_url() in response.content.decode()
    assert "Preview." in preview.content.decode()
    assert preview["Cache-Control"] == "private, no-store"
    assert public.status_code == 404


def test_save_and_preview_redirects_to_the_site(client, editor):
    session = SessionFactory(status="draft")

    response = post_change(client, session, _preview="1")

    assert response["Location"] == session.get_absolute_url()
