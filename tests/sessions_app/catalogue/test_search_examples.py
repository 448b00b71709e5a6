"""The examples on the help page and the front page come from this archive, and find something."""

import pytest

from sessions_app.catalogue.search_examples import find_search_examples
from tests.factories import (
    AppearanceFactory,
    OrganisationFactory,
    RecommendationFactory,
    RegionFactory,
    SeriesFactory,
    SessionFactory,
    SpeakerFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def archive():
    session = SessionFactory(
        title="Harbour defence and river deltas",
        held_on="2019-06-01",
        series=SeriesFactory(name="River talks"),
    )
    session.topics.add(TopicFactory(name="Water"))
    session.regions.add(RegionFactory(name="Baltic"))
    AppearanceFactory(
        session=session,
        speaker=SpeakerFactory(given_name="Irma", family_name="Kallas"),
        organisation=OrganisationFactory(name="River desk", abbreviation=""),
    )
    RecommendationFactory(session=session, text="Fund gauges")
    SessionFactory(title="Harbour lights", held_on="2019-05-01")
    SessionFactory(title="Lumières du havre", held_on="2019-08-01", language="fr")
    SessionFactory(title="Unseen harbour", status="draft")


def test_examples_use_words_and_names_of_the_archive(archive):
    assert {example.text: example.total for example in find_search_examples()} == {
        "harbour defence": 1,
        '"harbour defence"': 1,
        "harbour OR defence": 2,
        "harbour -defence": 1,
        "harbo*": 2,
        "title:harbour": 2,
        'speaker:"Irma Kallas"': 1,
        'org:"River desk"': 1,
        'topic:"Water"': 1,
        'series:"River talks"': 1,
        'region:"Baltic"': 1,
        "recommendation:fund": 1,
        "-speaker:Kallas": 2,
        "after:2019-05 before:2021": 3,
    }


def test_every_example_finds_the_stated_number_of_sessions(client, archive):
    page = client.get("/help/search/")

    for example in page.context["examples"]:
        assert client.get(example.url).context["list"].hits.total == example.total > 0


def test_empty_archive_has_no_examples_and_its_pages_answer(client):
    assert find_search_examples() == []
    assert client.get("/help/search/").status_code == 200
    assert client.get("/").status_code == 200
