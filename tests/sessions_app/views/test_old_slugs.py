"""Every URL at or below a renamed record redirects to the same one below its current URL."""

import pytest

from tests.factories import (
    DocumentFactory,
    RecommendationFactory,
    RecordingFactory,
    SessionFactory,
    TopicFactory,
    TranscriptFactory,
)

pytestmark = pytest.mark.django_db

BELOW = [
    "/sessions/{slug}/",
    "/sessions/{slug}/cite.bib",
    "/sessions/{slug}/cite.txt?style=mla",
    "/sessions/{slug}/session.ics",
    "/sessions/{slug}/comment/",
    "/sessions/{slug}/comments/feed.atom",
    "/sessions/{slug}/documents/1/{file}",
    "/sessions/{slug}/request-recording/",
    "/sessions/{slug}/recordings/1/",
    "/sessions/{slug}/recordings/1/cite.ris",
    "/sessions/{slug}/recordings/1/transcript.txt",
    "/recommendations/{slug}-1/",
    "/recommendations/{slug}-1/cite.bib",
    "/recommendations/{slug}-1/cite.txt?style=mla",
    "/api/v1/sessions/{slug}/",
    "/api/v1/recommendations/{slug}-1/",
    "/topics/{slug}/",
    "/topics/{slug}/feed.rss",
    "/api/v1/topics/{slug}/",
    "/api/v1/sessions/{slug}/?fields=slug&expand=series",
    "/api/v1/recommendations/{slug}-1/?fields=text",
    "/api/v1/topics/{slug}/?fields=slug,name",
]


@pytest.mark.parametrize("address", BELOW)
def test_urls_below_an_old_slug_redirect(client, address):
    session, topic = SessionFactory(slug="old"), TopicFactory(slug="old")
    session.topics.add(topic)
    document = DocumentFactory(session=session, as_file=True)
    RecommendationFactory(session=session)
    TranscriptFactory(recording=RecordingFactory(session=session, access="open"), access="public")
    RecordingFactory(session=session, access="on_request")
    for record in (session, topic):
        record.slug = "new"
        record.save()

    old, new = (address.format(slug=slug, file=document.filename) for slug in ("old", "new"))
    moved = client.get(old)

    assert moved.status_code == 301
    assert moved["Location"].removeprefix("http://127.0.0.1:8000") == new
    assert client.get(new).status_code == 200
    session.status = "withdrawn"
    session.save()
    if "/sessions/" in address or "/recommendations/" in address:
        assert client.get(new).status_code in (404, 410)
