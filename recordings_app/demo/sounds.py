"""Audio for the demonstration, made by code: tones stand for the voices, silence between them."""

import io
import wave
from collections.abc import Sequence

import numpy

RATE = 8000
PITCHES = (110.0, 165.0, 131.0, 196.0)  # hertz; one a voice


def talk(spans: Sequence[tuple[float, float, int]], seconds: float) -> bytes:
    """Return a WAV file in which somebody hums in each span (start, end in seconds, voice).

    16 bits, one channel, the same bytes each time.
    """
    samples = numpy.zeros(int(seconds * RATE))
    for start, end, voice in spans:
        first, last = int(start * RATE), int(end * RATE)
        time = numpy.arange(last - first) / RATE
        pitch = PITCHES[voice % len(PITCHES)] * (1 + 0.06 * numpy.sin(2 * numpy.pi * 0.7 * time))
        phase = numpy.cumsum(2 * numpy.pi * pitch / RATE)
        hum = numpy.sin(phase) + 0.5 * numpy.sin(2 * phase) + 0.25 * numpy.sin(3 * phase)
        syllables = 0.35 + 0.65 * numpy.abs(numpy.sin(2 * numpy.pi * (1.7 + 0.2 * voice) * time))
        stress = 0.35 + 0.65 * numpy.abs(numpy.sin(2 * numpy.pi * 0.13 * time + start))
        rise = numpy.clip(numpy.minimum(time, time[::-1]) / 0.08, 0, 1)
        samples[first:last] = hum * syllables * stress * rise / 2
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes((samples * 12000).astype("<i2").tobytes())
    return file.getvalue()
