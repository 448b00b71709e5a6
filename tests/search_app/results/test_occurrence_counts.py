"""Findable text: only a whole word in its field finds it, and nothing else reveals its content."""

import pytest

from search_app import api
from search_app.criteria_and_hits import Criteria
from search_app.query.parser import parse_query
from search_app.results.occurrence_counts import QueryWords
from tests.search_app.samples import KIND, found

pytestmark = pytest.mark.django_db

SAID = "Sentinels guard the high-tech harbours; sentinels sleep. 海洋 U.S."


@pytest.fixture
def archive(samples):
    samples.put(1, title="Ports", summary="Cranes.", findable={"transcript": [SAID]})
    samples.put(2, title="Rails", summary="Cranes.", transcript="A sentinel guards the rails.")
    samples.put(3, title="Roads", summary="Cranes.")
    return samples


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("transcript:sentinel", [1, 2]),
        ("transcript:SENTINELS", [1, 2]),
        ("transcript:harbours", [1]),
        ("transcript:sentinel transcript:harbour", [1]),
        ("transcript:sentinel OR transcript:nothing", [1, 2]),
        ("transcript:hightech", [1]),
        ("transcript:high-tech", [1]),
        ("transcript:US", [1]),
        ("transcript:海洋", [1]),
        ("transcript:rails cranes", [2]),
    ],
)
def test_a_whole_word_finds_findable_text(archive, text, keys):
    assert found(text) == keys


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("sentinel", [2]),
        ("harbours", []),
        ("title:harbours", []),
        ("transcript:senti*", [2]),
        ("transcript:harb*", []),
        ('transcript:"sentinels guard"', [2]),
        ('transcript:"harbours"', []),
        ("-transcript:harbours", [1, 2, 3]),
        ("-transcript:sentinel", [1, 3]),
        ("cranes -transcript:harbours", [1, 2, 3]),
        ("ports OR -transcript:harbours", [1, 2, 3]),
        ("transcript:海", []),
    ],
)
def test_findable_text_is_not_found_in_other_ways(archive, text, keys):
    assert found(text) == keys


def test_findable_text_is_never_quoted_suggested_or_compared(archive):
    hits = api.search(Criteria(kind=KIND, text="transcript:harbours", suggests=True))
    misspelled = api.search(Criteria(kind=KIND, text="transcript:harbuors", suggests=True))

    assert hits.keys == [1]
    assert hits.excerpts == {}
    assert misspelled.suggestion is None


def test_findable_text_does_not_affect_similarity(archive):
    archive.put(4, title="Harbours", summary="Sentinels sleep.")

    assert [hit.key for hit in api.similar_records(KIND, 4, limit=5)] == []


def test_findable_text_does_not_affect_ranking(archive):
    archive.put(4, title="Sentinel of ports", summary="", findable={"transcript": [SAID * 9]})

    hits = api.search(Criteria(kind=KIND, text="transcript:sentinel"))

    assert hits.keys[0] == 2
    assert sorted(hits.keys[1:]) == [1, 4]


def test_changed_findable_text_applies_at_the_next_search(archive):
    archive.put(1, title="Ports", summary="Cranes.")

    assert found("transcript:harbours") == []


@pytest.mark.parametrize(
    ("text", "typed", "count"),
    [
        ("transcript:sentinel", ("sentinel",), 2),
        ("transcript:sentinels OR transcript:high-tech", ("sentinels", "high-tech"), 3),
        ("sentinel", (), 0),
        ("-transcript:sentinel", (), 0),
        ("transcript:sent*", (), 0),
        ('transcript:"sentinel"', (), 0),
    ],
)
def test_occurrences_of_query_words_are_counted(text, typed, count):
    asked = QueryWords.from_query(parse_query(text), "transcript")

    assert asked.typed == typed
    assert asked.count_occurrences(SAID) == count
