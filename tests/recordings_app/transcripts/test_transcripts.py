"""Transcript parsing: tolerant of untidy files, precise about unreadable ones."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from recordings_app.models import Transcript
from recordings_app.transcripts.cues import Cue
from recordings_app.transcripts.parsing import decode_transcript, read_transcript
from recordings_app.transcripts.writing import editable_text_of, plain_text_of, webvtt_of
from tests.factories import RecordingFactory, TranscriptFactory

VTT = """WEBVTT - Sea lanes
Kind: captions

NOTE made by hand

STYLE
::cue { color: red }

1
00:00.000 --> 00:02.500 align:start
<v Dr. Abara>Good <i>morning</i>, ports &amp; people.

opening
00:00:02.500 --> 01:00:03.000
<v.loud Moderator>Thank you.
<v Dr. Abara>Not at all.
"""
SRT = "1\r\n00:00:01,000 --> 00:00:02,000\r\n<b>Good</b> morning.\r\n\r\n2\r\n00:00:02,500 --> 00:00:04,000\r\nTwo\r\nlines.\r\n"


def test_webvtt_is_parsed():
    assert read_transcript(VTT) == [
        Cue(0, 2500, "Dr. Abara", "Good morning, ports & people."),
        Cue(2500, 3_603_000, "Moderator", "Thank you."),
        Cue(2500, 3_603_000, "Dr. Abara", "Not at all."),
    ]


def test_srt_is_parsed():
    assert read_transcript(SRT) == [
        Cue(1000, 2000, "", "Good morning."),
        Cue(2500, 4000, "", "Two lines."),
    ]


@pytest.mark.parametrize(
    ("text", "cues"),
    [
        ("One.\n\nTwo\ngoes on.", [Cue(None, None, "", "One."), Cue(None, None, "", "Two goes on.")]),
        (
            "[0:05] One two.\n\n[1:00:00] Three.",
            [Cue(5000, 3_600_000, "", "One two."), Cue(3_600_000, 3_600_400, "", "Three.")],
        ),
        (
            "Dr. Abara: One.\n\nModerator: Two.\n\nDr. Abara: Three.\n\nModerator: Four.",
            [
                Cue(None, None, "Dr. Abara", "One."),
                Cue(None, None, "Moderator", "Two."),
                Cue(None, None, "Dr. Abara", "Three."),
                Cue(None, None, "Moderator", "Four."),
            ],
        ),
        ("Note: once is text.", [Cue(None, None, "", "Note: once is text.")]),
    ],
)  # fmt: skip
def test_plain_text_is_parsed(text, cues):
    assert read_transcript(text) == cues


@pytest.mark.parametrize(
    ("untidy", "cues"),
    [
        ("WEBVTT\n\n00:01.0 --> 00:02.5\nA", [(1000, 2500, "A")]),
        ("WEBVTT\n\n0:01.000 --> 0:02.000\nA", [(1000, 2000, "A")]),
        ("WEBVTT\n\n00:05.000 --> 00:02.000\nA", [(5000, 5001, "A")]),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n\n00:03.000 --> 00:04.000\nB", [(3000, 4000, "B")]),
        ("\ufeffWEBVTT\n\n00:01.000 --> 00:02.000\nA\n\ngoes on", [(1000, 2000, "A goes on")]),
        ("1\n00:00:01.000 --> 00:00:02.000\nA\n\n\n\n2\n00:00:03 --> 00:00:04\nB\n", [(1000, 2000, "A"), (3000, 4000, "B")]),
    ],
)  # fmt: skip
def test_untidy_files_are_read(untidy, cues):
    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in read_transcript(untidy)] == cues


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("WEBVTT\n\n00:61.000 --> 00:02.000\nA", "Line 3: the times"),
        ("WEBVTT\n\n1\nxx:01 --> 00:02.000\nA", "Line 4: the times"),
        ("WEBVTT\n\nText before any time\n", "Line 3: a cue needs its times first"),
        ("WEBVTT\n\n-00:01.000 --> 00:02.000\nA", "Line 3: the times"),
        ("WEBVTT\n\n999:00:01.000 --> 999:00:02.000\nA", "Line 3: the times"),
        ("WEBVTT\n\n00:09.000 --> 00:10.000\nA\n\n00:05.000 --> 00:06.000\nB", "Line 6: its time 0:00:05 is before"),
        ("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:05.000\n\n00:01.000 --> 00:02.000\nA", "Line 4: X-TIMESTAMP-MAP puts"),
        ("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:x\n\n00:01.000 --> 00:02.000\nA", "Line 2: X-TIMESTAMP-MAP needs"),
        ("WEBVTT\nText in the header\n\n00:01.000 --> 00:02.000\nA", "Line 2: a cue needs its times first"),
        ("[9:00] One.\n\n[0:05] Two.", "Line 3: its time 0:00:05 is before the one above it, 0:09:00"),
        ("0:00:01.000,0:00:03.000\nA\n\n0:00:04.000,0:00:61.000\nB\n", "Line 4: the times"),
        ("WEBVTT\n\n", "There is no text"),
        ("   \n\n ", "There is no text"),
    ],
)  # fmt: skip
def test_unreadable_lines_are_reported(text, said):
    with pytest.raises(ValidationError) as refused:
        read_transcript(text)

    assert said in refused.value.messages[0]


def test_at_most_ten_lines_are_reported():
    bad = "WEBVTT\n\n" + "\n\n".join("99:99 --> 99:99\nx" for _ in range(100))

    with pytest.raises(ValidationError) as refused:
        read_transcript(bad)

    assert len(refused.value.messages) == 10


def test_files_in_other_encodings():
    assert decode_transcript("Öl, déjà".encode("utf-16")) == "Öl, déjà"
    assert decode_transcript("Öl, déjà".encode("cp1252")) == "Öl, déjà"
    assert decode_transcript("\ufeffÖl".encode()) == "Öl"
    for content in (
        b"\x00\x01\x02",
        b"RIFF\x00\x00\x00\x00WAVE",
        b"\xff\xfe\x00",
        bytes(6_000_000),
    ):
        with pytest.raises(ValidationError):
            decode_transcript(content)


times = st.integers(0, 350_000_000)
words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1
)


# Each text once: a line repeated while it is still shown is read as rolling.
@given(
    st.lists(
        st.tuples(times, st.integers(1, 99_999), words, words),
        min_size=1,
        max_size=5,
        unique_by=lambda row: row[3],
    )
)
def test_written_webvtt_can_be_parsed_again(rows):
    cues = [
        Cue(start, start + length, voice[:200], text)
        for start, length, voice, text in sorted(rows, key=lambda row: row[0])
    ]

    assert read_transcript(webvtt_of(cues)) == cues


@given(st.text(max_size=300))
def test_any_text_is_parsed_or_rejected(text):
    for prefix in ("", "WEBVTT\n\n", "1\n00:00:01,000 --> 00:00:02,000\n"):
        try:
            cues = read_transcript(prefix + text)
        except ValidationError:
            continue
        assert all(cue.text for cue in cues)


def test_transcript_as_plain_text():
    cues = [
        Cue(0, 1, "A", "One."),
        Cue(2000, 3000, "A", "Two."),
        Cue(61_000, 62_000, "B", "Three."),
    ]

    assert plain_text_of(cues, "Title") == "Title\n\n[0:00] A: One. Two.\n\n[1:01] B: Three.\n"


def test_untimed_cues_are_written_in_every_format():
    cues = [
        Cue(1000, 90_000, "", "One."),
        Cue(None, None, "", "Two."),
        Cue(90_000, 91_000, "", "Three."),
    ]

    for written in (webvtt_of(cues), plain_text_of(cues), editable_text_of(cues)):
        assert " ".join(cue.text for cue in read_transcript(written)) == "One. Two. Three."


def test_untimed_transcript_can_be_edited_as_paragraphs():
    cues = read_transcript("One.\n\nTwo.")

    assert editable_text_of(cues) == "One.\n\nTwo.\n"
    assert read_transcript(editable_text_of(cues)) == cues


def posted(client, recording, transcript=None, **values):
    form = {
        "access": "on_request",
        "position": "0",
        "transcript-TOTAL_FORMS": "1",
        "transcript-INITIAL_FORMS": "1" if transcript else "0",
        "transcript-0-id": transcript.pk if transcript else "",
        "transcript-0-recording": recording.pk,
        "transcript-0-access": "public",
        "transcript-0-language": "en",
    }
    address = reverse("admin:recordings_app_recording_change", args=[recording.pk])
    return client.post(address, form | {f"transcript-0-{k}": v for k, v in values.items()})


@pytest.mark.django_db
def test_transcript_is_uploaded_and_edited(staff_client):
    officer = staff_client("Access officers")
    recording = RecordingFactory()

    answer = posted(officer, recording, upload=SimpleUploadedFile("x.srt", SRT.encode()))
    transcript = Transcript.objects.get()
    assert answer.status_code == 302
    assert [cue.text for cue in transcript.cues.all()] == ["Good morning.", "Two lines."]

    text = editable_text_of(list(transcript.cues.all())).replace("Two lines", "Three lines")
    posted(officer, recording, transcript, text=text.replace("\n", "\r\n"))
    assert [cue.text for cue in transcript.cues.all()] == ["Good morning.", "Three lines."]


@pytest.mark.django_db
def test_error_is_shown_next_to_the_text_and_preserves_it(staff_client):
    officer = staff_client("Access officers")
    transcript = TranscriptFactory(cues=[(0, 1000, "", "Kept.")])

    answer = posted(
        officer, transcript.recording, transcript, text="WEBVTT\n\n00:99.000 --> x\nTyped"
    )

    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Line 3: the times" in page
    assert "Typed" in page
    assert transcript.cues.get().text == "Kept."


@pytest.mark.django_db
def test_new_transcript_requires_text(staff_client):
    answer = posted(staff_client("Access officers"), RecordingFactory(), note="By machine")

    assert "Upload a file, or write" in answer.content.decode()


@pytest.mark.django_db
def test_editors_do_not_see_a_closed_transcript(staff_client):
    transcript = TranscriptFactory(access="closed", cues=[(0, 1000, "", "Nobody's business.")])
    address = reverse("admin:recordings_app_recording_change", args=[transcript.recording.pk])

    answer = staff_client("Editors").get(address)

    assert answer.status_code == 200
    assert "Nobody" not in answer.content.decode()
