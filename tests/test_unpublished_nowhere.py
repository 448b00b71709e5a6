"""What is not public is nowhere: every public address is read for a word only drafts hold."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sessions_app.models import Session
from tests.factories import (
    AppearanceFactory,
    DocumentFactory,
    OrganisationFactory,
    RecommendationFactory,
    RegionFactory,
    SeriesFactory,
    SessionFactory,
    SpeakerFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db

WORD = "Quizzaciously"
LISTS = [
    "/",
    "/sessions/",
    f"/sessions/?q={WORD}",
    "/sessions/?sort=oldest&per_page=100",
    *(f"/sessions/facets/{name}/" for name in ("topic", "series", "region", "speaker", "organisation")),
    "/recommendations/",
    "/recommendations/facets/audience/",
    "/speakers/",
    "/organisations/",
    "/topics/",
    "/series/",
    "/regions/",
    *(f"/sessions/export.{extension}" for extension in ("csv", "json", "bib", "ris")),
    "/recommendations/export.csv",
    "/recommendations/export.json",
    "/sessions/feed.rss",
    "/sessions/feed.atom",
    "/sessions/upcoming.ics",
    "/topics/public/feed.rss",
    "/sitemap.xml",
    "/sitemap-sessions.xml",
    "/api/v1/sessions/?facets=1",
    "/api/v1/recommendations/?facets=1",
    *(f"/api/v1/{name}/" for name in ("speakers", "organisations", "topics", "series", "regions")),
    "/sessions/in-public/",
    "/topics/public/",
]  # fmt: skip

NOT_PUBLIC = {
    "binned": {
        "status": "binned",
        "status_before_bin": "published",
        "published_at": timezone.now() - timedelta(days=9),
        "first_public_at": timezone.now() - timedelta(days=9),
        "binned_at": timezone.now() - timedelta(days=1),
    },
    "draft": {"status": "draft"},
    "in review": {"status": "in_review"},
    "scheduled": {"status": "published", "published_at": timezone.now() + timedelta(days=9)},
    "withdrawn": {
        "status": "withdrawn",
        "published_at": timezone.now() - timedelta(days=9),
        "first_public_at": timezone.now() - timedelta(days=9),
    },
}


@pytest.fixture
def public_session():
    session = SessionFactory(title="In public", slug="in-public")
    session.topics.add(TopicFactory(name="Public"))
    AppearanceFactory(session=session)
    return session


def hidden_session(**status):
    """Make a session that carries WORD in everything that could leak."""
    session = SessionFactory(
        title=f"{WORD} title",
        slug="hidden",
        summary=f"<p>{WORD} summary</p>",
        series=SeriesFactory(name=f"{WORD} series", slug="hidden"),
        internal_note=WORD,
        **status,
    )
    session.topics.add(TopicFactory(name=f"{WORD} topic", slug="hidden"))
    session.regions.add(RegionFactory(name=f"{WORD} region", slug="hidden"))
    appearance = AppearanceFactory(
        session=session,
        speaker=SpeakerFactory(family_name=WORD, slug="hidden"),
        organisation=OrganisationFactory(name=f"{WORD} institute", slug="hidden"),
        role_title=WORD,
    )
    recommendation = RecommendationFactory(session=session, text=f"{WORD} advice", audience=WORD)
    recommendation.made_by.add(appearance)
    DocumentFactory(session=session, title=f"{WORD} paper", url="https://example.org/x")
    return session


@pytest.mark.parametrize("state", NOT_PUBLIC)
@pytest.mark.parametrize("address", LISTS)
def test_no_list_names_what_is_not_public(client, public_session, state, address):
    hidden_session(**NOT_PUBLIC[state])

    response = client.get(address)

    assert response.status_code == 200
    body = b"".join(response) if response.streaming else response.content
    page = body.decode()
    if WORD in address:  # the page repeats what the visitor typed
        assert "data-session=" not in page
    else:
        assert WORD.casefold() not in page.casefold()


@pytest.mark.parametrize("state", NOT_PUBLIC)
@pytest.mark.parametrize(
    "address",
    [
        "/sessions/hidden/",
        "/sessions/hidden/cite.bib",
        "/sessions/hidden/documents/1/x.pdf",
        "/sessions/hidden/request-recording/",
        "/recommendations/hidden-1/",
        "/recommendations/hidden-1/cite.txt",
        "/api/v1/sessions/hidden/",
        "/api/v1/recommendations/hidden-1/",
    ],
)
def test_own_address_is_404_or_410_without_content(client, state, address):
    hidden_session(**NOT_PUBLIC[state])

    response = client.get(address)

    assert response.status_code == (410 if state in ("withdrawn", "binned") else 404)
    assert WORD not in response.content.decode()


@pytest.mark.parametrize("kind", ["topics", "series", "regions", "speakers", "organisations"])
@pytest.mark.parametrize("prefix", ["", "/api/v1"])
def test_entry_of_drafts_only_is_404(client, kind, prefix):
    hidden_session(status=Session.Status.DRAFT)

    assert client.get(f"{prefix}/{kind}/hidden/").status_code == 404


def test_scheduled_session_becomes_public_with_time(client):
    session = hidden_session(**NOT_PUBLIC["scheduled"])
    Session.objects.filter(pk=session.pk).update(
        published_at=timezone.now() - timedelta(minutes=1)
    )

    assert client.get("/sessions/hidden/").status_code == 200
