"""The duration of audio is the sum of its frames, whatever its header says."""

import io
import subprocess

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from recordings_app.audio import frame_durations, tasks
from recordings_app.audio.frame_durations import seconds_of_frames
from recordings_app.audio.inspection import inspect_audio
from recordings_app.models import Recording
from tests.factories import RecordingFactory
from tests.programs import find, needs
from tests.sound import sample, tone

needs_ffmpeg = needs("ffmpeg")
SECONDS = 12
ID3V1 = b"TAG" + bytes(125)
APE = b"APETAGEX" + (2000).to_bytes(4, "little") + (32).to_bytes(4, "little") + bytes(16)
ID3V2 = b"ID3\x04\x00\x00\x00\x00\x08\x00" + bytes(1024)


def encoded(*arguments: str, rate: int = 22050) -> bytes:
    """Return ffmpeg's output to a pipe for six seconds of silence and six of noise."""
    made = subprocess.run(
        [
            find("ffmpeg"),
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            f"anullsrc=cl=mono:r={rate}:d=6",
            "-f",
            "lavfi",
            "-i",
            f"anoisesrc=d=6:c=pink:r={rate}",
            "-filter_complex",
            "concat=n=2:v=0:a=1",
            *arguments,
            "pipe:1",
        ],
        capture_output=True,
        check=True,
    )
    return made.stdout


def vbr(rate=22050):
    return encoded("-q:a", "7", "-write_xing", "0", "-id3v2_version", "0", "-f", "mp3", rate=rate)


@needs_ffmpeg
@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_mp3_with_variable_bit_rate_and_no_header(rate):
    added = 2 * 1152 / rate  # samples of silence added by an encoder, which only counting reveals
    seconds = seconds_of_frames("mp3", io.BytesIO(vbr(rate)))

    assert SECONDS <= seconds <= SECONDS + max(0.1, added)


@needs_ffmpeg
@pytest.mark.parametrize("xing", ["0", "1"])
def test_mp3_with_constant_bit_rate(xing):
    content = encoded("-b:a", "32k", "-write_xing", xing, "-f", "mp3")

    assert seconds_of_frames("mp3", io.BytesIO(content)) == pytest.approx(SECONDS, abs=0.1)


@needs_ffmpeg
def test_tags_and_junk_are_not_counted(monkeypatch):
    content = vbr()
    true = seconds_of_frames("mp3", io.BytesIO(content))
    tagged = ID3V2 + content + ID3V2 + b"\xff\xfb\x90junk\xff" * 300 + content + APE + ID3V1
    # The blocks end at every kind of position.
    for block in (1 << 20, 20_011, 18_500):
        monkeypatch.setattr(frame_durations, "BLOCK_BYTES", block)

        assert seconds_of_frames("mp3", io.BytesIO(tagged)) == pytest.approx(2 * true, abs=0.1)


@needs_ffmpeg
def test_aac_duration():
    content = encoded("-c:a", "aac", "-b:a", "24k", "-f", "adts")

    assert seconds_of_frames("aac", io.BytesIO(content)) == pytest.approx(SECONDS, abs=0.1)


