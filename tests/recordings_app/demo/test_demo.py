"""The demonstration has recordings of each kind, and removes all of them again."""

import json
from collections import Counter
from datetime import date
from itertools import pairwise

import pytest
from django.core.files.storage import storages
from django.core.management import call_command

from recordings_app.audio.inspection import inspect_audio
from recordings_app.chapters import parse_chapters
from recordings_app.demo.recordings import AUDIO_FOLDER
from recordings_app.models import Recording, TranscriptCue
from recordings_app.transcripts.parsing import read_transcript
from sessions_app.demo import handwritten

NAMES = sorted(path.stem for path in AUDIO_FOLDER.glob("*.opus"))
WRITTEN = [
    (session, recording)
    for session in handwritten.load_sessions(date(2026, 11, 28))
    for recording in session.recordings
]


def cues_of(name):
    return read_transcript((AUDIO_FOLDER / f"{name}.vtt").read_text("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_transcript_and_waveform_belong_to_the_audio(name):
    cues = cues_of(name)
    peaks = json.loads((AUDIO_FOLDER / f"{name}.peaks.json").read_text("utf-8"))
    with (AUDIO_FOLDER / f"{name}.opus").open("rb") as file:
        seconds = inspect_audio(file).duration_seconds

    # One second of silence follows the last word.
    assert cues[-1].end_ms / 1000 + 1 == pytest.approx(seconds, abs=0.2)
    assert all(one.end_ms < other.start_ms for one, other in pairwise(cues))
    assert max(peaks) == 100
    # Somebody speaks within each cue, and nobody before the first.
    steps = [len(peaks) * cue.start_ms / 1000 / seconds for cue in cues]
    assert max(peaks[: int(steps[0])]) < 20
    assert all(max(peaks[int(step) : int(step) + 20]) > 20 for step in steps)


def test_demo_audio_is_used_and_spoken_by_people_of_its_session():
    assert sorted(recording.audio for _, recording in WRITTEN if recording.audio) == NAMES
    for session, recording in WRITTEN:
        if not recording.audio:
            continue
        voices = {cue.voice for cue in cues_of(recording.audio)}
        assert voices <= {appearance.speaker for appearance in session.appearances}
        last = cues_of(recording.audio)[-1].start_ms / 1000
        starts = [chapter.start_seconds for chapter in parse_chapters(recording.chapters)]
        assert starts == sorted({*starts})
        assert all(start < last for start in starts)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.slow
def test_demo_recordings_of_each_kind_are_created_and_removed(
    client, django_capture_on_commit_callbacks
):
    call_command("seed_demo", verbosity=0)
    attached = Recording.objects.exclude(file="").select_related("transcript", "session")
    kinds = Counter((one.access, one.is_sealed, one.transcript.access) for one in attached)
    assert kinds.pop(("open", False, "public")) >= 4
    assert kinds == {
        ("automatic", False, "public"): 1,
        ("closed", False, "closed"): 1,
        ("on_request", False, "findable"): 1,
        ("open", True, "public"): 1,
    }
    for recording in attached.filter(access="open", is_sealed=False):
        page = client.get(recording.get_absolute_url())
        assert page.status_code == 200
        assert "synth" in page.content.decode()
        assert recording.transcript.language == recording.session.language
        assert max(recording.peaks) == 100
    assert Recording.objects.filter(file="", session__has_recording=True).count() > 5

    with django_capture_on_commit_callbacks(execute=True):
        call_command("seed_demo", remove=True)
    assert (Recording.objects.count(), TranscriptCue.objects.count()) == (0, 0)
    assert storages["private"].listdir("recordings") == ([], [])


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.slow
def test_seeding_twice_creates_no_duplicate_recording():
    for _ in range(2):
        call_command("seed_demo", sessions=len(handwritten.session_paths()) + 20, verbosity=0)

    numbers = Counter(Recording.objects.values_list("session", "number"))
    assert set(numbers.values()) == {1}
    assert Recording.objects.filter(session__import_ref__regex=r"^demo:\d+$", file="").exists()
