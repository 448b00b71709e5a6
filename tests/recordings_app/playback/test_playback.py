"""The only access to audio and transcripts: who may play and read what, at which URL."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from recordings_app.models import AccessLog, Recording
from recordings_app.placeholders import remove_placeholders
from tests.factories import RecordingFactory, SessionFactory, TranscriptFactory, request_for
from tests.sound import tone

pytestmark = pytest.mark.django_db

CUES = [(0, 1500, "Dr. Abara", "Good morning."), (1500, 4000, "Dr. Abara", "Ports & <harbours>.")]
AUDIO = tone(10)


def make(access="open", transcript="", session=None, **values):
    session = session or SessionFactory(title="Sea lanes", slug="sea-lanes")
    recording = RecordingFactory(session=session, has_audio=True, access=access, **values)
    if transcript:
        TranscriptFactory(recording=recording, access=transcript, cues=CUES)
    return recording


def parts(recording):
    base = recording.get_absolute_url()
    return [base, *(f"{base}{part}" for part in ("audio", "transcript.vtt", "transcript.txt"))]


def statuses(client, recording):
    return [client.get(address).status_code for address in parts(recording)]


TOMORROW = timezone.localdate() + timedelta(days=1)
# Kind of recording: the status for a visitor of page, audio, transcript as WebVTT and as text.
CASES = {
    "open": ({"access": "open", "transcript": "public"}, [200, 200, 200, 200]),
    "open, findable": ({"access": "open", "transcript": "findable"}, [200, 200, 404, 404]),
    "open, closed transcript": ({"access": "open", "transcript": "closed"}, [200, 200, 404, 404]),
    "open, none": ({"access": "open"}, [200, 200, 404, 404]),
    "on request": ({"access": "on_request"}, [404] * 4),
    "on request, public transcript": (
        {"access": "on_request", "transcript": "public"},
        [200, 404, 200, 200],
    ),
    "on request, findable": ({"access": "on_request", "transcript": "findable"}, [404] * 4),
    "automatic": ({"access": "automatic"}, [404] * 4),
    "closed": ({"access": "closed", "transcript": "closed"}, [404] * 4),
    "sealed": ({"access": "open", "transcript": "public", "sealed_until": TOMORROW}, [404] * 4),
    "seal ended": (
        {"access": "open", "transcript": "public", "sealed_until": timezone.localdate()},
        [200] * 4,
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_visitor_gets_what_the_access_allows(client, what):
    values, expected = CASES[what]

    assert statuses(client, make(**values)) == expected


@pytest.mark.parametrize("what", CASES)
@pytest.mark.parametrize("group", ["Editors", "Publishers"])
def test_staff_without_the_permission_get_what_visitors_get(staff_client, what, group):
    values, expected = CASES[what]

    assert statuses(staff_client(group), make(**values)) == expected


@pytest.mark.parametrize("what", ["closed", "sealed", "on request", "open"])
def test_access_officers_can_play_everything(staff_client, what):
    values, _ = CASES[what]
    recording = make(**values | {"transcript": "closed"})

    officer = staff_client("Access officers")
    page = officer.get(recording.get_absolute_url())

    assert statuses(officer, recording) == [200] * 4
    assert ("Preview." in page.content.decode()) == (what != "open")
    if what != "open":
        assert page["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("status", "published", "answer"),
    [
        ("draft", None, 404),
        ("in_review", None, 404),
        ("published", 3, 404),
        ("withdrawn", -3, 410),
    ],
)
def test_recording_of_an_unpublished_session_is_not_found(client, status, published, answer):
    when = timezone.now() + timedelta(days=published) if published else None
    session = SessionFactory(
        status=status, published_at=when, first_public_at=when if answer == 410 else None
    )

    assert statuses(client, make(session=session, transcript="public")) == [answer] * 4


def test_missing_and_forbidden_recordings_have_the_same_response(client):
    closed = make(access="closed")

    absent = client.get(f"{closed.session.get_absolute_url()}recordings/99/audio")
    forbidden = client.get(f"{closed.get_absolute_url()}audio")

    assert absent.status_code == forbidden.status_code == 404
    # The page repeats the path, once plain and once quoted.
    as_one = absent.content.replace(b"/99/", b"/1/").replace(b"%2F99%2F", b"%2F1%2F")
    assert as_one == forbidden.content


@pytest.mark.parametrize("number", ["0", "99999999999999999999999", "1'--", "-1", "１"])
def test_invalid_numbers_are_not_found(client, number):
    make()

    assert client.get(f"/sessions/sea-lanes/recordings/{number}/audio").status_code == 404


def test_open_recording_without_audio_is_a_placeholder(client):
    recording = RecordingFactory(access="open", session__slug="x")

    assert client.get(recording.get_absolute_url()).status_code == 404
    assert "No recording" in client.get("/sessions/x/").content.decode()


def test_page_shows_player_and_transcript(client):
    recording = make(transcript="public", chapters="0:00 Opening\n0:02 Ports", peaks=[0, 50, 100])

    page = client.get(recording.get_absolute_url()).content.decode()

    assert f'src="{recording.get_absolute_url()}audio"' in page
    assert 'id="t=0"' in page
    assert 'href="#t=1"' in page
    assert "Ports &amp; &lt;harbours&gt;." in page
    assert page.count("Dr. Abara") == 1  # a voice is named where it changes
    assert "0:02</span> Ports" in page
    assert "M1.5 15.0V45.0" in page


def test_page_without_permission_has_no_player(client):
    recording = make(access="on_request", transcript="public", chapters="0:00 Hidden")

    page = client.get(recording.get_absolute_url()).content.decode()

    assert "Good morning." in page
    assert "<audio" not in page
    assert "Hidden" not in page


def test_transcript_files_are_served(client):
    recording = make(transcript="public")

    vtt = client.get(f"{recording.get_absolute_url()}transcript.vtt")
    text = client.get(f"{recording.get_absolute_url()}transcript.txt")

    assert vtt["Content-Type"] == "text/vtt; charset=utf-8"
    assert vtt.content.decode() == (
        "WEBVTT - Sea lanes\n\n"
        "00:00:00.000 --> 00:00:01.500\n<v Dr. Abara>Good morning.\n\n"
        "00:00:01.500 --> 00:00:04.000\n<v Dr. Abara>Ports &amp; &lt;harbours&gt;.\n"
    )
    assert text.content.decode() == (
        "Sea lanes\n\n[0:00] Dr. Abara: Good morning. Ports & <harbours>.\n"
    )


def test_every_access_is_logged_without_personal_data(client):
    recording = make(transcript="public")

    for address in parts(recording):
        response = client.get(address)
        if response.streaming:
            b"".join(response)
    client.head(f"{recording.get_absolute_url()}audio")

    entries = AccessLog.objects.order_by("pk").values_list(
        "what", "byte_count", "grant", "sitting"
    )
    assert list(entries[:1]) == [("audio", len(AUDIO), None, None)]
    assert [entry[0] for entry in entries] == ["audio", "transcript", "transcript"]
    assert {field.name for field in AccessLog._meta.get_fields()} == {
        "id",
        "at",
        "recording",
        "grant",
        "sitting",
        "user",
        "user_name",
        "what",
        "byte_count",
    }
    assert set(AccessLog.objects.values_list("user", "user_name")) == {(None, "")}


def test_log_names_staff_for_restricted_access(staff_client):
    officer = staff_client("Access officers")
    get_user_model().objects.update(first_name="Ada", last_name="Lovelace")
    closed = make(session=SessionFactory(), access="closed", transcript="closed")
    opened = make(session=SessionFactory(), access="open", transcript="public")
    half = make(session=SessionFactory(), access="closed", transcript="public")

    for recording in (closed, opened, half):
        for address in parts(recording):
            response = officer.get(address)
            if response.streaming:
                b"".join(response)

    entries = AccessLog.objects.order_by("pk").values_list("recording", "what", "user_name")
    assert list(entries) == [
        (closed.pk, "staff", "Ada Lovelace"),
        (closed.pk, "transcript", "Ada Lovelace"),
        (closed.pk, "transcript", "Ada Lovelace"),
        (opened.pk, "audio", ""),
        (opened.pk, "transcript", ""),
        (opened.pk, "transcript", ""),
        (half.pk, "staff", "Ada Lovelace"),
        (half.pk, "transcript", ""),
        (half.pk, "transcript", ""),
    ]


def test_name_in_the_access_log_remains_after_the_account_is_deleted(staff_client):
    recording = make(access="closed")
    officer = staff_client("Access officers")
    user = get_user_model().objects.get()
    b"".join(officer.get(f"{recording.get_absolute_url()}audio"))

    user.delete()

    entry = AccessLog.objects.get()
    assert (entry.user, entry.by) == (None, user.username)


@pytest.mark.parametrize("count", [1, 3])
def test_session_page_query_count(client, count, django_assert_num_queries):
    session = SessionFactory(slug="x")
    for _ in range(count):
        make(session=session, transcript="public")

    with django_assert_num_queries(25):  # half of them for the index, which is built here
        page = client.get("/sessions/x/")

    assert page.content.decode().count(">Listen</a>") == count


def test_session_page_says_what_is_available(client):
    session = SessionFactory(slug="x")
    for values in (
        {"title": "Talk", "access": "open", "transcript": "public"},
        {"title": "Discussion", "access": "on_request"},
        {"title": "Seal", "access": "on_request", "sealed_until": TOMORROW},
        {"title": "Hushed", "access": "closed"},
        {"title": "Notes", "access": "closed", "transcript": "public"},
    ):
        make(session=session, **values)

    page = client.get("/sessions/x/").content.decode()

    assert "10\u00a0s, with transcript" in page
    assert f"sealed until {TOMORROW:%-d %B %Y}" in page
    assert "Hushed" not in page
    assert "The recording is closed." in page
    assert 'href="/sessions/x/request-recording/"' in page


def test_has_recording_filter_follows_every_change(client):
    def told():
        session.refresh_from_db()
        return session.has_recording, session.has_transcript

    session = SessionFactory(slug="x")
    recording = make(access="closed", session=session)
    assert told() == (False, False)

    recording.access = Recording.Access.OPEN
    recording.save()
    assert told() == (True, False)

    transcript = TranscriptFactory(recording=recording, cues=CUES)
    assert told() == (True, True)

    recording.sealed_until = TOMORROW
    recording.save()
    assert told() == (False, False)

    recording.sealed_until = None
    recording.save()
    transcript.delete()
    assert told() == (True, False)

    recording.delete()
    assert told() == (False, False)


def test_position_is_cited_with_its_time(client):
    recording = make()

    cited = client.get(f"{recording.get_absolute_url()}cite.txt?t=7&style=apa").content.decode()

    assert "Sea lanes [Recording of a speaker session, at 0:07]" in cited
    assert cited.rstrip().endswith("/sessions/sea-lanes/recordings/1/#t=7")


@pytest.mark.parametrize("extension", ["bib", "ris", "json", "txt"])
def test_position_is_cited_in_every_format(client, extension):
    recording = make()

    answer = client.get(f"{recording.get_absolute_url()}cite.{extension}?t=7")

    assert answer.status_code == 200
    assert "#t=7" in answer.content.decode().replace(r"\#", "#")


@pytest.mark.parametrize("moment", ["x", "-1", "1e3", "٣", "9999999", "1.5"])
def test_invalid_position_is_reported(client, moment):
    recording = make()

    answer = client.get(f"{recording.get_absolute_url()}cite.txt", {"t": moment})

    assert answer.status_code == 400
    assert "seconds from the start" in answer.content.decode()


def test_position_in_a_closed_recording_is_not_cited(client):
    recording = make(access="closed")

    address = reverse("recordings:recording-cite", args=[recording.session.slug, 1, "txt"])
    assert client.get(address).status_code == 404


def test_search_in_the_transcript_shows_times(client):
    recording = make(transcript="public")

    page = client.get(recording.get_absolute_url(), {"q": "HARBOUR"}).content.decode()
    nothing = client.get(recording.get_absolute_url(), {"q": "rivers\x00"}).content.decode()

    assert "In 1 line" in page
    assert "Ports &amp; &lt;<mark>harbours</mark>&gt;." in page
    assert "“rivers” does not occur in this transcript." in nothing
    assert "Good morning." in nothing


@pytest.mark.parametrize(
    "typed", ['"', "(((", "-x", "*", "x" * 5000, "<script>", "港", "OR OR", "after:x"]
)
def test_any_search_text_is_accepted(client, typed):
    recording = make(transcript="public")

    answer = client.get(recording.get_absolute_url(), {"q": typed})

    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode().replace("<script type", "")


def test_findable_transcript_is_not_searchable_on_the_page(client):
    recording = make(transcript="findable")

    page = client.get(recording.get_absolute_url(), {"q": "harbour"}).content.decode()

    assert "In 1 line" not in page
    assert "harbours" not in page


def test_rollback_of_an_import_removes_only_the_placeholder():
    announced, asked_for, attached, written = (
        RecordingFactory(),
        RecordingFactory(),
        RecordingFactory(has_audio=True),
        RecordingFactory(),
    )
    request_for(asked_for)
    TranscriptFactory(recording=written)

    for recording in (announced, asked_for, attached, written):
        remove_placeholders(recording.session)

    assert list(Recording.objects.order_by("pk")) == [asked_for, attached, written]