@needs_ffmpeg
@pytest.mark.parametrize(
    ("kind", "make"),
    [("mp3", vbr), ("aac", lambda: encoded("-c:a", "aac", "-f", "adts"))],
)
def test_truncated_audio_has_the_duration_of_its_frames(kind, make):
    content = make()
    half = content[: len(content) // 2]
    rest = content[len(content) // 2 :]
    whole = seconds_of_frames(kind, io.BytesIO(content))

    parts = [seconds_of_frames(kind, io.BytesIO(part)) for part in (half, rest)]
    assert sum(parts) == pytest.approx(whole, abs=0.1)


@pytest.mark.parametrize("kind", ["mp3", "aac"])
def test_file_without_frames_has_no_duration(kind, monkeypatch):
    monkeypatch.setattr(frame_durations, "MAX_FALSE_STARTS", 100)
    for content in (b"", b"\xff", b"ID3", bytes(50_000), b"\xff\xfb\x90\xff\xf1\x50\x80" * 5000):
        assert seconds_of_frames(kind, io.BytesIO(content)) is None


@needs_ffmpeg
def test_flac_stream_is_measured():
    content = encoded("-c:a", "flac", "-f", "flac")
    content = bytearray(content)
    content[21] &= 0xF0  # the number of samples: 36 bits
    content[22:26] = bytes(4)

    audio = inspect_audio(io.BytesIO(bytes(content)))
    assert audio.duration_seconds == pytest.approx(SECONDS, abs=0.1)
    with pytest.raises(ValidationError, match="its end is missing"):
        inspect_audio(io.BytesIO(bytes(content[:-100])))


@pytest.mark.parametrize("unknown", [b"\xff" * 4, bytes(4)])
def test_wav_stream_is_measured(unknown):
    content = bytearray(tone(3))
    content[4:8] = content[40:44] = unknown

    assert inspect_audio(io.BytesIO(bytes(content))).duration_seconds == 3
    assert inspect_audio(io.BytesIO(bytes(content[:24044]))).duration_seconds == 1.5


def stored(content, **more):
    recording = RecordingFactory(has_audio=True, is_measured=False, **more)
    with open(recording.file.path, "wb") as file:  # noqa: PTH123 - the storage's own path
        file.write(content)
    return recording


@pytest.mark.django_db
def test_stored_audio_is_measured_once():
    wrong = stored(
        sample("constant.mp3"), media_type="audio/mpeg", duration_seconds=0.2, byte_count=4173
    )
    right = stored(tone(10))

    assert tasks.measure_unmeasured_audio(seconds=60) == 2
    assert tasks.measure_unmeasured_audio(seconds=60) == 0

    wrong.refresh_from_db()
    right.refresh_from_db()
    assert wrong.duration_seconds == pytest.approx(2.1, abs=0.1)
    assert wrong.facts["bit_rate"] == pytest.approx(16000, rel=0.1)
    assert wrong.peaks is not None
    assert (right.duration_seconds, right.peaks) == (10, [])


@pytest.mark.django_db
def test_missing_audio_is_not_measured_again():
    RecordingFactory(with_audio=True)

    assert tasks.measure_unmeasured_audio(seconds=60) == 1
    assert tasks.measure_unmeasured_audio(seconds=60) == 0
    assert Recording.objects.get().duration_seconds == 1


def renumbered(content: bytes, serial: int) -> bytes:
    """Return Ogg pages with another serial number; their checksums are not verified."""
    pages = content.split(b"OggS")
    return b"OggS".join(
        [pages[0], *(page[:10] + serial.to_bytes(4, "little") + page[14:] for page in pages[1:])]
    )


@pytest.mark.parametrize("name", ["tone.opus.ogg", "tone.vorbis.ogg"])
def test_durations_of_chained_ogg_streams_are_added(name):
    one = sample(name)
    damaged = one + b"OggS\0junk" + bytes(3000) + renumbered(one, 7)

    for content, seconds in ((one, 2), (one + renumbered(one, 7), 4), (one * 3, 6), (damaged, 4)):
        assert seconds_of_frames("ogg", io.BytesIO(content)) == pytest.approx(seconds, abs=0.05)


def test_empty_ogg_has_no_duration():
    for content in (b"", b"OggS", b"OggS\0\2" + bytes(40), bytes(100)):
        assert seconds_of_frames("ogg", io.BytesIO(content)) is None


@needs_ffmpeg
@pytest.mark.django_db(transaction=True)
def test_stored_chained_ogg_gets_its_whole_duration():
    content = sample("tone.vorbis.ogg") * 3
    recording = RecordingFactory(with_audio=True)
    recording.file.save("chain.ogg", ContentFile(content), save=False)
    Recording.objects.filter(pk=recording.pk).update(
        file=recording.file.name,
        media_type="audio/ogg",
        byte_count=len(content),
        duration_seconds=2,
        is_measured=False,
    )

    tasks.measure_audio.func(recording.pk)

    stored = Recording.objects.get(pk=recording.pk)
    assert (round(stored.duration_seconds), stored.is_measured) == (6, True)
