"""Inspection of an uploaded file: its type by content, whether it is complete, and playable."""

import io
import wave

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from recordings_app.audio.inspection import inspect_audio
from tests.sound import SAMPLES, sample, tone

ACCEPTED = {
    "tone.mp3": ("audio/mpeg", "mp3", 2.1),
    "constant.mp3": ("audio/mpeg", "mp3", 2.1),
    "tone.m4a": ("audio/mp4", "m4a", 2.0),
    "tone.aac": ("audio/aac", "aac", 2.0),
    "tone.opus.ogg": ("audio/ogg", "ogg", 2.0),
    "tone.vorbis.ogg": ("audio/ogg", "ogg", 2.0),
    "tone.flac": ("audio/flac", "flac", 2.0),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_type_and_duration_are_determined_by_content(name):
    audio = inspect_audio(io.BytesIO(sample(name)))

    media_type, suffix, duration = ACCEPTED[name]
    assert (audio.media_type, audio.suffix) == (media_type, suffix)
    assert audio.duration_seconds == pytest.approx(duration, abs=0.2)
    assert audio.facts["sample_rate"] in (8000, 22050, 48000)
    assert audio.remark == ""


def test_generated_wav_is_accepted():
    audio = inspect_audio(io.BytesIO(tone(3)))

    assert (audio.media_type, audio.duration_seconds) == ("audio/wav", 3)
    assert audio.facts == {"codec": "PCM", "bit_rate": 128000, "sample_rate": 8000, "channels": 1}


@pytest.mark.parametrize("name", ["chapters.mp3", "chapters.m4a"])
def test_chapters_of_a_file_are_read(name):
    chapters = inspect_audio(io.BytesIO(sample(name))).chapters

    assert chapters == "0:00 Opening\n0:01 Questions & answers"


@pytest.mark.parametrize(
    "name", [name for name in ACCEPTED if "constant" not in name and ".aac" not in name]
)
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_truncated_audio_is_rejected(name, share):
    content = sample(name)

    with pytest.raises(ValidationError):
        inspect_audio(io.BytesIO(content[: int(len(content) * share)]))


def test_truncated_wav_reports_its_size():
    content = tone(4)

    with pytest.raises(ValidationError, match="only 50 %"):
        inspect_audio(io.BytesIO(content[: len(content) // 2 + 30]))


def test_ogg_without_end_mark_is_accepted_with_a_remark():
    content = bytearray(sample("tone.opus.ogg"))
    last = content.rindex(b"OggS")
    content[last + 5] &= ~4

    assert "no end mark" in inspect_audio(io.BytesIO(bytes(content))).remark


def compressed_wav():
    content = bytearray(tone(1))
    content[20:22] = (2).to_bytes(2, "little")  # ADPCM
    return bytes(content)


def silent_wav():
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
    return file.getvalue()


NOT_AUDIO = {
    "empty": b"",
    "text": b"This is a transcript, not a recording.",
    "web page": b"<!doctype html><audio src=x onerror=alert(1)>",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "program": b"MZ" + bytes(500),
    "archive": b"PK\x03\x04" + bytes(500),
    "playlist": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "tag alone": b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10) + b"<html>",
    "sync alone": b"\xff\xfb\x90\x00" + b"not frames at all " * 100,
    "zeros after a sync": b"\xff\xfb\x90\x64" + bytes(5000),
    "ogg of something else": b"OggS\0\2" + bytes(20) + b"\1\x1e\x80theora" + bytes(200),
    "riff of something else": b"RIFF\x10\0\0\0AVI " + bytes(200),
    "mp4 box alone": b"\0\0\0\x18ftypM4A " + bytes(12),
    "flac mark alone": b"fLaC" + bytes(100),
    "film": sample("film.mp4"),
    "apple lossless": sample("lossless.m4a"),
    "compressed wav": compressed_wav(),
    "wav without samples": silent_wav(),
}


@pytest.mark.parametrize("what", NOT_AUDIO)
def test_unsupported_audio_is_rejected_with_a_message(what):
    with pytest.raises(ValidationError) as refused:
        inspect_audio(io.BytesIO(NOT_AUDIO[what]))

    assert refused.value.messages[0].endswith((".", "!"))


@given(name=st.sampled_from(sorted(path.name for path in SAMPLES.iterdir())), data=st.data())
def test_damaged_files_are_accepted_or_rejected(name, data):
    content = bytearray(sample(name))
    for _ in range(data.draw(st.integers(1, 20))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))

    try:
        audio = inspect_audio(io.BytesIO(bytes(content)))
    except ValidationError:
        return
    assert audio.duration_seconds > 0
