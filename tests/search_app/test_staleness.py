"""The searches of one response share the newest change, and answer as of no earlier one."""

import pytest

from search_app import api, change_log, staleness
from search_app.criteria_and_hits import Criteria
from search_app.models import Change
from tests.factories import AppearanceFactory, SessionFactory

pytestmark = pytest.mark.django_db


def found():
    return set(api.search(Criteria()).keys)


def test_searches_of_one_response_do_not_ask_for_the_newest_change_again(
    django_assert_num_queries,
):
    session = SessionFactory()
    found()
    found()  # the first call built the index
    with staleness.observe_searches() as observation:
        observation.newest = change_log.newest_position()
        with django_assert_num_queries(0):
            assert found() == {session.pk}
            assert api.number_of_values_in_use("session", "year") == 1
    with django_assert_num_queries(1):  # nobody said what is newest
        found()


def test_what_a_response_writes_itself_its_searches_find():
    first = SessionFactory()
    with staleness.observe_searches() as observation:
        observation.newest = change_log.newest_position()
        second = SessionFactory()
        assert found() == {first.pk, second.pk}


def test_an_index_further_than_the_response_is_not_reported_as_lagging():
    first = SessionFactory()
    before = change_log.newest_position()
    second = SessionFactory()
    found()  # for another response, which began later
    with staleness.observe_searches() as observation:
        observation.newest = before
        assert found() == {first.pk, second.pk}
    assert not observation.is_stale


@pytest.mark.parametrize(
    "address", ["/", "/sessions/?q=rivers", "/speakers/", "/api/v1/sessions/"]
)
def test_a_page_asks_for_the_newest_change_once(client, django_assert_max_num_queries, address):
    AppearanceFactory(session__title="Rivers")
    for number in (1, 2):  # builds the indexes, then notes that they lack nothing
        client.get(f"{address}{'&' if '?' in address else '?'}page={number}")
    with django_assert_max_num_queries(100) as queries:
        assert client.get(address).status_code == 200
    table = Change._meta.db_table
    assert len([query for query in queries if table in query["sql"]]) == 1
