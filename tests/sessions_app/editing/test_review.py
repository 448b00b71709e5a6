import pytest
from django.urls import reverse

from sessions_app.editing import history
from sessions_app.editing.restore import restore_version
from sessions_app.editing.review import (
    add_review_note,
    ask_for_review,
    open_reviews_of_user,
    reviewers,
    send_back_to_draft,
)
from sessions_app.models import ReviewNote, Session, StatusChange
from tests.factories import SessionFactory, UserFactory
from tests.sessions_app.admin_forms import CHANGE, post_change, post_new

pytestmark = pytest.mark.django_db


def post(client, session, **values):
    return client.post(reverse("admin:sessions_app_session_review", args=[session.pk]), values)


def steps(session):
    return [
        (step.was, step.status, step.by)
        for step in StatusChange.objects.filter(session=session).select_related("by")
    ]


def waits(user, key):
    return list(open_reviews_of_user(user)[key][1])


def test_status_changes_are_logged_with_the_user(client):
    writer, publisher = UserFactory(group="Editors"), UserFactory(group="Publishers")
    client.force_login(writer)
    post_new(client, title="A session")
    session = Session.objects.get()
    post(client, session, do="ask", note="Please look at the summary.", reviewer=publisher.pk)
    session.refresh_from_db()
    asked = (session.status, session.reviewer)
    client.force_login(publisher)
    post(client, session, do="back", note="The date is missing.")
    client.force_login(writer)
    post_change(client, session, _ask_for_review="1")
    client.force_login(publisher)
    post(client, session, do="publish")
    changelist = reverse("admin:sessions_app_session_changelist")
    client.post(changelist, {"action": "withdraw_chosen", "_selected_action": [session.pk]})

    assert asked == ("in_review", publisher)
    assert steps(session) == [
        ("draft", "in_review", writer),
        ("in_review", "draft", publisher),
        ("draft", "in_review", writer),
        ("in_review", "published", publisher),
        ("published", "withdrawn", publisher),
    ]
    page = client.get(reverse(CHANGE, args=[session.pk])).content.decode()
    assert "The date is missing." in page
    assert "Draft → <strong>In review</strong>" in page


def test_status_set_in_the_form_or_restored_is_logged(client, publisher):
    session = SessionFactory(status="draft")
    history.record_current_state([session.pk], comment="Draft.")
    post_change(client, session, status="published")
    draft = history.versions_of_session(session.pk).last()

    restore_version(draft, user=publisher, with_status=True)

    assert steps(session) == [
        ("draft", "published", publisher),
        ("published", "draft", publisher),
    ]


def test_pending_reviews_are_listed_by_person():
    writer, other = UserFactory.create_batch(2, group="Editors")
    first, second = UserFactory.create_batch(2, group="Publishers")
    draft = SessionFactory(status="draft", created_by=writer)
    to_first = SessionFactory(status="draft", created_by=writer)
    to_all = SessionFactory(status="draft", created_by=other)
    sent_back = SessionFactory(status="draft", created_by=other)
    binned = SessionFactory(
        status="binned",
        binned_at=draft.created_at,
        status_before_bin="in_review",
        created_by=writer,
    )
    ask_for_review(to_first, user=writer, reviewer=first)
    ask_for_review(to_all, user=other)
    ask_for_review(sent_back, user=writer)
    send_back_to_draft(sent_back, user=first, note="Why?")
    add_review_note(draft, user=first, text="A question.")
    add_review_note(binned, user=first, text="Too late.")

    assert set(waits(first, "review")) == {to_first, to_all}
    assert waits(second, "review") == [to_all]
    assert "review" not in open_reviews_of_user(writer)
    assert waits(writer, "back") == [sent_back]
    assert (waits(other, "back"), waits(first, "back")) == ([], [])
    assert waits(writer, "notes") == [draft]
    assert waits(other, "notes") == [sent_back]
    assert waits(writer, "drafts") == [draft]
    assert set(reviewers()) == {first, second}


