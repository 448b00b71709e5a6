from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from lxml import html
from reversion.models import Version

from sessions_app.editing.publishing import publish_sessions, status_in_words
from sessions_app.models import Session
from tests.factories import SessionFactory, UserFactory
from tests.sessions_app.admin_forms import CHANGE, post_change, post_new

pytestmark = pytest.mark.django_db
LATER = datetime(2126, 11, 29, 9, 0, tzinfo=UTC)
SCHEDULED = "Scheduled: public from 29 November 2126, 09:00"


def page_of(client, session):
    response = client.get(reverse(CHANGE, args=[session.pk]))
    return html.document_fromstring(response.content.decode())


def buttons(page):
    return [button.get("name") for button in page.xpath("//*[@class='edit-bar']//button")]


@pytest.mark.parametrize(
    ("values", "words", "is_publishable"),
    [
        ({"status": "draft"}, "Draft", True),
        ({"status": "in_review"}, "In review", True),
        ({"status": "published"}, "Published", False),
        ({"status": "published", "published_at": LATER}, SCHEDULED, False),
    ],
)
def test_bar_shows_the_status_and_the_available_actions(
    staff_client, values, words, is_publishable
):
    session = SessionFactory(**values)

    page = page_of(staff_client("Publishers"), session)

    assert page.xpath("string(//*[@class='edit-bar-status'])").strip() == words
    assert page.xpath("string(//section[@id='review']/p[1]/strong)") == words
    assert buttons(page)[:2] == ["_save", "_preview"]
    assert ("_publish" in buttons(page)) is is_publishable
    targets = [link[1:] for link in page.xpath("//*[@class='edit-bar-sections']/a/@href")]
    assert "appearances-group" in targets and "review" in targets
    assert all(len(page.xpath(f"//*[@id='{target}']")) == 1 for target in targets)


def test_editors_can_request_a_review_but_not_publish(staff_client):
    page = page_of(staff_client("Editors"), SessionFactory(status="draft"))

    assert buttons(page) == ["_save", "_preview", "_ask_for_review"]


def test_publish_button_in_the_bar_saves_and_publishes(staff_client):
    session = SessionFactory(status="draft", title="Before")

    post_change(staff_client("Publishers"), session, title="After", _publish="1")

    stored = Session.objects.get()
    assert (stored.title, stored.status) == ("After", "published")
    assert stored.is_public


def test_forged_publication_by_an_editor_is_ignored(staff_client):
    post_new(staff_client("Editors"), title="T", _publish="1")

    assert Session.objects.get().status == "draft"


def test_scheduled_status_is_shown_everywhere(staff_client):
    client = staff_client("Publishers")
    session = SessionFactory(status="published", published_at=LATER)

    saved = post_change(client, session, title="Changed")
    listed = client.get(saved.url).content.decode()
    preview = client.get(session.get_absolute_url()).content.decode()

    assert listed.count(SCHEDULED) == 2  # the message, and the row
    assert SCHEDULED in preview


def test_publication_after_review_is_logged(staff_client):
    session = SessionFactory(status="in_review")
    review = reverse("admin:sessions_app_session_review", args=[session.pk])

    staff_client("Publishers").post(review, {"do": "publish", "note": ""})

    comments = Version.objects.get_for_object(session).values_list("revision__comment", flat=True)
    assert comments[0] == "Published after review."


def test_publication_from_the_list_is_logged(db):
    session = SessionFactory(status="draft")

    publish_sessions(Session.objects.all(), user=UserFactory(group="Publishers"))

    comments = Version.objects.get_for_object(session).values_list("revision__comment", flat=True)
    assert comments[0] == "Published from the list."


def test_published_session_is_not_called_scheduled_after_its_time(db):
    past = timezone.now() - timedelta(hours=1)

    assert status_in_words(SessionFactory(status="published", published_at=past)) == "Published"


def test_read_only_form_shows_the_summary_like_the_public_page(staff_client):
    session = SessionFactory(summary="<p>First.</p><p><strong>Second</strong> one.</p>")

    page = page_of(staff_client("Editors"), session)

    [shown] = page.xpath("//div[contains(@class, 'field-shown_summary')]//div[@class='readonly']")
    assert shown.xpath("p//text()") == ["First.", "Second", " one."]
    assert page.xpath("//*[@class='edit-bar']") == []
    assert page.xpath("//form[@id='session_form']//div[@class='help'][normalize-space()]") == []
    assert "publisher" in page.xpath("string(//*[@class='messagelist'])")
