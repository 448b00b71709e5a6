from datetime import timedelta

import pytest
from django.utils import timezone

from sessions_app.editing.comments import purge_old_rejected_comments
from sessions_app.models import Comment
from site_app.models import SiteSettings
from tests.factories import CommentFactory, SessionFactory

pytestmark = pytest.mark.django_db
PAGE = "/sessions/sea-lanes/"
FORM = f"{PAGE}comment/"


@pytest.fixture
def session():
    return SessionFactory(title="Sea lanes", slug="sea-lanes")


def send(client, address=FORM, **changes):
    typed = {"name": "Ada Reader", "email": "ada@reader.example", "body": "A port is missing."}
    return client.post(address, {**typed, "homepage": "", **changes})


def set_site(commenting):
    SiteSettings.objects.update_or_create(pk=1, defaults={"commenting": commenting})


def test_comment_is_public_after_approval_by_staff(client, session, send_mail_now):
    response = send(client)

    assert (response.status_code, response["Location"]) == (303, f"{FORM}thanks/")
    assert "We have received your comment" in client.get(response["Location"]).content.decode()
    comment = Comment.objects.get()
    assert (comment.session, comment.status) == (session, "pending")
    assert "A port is missing." not in client.get(PAGE).content.decode()

    (mail,) = send_mail_now()
    assert "A port is missing." in mail.body
    assert f"/admin/sessions_app/comment/{comment.pk}/" in mail.body

    comment.status = "approved"
    comment.save()
    page = client.get(PAGE).content.decode()
    assert "A port is missing." in page
    assert "Ada Reader" in page
    assert "ada@reader.example" not in page


def test_session_page_with_comments_remains_cached(client, session):
    CommentFactory(session=session)

    first, second = client.get(PAGE), client.get(PAGE)

    assert first["ETag"] == second["ETag"]
    assert not first.cookies
    assert FORM in first.content.decode()


def test_comment_in_the_honeypot_is_ignored(client, session):
    response = send(client, homepage="https://spam.example")

    assert response.status_code == 303
    assert not Comment.objects.exists()


def test_sixth_comment_in_an_hour_answers_429_and_preserves_the_input(client, session):
    for _ in range(5):
        send(client)

    response = send(client, body="The sixth.")

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert "The sixth." in response.content.decode()
    assert Comment.objects.count() == 5


@pytest.mark.parametrize(
    ("field", "value"),
    [("body", "x" * 5001), ("email", "nobody"), ("name", ""), ("body", "a\x00b")],
)
def test_invalid_comment_is_reported_at_its_field_and_not_stored(client, session, field, value):
    response = send(client, **{field: value})

    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert not Comment.objects.exists()


def test_text_is_plain_and_its_links_are_not_followed(client, session):
    CommentFactory(
        session=session,
        name="<b>Eve</b>",
        body='<script>x</script> see https://e.example rel="nofollow"',
    )

    page = client.get(PAGE).content.decode()

    assert "<script>x" not in page
    assert "<b>Eve" not in page
    assert '<a href="https://e.example" rel="nofollow ugc">' in page
    assert "rel=&quot;nofollow&quot;" in page


def test_reply_names_the_parent_comment_while_it_is_visible(client, session):
    first = CommentFactory(session=session, name="First")
    send(client, f"{FORM}?to={first.pk}")
    answer = Comment.objects.get(reply_to=first)
    answer.status = "approved"
    answer.save()
    shown = client.get(PAGE).content.decode()
    first.status = "rejected"
    first.save()

    hidden = client.get(PAGE).content.decode()

    assert "in answer to" in shown
    assert "in answer to" not in hidden
    assert "First" not in hidden


@pytest.mark.parametrize("to", ["x", "9" * 40, "0", "²"])
def test_reply_to_an_unknown_comment_is_a_comment(client, session, to):
    CommentFactory(session=session, status="pending", pk=7)

    assert client.get(FORM, {"to": to}).status_code == 200
    assert client.get(FORM, {"to": "7"}).context["answered"] is None


@pytest.mark.parametrize("where", ["session", "site"])
@pytest.mark.parametrize(
    ("commenting", "form_status", "is_shown"), [("open", 200, True), ("closed", 404, True), ("off", 404, False)]
)  # fmt: skip
def test_comments_can_be_disabled(client, session, where, commenting, form_status, is_shown):
    CommentFactory(session=session, body="Shown?")
    if where == "site":
        set_site(commenting)
    else:
        session.commenting = commenting
        session.save()

    page = client.get(PAGE).content.decode()
    feed = client.get(f"{PAGE}comments/feed.atom")
    of_site = client.get("/comments/feed.rss")

    assert ("Shown?" in page, FORM in page) == (is_shown, form_status == 200)
    assert (client.get(FORM).status_code, send(client).status_code) == (
        form_status,
        303 if form_status == 200 else 404,
    )
    assert feed.status_code == (200 if is_shown else 404)
    assert ("Shown?" in of_site.content.decode()) == is_shown


def test_session_cannot_allow_comments_disabled_for_the_site(client, session):
    set_site("closed")
    session.commenting = "open"
    session.save()

    assert client.get(FORM).status_code == 404


@pytest.mark.parametrize(
    ("status", "code"), [("draft", 404), ("in_review", 404), ("withdrawn", 410)]
)
def test_comments_on_unpublished_sessions_are_not_shown(client, session, status, code):
    CommentFactory(session=session, body="Hidden words")
    session.status = status
    session.save()
    if status != "withdrawn":
        type(session).objects.update(first_public_at=None)

    addresses = [PAGE, FORM, f"{FORM}thanks/", f"{PAGE}comments/feed.rss"]

    assert [client.get(each).status_code for each in addresses] == [code] * 4
    assert send(client).status_code == code
    assert "Hidden words" not in client.get("/comments/feed.atom").content.decode()


@pytest.mark.parametrize("extension", ["rss", "atom"])
def test_comment_feed_has_newest_approved_first_and_no_e_mail_addresses(
    client, session, extension
):
    old = CommentFactory(session=session, body="Older & wiser <b>")
    CommentFactory(session=session, body="Waiting", status="pending")
    new = CommentFactory(body="Newer")
    new.decided_at = timezone.now()
    new.save()

    of_site = client.get(f"/comments/feed.{extension}").content.decode()
    of_session = client.get(f"{PAGE}comments/feed.{extension}").content.decode()

    assert of_site.index("Newer") < of_site.index("Older")
    assert "Older" in of_session
    assert "Newer" not in of_session
    assert old.anchor in of_session
    for feed in (of_site, of_session):
        assert "Waiting" not in feed
        assert "@" not in feed.replace("@localhost", "")


@pytest.mark.parametrize("count", [1, 3])
def test_page_and_feed_query_count(client, session, count, django_assert_num_queries):
    CommentFactory.create_batch(count, session=session)
    client.get(PAGE)
    CommentFactory(session=session)

    with django_assert_num_queries(12):
        client.get(PAGE)
    with django_assert_num_queries(4):
        client.get("/comments/feed.atom")


def test_rejected_comments_are_deleted():
    now = timezone.now()
    CommentFactory(status="rejected", decided_at=now - timedelta(days=91))
    kept = [
        CommentFactory(status="rejected", decided_at=now - timedelta(days=89)),
        CommentFactory(decided_at=now - timedelta(days=91)),
    ]

    assert purge_old_rejected_comments() == 1
    assert list(Comment.objects.order_by("pk")) == kept