def test_pending_reviews_are_on_the_index_page_and_the_list(client, publisher):
    session = SessionFactory(status="draft", title="Look at me")
    SessionFactory(status="draft", title="Not at me")
    ask_for_review(session, user=UserFactory(group="Editors"))

    start = client.get(reverse("admin:index")).content.decode()
    found = client.get(reverse("admin:sessions_app_session_changelist"), {"waits": "review"})

    assert "Waiting for your review" in start
    assert "Look at me" in start
    assert list(found.context["cl"].result_list) == [session]


def test_resolving_a_note_records_user_and_time(client, publisher):
    session = SessionFactory(status="draft")
    note = add_review_note(session, user=UserFactory(), text="<b>Really?</b>")

    post(client, session, resolve=note.pk)
    client.force_login(UserFactory(group="Editors"))
    post(client, session, resolve=note.pk)

    note.refresh_from_db()
    page = client.get(reverse(CHANGE, args=[session.pk])).content.decode()
    assert note.resolved_by == publisher
    assert "&lt;b&gt;Really?" in page
    assert "resolved " in page


@pytest.mark.parametrize("number", ["x", "9" * 30, "0"])
def test_note_of_another_session_is_not_found(client, publisher, number):
    session, other = SessionFactory.create_batch(2)
    note = add_review_note(other, user=publisher, text="Elsewhere")

    assert post(client, session, resolve=note.pk).status_code == 404
    assert post(client, session, resolve=number).status_code == 404


def test_sending_back_requires_a_reason(client, publisher):
    session = SessionFactory(status="in_review")

    response = post(client, session, do="back", note="  ")

    session.refresh_from_db()
    shown = client.get(response["Location"]).content.decode()
    assert session.status == "in_review"
    assert "Write a note that says what is missing" in shown


def test_note_is_stored_even_if_the_step_came_too_late(client, publisher):
    session = SessionFactory(status="published")

    post(client, session, do="back", note="Too\x00 late.")

    assert ReviewNote.objects.get().text == "Too late."
    session.refresh_from_db()
    assert session.status == "published"


def test_editor_can_comment_on_but_not_change_a_public_session(client, editor):
    session = SessionFactory()

    post(client, session, do="note", note="A typing mistake in line 2.")
    codes = [post(client, session, do=step, note="x").status_code for step in ("back", "publish")]

    session.refresh_from_db()
    assert (codes, session.status) == ([403, 403], "published")
    assert ReviewNote.objects.count() == 1


@pytest.mark.parametrize("status", ["draft", "in_review"])
def test_editor_cannot_publish_through_the_review(client, editor, status):
    session = SessionFactory(status=status)

    response = post(client, session, do="publish")

    session.refresh_from_db()
    assert (response.status_code, session.status) == (403, status)


def test_access_officer_cannot_write_notes_and_viewing_changes_nothing(client, publisher):
    session = SessionFactory(status="draft")
    address = reverse("admin:sessions_app_session_review", args=[session.pk])
    got = client.get(address)
    client.force_login(UserFactory(group="Access officers"))

    posted = post(client, session, do="note", note="x")

    assert (got.status_code, posted.status_code) == (405, 403)
    assert not ReviewNote.objects.exists()


def test_reviewer_and_requester_get_mails(client, send_mail_now):
    writer, reviewer = UserFactory(group="Editors"), UserFactory(group="Publishers")
    session = SessionFactory(status="draft", title="Ports & roads")

    ask_for_review(session, user=writer, reviewer=reviewer, note="Please hurry.")
    send_back_to_draft(session, user=reviewer, note="No date.")
    asked, back = send_mail_now()

    address = f"/admin/sessions_app/session/{session.pk}/change/"
    assert (asked.to, back.to) == ([reviewer.email], [writer.email])
    assert "Ports & roads" in asked.subject
    assert "Please hurry." in asked.body and address in asked.body
    assert "No date." in back.body and address in back.body


def test_nobody_gets_mail_about_their_own_action(client, send_mail_now):
    user = UserFactory(group="Publishers")
    session = SessionFactory(status="draft")

    ask_for_review(session, user=user, reviewer=user)
    send_back_to_draft(session, user=user, note="Not yet.")

    assert send_mail_now() == []
