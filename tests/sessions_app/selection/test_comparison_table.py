"""Chosen sessions and recommendations side by side."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_app.redirects.addresses import add_redirect
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


@pytest.fixture(autouse=True)
def no_kept_pages(client):
    # pages for such visitors are not cached, so they have a context
    client.cookies["messages"] = "x"


@pytest.fixture
def sessions():
    series = SeriesFactory(name="River talks")
    water, trade = TopicFactory(name="Water"), TopicFactory(name="Trade")
    speaker = SpeakerFactory(given_name="Irma", family_name="Kallas")
    made = []
    for year, slug, place, topics in (
        (2018, "rivers", "Old Desk", [water]),
        (2021, "ports", "New Desk", [water, trade]),
    ):
        session = SessionFactory(
            title=slug.title(),
            slug=slug,
            series=series,
            held_on=date(year, 5, 1),
            summary=f"<p>Before. One should dredge the {slug}, they said. After.</p>",
        )
        session.topics.add(*topics)
        appearance = AppearanceFactory(
            session=session, speaker=speaker, organisation=OrganisationFactory(name=place)
        )
        advice = RecommendationFactory(
            session=session, text=f"One should dredge the {slug}", audience=f"Masters of {slug}"
        )
        advice.made_by.add(appearance)
        made.append(session)
    return made


def columns(response):
    return [column.item.key for column in response.context["table"].columns]


def cells(response, label):
    """The values of one row, column by column."""
    row = next(row for row in response.context["table"].rows if row.label.startswith(label))
    return [[each.value.label for each in cell] for cell in row.cells]


def shared(response):
    return {
        each.value.label
        for row in response.context["table"].rows
        for cell in row.cells
        for each in cell
        if each.is_shared
    }


def test_items_are_columns_in_the_order_given(client, sessions):
    response = client.get("/compare/?item=session:ports&item=recommendation:rivers-1")

    assert columns(response) == ["session:ports", "recommendation:rivers-1"]
    assert cells(response, "Kind") == [["Session"], ["Recommendation"]]
    assert cells(response, "Date") == [["1 May 2021"], ["1 May 2018"]]
    assert cells(response, "Topics") == [["Trade", "Water"], ["Water"]]
    assert cells(response, "Recommendations") == [["One should dredge the ports"], []]
    assert cells(response, "Session") == [[], ["Rivers"]]
    assert cells(response, "In context") == [[], ["One should dredge the rivers, they said."]]
    assert cells(response, "For whom") == [["Masters of ports"], ["Masters of rivers"]]
    assert response["X-Robots-Tag"] == "noindex"


def test_common_values_of_all_columns_are_labelled(client, sessions):
    response = client.get("/compare/?item=session:ports&item=recommendation:rivers-1")
    html = response.content.decode()

    assert shared(response) == {"River talks", "Water", "Irma Kallas"}
    assert html.count('<span class="compare__shared">in all</span>') == 6
    assert "In all 2" in html
    assert "New Desk" in html
    assert "Old Desk" in html


def test_single_item_has_no_common_values(client, sessions):
    assert shared(client.get("/compare/?item=session:ports")) == set()


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("topic", [("Trade", ["ports"]), ("Water", ["rivers", "ports"]), ("No topic", ["bare"])]),
        ("year", [("2018", ["rivers"]), ("2021", ["ports"]), ("No date", ["bare"])]),
        (
            "organisation",
            [("New Desk", ["ports"]), ("Old Desk", ["rivers"]), ("No organisation", ["bare"])],
        ),
        (
            "audience",
            [
                ("Masters of ports", ["ports"]),
                ("Masters of rivers", ["rivers"]),
                ("For no one in particular", ["bare"]),
            ],
        ),
    ],
)
def test_columns_have_headings(client, sessions, by, groups):
    SessionFactory(slug="bare", held_on=None)

    response = client.get(
        f"/compare/?item=session:rivers&item=session:ports&item=session:bare&by={by}"
    )

    assert [
        (group.label, [column.item.session.slug for column in group.columns])
        for group in response.context["table"].column_groups
    ] == groups


def test_unknown_grouping_is_reported_and_ignored(client, sessions):
    response = client.get("/compare/?item=session:ports&by=colour")

    assert columns(response) == ["session:ports"]
    assert "“colour” is not a way to group items" in response.content.decode()


def test_drafts_and_unknown_items_are_reported_and_not_shown(client, sessions, staff_client):
    draft = SessionFactory(slug="secret", title="Quiet plan", status="draft")
    RecommendationFactory(session=draft, text="Hush")
    address = (
        "/compare/?item=session:secret&item=recommendation:secret-1&item=recommendation:ports-99"
        "&item=session:never&item=<b>&item=session:ports"
    )

    for visitor in (client, staff_client("Editors")):
        response = visitor.get(address)
        html = response.content.decode()

        assert columns(response) == ["session:ports"]
        assert response.context["table"].unavailable_values == [
            "session:secret",
            "recommendation:secret-1",
            "recommendation:ports-99",
            "session:never",
            "<b>",
        ]
        assert "Not (or no longer) in the archive" in html
        assert "&lt;b&gt;" in html
        assert "Quiet plan" not in html
        assert "Hush" not in html


def test_withdrawn_session_is_removed_from_the_comparison(client, sessions):
    address = "/compare/?item=session:ports&item=recommendation:ports-1&item=session:rivers"
    assert len(columns(client.get(address))) == 3
    sessions[1].status = "withdrawn"
    sessions[1].save()

    assert columns(client.get(address)) == ["session:rivers"]


def test_old_slug_selects_its_successor_once(client, sessions):
    add_redirect("/sessions/streams/", "/sessions/rivers/")

    response = client.get(
        "/compare/?item=session:streams&item=session:rivers&item=recommendation:streams-1"
    )

    assert columns(response) == ["session:rivers", "recommendation:rivers-1"]


def test_more_than_twelve_items_are_omitted_with_a_message(client):
    made = [SessionFactory() for _ in range(14)]

    response = client.get("/compare/", {"item": [f"session:{each.slug}" for each in made]})

    assert columns(response) == [f"session:{each.slug}" for each in made[:12]]
    assert "the last 2 you chose are left out" in response.content.decode()


def test_each_column_can_be_removed(client, sessions):
    response = client.get("/compare/?item=session:rivers&item=session:ports&by=year")

    assert [column.remove_url for column in response.context["table"].columns] == [
        "/compare/?item=session:ports&by=year",
        "/compare/?item=session:rivers&by=year",
    ]


def test_empty_comparison_links_to_the_lists(client):
    html = client.get("/compare/").content.decode()

    assert 'href="/sessions/"' in html
    assert 'href="/recommendations/"' in html
    assert "<table" not in html


@pytest.mark.parametrize("count", [1, 3])
def test_query_count_does_not_depend_on_the_items(client, count, django_assert_num_queries):
    keys = []
    for _ in range(count):
        appearance = AppearanceFactory(session__series=SeriesFactory())
        appearance.further_organisations.add(OrganisationFactory())
        session = appearance.session
        session.topics.add(TopicFactory())
        session.regions.add(RegionFactory())
        advice = RecommendationFactory(session=session, audience="Somebody")
        advice.made_by.add(appearance)
        advice.topics.add(TopicFactory())
        keys += [f"session:{session.slug}", f"recommendation:{advice.public_id}"]

    with django_assert_num_queries(24):
        response = client.get("/compare/", {"item": keys, "by": "organisation"})

    assert len(columns(response)) == 4 * count


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["item", "by", "other"]),
            st.one_of(
                st.text(max_size=30),
                st.builds(
                    "{}:{}".format,
                    st.sampled_from(["session", "recommendation", "x"]),
                    st.text(max_size=12) | st.just("rivers") | st.just("rivers-1"),
                ),
            ),
        ),
        max_size=8,
    )
)
def test_no_query_string_is_an_error(client, sessions, query):
    data = {}
    for name, value in query:
        data.setdefault(name, []).append(value.encode("utf-8", "replace").decode())

    assert client.get("/compare/", data).status_code == 200
