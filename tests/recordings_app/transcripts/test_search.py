"""Transcripts in the search: public ones are quoted, findable ones counted, closed ones absent."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from recordings_app.availability import end_seals
from recordings_app.models import Recording, Transcript, TranscriptCue
from recordings_app.transcripts.mentions import mentions_by_session
from search_app.query.parser import parse_query
from tests.factories import RecordingFactory, SessionFactory

pytestmark = pytest.mark.django_db

# The word that is searched for, and one next to it that no response may contain.
WORD, SECRET = "bathymetric", "Xanthippean"


def spoken(access, *texts, session=None, **recording):
    """Create a session with a recording of `texts`, one per minute."""
    session = session or SessionFactory(title=f"Depths {access}", slug=f"depths-{access}")
    transcript = Transcript.objects.create(
        recording=RecordingFactory(session=session, **recording), access=access
    )
    TranscriptCue.objects.bulk_create(
        TranscriptCue(
            transcript=transcript,
            position=place,
            start_ms=place * 60_000 + 2_500,
            end_ms=place * 60_000 + 50_000,
            text=text,
        )
        for place, text in enumerate(texts)
    )
    transcript.save()  # updates the index, as the admin does after saving the cues
    return session


def slugs(client, q, **parameters):
    answer = client.get(reverse("api:sessions"), {"q": q, **parameters}).json()
    return [each["slug"] for each in answer["results"]]


def test_public_transcript_is_found_quoted_and_linked_to_the_second(client):
    session = spoken("public", "Welcome.", f"The {WORD} survey is late.", "Goodbye.")

    page = client.get(reverse("sessions:list"), {"q": f"{WORD} survey"}).content.decode()

    number = session.recordings.get().number
    assert f'href="/sessions/{session.slug}/recordings/{number}/#t=62"' in page
    assert "Transcript, 1:02" in page
    assert f"<mark>{WORD}</mark>" in page
    assert slugs(client, f'"{WORD} survey"') == [session.slug]
    assert slugs(client, f"transcript:{WORD[:6]}*") == [session.slug]
    assert slugs(client, f"-transcript:{WORD}") == []
    assert slugs(client, "", has="transcript") == [session.slug]


def test_findable_transcript_shows_counts_and_minutes(client):
    spoken("findable", f"{WORD} {SECRET}", "Nothing.", f"{WORD}, {WORD.title()}: {SECRET}")

    page = client.get(reverse("sessions:list"), {"q": f"transcript:{WORD}"}).content.decode()

    assert "are said" not in page
    assert "said 3 times, in minutes 0, 2." in page
    assert "/sessions/depths-findable/request-recording/" in page
    assert SECRET not in page


@pytest.mark.parametrize(
    "q",
    [
        WORD,
        SECRET,
        f"transcript:{SECRET[:8]}*",
        f'transcript:"{WORD}"',
        f'transcript:"{WORD} {SECRET}"',
        f"title:{WORD}",
        f"recommendation:{WORD}",
    ],
)
def test_findable_transcript_is_found_only_by_whole_words(client, q):
    spoken("findable", f"{WORD} {SECRET} soundings")

    assert slugs(client, q) == []


def test_exclusion_reveals_nothing_about_a_findable_transcript(client):
    session = spoken("findable", f"{WORD} {SECRET}")

    assert slugs(client, f"-transcript:{WORD}") == [session.slug]
    assert slugs(client, f"depths -transcript:{WORD}") == [session.slug]


ADDRESSES = [
    "/",
    f"/sessions/?q=transcript:{WORD}",
    "/sessions/?q=transcript:Xanthippeam",
    "/sessions/?has=transcript",
    "/sessions/other/",
    "/sessions/depths-findable/",
    *(f"/sessions/export.{kind}?q=transcript:{WORD}" for kind in ("csv", "json", "bib", "ris")),
    *(f"/sessions/feed.{kind}?q=transcript:{WORD}" for kind in ("rss", "atom")),
    f"/api/v1/sessions/?facets=1&q=transcript:{WORD}",
    "/api/v1/sessions/depths-findable/",
    f"/api/v1/recommendations/?q=transcript:{WORD}",
    f"/recommendations/?q=transcript:{WORD}",
    f"/suggest/?q={SECRET[:4]}",
    "/help/search/",
    "/sitemap-sessions.xml",
]


@pytest.mark.parametrize("access", ["findable", "closed"])
def test_words_of_a_closed_transcript_appear_nowhere(client, access):
    SessionFactory(title=f"Depths and {WORD} charts", slug="other", summary="<p>Depths.</p>")
    spoken(
        access,
        f"{WORD} {SECRET}",
        session=SessionFactory(title="Depths", slug="depths-findable"),
    )

    leaks = [
        address
        for address in ADDRESSES
        if SECRET in (answer := client.get(address)).getvalue().decode()
        or answer.status_code >= 500
    ]

    assert leaks == []


def test_findable_transcript_affects_no_highlighting_or_related_session(client):
    other = SessionFactory(title="Harbours", slug="other", summary=f"<p>{WORD} harbours.</p>")
    spoken("findable", *[f"{WORD} harbours"] * 9)

    assert slugs(client, "", has="transcript") == []
    related = client.get(other.get_absolute_url()).context["related"]
    assert "depths-findable" not in [each.session.slug for each in related]


def test_closed_transcript_is_not_found(client):
    spoken("closed", WORD)

    assert slugs(client, f"transcript:{WORD}") == []


@pytest.mark.parametrize("access", ["public", "findable"])
def test_seal_applies_to_the_transcript(client, access):
    tomorrow = timezone.localdate() + timedelta(days=1)
    session = spoken(access, WORD, sealed_until=tomorrow)
    assert slugs(client, f"transcript:{WORD}") == []
    page = client.get(reverse("sessions:list"), {"q": "depths"}).content.decode()
    assert ": said " not in page

    Recording.objects.update(sealed_until=timezone.localdate())
    end_seals()

    assert slugs(client, f"transcript:{WORD}") == [session.slug]


@pytest.mark.parametrize("access", ["public", "findable"])
def test_transcript_of_a_session_that_is_not_public_is_not_found(client, access):
    spoken(access, WORD, session=SessionFactory(status="draft"))

    assert slugs(client, f"transcript:{WORD}") == []


def test_restricted_transcript_is_no_longer_found(client):
    session = spoken("public", f"{WORD} {SECRET}")
    assert slugs(client, SECRET) == [session.slug]

    transcript = Transcript.objects.get()
    transcript.access = Transcript.Access.FINDABLE
    transcript.save()

    assert slugs(client, SECRET) == []
    assert slugs(client, f"transcript:{SECRET}") == [session.slug]


@pytest.mark.parametrize("session_count", (1, 3))
def test_mentions_query_count(session_count, django_assert_num_queries):
    made = [
        spoken("findable", WORD, session=SessionFactory(title=f"Depths {place}"))
        for place in range(session_count)
    ]

    with django_assert_num_queries(2):
        told = mentions_by_session(
            [session.pk for session in made], parse_query(f"transcript:{WORD}")
        )

    assert [told[session.pk][0].count for session in made] == [1] * session_count


def test_search_without_transcripts_needs_no_extra_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert mentions_by_session([1], parse_query(f"{WORD} title:ports -transcript:ports")) == {}
