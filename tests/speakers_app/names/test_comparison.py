import sys
import unicodedata

import pytest

from search_app.tokenizer import folded_words
from speakers_app.names.comparison import fold_name, look_alike_key

LATIN = [
    chr(code)
    for code in range(sys.maxunicode)
    if chr(code).isalpha() and unicodedata.name(chr(code), "").startswith("LATIN ")
]


def test_latin_letters_are_folded_like_in_the_search():

    differing = [letter for letter in LATIN if fold_name(letter).split() != folded_words(letter)]

    assert len(LATIN) > 1000
    assert differing == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("Сара", "Capa"), ("ΝΑΤΟ", "NATO"), ("Ροman", "Poman"), ("Iѕlаm", "Islam")],
)
def test_look_alike_letters_are_recognised(one, other):
    assert look_alike_key(one) == look_alike_key(other)
    assert fold_name(one) != fold_name(other)


def test_words_with_vowel_signs_are_not_split():
    assert fold_name("हिन्दी समाचार").count(" ") == 1
