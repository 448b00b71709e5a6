"""A granted recording: terms, sittings, and the reasons why a link ends."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from recordings_app.models import AccessLog, Grant, Recording, Sitting
from recordings_app.playback import sittings
from site_app.forms.protection import MAX_HOURLY_INVALID_LINKS
from tests.at_once import at_once
from tests.factories import GrantFactory, TranscriptFactory
from tests.sound import tone

CUES = [(0, 1500, "", "Good morning.")]
AUDIO = tone(10)


@pytest.fixture
def grant(db):
    grant = GrantFactory(note="Part 2 is missing.")
    TranscriptFactory(recording=grant.requested.recording, access="closed", cues=CUES)
    return grant


def page(grant):
    return f"/recordings/{grant.token}/"


def heard(response):
    return b"".join(response)


def test_opening_the_link_shows_terms_and_changes_nothing(client, grant):
    for method in (client.get, client.head, client.get):
        response = method(page(grant))
        assert response.status_code == 200

    assert "Accept and listen" in response.content.decode()
    assert "Part 2 is missing." in response.content.decode()
    assert "<audio" not in response.content.decode()
    assert "Good morning." not in response.content.decode()
    grant.refresh_from_db()
    assert (grant.plays_used, Sitting.objects.count(), AccessLog.objects.count()) == (0, 0, 0)


def test_accepting_counts_one_play_and_opens_the_player(client, grant):
    accepted = client.post(page(grant))
    shown = client.get(page(grant)).content.decode()

    assert (accepted.status_code, accepted["Location"]) == (303, page(grant))
    assert f'src="{page(grant)}audio"' in shown
    assert "Good morning." in shown
    assert "4 of 5" in shown
    grant.refresh_from_db()
    assert grant.plays_used == 1
    assert list(AccessLog.objects.values_list("what", "grant")) == [("play", grant.pk)]


def test_cookie_of_a_sitting_is_valid_only_for_its_grant(client, grant):
    cookie = client.post(page(grant)).cookies[sittings.SITTING_COOKIE]

    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (page(grant), True, "Lax")
    assert cookie.value not in {sitting.key_hash for sitting in Sitting.objects.all()}
    other = GrantFactory()
    stranger = Client()
    stranger.cookies[sittings.SITTING_COOKIE] = cookie.value
    assert stranger.get(f"{page(other)}audio").status_code == 403
    assert "Accept and listen" in stranger.get(page(other)).content.decode()


def test_ranges_within_a_sitting_count_as_one_play(client, grant):
    client.post(page(grant))

    for start in range(0, 50_000, 10_000):
        part = client.get(f"{page(grant)}audio", HTTP_RANGE=f"bytes={start}-{start + 9}")
        assert heard(part) == AUDIO[start : start + 10]
    client.post(page(grant))  # once more, in the same browser
    client.get(f"{page(grant)}transcript.vtt")

    grant.refresh_from_db()
    assert grant.plays_used == 1
    entries = AccessLog.objects.order_by("pk").values_list("what", "byte_count", "sitting")
    sitting = Sitting.objects.get().pk
    assert list(entries) == [
        ("play", 0, sitting),
        *[("audio", 10, sitting)] * 5,
        ("transcript", len(b"WEBVTT - ") + entries.last()[1] - 9, sitting),
    ]


def test_closed_transcript_is_searchable_only_within_a_sitting(client, grant):
    assert "Good" not in client.get(page(grant), {"q": "morning"}).content.decode()

    client.post(page(grant))

    assert (
        "Good <mark>morning</mark>." in client.get(page(grant), {"q": "mornings"}).content.decode()
    )


@pytest.mark.parametrize("part", ["audio", "transcript.vtt", "transcript.txt", "cite.txt?t=1"])
def test_without_a_sitting_audio_and_transcript_answer_403(client, grant, part):
    assert client.get(page(grant) + part).status_code == 403
    assert AccessLog.objects.count() == 0


@pytest.mark.parametrize("key", ["", "x", "0" * 32, "é" * 32, "0" * 5000])
def test_invalid_sitting_keys_are_rejected(client, grant, key):
    client.post(page(grant))
    client.cookies.clear()
    client.cookies[sittings.SITTING_COOKIE] = key

    assert client.get(f"{page(grant)}audio").status_code == 403


def test_sitting_ends_after_hours(client, grant):
    client.post(page(grant))
    Sitting.objects.update(
        started_at=timezone.now() - timedelta(hours=sittings.MAX_SITTING_HOURS, minutes=1)
    )

    assert client.get(f"{page(grant)}audio").status_code == 403
    client.post(page(grant))
    grant.refresh_from_db()
    assert grant.plays_used == 2


def test_last_sitting_continues_when_all_plays_are_used(client, grant):
    Grant.objects.update(plays_allowed=1)
    client.post(page(grant))
    late = Client()

    assert client.get(page(grant)).status_code == 200
    assert heard(client.get(f"{page(grant)}audio")) == AUDIO
    for answer in (late.get(page(grant)), late.post(page(grant)), late.get(f"{page(grant)}audio")):
        assert answer.status_code == 410
    assert "All plays are used" in late.get(page(grant)).content.decode()


ENDS = {
    "expired": lambda grant: Grant.objects.update(expires_at=timezone.now()),
    "revoked": lambda grant: Grant.objects.update(revoked_at=timezone.now()),
    "closed": lambda grant: Recording.objects.update(access="closed"),
    "sealed": lambda grant: Recording.objects.update(
        sealed_until=timezone.localdate() + timedelta(days=1)
    ),
    "withdrawn": lambda grant: type(grant.requested.recording.session).objects.update(
        status="withdrawn", first_public_at=timezone.now()
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_ended_link_answers_410_with_next_steps(client, grant, end):
    client.post(page(grant))
    ENDS[end](grant)

    answers = [
        client.get(page(grant)),
        client.post(page(grant)),
        *(client.get(page(grant) + part) for part in ("audio", "transcript.vtt", "cite.txt")),
        client.get(f"{page(grant)}audio", HTTP_RANGE="bytes=0-1"),
    ]

    assert [answer.status_code for answer in answers] == [410] * 6
    assert "mailto:" in answers[0].content.decode()
    assert ("request it once more" in answers[0].content.decode()) == (
        end in ("expired", "revoked")
    )
    grant.refresh_from_db()
    assert grant.plays_used == 1


def test_unknown_and_foreign_tokens_have_the_same_response(client, grant):
    number, _, digest = grant.token.partition("-")
    wrong = "0" * 64 if digest != "0" * 64 else "1" * 64
    guesses = [
        f"{number}-{wrong}",
        f"{int(number) + 999}-{digest}",
        f"{int(number) + 999}-{wrong}",
        digest,
        "xyzzyq",
        f"{number}-{digest}0",
        f"{number}-{digest.upper()}",
        "9" * 30 + "-" + digest,
    ]

    answers = [client.get(f"/recordings/{guess}/") for guess in guesses]
    answers += [client.get(f"/recordings/{guess}/audio") for guess in guesses]
    answers += [client.post(f"/recordings/{guess}/") for guess in guesses]

    assert {answer.status_code for answer in answers} == {404}
    pages = {
        answer.content.decode().replace(guess, "TOKEN")
        for guess, answer in zip(guesses, answers, strict=False)
    }
    assert len(pages) == 1


@pytest.mark.slow
def test_token_guessing_is_limited(client, grant, settings):
    for number in range(MAX_HOURLY_INVALID_LINKS):
        client.get(f"/recordings/{number}-{'0' * 64}/")

    assert client.get(page(grant)).status_code == 429
    assert "Retry-After" in client.get(page(grant))


@pytest.mark.parametrize("part", ["", "audio", "transcript.vtt", "cite.txt"])
def test_token_pages_are_not_cached_or_indexed(client, grant, part):
    client.post(page(grant))

    answer = client.get(page(grant) + part)

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex"
    assert answer["Referrer-Policy"] == "no-referrer"


def test_position_in_a_granted_recording_is_cited_without_the_link(client, grant):
    client.post(page(grant))

    cited = client.get(f"{page(grant)}cite.txt?t=7").content.decode()

    assert "at 0:07" in cited
    assert cited.strip().endswith(grant.requested.recording.session.get_absolute_url())
    assert grant.token not in cited


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("acceptances", [50])
def test_concurrent_plays_do_not_exceed_the_allowed_number(acceptances):
    """Fifty browsers press the button at the same moment."""
    grant = GrantFactory(plays_allowed=5)
    path = page(grant)

    answers = at_once(acceptances, lambda: Client().post(path).status_code)

    grant.refresh_from_db()
    assert sorted(answers) == [303] * 5 + [410] * 45
    assert (grant.plays_used, grant.plays_left) == (5, 0)
    assert Sitting.objects.filter(grant=grant).count() == 5
    assert AccessLog.objects.filter(grant=grant, what="play").count() == 5
