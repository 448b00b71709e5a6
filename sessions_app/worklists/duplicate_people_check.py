"""Similar records, which the tick searches for after changes."""

from desk_app.worklists.pair_search import PairSearch, update_similar_pairs
from speakers_app.duplicate_candidates import (
    candidate_pairs_of_organisations,
    candidate_pairs_of_speakers,
    load_compared_organisations,
    load_compared_speakers,
)
from speakers_app.models import Organisation, Speaker

from .duplicate_sessions_check import compare_changed_sessions

SPEAKERS_CHECK_NAME, ORGANISATIONS_CHECK_NAME = (
    "speakers that look alike",
    "organisations that look alike",
)
SPEAKER_PAIR_SEARCH = PairSearch(
    SPEAKERS_CHECK_NAME,
    Speaker,
    lambda: candidate_pairs_of_speakers(load_compared_speakers()),
)
ORGANISATION_PAIR_SEARCH = PairSearch(
    ORGANISATIONS_CHECK_NAME,
    Organisation,
    lambda: candidate_pairs_of_organisations(load_compared_organisations()),
)


def find_alike_speakers(seconds: float | None = None) -> int:
    """Search for similar speakers for about `seconds`; return how many were compared."""
    return update_similar_pairs(SPEAKER_PAIR_SEARCH, seconds)


def find_alike_organisations(seconds: float | None = None) -> int:
    """Search for similar organisations for about `seconds`; return how many were compared."""
    return update_similar_pairs(ORGANISATION_PAIR_SEARCH, seconds)


def find_all_duplicates() -> None:
    """Look at all kinds to the end, as for a demonstration."""
    while compare_changed_sessions():
        pass
    find_alike_speakers()
    find_alike_organisations()
