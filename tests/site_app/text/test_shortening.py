import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_app.text.shortening import shorten_at_word


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        ("What allies owe each other", 26, "What allies owe each other"),
        ("What allies owe each other", 25, "What allies owe each…"),
        ("What allies owe each other", 17, "What allies owe…"),
        ("What allies, and neighbours", 14, "What allies…"),
        ("A staff. It grew", 10, "A staff…"),
        ("One line\nand another", 15, "One line\nand…"),
        ("  padded  ", 6, "padded"),
        ("https://example.org/a/long/address", 12, "https://exa…"),
        ("海洋法与沿海国家的安全", 6, "海洋法与沿…"),
        ("", 5, ""),
    ],
)
def test_text_is_shortened_at_words(text, length, expected):
    assert shorten_at_word(text, length) == expected


@given(st.text(), st.integers(2, 40))
def test_shortened_is_never_longer(text, length):
    assert len(shorten_at_word(text, length)) <= length


@given(st.lists(st.from_regex(r"[a-z]{1,9}", fullmatch=True), min_size=1), st.integers(25, 60))
def test_no_word_is_cut(words, length):
    short = shorten_at_word(" ".join(words), length)

    assert short.removesuffix("…").split() == words[: len(short.removesuffix("…").split())]
