import re
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from lxml import html

from sessions_app.models import Document, Session
from site_app.forms import kept_uploads
from speakers_app.models import Speaker
from tests.factories import PDF, UserFactory
from tests.resubmitted import send_again
from tests.sessions_app.admin_forms import errors, post_new, rows
from tests.speakers_app.test_admin import NO_ALIASES, photo

pytestmark = pytest.mark.django_db
DOCUMENT = {"kind": "report", "title": "Report"}
SPEAKER = reverse("admin:speakers_app_speaker_add")


@pytest.fixture
def editor(staff_client):
    return staff_client("Editors")


def report(content=PDF, name="report.pdf"):
    return SimpleUploadedFile(name, content)


def ticket_on(response, name="documents-0-file"):
    page = html.document_fromstring(response.content.decode())
    return page.xpath(f"//input[@name='{name}-kept']/@value")


def kept_files():
    try:
        return storages["private"].listdir(kept_uploads.KEPT_UPLOADS_FOLDER)[1]
    except FileNotFoundError:
        return []


def refused(client, upload=None):
    """Submit a session without a title and with a document; return the form shown again."""
    return post_new(
        client, title="", **rows("documents", {**DOCUMENT, "file": upload or report()})
    )


def test_uploaded_document_is_kept_when_another_field_has_an_error(editor):
    shown = refused(editor)
    [ticket] = ticket_on(shown)
    again = post_new(editor, title="", **rows("documents", {**DOCUMENT, "file-kept": ticket}))
    post_new(editor, title="T", **rows("documents", {**DOCUMENT, "file-kept": ticket}))

    assert errors(shown) == errors(again) == ["This field is required."]
    assert "report.pdf (kept; choose another to replace it)" in shown.content.decode()
    assert ticket_on(again) == [ticket]
    document = Document.objects.get()
    assert document.media_type == "application/pdf"
    assert document.file.read() == PDF
    assert kept_files() == []


def test_another_file_replaces_the_stored_one(editor):
    [ticket] = ticket_on(refused(editor))
    other = report(PDF + b"%other", "other.pdf")

    post_new(
        editor, title="T", **rows("documents", {**DOCUMENT, "file-kept": ticket, "file": other})
    )

    assert Document.objects.get().file.read() == PDF + b"%other"


def test_stored_file_can_be_discarded(editor):
    [ticket] = ticket_on(refused(editor))
    values = {**DOCUMENT, "file-kept": ticket, "file-left-out": "on", "url": "https://a.example/"}

    post_new(editor, title="T", **rows("documents", values))

    assert not Document.objects.get().file


def test_rejected_file_is_not_stored(editor):
    shown = refused(editor, report(b"MZ\x90\x00 program", "report.pdf"))

    assert ticket_on(shown) == []
    assert kept_files() == []


def test_portrait_is_kept_when_its_alternative_text_is_missing(editor):
    values = NO_ALIASES | {"family_name": "Kania", "orcid": ""}

    shown = editor.post(SPEAKER, values | {"photo": photo()})
    [ticket] = ticket_on(shown, "photo")
    editor.post(SPEAKER, values | {"photo-kept": ticket, "picture_alt": "A person at a desk"})

    assert Speaker.objects.get().photo.name.endswith(".webp")


def test_reference_to_a_stored_file_is_valid_only_for_its_user_and_page(editor):
    [ticket] = ticket_on(refused(editor))
    other = Client()
    other.force_login(UserFactory(group="Editors"))

    by_another = post_new(other, title="T", **rows("documents", {**DOCUMENT, "file-kept": ticket}))
    elsewhere = editor.post(
        SPEAKER, NO_ALIASES | {"family_name": "K", "orcid": "", "photo-kept": ticket}
    )
    forged = post_new(editor, title="T", **rows("documents", {**DOCUMENT, "file-kept": "x:y:z"}))

    assert "Give either a file or a link" in " ".join(errors(by_another))
    assert "Give either a file or a link" in " ".join(errors(forged))
    assert elsewhere.status_code == 302 and not Speaker.objects.get().photo
    assert not Session.objects.exists()


def test_files_are_restored_after_a_new_login(db):
    client = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": "same-origin"})
    client.force_login(UserFactory(group="Editors"))

    shown = send_again(client, refused(client))

    assert len(ticket_on(shown)) == 1
    assert re.search("report.pdf .kept", shown.content.decode())
    assert not Session.objects.exists()


def test_stored_files_are_deleted_after_some_hours(editor, monkeypatch):
    refused(editor)

    early = kept_uploads.delete_kept_uploads()
    monkeypatch.setattr(kept_uploads, "KEPT_UPLOAD_RETENTION", timedelta(hours=-1))

    assert (early, kept_uploads.delete_kept_uploads()) == (0, 1)
    assert kept_files() == []


def test_number_of_stored_files_is_limited(editor, monkeypatch):
    monkeypatch.setattr(kept_uploads, "MAX_KEPT_FILES", 2)
    documents = [{**DOCUMENT, "title": f"R{number}", "file": report()} for number in range(4)]

    post_new(editor, title="", **rows("documents", *documents))

    assert len(kept_files()) == 2
