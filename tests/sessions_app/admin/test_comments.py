import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from search_app.change_log import newest_change_id
from sessions_app.models import Comment
from tests.factories import CommentFactory, SessionFactory, UserFactory

pytestmark = pytest.mark.django_db
QUEUE = reverse("admin:sessions_app_comment_changelist")


def choose(client, action, *comments):
    chosen = [comment.pk for comment in comments]
    return client.post(QUEUE, {"action": action, "_selected_action": chosen}, follow=True)


def test_comments_are_approved_and_rejected_in_bulk(client, publisher):
    waiting = CommentFactory.create_batch(2, status="pending")
    approved = CommentFactory()

    answer = choose(client, "approve_chosen", *waiting, approved)
    rejected = choose(client, "reject_chosen", waiting[0])

    assert "Approved: 2." in answer.content.decode()
    assert "Rejected: 1." in rejected.content.decode()
    assert list(Comment.objects.order_by("pk").values_list("status", "decided_by")) == [
        ("rejected", publisher.pk),
        ("approved", publisher.pk),
        ("approved", None),
    ]
    assert LogEntry.objects.count() == 3


def test_approval_by_the_form_records_the_user(client, publisher):
    comment = CommentFactory(status="pending")
    address = reverse("admin:sessions_app_comment_change", args=[comment.pk])

    client.post(address, {"name": comment.name, "body": comment.body, "status": "approved"})

    comment.refresh_from_db()
    assert (comment.status, comment.decided_by) == ("approved", publisher)


def test_editor_cannot_approve_comments(client, editor):
    comment = CommentFactory(status="pending")
    address = reverse("admin:sessions_app_comment_change", args=[comment.pk])

    choose(client, "approve_chosen", comment)
    response = client.post(address, {"name": "N", "body": "B", "status": "approved"})

    comment.refresh_from_db()
    assert (response.status_code, comment.status) == (403, "pending")


def test_access_officer_sees_no_comments(client):
    client.force_login(UserFactory(group="Access officers"))

    assert client.get(QUEUE).status_code == 403


def test_only_visible_changes_of_comments_are_in_the_change_log():
    session = SessionFactory()
    position = newest_change_id()
    comment = CommentFactory(session=session, status="pending")
    comment.status = "rejected"
    comment.save()
    unseen = newest_change_id()

    comment.status = "approved"
    comment.save()

    assert (unseen, newest_change_id() > position) == (position, True)


@pytest.mark.parametrize("count", [1, 3])
def test_queue_query_count(client, publisher, count, django_assert_num_queries):
    CommentFactory.create_batch(count, status="pending")
    client.get(QUEUE)

    with django_assert_num_queries(9):
        response = client.get(QUEUE)

    assert len(response.context["cl"].result_list) == count
