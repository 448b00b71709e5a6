"""Lengths of recordings in words."""

import pytest

from site_app.text.durations import duration_in_words


@pytest.mark.parametrize(
    "seconds, words",
    [
        (0, "0 s"),
        (37.9, "37 s"),
        (60, "1 min"),
        (97, "1 min 37 s"),
        (3600, "1 h"),
        (3725, "1 h 2 min"),
        (3610, "1 h"),
        (86_399, "23 h 59 min"),
    ],
)
def test_duration_has_two_largest_units_with_no_break_spaces(seconds, words):
    assert duration_in_words(seconds) == words.replace(" ", "\u00a0")
