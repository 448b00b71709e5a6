import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings_app.playback.ranges import ByteSpan, UnsatisfiableRangeError, requested_span


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-0", (0, 0)),
        ("bytes=0-99", (0, 99)),
        ("bytes=90-", (90, 99)),
        ("bytes=99-99", (99, 99)),
        ("bytes=50-5000", (50, 99)),
        ("bytes=-1", (99, 99)),
        ("bytes=-100", (0, 99)),
        ("bytes=-5000", (0, 99)),
        ("Bytes= 5-9", (5, 9)),
    ],
)
def test_one_range(header, span):
    assert requested_span(header, 100) == ByteSpan(*span)


@pytest.mark.parametrize(
    "header",
    [
        "", "bytes", "bytes=", "bytes=-", "bytes=x-y", "bytes=5", "bytes=9-5", "items=0-5", "bytes=0-1,5-6",
        "bytes=0-1, 0-1, 0-1", "bytes=+1-5", "bytes=1 -5", "bytes=٣-٥", "bytes=" + "9" * 40 + "-",
        "bytes=" + ",".join("0-" for _ in range(5000)),
    ],
)  # fmt: skip
def test_header_without_a_single_range_means_the_whole_file(header):
    assert requested_span(header, 100) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_beyond_the_end(header):
    with pytest.raises(UnsatisfiableRangeError):
        requested_span(header, 100)


@given(st.text(alphabet="bytes=-, 0123456789\tx", max_size=30), st.integers(0, 300))
def test_any_range_header_gives_a_range_within_the_file(header, size):
    try:
        span = requested_span(header, size)
    except UnsatisfiableRangeError:
        return
    assert span is None or 0 <= span.start <= span.end < size
