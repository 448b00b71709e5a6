"""The type of an uploaded file, determined by its content, never by its name.

The first bytes determine the parser; mutagen reads duration and facts; `truncation` checks for each
format whether the end of the file is there.
"""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy
from mutagen import MutagenError
from mutagen.aac import AAC
from mutagen.flac import FLAC
from mutagen.id3 import ID3, ID3NoHeaderError
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from recordings_app.chapters import MAX_CHAPTERS
from sessions_app.indexing.transcripts import recording_time_text

from . import truncation
from .frame_durations import FRAME_KIND_OF_MEDIA_TYPE

ALLOWED_FORMATS = gettext_lazy("MP3, M4A/AAC, Ogg (Opus or Vorbis), WAV and FLAC")
MAX_DURATION_SECONDS = 24 * 3600  # seconds; longer durations in a file header are not trusted
PLAYABLE_MP4_CODECS = ("mp4a",)  # codecs that browsers play; Apple Lossless is not one of them

# kind: (media type, suffix of the stored file)
MEDIA_TYPE_AND_SUFFIX_OF_KIND = {
    "mp3": ("audio/mpeg", "mp3"),
    "aac": ("audio/aac", "aac"),
    "mp4": ("audio/mp4", "m4a"),
    "opus": ("audio/ogg", "ogg"),
    "vorbis": ("audio/ogg", "ogg"),
    "wav": ("audio/wav", "wav"),
    "flac": ("audio/flac", "flac"),
}
MUTAGEN_CLASS_OF_KIND = {
    "mp3": MP3,
    "aac": AAC,
    "mp4": MP4,
    "opus": OggOpus,
    "vorbis": OggVorbis,
    "wav": WAVE,
    "flac": FLAC,
}
CODEC_NAME_OF_KIND = {
    "mp3": "MP3",
    "aac": "AAC",
    "mp4": "AAC",
    "opus": "Opus",
    "vorbis": "Vorbis",
    "wav": "PCM",
    "flac": "FLAC",
}


@dataclass(frozen=True)
class InspectedAudio:
    """An accepted file. `facts`: codec, bit_rate (bit/s), sample_rate (Hz), channels."""

    media_type: str
    suffix: str
    duration_seconds: float
    facts: dict
    chapters: str = ""  # as `chapters.parse_chapters` reads them
    remark: str = ""  # for staff, about an accepted file that looks unusual


def inspect_audio(file: BinaryIO) -> InspectedAudio:
    """Return what the audio is; `file` can seek, and is at its start afterwards.

    Raises ValidationError, worded for the uploader, for everything that is not audio of the
    allowed kinds, is damaged, or ends before its own header says.

    The duration of MP3 and AAC may be a guess from the first frames: `tasks.measure_audio` counts.
    """
    kind = audio_kind_of(file)
    if kind is None:
        raise ValidationError(
            gettext(
                "This is not an audio file the archive accepts. Use %(allowed)s. The content "
                "counts, not the name."
            )
            % {"allowed": ALLOWED_FORMATS}
        )
    read = _read_metadata(kind, file)
    duration = _duration_seconds(kind, file, read.info)
    if not 0 < duration <= MAX_DURATION_SECONDS:
        raise ValidationError(gettext("The length of this audio cannot be read; save it again."))
    remark = truncation.check_truncation(kind, file, read.info)
    facts = _audio_facts(kind, read.info)
    media_type, suffix = MEDIA_TYPE_AND_SUFFIX_OF_KIND[kind]
    # Do not drop a chapter because of a duration that is only an estimate.
    chapters = _embedded_chapter_lines(
        kind,
        file,
        read,
        MAX_DURATION_SECONDS if media_type in FRAME_KIND_OF_MEDIA_TYPE else duration,
    )
    file.seek(0)
    return InspectedAudio(media_type, suffix, duration, facts, chapters, remark)


def audio_kind_of(file: BinaryIO) -> str | None:
    """Return the kind that the first bytes indicate, None for an unsupported one.

    Sources: ID3v2.4 section 3, ISO/IEC 11172-3 and 13818-7 (frame headers), ISO/IEC 14496-12
    section 4.3, RFC 3533, RFC 7845 section 5.1, Vorbis I section 4.2.1, RIFF/WAVE, RFC 9639.
    """
    start = _bytes_at(file, 0, 64)
    if start.startswith(b"ID3") and len(start) >= 10:
        size = 10 + sum(
            byte << shift for byte, shift in zip(start[6:10], (21, 14, 7, 0), strict=True)
        )
        start = _bytes_at(file, size, 64)
        # The tag may be followed by padding, then by a frame, unless the file is FLAC.
        start = start.lstrip(b"\x00") or _bytes_at(file, size, 4096).lstrip(b"\x00")[:64]
    if start.startswith(b"fLaC"):
        return "flac"
    if start.startswith(b"RIFF") and start[8:12] == b"WAVE":
        return "wav"
    if start[4:8] == b"ftyp":
        return "mp4"
    if start.startswith(b"OggS"):
        if b"OpusHead" in start:
            return "opus"
        return "vorbis" if b"\x01vorbis" in start else None
    if len(start) >= 4 and start[0] == 0xFF:
        if start[1] & 0xF6 == 0xF0:
            return "aac"
        if start[1] & 0xE6 == 0xE2 and start[2] >> 4 not in (0, 15):  # layer III, a valid bit rate
            return "mp3"
    return None


