"""The demonstration in the database: seeded once for all tests here."""

from datetime import date

import pytest
from django.core.management import call_command

from sessions_app.demo import handwritten
from sessions_app.models import Comment, Recommendation, Recurrence, Session
from speakers_app.models import Speaker
from tests.places import one_archive, own_places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = date(2026, 11, 28)
SESSIONS = handwritten.load_sessions(TODAY)
PUBLIC = [session for session in SESSIONS if session.status == "published"]


@pytest.fixture(scope="module", autouse=True)
def clean_places(tmp_path_factory):
    """Replaces the folders and index of each test by those of the one archive."""
    with own_places(tmp_path_factory.mktemp("demo")):
        yield


@pytest.fixture(scope="module", autouse=True)
def seeded(clean_places, django_db_setup, django_db_blocker):
    with one_archive(django_db_blocker):
        call_command("seed_demo", verbosity=0)
        yield


def test_only_some_generated_advice_recurs():
    groups: dict[int, list[Recurrence]] = {}
    for row in Recurrence.objects.select_related("recommendation__session"):
        groups.setdefault(row.group, []).append(row)
    recurring = [rows for rows in groups.values() if len(rows) > 1]

    assert 6 <= len(recurring) <= 12
    for rows in recurring:
        sessions = [row.recommendation.session for row in rows]
        assert len({*sessions}) == len(sessions)
        assert len({session.held_on.year for session in sessions}) > 1
    assert sum(map(len, recurring)) < Recommendation.objects.count() / 5


def test_demo_comments_are_public_except_pending_ones(client):
    waiting = Comment.objects.filter(status="pending").select_related("session")

    assert waiting.count() == 2
    for comment in waiting:
        page = client.get(comment.session.get_absolute_url()).content.decode()
        assert comment.body[:30] not in page
    shown = Comment.objects.visible_to_visitors().select_related("session").get(name="Joren Maat")
    assert shown.body[:30] in client.get(shown.session.get_absolute_url()).content.decode()


def test_url_of_a_merged_speaker_redirects_to_the_kept_one(client):
    [merged] = [person for person in handwritten.load_speakers() if person.same_as]

    response = client.get("/speakers/l-barrenechea/")

    kept = Speaker.objects.get(slug="lucia-barrenechea")
    assert (response.status_code, response["Location"]) == (301, kept.get_absolute_url())
    assert not Speaker.objects.filter(family_name=merged.family_name).exclude(pk=kept.pk).exists()
    assert kept.aliases.filter(name="Barrenechea, L.").exists()
    assert kept.appearances.values("organisation").distinct().count() > 1


def test_every_public_page_of_the_demonstration_opens(client):
    sessions = Session.objects.published()

    assert sessions.count() == len(PUBLIC)
    for session in sessions:
        page = client.get(session.get_absolute_url())
        assert page.status_code == 200
        for document in session.documents.exclude(file=""):
            file = client.get(document.get_absolute_url())
            content = b"".join(file.streaming_content)
            assert (file.status_code, content[:5]) == (200, b"%PDF-")
