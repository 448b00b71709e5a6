"""Whether an audio file is complete to its end, checked in its own way for each format.

An upload or a copy that broke off leaves a file that begins well. What is certainly cut off is
refused; what only lacks the mark that says so is taken with a remark for staff.
"""

import os
import struct
from dataclasses import dataclass, field
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_noop

TAIL_BYTES = 128 * 1024  # bytes; more than an Ogg page (65,307) or a FLAC frame
UNKNOWN_SIZE_MARK = 0xFFFFFFFF
NO_END_MARK_REMARK = gettext_noop(
    "The file has no end mark and may be cut short: listen to its end."
)


def check_truncation(kind: str, file: BinaryIO, info) -> str:
    """Return a remark or "". Raises ValidationError when the end of the audio is missing."""
    size = byte_count_of_file(file)
    match kind:
        case "wav":
            return _check_wav(file, size)
        case "mp4":
            return _check_mp4(file, size)
        case "opus" | "vorbis":
            return _check_ogg(file, size)
        case "flac":
            return _check_flac(file, size, info)
        case "mp3":
            return _check_mp3(file, size)
    return ""


def byte_count_of_file(file: BinaryIO) -> int:
    return file.seek(0, os.SEEK_END)


def _truncation_error(there: float | None = None) -> ValidationError:
    if not there:
        return ValidationError(
            gettext("The audio is incomplete: its end is missing. Copy or save it again.")
        )
    return ValidationError(
        gettext(
            "The audio is incomplete: only %(percent)s %% of what its header announces is there. "
            "Copy or save it again."
        )
        % {"percent": int(100 * there)}
    )


@dataclass(frozen=True)
class WavData:
    """Where the samples are: `format` 1 is integer, 3 floating point; `start` and `size` in bytes."""

    format: int
    channels: int
    bits: int
    bytes_per_second: int
    start: int
    size: int

    @property
    def seconds(self) -> float:
        return self.size / self.bytes_per_second if self.bytes_per_second else 0


def find_wav_data(file: BinaryIO, size: int) -> WavData | None:
    """Return where the samples of a RIFF/WAVE file of `size` bytes are.

    They may run past the end of the file. A program that could not go back to write how many they
    are leaves 0xFFFFFFFF, or 0 there and for the whole; then they go to the end of the file.
    """
    file.seek(0)
    whole = int.from_bytes(file.read(8)[4:], "little")
    position, described = 12, None
    while position + 8 <= size:
        file.seek(position)
        name, length = struct.unpack("<4sI", file.read(8))
        if name == b"fmt " and length >= 16:
            content = file.read(min(length, 40))
            tag, channels, _rate, per_second, _align, bits = struct.unpack("<HHIIHH", content[:16])
            # Extensible format: the actual format follows later.
            if tag == 0xFFFE and len(content) >= 26:
                tag = struct.unpack("<H", content[24:26])[0]
            described = (tag, channels, bits, per_second)
        elif name == b"data":
            start = position + 8
            if length == UNKNOWN_SIZE_MARK or (length == 0 and whole + 8 != size):
                length = max(0, size - start)
            return WavData(*described, start, length) if described else None
        position += 8 + length + length % 2
    return None


def _check_wav(file, size):
    samples = find_wav_data(file, size)
    if samples is None or not samples.size:
        raise ValidationError(gettext("This WAV file contains no samples."))
    if samples.format not in (1, 3):
        raise ValidationError(
            gettext(
                "This WAV file is compressed in a way browsers do not play. Save it as PCM or MP3."
            )
        )
    if samples.start + samples.size > size:
        raise _truncation_error((size - samples.start) / samples.size)
    return ""


_CONTAINER_BOXES = {b"moov", b"trak", b"mdia"}


@dataclass
class Mp4Boxes:
    """The boxes of an MP4 file: kinds of tracks, and the end of the last box."""

    handlers: set[str] = field(default_factory=set)
    end: int = 0


def find_mp4_boxes(file: BinaryIO) -> Mp4Boxes:
    """Source: ISO/IEC 14496-12, sections 4.2 and 8.4.3."""
    boxes = Mp4Boxes()
    _collect_boxes(file, 0, byte_count_of_file(file), boxes, depth=0)
    return boxes


def _collect_boxes(file, position, end, found, depth):
    while position + 8 <= end:
        file.seek(position)
        length, name = struct.unpack(">I4s", file.read(8))
        header = 8
        if length == 1:
            length, header = struct.unpack(">Q", file.read(8).rjust(8, b"\0"))[0], 16
        elif length == 0:
            length = end - position  # extends to the end of the file
        if length < header:
            return
        if depth == 0:
            found.end = position + length
        if name == b"hdlr":
            file.seek(position + header + 8)
            found.handlers.add(file.read(4).decode("ascii", "replace"))
        elif name in _CONTAINER_BOXES and depth < len(_CONTAINER_BOXES):
            _collect_boxes(file, position + header, min(position + length, end), found, depth + 1)
        position += length