def _bytes_at(file, position, count):
    file.seek(position)
    return file.read(count)


def _read_metadata(kind: str, file: BinaryIO) -> Any:
    """Return what mutagen reads from the file; raises ValidationError if it cannot."""
    if (
        kind == "wav"
        and _bytes_at(file, 4, 4) == bytes(4)
        and (stream := _read_streamed_wav(file))
    ):
        return stream
    file.seek(0)
    try:
        read: Any = MUTAGEN_CLASS_OF_KIND[kind](fileobj=file) if kind != "aac" else AAC(file)
    except (MutagenError, ValueError, LookupError, ArithmeticError, EOFError, TypeError) as error:
        raise ValidationError(gettext("This audio is damaged and cannot be read.")) from error
    if kind == "mp3" and read.info.sketchy:
        raise ValidationError(
            gettext("This is not an audio file, although it begins like an MP3.")
        )
    if kind == "mp4":
        boxes = truncation.find_mp4_boxes(file)
        if "vide" in boxes.handlers:
            raise ValidationError(gettext("This is a video. Save its sound alone, as M4A or MP3."))
        if not read.info.codec.startswith(PLAYABLE_MP4_CODECS):
            raise ValidationError(
                gettext("Browsers do not play “%(codec)s” in an M4A file. Save it as AAC.")
                % {"codec": read.info.codec or "unknown"}
            )
    return read


def _read_streamed_wav(file):
    """Return the data of a WAV file written as a stream, which mutagen refuses (size 0)."""
    samples = truncation.find_wav_data(file, truncation.byte_count_of_file(file))
    width = samples.channels * samples.bits // 8 if samples else 0
    if samples is None or not width:
        return None
    per_second = samples.bytes_per_second
    info = SimpleNamespace(
        bitrate=8 * per_second, sample_rate=per_second // width, channels=samples.channels
    )
    return SimpleNamespace(info=info, tags=None)


def _duration_seconds(kind, file, info) -> float:
    """Return the seconds given by the headers or by the end of the file; 0 if neither does."""
    if kind == "wav":
        samples = truncation.find_wav_data(file, truncation.byte_count_of_file(file))
        return samples.seconds if samples else 0
    if kind == "flac" and not info.total_samples and info.sample_rate:
        return (
            truncation.flac_samples_and_completeness(
                file, truncation.byte_count_of_file(file), info
            )[0]
            / info.sample_rate
        )
    return float(getattr(info, "length", 0) or 0)


def _audio_facts(kind, info):
    facts = {
        "codec": CODEC_NAME_OF_KIND[kind],
        "bit_rate": int(getattr(info, "bitrate", 0) or 0),
        "sample_rate": int(getattr(info, "sample_rate", 0) or 0),
        "channels": int(getattr(info, "channels", 0) or 0),
    }
    if kind == "opus":
        facts["sample_rate"] = 48000  # the output rate of Opus decoders; RFC 7845, section 5.1
    return {name: value for name, value in facts.items() if value}


def _embedded_chapter_lines(kind, file, read, duration):
    """Return the chapter marks a file carries, as lines of text; none if they are not valid."""
    if kind in ("mp3", "wav"):
        marks = _id3_chapters(file if kind == "mp3" else None, read)
    elif kind == "mp4":
        marks = [(chapter.start, chapter.title) for chapter in read.chapters or ()]
    else:
        marks = _vorbis_comment_chapters(read.tags or {})
    lines = [
        (seconds, " ".join(title.split())[:200])
        for seconds, title in sorted(marks)[:MAX_CHAPTERS]
        if 0 <= seconds < duration and title.strip()
    ]
    return "\n".join(f"{recording_time_text(seconds)} {title}" for seconds, title in lines)


def _id3_chapters(file, read):
    """Source: ID3v2 Chapter Frame Addendum 1.0."""
    tags = read.tags
    if tags is None and file is not None:
        try:
            tags = ID3(fileobj=file)
        except (ID3NoHeaderError, MutagenError):
            return []
    return [
        (chapter.start_time / 1000, str(chapter.sub_frames.get("TIT2", "")))
        for chapter in (tags.getall("CHAP") if hasattr(tags, "getall") else ())
    ]


def _vorbis_comment_chapters(tags):
    """CHAPTER001=00:01:02.000 and CHAPTER001NAME=…, as in Vorbis comments."""
    marks = []
    for key in list(tags.keys()):
        name = key.lower()
        if not (name.startswith("chapter") and name[7:].isdigit()):
            continue
        hours, _, rest = str(tags[key][0]).partition(":")
        minutes, _, seconds = rest.partition(":")
        title = tags.get(f"{key}NAME") or tags.get(f"{key}name") or [""]
        try:
            marks.append((int(hours) * 3600 + int(minutes) * 60 + float(seconds), title[0]))
        except ValueError:
            continue
    return marks
