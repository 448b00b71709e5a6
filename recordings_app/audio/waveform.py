"""The loudness of a recording over time, for the clickable waveform.

ffmpeg reads every kind; without it WAV is read here, and of the others there is no picture.
"""

import math
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import numpy

from .truncation import byte_count_of_file, find_wav_data

WAVEFORM_STEPS = 600  # bars in the picture
DECODED_SAMPLE_RATE = 8000  # samples per second requested from ffmpeg; the picture needs no more
BLOCK_BYTES = 1 << 20
MAX_DECODING_SECONDS = 1800  # limit for decoding a day of audio
# The format is fixed, so that a disguised playlist cannot make ffmpeg open other files.
FFMPEG_FORMAT_OF_MEDIA_TYPE = {
    "audio/mpeg": "mp3",
    "audio/aac": "aac",
    "audio/mp4": "mov",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/flac": "flac",
}


class DamagedAudioError(Exception):
    """The decoder found data that are not audio; the message is the decoder's."""


def waveform_peaks_of_file(file: BinaryIO, media_type: str, duration: float) -> list[int]:
    """Return STEPS numbers from 0 to 100, the loudest moment being 100; [] if none can be made.

    `duration` in seconds. Raises DamagedError when a decoder complains.
    """
    if program := shutil.which("ffmpeg"):
        return _loudest_of_each_step(
            _decoded_blocks(program, file, media_type), DECODED_SAMPLE_RATE * duration
        )
    if media_type == "audio/wav":
        return wav_peaks(file)
    return []


def _decoded_blocks(program, file, media_type) -> Iterator[numpy.ndarray]:
    """Yield blocks of samples, one channel, -1 to 1."""
    # Time stamps are generated from the sample count: ffmpeg 7 warns about those it derives for
    # Opus.
    command = [
        program, "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe",
        "-f", FFMPEG_FORMAT_OF_MEDIA_TYPE[media_type], "-i", file.name, "-vn", "-ac", "1", "-ar", str(DECODED_SAMPLE_RATE),
        "-af", "asetpts=N/SR/TB", "-f", "f32le", "pipe:1",
    ]  # fmt: skip
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(  # noqa: S603 - fixed arguments, a file of our own name
            ["timeout", str(MAX_DECODING_SECONDS), *command]
            if shutil.which("timeout")
            else command,
            stdout=subprocess.PIPE,
            stderr=complaints,
        )
        with process:
            while process.stdout and (block := process.stdout.read(BLOCK_BYTES)):
                yield numpy.frombuffer(block[: len(block) // 4 * 4], dtype="<f4")
        complaints.seek(0)
        said = complaints.read(2000).decode("utf-8", "replace").strip()
    if process.returncode or said:
        raise DamagedAudioError(said.splitlines()[-1][-200:] if said else "decoding failed")


def wav_peaks(file: BinaryIO) -> list[int]:
    """Return what `waveform_peaks_of_file` does, without ffmpeg; [] for unusual sample sizes."""
    samples = find_wav_data(file, byte_count_of_file(file))
    if samples is None:
        return []
    kind = {(1, 8): "u1", (1, 16): "<i2", (1, 32): "<i4", (3, 32): "<f4", (3, 64): "<f8"}.get(
        (samples.format, samples.bits)
    )
    width = samples.bits // 8 * samples.channels
    if kind is None and (samples.format, samples.bits) != (1, 24):
        return []

    def read():
        file.seek(samples.start)
        left = samples.size
        while left > 0 and (block := file.read(min(left, BLOCK_BYTES // width * width))):
            left -= len(block)
            block = block[: len(block) // width * width]
            if kind is None:  # 24 bits: the two upper bytes are precise enough
                raw = numpy.frombuffer(block, dtype="u1").reshape(-1, 3)[:, 1:]
                values = raw.copy().view("<i2").reshape(-1)
            else:
                values = numpy.frombuffer(block, dtype=kind)
            values = values.astype("f4") - (128 if kind == "u1" else 0)
            yield abs(values).reshape(-1, samples.channels).max(axis=1)

    return _loudest_of_each_step(read(), samples.size / width)


def _loudest_of_each_step(blocks: Iterable[numpy.ndarray], count: float) -> list[int]:
    """Return the loudest sample of each of STEPS equal parts of some `count` samples, 0 to 100."""
    size = max(1, math.ceil(count / WAVEFORM_STEPS))
    levels = numpy.zeros(WAVEFORM_STEPS, dtype="f4")
    position = 0
    for block in blocks:
        places = numpy.minimum((numpy.arange(len(block)) + position) // size, WAVEFORM_STEPS - 1)
        numpy.maximum.at(levels, places, abs(block))
        position += len(block)
    loudest = float(levels.max())
    if not position or not math.isfinite(loudest):
        return []
    # Speech is mostly quiet: the square root makes pauses and voices distinguishable.
    scaled = numpy.sqrt(levels / loudest) if loudest else levels
    return [round(100 * float(level)) for level in scaled]