def _check_mp4(file, size):
    end = find_mp4_boxes(file).end
    if end > size:
        raise _truncation_error(size / end)
    return ""


def _check_ogg(file, size):
    """Look at the last page. Source: RFC 3533, section 6."""
    start = max(0, size - TAIL_BYTES)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"OggS")
    while at > 0 and tail[at + 4 : at + 5] != b"\0":  # bytes that only look like a page
        at = tail.rfind(b"OggS", 0, at)
    page = tail[at:]
    if at < 0 or len(page) < 27 or len(page) < 27 + page[26]:
        raise _truncation_error()
    length = 27 + page[26] + sum(page[27 : 27 + page[26]])
    if len(page) < length:
        raise _truncation_error()
    return "" if page[5] & 4 else NO_END_MARK_REMARK


def _check_flac(file, size, info):
    """Find the last frame: its checksum shows that it is complete, its number that it is the last.

    Source: RFC 9639, section 9.
    """
    end, is_whole = flac_samples_and_completeness(file, size, info)
    if is_whole and end >= info.total_samples:
        return ""
    raise _truncation_error(end / info.total_samples if is_whole and info.total_samples else None)


def flac_samples_and_completeness(file: BinaryIO, size: int, info) -> tuple[int, bool]:
    """Return how many samples there are to the end of the last frame, and whether it is whole.

    `info` is of mutagen. (0, False) if no frame begins in the last TAIL bytes.
    """
    file.seek(max(0, size - TAIL_BYTES))
    tail = file.read()
    at = len(tail)
    while (at := tail.rfind(b"\xff", 0, at)) >= 0:
        if frame := _parse_flac_frame(tail[at : at + 20], info):
            is_whole = _crc16(tail[at:-2]) == int.from_bytes(tail[-2:], "big")
            return sum(frame), is_whole
    return 0, False


def _parse_flac_frame(header, info):
    """Return (first sample, number of samples) if a frame begins here, else None."""
    if len(header) < 10 or header[1] not in (0xF8, 0xF9):
        return None
    block_code, rate_code = header[2] >> 4, header[2] & 15
    if block_code == 0 or rate_code == 15:
        return None
    number, used = _decode_flac_number(header[4:11])
    if number is None:
        return None
    end = 4 + used
    samples = {1: 192, **{code: 576 << (code - 2) for code in range(2, 6)}}.get(block_code)
    if block_code in (6, 7):
        width = block_code - 5
        samples = int.from_bytes(header[end : end + width], "big") + 1
        end += width
    samples = samples or 256 << (block_code - 8)
    end += {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if len(header) <= end or _crc8(header[:end]) != header[end]:
        return None
    first = number if header[1] == 0xF9 else number * info.max_blocksize
    return first, samples


def _decode_flac_number(raw):
    """Decode a number written like a character of UTF-8; return (number, bytes used)."""
    first = raw[0]
    if first < 0x80:
        return first, 1
    extra = next((n for n in range(1, 7) if first >> (6 - n) & 1 == 0), None)
    if extra is None or first & 0xC0 == 0x80 or len(raw) < extra + 1:
        return None, 0
    number = first & ((1 << (6 - extra)) - 1)
    for byte in raw[1 : extra + 1]:
        if byte >> 6 != 2:
            return None, 0
        number = number << 6 | byte & 63
    return number, extra + 1


def _crc_table(polynomial, bits):
    top, mask = 1 << (bits - 1), (1 << bits) - 1
    table = []
    for value in range(256):
        value <<= bits - 8
        for _ in range(8):
            value = (value << 1 ^ polynomial) & mask if value & top else value << 1 & mask
        table.append(value)
    return table


_CRC8, _CRC16 = _crc_table(0x07, 8), _crc_table(0x8005, 16)


def _crc8(content):
    value = 0
    for byte in content:
        value = _CRC8[value ^ byte]
    return value


def _crc16(content):
    value = 0
    for byte in content:
        value = (value << 8 & 0xFFFF) ^ _CRC16[value >> 8 ^ byte]
    return value


def _check_mp3(file, size):
    """Compare with the byte count of the Xing header, if an encoder wrote one.

    Without it, a truncated file with constant bit rate cannot be recognised.
    """
    file.seek(0)
    start = file.read(10)
    position = 0
    if start.startswith(b"ID3"):
        position = 10 + sum(
            byte << shift for byte, shift in zip(start[6:10], (21, 14, 7, 0), strict=True)
        )
    file.seek(position)
    first_frame = file.read(4096)
    for mark in (b"Xing", b"Info"):
        at = first_frame.find(mark, 0, 512)
        if at < 0:
            continue
        flags = int.from_bytes(first_frame[at + 4 : at + 8], "big")
        if flags & 2:  # a byte count, after the optional frame count
            offset = at + 8 + (4 if flags & 1 else 0)
            announced = int.from_bytes(first_frame[offset : offset + 4], "big")
            there = size - position
            if announced and there < 0.995 * announced:
                raise _truncation_error(there / announced)
    return ""
