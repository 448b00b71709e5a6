import pytest
from django.urls import reverse
from lxml import html

from tests.factories import AppearanceFactory, RecommendationFactory, SeriesFactory, SessionFactory

pytestmark = pytest.mark.django_db


def bar_on(response):
    """Return the texts of the links and buttons in the staff bar, or None if there is no bar."""
    page = html.document_fromstring(response.content.decode())
    bars = page.xpath("//*[contains(@class, 'staff-bar')]")
    return (
        [part.text_content().strip() for part in bars[0].xpath(".//a|.//button")] if bars else None
    )


@pytest.mark.parametrize(
    ("group", "status", "words"),
    [
        ("Publishers", "published", ["Edit", "Review", "History"]),
        ("Publishers", "draft", ["Edit", "Review", "History", "Publish"]),
        ("Editors", "draft", ["Edit", "Review", "History"]),
        ("Editors", "published", ["Look at it in the admin", "History"]),
    ],
)
def test_staff_see_a_bar_on_session_pages(staff_client, group, status, words):
    advice = RecommendationFactory(session=SessionFactory(status=status))
    client = staff_client(group)

    for record in (advice.session, advice):
        response = client.get(record.get_absolute_url())

        assert bar_on(response) == words
        kept = "private, no-cache" if status == "published" else "private, no-store"
        assert response["Cache-Control"] == kept


def test_visitors_see_no_staff_bar_and_their_pages_are_cached(client):
    session = SessionFactory()

    response = client.get(session.get_absolute_url())

    assert bar_on(response) is None
    assert response["Cache-Control"] == "no-cache"
    assert "ETag" in response


def test_publish_link_in_the_bar_opens_the_session_in_the_admin(staff_client):
    session = SessionFactory(status="draft")
    client = staff_client("Publishers")
    page = html.document_fromstring(client.get(session.get_absolute_url()).content.decode())
    [form] = page.xpath("//*[contains(@class, 'staff-bar')]//form")

    answer = client.post(form.get("action"), {"do": "publish"})

    session.refresh_from_db()
    assert session.is_public
    assert answer.url.endswith("#review")


def test_records_used_only_by_drafts_have_previews_for_staff(client, staff_client):
    session = SessionFactory(status="draft", series=SeriesFactory())
    appearance = AppearanceFactory(session=session)
    records = [session.series, appearance.speaker, appearance.organisation]

    for record in records:
        assert client.get(record.get_absolute_url()).status_code == 404
    editor = staff_client("Editors")
    for record in records:
        response = editor.get(record.get_absolute_url())
        assert response.status_code == 200
        assert "Preview." in response.content.decode()
        assert "History" in bar_on(response)
        assert response["Cache-Control"] == "private, no-store"
        assert response["X-Robots-Tag"] == "noindex"
    assert editor.get(reverse("sessions:series", args=["no-such-series"])).status_code == 404
