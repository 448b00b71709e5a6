"""The waveform, computed with ffmpeg or, if there is none, in Python."""

import pytest

from recordings_app.audio import tasks, waveform
from recordings_app.models import Recording
from tests.factories import RecordingFactory
from tests.programs import needs
from tests.sound import SAMPLES, sample, tone

needs_ffmpeg = needs("ffmpeg")


@pytest.fixture(params=[pytest.param("ffmpeg", marks=needs_ffmpeg), "without"])
def reader(request, monkeypatch):
    if request.param == "without":
        monkeypatch.setattr(waveform.shutil, "which", lambda name: None)


def test_waveform_follows_the_loudness_of_a_tone(reader, tmp_path):
    path = tmp_path / "tone.wav"
    path.write_bytes(tone(6))

    with path.open("rb") as file:
        peaks = waveform.waveform_peaks_of_file(file, "audio/wav", 6)

    assert len(peaks) == waveform.WAVEFORM_STEPS
    assert max(peaks) == 100
    assert 250 <= peaks.index(100) <= 350
    assert peaks[0] < 25
    assert peaks[-2] < 25


@needs_ffmpeg
@pytest.mark.parametrize(
    ("name", "media_type"),
    [("tone.mp3", "audio/mpeg"), ("tone.m4a", "audio/mp4"), ("tone.opus.ogg", "audio/ogg"), ("tone.flac", "audio/flac")],
)  # fmt: skip
def test_ffmpeg_draws_a_waveform_for_every_format(name, media_type):
    with (SAMPLES / name).open("rb") as file:
        peaks = waveform.waveform_peaks_of_file(file, media_type, 2)

    assert max(peaks) == 100


def test_without_ffmpeg_other_formats_have_no_waveform(monkeypatch):
    monkeypatch.setattr(waveform.shutil, "which", lambda name: None)

    with (SAMPLES / "tone.mp3").open("rb") as file:
        assert waveform.waveform_peaks_of_file(file, "audio/mpeg", 2) == []


@needs_ffmpeg
def test_disguised_playlist_opens_no_file(tmp_path):
    path = tmp_path / "x.mp3"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n")

    with path.open("rb") as file, pytest.raises(waveform.DamagedAudioError):
        waveform.waveform_peaks_of_file(file, "audio/mpeg", 2)


@needs_ffmpeg
@pytest.mark.django_db
def test_damage_within_the_file_is_reported_to_staff():
    recording = RecordingFactory(has_audio=True, media_type="audio/flac")
    content = bytearray(sample("tone.flac"))
    content[6000:9000] = bytes(3000)
    with open(recording.file.path, "wb") as file:  # noqa: PTH123 - the storage's own path
        file.write(content)
    Recording.objects.update(peaks=None)

    tasks.draw_waveform.func(recording.pk)

    recording.refresh_from_db()
    assert recording.peaks == []
    assert "the decoder reports" in recording.file_remark


@pytest.mark.django_db
def test_tick_draws_a_missing_waveform():
    recording = RecordingFactory(has_audio=True)
    lost = tasks.timezone.now() - tasks.LOST_TASK_AGE * 2
    Recording.objects.update(peaks=None, attached_at=lost)

    assert tasks.draw_missing_waveforms() == 1
    recording.refresh_from_db()
    assert max(recording.peaks) == 100
    assert tasks.draw_missing_waveforms() == 0
