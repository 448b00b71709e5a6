"""Directories: which records they list, and the number shown."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app.catalogue import authorities
from sessions_app.views import directories
from tests.factories import (
    AppearanceFactory,
    OrganisationAliasFactory,
    OrganisationFactory,
    RegionFactory,
    SeriesFactory,
    SessionFactory,
    SpeakerAliasFactory,
    SpeakerFactory,
    TopicAliasFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def speakers():
    """Two whom visitors may see, one who appears only in a draft, one who never spoke."""
    for family_name in ("Abel", "Baker"):
        AppearanceFactory(speaker__family_name=family_name)
    AppearanceFactory(speaker__family_name="Carver", session__status="draft")
    SpeakerFactory(family_name="Daniels")


def listed(response):
    return [entry.record.family_name for entry in response.context["entries"]]


def test_directory_counts_only_public_records(client, speakers):
    response = client.get("/speakers/")

    assert listed(response) == ["Abel", "Baker"]
    assert response.context["page"].paginator.count == 2


def test_directory_queries_the_database_while_the_index_is_out_of_date(
    client, speakers, monkeypatch
):
    monkeypatch.setattr(authorities, "number_of_values_in_use", lambda kind, facet: None)

    response = client.get("/speakers/")

    assert listed(response) == ["Abel", "Baker"]
    assert response.context["page"].paginator.count == 2


def test_directory_counts_names_by_first_letter(client, speakers):
    response = client.get("/speakers/?letter=b")

    assert listed(response) == ["Baker"]
    assert response.context["page"].paginator.count == 1


def test_topic_is_public_through_its_child_topics(client):
    top = TopicFactory(name="Security")
    middle = TopicFactory(name="Deterrence", parent=top)
    SessionFactory().topics.add(TopicFactory(name="Signalling", parent=middle))
    TopicFactory(name="Unused", parent=middle)

    response = client.get("/topics/")

    names = [(entry.name, entry.depth) for entry in response.context["entries"]]
    assert names == [("Security", 0), ("Deterrence", 1), ("Signalling", 2)]
    assert client.get("/topics/security/").status_code == 200
    assert client.get("/topics/unused/").status_code == 404


def test_topic_page_shows_its_ancestors(client):
    top = TopicFactory(name="Security")
    middle = TopicFactory(name="Deterrence", parent=top)
    low = TopicFactory(name="Signalling", parent=middle)
    SessionFactory().topics.add(low)

    response = client.get(low.get_absolute_url())

    assert response.context["ancestors"] == [top, middle]


ALIASES = {
    "speakers": (SpeakerFactory, SpeakerAliasFactory, "speaker"),
    "organisations": (OrganisationFactory, OrganisationAliasFactory, "organisation"),
    "topics": (TopicFactory, TopicAliasFactory, "topic"),
}


@pytest.mark.parametrize("directory", ALIASES)
def test_words_and_other_names_do_not_multiply_rows(client, directory):
    """As joins, 10 words over 10 other names would be 10¹⁰ rows."""
    make, make_alias, field = ALIASES[directory]
    entry = make()
    session = SessionFactory()
    if directory == "topics":
        session.topics.add(entry)
    else:
        AppearanceFactory(session=session, **{field: entry})
    for number in range(10):
        make_alias(**{field: entry}, name=f"abcdefghijkl {number}")

    with CaptureQueriesContext(connection) as queries:
        response = client.get(f"/{directory}/?find=a+b+c+d+e+f+g+h+i+j")

    assert [found.record for found in response.context["entries"]] == [entry]
    joined = [query["sql"] for query in queries if query["sql"].count("alias") > 0]
    assert joined
    assert not [sql for sql in joined if 'LEFT OUTER JOIN "' in sql and "alias" in sql]


def test_repeated_words_count_once_and_excess_words_are_reported(client, speakers):
    repeated = client.get("/speakers/", {"find": "abel ABEL " * 5})
    many = client.get("/speakers/", {"find": " ".join("abelmnopqrs")})
    long = client.get("/speakers/", {"find": "a" * 101})

    assert listed(repeated) == ["Abel"]
    assert "Only the first" not in repeated.content.decode()
    for cut in (many, long):
        assert "Only the first 10 words (100 characters) are searched for." in cut.content.decode()


def test_too_many_words_are_rejected_by_the_api(client, speakers):
    refused = client.get("/api/v1/speakers/", {"q": " ".join("abelmnopqrs")})

    assert refused.status_code == 400
    (reason,) = refused.json()["invalid_params"]
    assert reason == {"name": "q", "reason": "Give at most 10 words of 100 characters in all."}


@pytest.mark.parametrize("directory", ["topics", "series", "regions", "organisations", "speakers"])
def test_only_letters_with_names_are_links(client, directory):
    session = SessionFactory(series=SeriesFactory(name="Beta"))
    session.topics.add(TopicFactory(name="Beta"), TopicFactory(name="5G"))
    session.regions.add(RegionFactory(name="Beta"))
    AppearanceFactory(session=session, speaker__family_name="Beta", organisation__name="Beta")
    draft = SessionFactory(status="draft")
    draft.topics.add(TopicFactory(name="Zeta"))

    response = client.get(f"/{directory}/")

    linked = [link.letter for link in response.context["letters"] if link.url]
    assert linked == (["B", "Other"] if directory == "topics" else ["B"])
    assert len(response.context["letters"]) == 26 + (directory == "topics")
    shown = client.get(f"/{directory}/?letter=b").context["entries"]
    assert [row.name.split(",")[0] for row in shown] == ["Beta"]


def test_names_without_a_first_letter_are_listed_under_other(client):
    SessionFactory().topics.add(TopicFactory(name="5G"), TopicFactory(name="Water"))

    response = client.get("/topics/?letter=other")

    assert [row.name for row in response.context["entries"]] == ["5G"]


def test_records_can_be_ordered_by_number_of_sessions(client):
    few, many, one = (TopicFactory(name=name) for name in ("Ants", "Bees", "Cats"))
    for topics in ((few, many), (few, many), (many, one)):
        SessionFactory().topics.add(*topics)
    SessionFactory(status="draft").topics.add(one)

    def names(address):
        return [row.name for row in client.get(address).context["entries"]]

    assert names("/topics/?order=sessions") == ["Bees", "Ants", "Cats"]
    assert names("/topics/?order=sessions&letter=a") == ["Ants"]
    assert names("/topics/?order=sessions&find=cats") == ["Cats"]
    assert names("/topics/?order=nonsense") == ["Ants", "Bees", "Cats"]


def test_rows_show_the_last_year_and_the_latest_affiliation(client):
    speaker = SpeakerFactory()
    for day, name, status in (
        ("2015-01-01", "Old", "published"),
        ("2019-01-01", "Present", "published"),
        ("2023-01-01", "Hidden", "draft"),
    ):
        session = SessionFactory(held_on=day, status=status)
        AppearanceFactory(session=session, speaker=speaker, organisation__name=name)
    AppearanceFactory(session__held_on=None, speaker=speaker, organisation=None)

    (row,) = client.get("/speakers/").context["entries"]

    assert (row.session_count, row.last_year, row.affiliation) == (3, 2019, "Present")


def test_misspelled_name_gets_a_suggestion(client, speakers):
    AppearanceFactory(speaker__family_name="Novakova", session__title="Rivers")
    AppearanceFactory(speaker__family_name="Hiddenhand", session__status="draft")

    page = client.get("/speakers/?find=Novakowa")
    other = client.get("/speakers/?find=rivvers")
    hidden = client.get("/speakers/?find=hiddenhant")

    assert page.context["suggestion"] == "novakova"
    assert listed(client.get("/speakers/?find=novakova")) == ["Novakova"]
    assert other.context["suggestion"] == ""  # a word of a title is not a name
    assert hidden.context["suggestion"] == ""


def test_regions_by_year_link_to_lists_with_their_number_of_sessions(client):
    north, south = RegionFactory(name="North"), RegionFactory(name="South")
    for day, regions in (("2018-01-01", [north]), ("2020-01-01", [north, south])):
        SessionFactory(held_on=day).regions.add(*regions)

    (table,) = client.get("/regions/").context["matrices"]

    assert [name for name, _url in table.columns] == ["2018", "2020"]
    assert [[cell.count for cell in row.cells] for row in table.rows] == [[1, 1], [0, 1]]
    for row in table.rows:
        for cell in row.cells:
            if cell.count:
                assert client.get(cell.url).context["list"].hits.total == cell.count


def test_regions_by_year_state_the_first_year(client, monkeypatch):
    monkeypatch.setattr(directories, "MAX_REGION_YEARS", 1)
    for day in ("2018-01-01", "2020-01-01"):
        SessionFactory(held_on=day).regions.add(RegionFactory())

    (table,) = client.get("/regions/").context["matrices"]

    assert [name for name, _url in table.columns] == ["2020"]
    assert table.caption == "Sessions by region and year, from 2020 on"


def test_page_can_be_chosen_by_number(client, monkeypatch):
    monkeypatch.setattr(directories, "ENTRIES_PER_PAGE", 1)
    for name in ("Abel", "Baker", "Carver"):
        AppearanceFactory(speaker__family_name=name)

    page = client.get("/speakers/?page=3")

    assert listed(page) == ["Carver"]
    assert 'max="3"' in page.content.decode()
