"""Another spelling is suggested if it finds far more, from the archive's own words and names."""

import pytest

from search_app import api
from search_app.criteria_and_hits import Criteria
from tests.search_app.samples import KIND


@pytest.fixture
def archive(samples):
    for key in range(1, 15):
        samples.put(
            key, title=f"School {key}", summary="The government and its technology policy."
        )
    samples.put(20, title="Rivers", speaker="Elsa Kania", summary="A technolgy of the dam.")


def offered(text, **criteria):
    return api.search(Criteria(kind=KIND, text=text, suggests=True, **criteria)).suggestion


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("goverment", "government"),
        ("shcool", "school"),
        ("cshool", "school"),
        ("Kaina", "kania"),
        ("speaker:kanai", "speaker:kania"),
        ("goverment polcy", "government policy"),
        ('"goverment and its"', '"government and its"'),
        ("goverment -rivers", "government -rivers"),
        ("technolgy", "technology"),  # found once, but the correction far more often
        ("river's goverment", None),  # the correction finds nothing either
        ("goverment kania", None),
        ("zzzzzzzz", None),
        ("gov*", None),
        ("goverm*", None),
        ("technology", None),
        ("dry", None),
        ("title:", None),
        ("", None),
    ],
)
def test_misspelled_query_gets_a_suggestion(archive, text, suggestion):
    assert offered(text) == suggestion


def test_suggestion_finds_the_stated_number_of_results(archive):
    suggestion = offered("shcool goverment")

    assert api.search(Criteria(kind=KIND, text=suggestion)).total == 14


def test_suggestion_keeps_to_the_filters(samples):
    samples.put(1, title="School", facets={"topic": ["rivers"]})

    assert offered("shcool", filters={"topic": ("rivers",)}) == "school"
    assert offered("shcool", filters={"topic": ("dams",)}) is None


def test_no_suggestion_without_request(archive):
    assert api.search(Criteria(kind=KIND, text="goverment")).suggestion is None
