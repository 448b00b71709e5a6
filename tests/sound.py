"""Small audio made by code, and the samples of kinds that code here cannot write."""

import io
import math
import struct
import wave
from functools import cache
from pathlib import Path

SAMPLES = Path(__file__).parent / "data" / "audio"  # two seconds each, made with ffmpeg
RATE = 8000


@cache
def tone(seconds: float, frequency: float = 440) -> bytes:
    """Return a WAV file of a sine, 16 bits, one channel; as loud in the middle as it can be."""
    count = int(seconds * RATE)
    samples = (
        int(32000 * math.sin(math.pi * n / count) * math.sin(2 * math.pi * frequency * n / RATE))
        for n in range(count)
    )
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return file.getvalue()


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()
