"""Leftover text of imports is resolved on the form, in the worklist, or by attaching what was missing."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions_app.editing import history, import_remains
from sessions_app.editing.completeness import LABELS_AND_CONDITIONS_OF_GAPS
from sessions_app.editing.restore import restore_version
from sessions_app.models import Document, Session
from tests.factories import DocumentFactory, SessionFactory
from tests.sessions_app.admin_forms import CHANGE, errors, post_change, rows

pytestmark = pytest.mark.django_db
LINE = {"kind": "not understood", "text": "A stray line"}
GUESS = {"kind": "guessed", "text": "“Ann” was read as one person."}
SLIDES = {"kind": "missing file", "text": "Download the slides"}
PAPER = {"kind": "missing file", "text": "Paper — Été"}
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def left_over(*remains, **fields):
    return SessionFactory(import_remains=[dict(each) for each in remains], **fields)


def open_texts(session):
    session.refresh_from_db()
    return [each["text"] for each in session.import_remains]


def settled(session):
    session.refresh_from_db()
    return [(each["text"], each["how"]) for each in session.settled_remains]


def field(name, remain):
    return f"{name}-{import_remains.key_of_remain(remain)}"


def test_leftovers_are_listed_at_the_top_of_the_form_with_checkboxes(staff_client):
    client = staff_client("Publishers")
    session = left_over(LINE, GUESS, SLIDES)

    page = client.get(reverse(CHANGE, args=[session.pk])).content.decode()
    response = post_change(client, session, {field("settle", LINE): "on"})

    assert page.index("Left over from the import") < page.index('name="title"')
    assert response.status_code == 302
    assert open_texts(session) == [GUESS["text"], SLIDES["text"]]
    assert settled(session) == [(LINE["text"], "dealt with")]


def test_resolved_leftover_can_be_reopened(staff_client):
    client = staff_client("Publishers")
    session = left_over(LINE, GUESS)
    post_change(client, session, {field("settle", LINE): "on"})

    post_change(client, session, {field("reopen", LINE): "on"})

    assert open_texts(session) == [LINE["text"], GUESS["text"]]
    assert settled(session) == []


def test_file_can_be_attached_for_a_missing_one(staff_client, client):
    session = left_over(LINE, SLIDES)
    before = client.get(session.get_absolute_url()).content.decode()

    post_change(
        staff_client("Publishers"),
        session,
        {field("attach", SLIDES): SimpleUploadedFile("x.pdf", PDF)},
    )

    after = client.get(session.get_absolute_url()).content.decode()
    document = session.documents.get()
    assert (document.title, document.kind) == ("Download the slides", Document.Kind.SLIDES)
    assert document.media_type == "application/pdf"
    assert open_texts(session) == [LINE["text"]]
    assert settled(session) == [(SLIDES["text"], "attached")]
    assert ("not here yet" in before, "not here yet" in after) == (True, False)


def test_link_can_be_attached_for_a_missing_file(staff_client):
    session = left_over(PAPER)

    post_change(
        staff_client("Publishers"), session, {field("link", PAPER): "https://example.org/a"}
    )

    assert [each.url for each in session.documents.all()] == ["https://example.org/a"]
    assert open_texts(session) == []


def test_invalid_file_is_rejected_next_to_its_line(staff_client):
    session = left_over(SLIDES)

    response = post_change(
        staff_client("Publishers"),
        session,
        {field("attach", SLIDES): SimpleUploadedFile("x.pdf", b"MZ\x00\x01")},
    )

    assert "cannot be published" in " ".join(errors(response))
    assert (session.documents.count(), open_texts(session)) == (0, [SLIDES["text"]])


@pytest.mark.parametrize("title", ("Download the slides", "download The SLIDES", "The slides"))
def test_document_with_the_name_of_the_missing_file_resolves_it(staff_client, client, title):
    session = left_over(SLIDES, PAPER)
    new = rows("documents", {"kind": "slides", "title": title, "url": "https://example.org/s"})

    post_change(staff_client("Publishers"), session, new)

    page = client.get(session.get_absolute_url()).content.decode()
    assert settled(session) == [(SLIDES["text"], "attached")]
    assert "Download the slides (named on" not in page
    assert "Paper — Été (named on" in page


def test_editor_cannot_resolve_leftovers_of_a_public_session(staff_client):
    client = staff_client("Editors")
    session = left_over(LINE)

    page = client.get(reverse(CHANGE, args=[session.pk])).content.decode()
    client.post(reverse(CHANGE, args=[session.pk]), {field("settle", LINE): "on"})
    client.post(
        reverse("worklists:worklist", args=["leftovers"]),
        {"line": [f"{session.pk}-{import_remains.key_of_remain(LINE)}"], "fix": "settle"},
    )

    assert "A stray line" in page
    assert open_texts(session) == [LINE["text"]]


def test_worklist_lists_open_leftovers_and_resolves_selected_ones(staff_client):
    client = staff_client("Publishers")
    one, other = left_over(LINE, SLIDES, title="One"), left_over(LINE, title="Other")
    SessionFactory(title="Whole")
    address = reverse("worklists:worklist", args=["leftovers"])

    listed = [line.text for line, _ticked in client.get(address).context["lines"]]
    ticked = [
        f"{one.pk}-{import_remains.key_of_remain(LINE)}",
        f"{other.pk}-{import_remains.key_of_remain(LINE)}",
        "x",
    ]
    client.post(address, {"line": ticked, "fix": "settle"})

    left = client.get(address).context["lines"]
    assert sorted(listed) == [
        "Missing file: Download the slides",
        "Not understood: A stray line",
        "Not understood: A stray line",
    ]
    assert [line.text for line, _ticked in left] == ["Missing file: Download the slides"]
    assert [
        each.pk for each in Session.objects.filter(LABELS_AND_CONDITIONS_OF_GAPS["remains"][1])
    ] == [one.pk]


def test_restoring_reopens_no_resolved_leftover(staff_client):
    session = left_over(LINE, GUESS)
    history.record_current_state([session.pk], user=None, comment="Before.")
    version = history.versions_of_session(session.pk).first()
    post_change(staff_client("Publishers"), session, {field("settle", LINE): "on"})

    restore_version(version, user=None)

    assert open_texts(session) == [GUESS["text"]]
    assert settled(session) == [(LINE["text"], "dealt with")]


REMAINS = st.lists(st.sampled_from([LINE, GUESS, SLIDES, PAPER]), max_size=6)


@settings(deadline=None)
@given(first=REMAINS, settled_now=st.lists(st.sampled_from([LINE, SLIDES])), second=REMAINS)
def test_imported_text_is_recognised_whatever_was_resolved(first, settled_now, second):
    session = Session(import_remains=list(first))

    for remain in settled_now:
        import_remains.settle_remains(session, [import_remains.key_of_remain(remain)])
    after_settling = import_remains.remains_of_last_import(session)
    import_remains.replace_open_remains(session, second)

    assert after_settling == first
    assert import_remains.remains_of_last_import(session) == second


def test_duplicate_check_compares_the_title(db):
    session = left_over(PAPER)
    DocumentFactory(session=session, title="paper: ETE")

    import_remains.settle_remains_of_attached_files(session)

    assert session.import_remains == []
