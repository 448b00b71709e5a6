"""How long audio is, counted from its own frames, where its header does not say it for sure.

Only the headers of the frames are looked at, block by block, so that memory stays small however
large the file is. Data between frames (tags, damage) is skipped.

Sources: ISO/IEC 11172-3 section 2.4.1.3 and 13818-3 (MP3), ISO/IEC 13818-7 section 6.2 (ADTS),
RFC 3533 section 6 (pages of Ogg), RFC 7845 (Opus), Vorbis I section 4.2.2.
"""

import re
import struct
from collections import Counter
from collections.abc import Callable
from typing import BinaryIO, NamedTuple

BLOCK_BYTES = 1 << 20  # bytes read at once
MAX_FRAME_BYTES = 8192  # bytes; ADTS counts up to 8191, and MP3 frames are never longer
HEADER_BYTES = 10  # bytes; a frame header has at most 7, an ID3v2 header 10
# Bytes that look like a frame but are not; beyond this, no duration is returned.
MAX_FALSE_STARTS = 1_000_000


class Frame(NamedTuple):
    """`length` in bytes; `stream` is the same for all frames of one stream."""

    length: int
    stream: int
    samples: int
    rate: int  # samples per second


def _mp3_frame_table() -> dict[int, Frame]:
    """Parse the second and third byte of a layer III header."""
    rates_of_bits = {
        3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # kbit/s, MPEG 1
        2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG 2
    }
    rates_of_bits[0] = rates_of_bits[2]  # MPEG 2.5
    frames = {}
    for version, halvings in ((3, 0), (2, 1), (0, 2)):
        samples = 1152 if version == 3 else 576
        for rate_code, full_rate in enumerate((44100, 48000, 32000)):
            rate = full_rate >> halvings
            for bits_code in range(1, 15):
                bits = 1000 * rates_of_bits[version][bits_code]
                for padding in (0, 1):
                    length = samples // 8 * bits // rate + padding
                    third = bits_code << 4 | rate_code << 2 | padding << 1
                    for unprotected in (0, 1):
                        second = 0xE2 | version << 3 | unprotected
                        for private in (0, 1):
                            frames[second << 8 | third | private] = Frame(
                                length, version << 2 | rate_code, samples, rate
                            )
    return frames


_MP3_FRAME_BY_HEADER = _mp3_frame_table()
_ADTS_SAMPLE_RATES = (
    96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
)  # fmt: skip


def _mp3_frame_at(block: bytes, at: int) -> Frame | None:
    if block[at : at + 1] != b"\xff" or len(block) < at + 4:
        return None
    return _MP3_FRAME_BY_HEADER.get(block[at + 1] << 8 | block[at + 2])


def _adts_frame_at(block: bytes, at: int) -> Frame | None:
    if block[at : at + 1] != b"\xff" or len(block) < at + 7 or block[at + 1] & 0xF6 != 0xF0:
        return None
    rate_code = block[at + 2] >> 2 & 15
    length = (block[at + 3] & 3) << 11 | block[at + 4] << 3 | block[at + 5] >> 5
    if rate_code >= len(_ADTS_SAMPLE_RATES) or length < 7:
        return None
    stream = block[at + 1] << 8 | block[at + 2] & 0xFC
    return Frame(length, stream, 1024 * ((block[at + 6] & 3) + 1), _ADTS_SAMPLE_RATES[rate_code])


def _is_encoder_info_frame(frame: bytes) -> bool:
    """Return whether an MP3 frame has no sound, only the encoder's data about the file."""
    return any(frame.find(mark, 4, 48) > 0 for mark in (b"Xing", b"Info", b"VBRI"))


# kind, as in `inspection`: (the reader of its frames, a pattern for the start of a frame)
_FRAME_PARSER_AND_BEGINNING: dict[str, tuple[Callable[[bytes, int], Frame | None], re.Pattern]] = {
    "mp3": (_mp3_frame_at, re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb]|ID3")),
    "aac": (_adts_frame_at, re.compile(rb"\xff[\xf0\xf1\xf8\xf9]|ID3")),
}
FRAME_KIND_OF_MEDIA_TYPE = {"audio/mpeg": "mp3", "audio/aac": "aac", "audio/ogg": "ogg"}


def seconds_of_frames(kind: str, file: BinaryIO) -> float | None:
    """Return how long the frames of the file are together, in seconds.

    None for a kind that is not walked through, and for a file without two frames in a row. Of Ogg
    the pages are counted: streams that follow each other in one file ("chained") are added up.
    Reads the whole file: some seconds a gigabyte, so never while somebody waits for a page.
    """
    if kind == "ogg":
        return _ogg_seconds(file)
    if kind not in _FRAME_PARSER_AND_BEGINNING:
        return None
    frame_at, start = _FRAME_PARSER_AND_BEGINNING[kind]
    samples: Counter[int] = Counter()  # by sample rate
    position = 0  # of the block in the file
    stream = None  # of the frame that ends here; None after other data
    false_starts = 0
    while True:
        file.seek(position)
        block = file.read(BLOCK_BYTES)
        is_last = len(block) < BLOCK_BYTES
        # A frame that begins before `end` is complete in this block, including the next frame's
        # header.
        end = len(block) if is_last else BLOCK_BYTES - MAX_FRAME_BYTES - HEADER_BYTES
        at = 0
        while at < end:
            frame = frame_at(block, at)
            if frame and frame.stream == stream:
                if at + frame.length <= len(block):
                    samples[frame.rate] += frame.samples
                at += frame.length
                continue
            if frame:
                after = frame_at(block, at + frame.length)
                if after and after.stream == frame.stream:
                    if kind != "mp3" or not _is_encoder_info_frame(block[at : at + 48]):
                        samples[frame.rate] += frame.samples
                    stream = frame.stream
                    at += frame.length
                    continue
                false_starts += 1
                if false_starts > MAX_FALSE_STARTS:
                    return None
            stream = None
            if tag := _id3_tag_bytes(block[at : at + HEADER_BYTES]):
                at += tag
                continue
            match = start.search(block, at + 1)
            # The block may end within a start mark.
            at = min(match.start() if match else len(block), max(end, at + 1))
        if is_last:
            break
        position += at
    return sum(count / rate for rate, count in samples.items()) or None


class _OggLink:
    """Streams of one file that begin together: {serial number: (samples a second, samples to skip)}."""

    def __init__(self):
        self.streams: dict[int, tuple[int, int]] = {}
        self.ends: dict[int, int] = {}

    def seconds(self) -> float:
        lengths = [
            (end - self.streams[serial][1]) / self.streams[serial][0]
            for serial, end in self.ends.items()
        ]
        return max([0, *lengths])


def _ogg_seconds(file: BinaryIO) -> float | None:
    links: list[_OggLink] = []
    is_beginning = False  # the pages that begin streams are adjacent
    position: int | None = 0
    while position is not None:
        file.seek(position)
        header = file.read(_OGG_HEADER_BYTES + 255)
        page = _parse_ogg_page(header)
        if page is None:
            position = _position_of_next_ogg_page(file, position + 1) if header else None
            continue
        if page.begins:
            if not is_beginning:
                links.append(_OggLink())
            file.seek(position + page.header_length)
            if stream := _parse_ogg_stream(file.read(40)):
                links[-1].streams[page.serial] = stream
        elif links and page.serial in links[-1].streams and page.granule >= 0:
            ends = links[-1].ends
            ends[page.serial] = max(ends.get(page.serial, 0), page.granule)
        is_beginning = page.begins
        position += page.header_length + page.body_length
    return sum(link.seconds() for link in links) or None


_OGG_HEADER_BYTES = 27  # bytes, without the segment table


class _OggPage(NamedTuple):
    begins: bool  # a stream
    # Samples from its beginning to the end of the page; -1 if no packet ends on the page.
    granule: int
    serial: int
    header_length: int
    body_length: int


def _parse_ogg_page(header: bytes) -> _OggPage | None:
    if header[:5] != b"OggS\0" or len(header) < _OGG_HEADER_BYTES:
        return None
    segments = header[_OGG_HEADER_BYTES : _OGG_HEADER_BYTES + header[26]]
    granule, serial = struct.unpack_from("<qI", header, 6)
    return _OggPage(
        bool(header[5] & 2), granule, serial, _OGG_HEADER_BYTES + header[26], sum(segments)
    )


def _parse_ogg_stream(packet: bytes) -> tuple[int, int] | None:
    """Return (samples a second, samples to skip) of the stream that begins with this packet."""
    if packet.startswith(b"OpusHead") and len(packet) >= 12:
        return 48000, int.from_bytes(packet[10:12], "little")
    rate = int.from_bytes(packet[12:16], "little")
    return (rate, 0) if packet.startswith(b"\1vorbis") and rate else None


def _position_of_next_ogg_page(file: BinaryIO, position: int) -> int | None:
    """Return where the next page may begin, past damage; None at the end of the file."""
    while True:
        file.seek(position)
        block = file.read(BLOCK_BYTES)
        found = block.find(b"OggS")
        if found >= 0:
            return position + found
        if len(block) < BLOCK_BYTES:
            return None
        position += BLOCK_BYTES - 3


def _id3_tag_bytes(header: bytes) -> int:
    """Return how many bytes the ID3v2 tag has that begins here, 0 if none does."""
    if not header.startswith(b"ID3") or len(header) < HEADER_BYTES or max(header[6:10]) > 127:
        return 0
    size = 0
    for byte in header[6:10]:
        size = size << 7 | byte
    return HEADER_BYTES + size + (HEADER_BYTES if header[5] & 0x10 else 0)
