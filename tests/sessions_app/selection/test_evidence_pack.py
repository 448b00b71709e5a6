"""The evidence pack: an address with items, notes and an order, and what is taken away of it."""

import csv
import io
from datetime import date
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_app.redirects.addresses import add_redirect
from tests.factories import (
    AppearanceFactory,
    OrganisationFactory,
    RecommendationFactory,
    SessionFactory,
    SpeakerFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db

FILES = ("/pack/document.html", "/pack/references.ris", "/pack/items.csv")
TWO = "item=session:ports&note=first&item=recommendation:rivers-1&note=second"


@pytest.fixture
def sessions():
    for slug in ("rivers", "ports"):
        session = SessionFactory(title=slug.title(), slug=slug, held_on=date(2020, 2, 3))
        AppearanceFactory(
            session=session,
            speaker=SpeakerFactory(family_name="Kallas", given_name="Irma"),
            organisation=OrganisationFactory(name=f"{slug.title()} Desk"),
        )
        RecommendationFactory(session=session, text=f"Dredge the {slug}", audience="Masters")


def entries(response):
    return [(entry.item.key, entry.note) for entry in response.context["pack"].entries]


def table(response):
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_notes_belong_to_items_by_their_number(client, sessions):
    response = client.get(f"/pack/?title=My+pack&{TWO}")
    html = response.content.decode()

    assert entries(response) == [("session:ports", "first"), ("recommendation:rivers-1", "second")]
    assert "<h1 data-pack-heading>My pack</h1>" in html
    assert html.index("Ports Desk") < html.index("Rivers Desk")
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Cache-Control"] == "private, no-cache"


def test_address_of_a_pack_gives_the_same_pack_again(client, sessions):
    query = (
        "title=A+%26+B&style=mla&item=session:ports&note=&item=recommendation:rivers-1&note=x%0Ay"
    )

    response = client.get(f"/pack/?{query}")

    assert response.context["pack"].query == query
    assert f"/pack/?{query.replace('&', '&amp;')}" in response.content.decode()


@pytest.mark.parametrize(
    ("form", "order"),
    [
        ("position=1&position=2&position=3", "abc"),
        ("position=1&position=2&position=1", "cab"),
        ("position=3&position=2&position=3", "bca"),
        ("position=3&position=2&position=1", "cba"),
        ("position=9&position=x&position=", "bca"),
        ("position=1&position=2&position=3&remove=session:b", "ac"),
        ("remove=session:a&remove=session:b&remove=session:c", ""),
    ],
)
def test_update_leads_to_the_ordered_address(client, form, order):
    for slug in "abc":
        SessionFactory(slug=slug)
    query = "item=session:a&note=A&item=session:b&note=B&item=session:c&note=C"

    response = client.get(f"/pack/?{query}&{form}")

    assert response.status_code == 302
    expected = "&".join(f"item=session:{slug}&note={slug.upper()}" for slug in order)
    assert response["Location"] == "/pack/" + (f"?{expected}" if expected else "")
    assert client.get(response["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("style", "part"),
    [("apa", "Kallas, I. (2020"), ("ieee", "I. Kallas, “Ports,”"), ("mla", "Kallas, Irma. “")],
)
def test_references_are_numbered_in_the_chosen_style(client, sessions, style, part):
    html = client.get(f"/pack/?{TWO}&style={style}").content.decode()
    references = html[html.index('<ol class="references">') :]

    assert part in references
    assert references.index("Ports") < references.index("Dredge the rivers")


def test_drafts_and_unknown_items_are_named_and_never_shown(client, sessions, staff_client):
    draft = SessionFactory(slug="secret", title="Quiet plan", status="draft")
    RecommendationFactory(session=draft, text="Hush")
    query = (
        "item=session:secret&note=a&item=recommendation:secret-1&note=b&item=session:ports&note=c"
    )

    for visitor in (client, staff_client("Editors")):
        response = visitor.get(f"/pack/?{query}")

        assert entries(response) == [("session:ports", "c")]
        assert response.context["pack"].missing == [
            ("session:secret", "a"), ("recommendation:secret-1", "b"),
        ]  # fmt: skip
        assert "Not here (any more)" in response.content.decode()
        for answer in (response, *(visitor.get(f"{path}?{query}") for path in FILES)):
            assert answer.status_code == 200
            assert "Quiet plan" not in answer.content.decode()
            assert "Hush" not in answer.content.decode()


def test_malformed_values_are_named_on_the_page_and_refused_in_files(client, sessions):
    query = "item=%3Cb%3E&note=lost&item=session:ports&note=kept&style=harvard"

    response = client.get(f"/pack/?{query}")

    assert entries(response) == [("session:ports", "kept")]
    assert "“&lt;b&gt;” is neither a session" in response.content.decode()
    assert "Choose one of apa" in response.content.decode()
    for path in FILES:
        refusal = client.get(f"{path}?{query}")
        assert refusal.status_code == 400
        assert [each["name"] for each in refusal.json()["invalid_params"]] == ["style", "item"]


def test_an_item_stands_once_also_under_its_old_slug(client, sessions):
    add_redirect("/sessions/streams/", "/sessions/rivers/")

    response = client.get(
        "/pack/?item=session:streams&note=&item=session:rivers&note=kept&item=session:rivers"
    )

    assert entries(response) == [("session:rivers", "kept")]


def test_more_than_a_hundred_items_are_left_out_and_said_to_be(client):
    made = [SessionFactory() for _ in range(102)]

    response = client.get("/pack/", {"item": [f"session:{each.slug}" for each in made]})

    assert len(entries(response)) == 100
    assert "the last 2 are left out" in response.content.decode()


def test_long_notes_and_addresses_are_said_to_be(client, sessions):
    cut = client.get(f"/pack/?item=session:ports&note={'x' * 2001}")
    long = client.get("/pack/", {"item": "session:ports", "note": "ü" * 2000, "position": "1"})
    short = client.get("/pack/?item=session:ports")

    assert entries(cut) == [("session:ports", "x" * 2000)]
    assert "is cut after 2000 characters" in cut.content.decode()
    assert long.status_code == 200  # not sent to an address that might not arrive
    assert "data-pack-long>" in long.content.decode()
    assert "data-pack-long hidden>" in short.content.decode()


def test_notes_and_titles_are_escaped(client, sessions):
    query = urlencode(
        {"title": "<script>1</script>", "item": "session:ports", "note": "</textarea><script>2"}
    )

    for path in ("/pack/", "/pack/document.html"):
        html = client.get(f"{path}?{query}").content.decode()

        assert "<script>1" not in html
        assert "<script>2" not in html
        assert "&lt;script&gt;2" in html


def test_document_is_one_file_without_anything_to_fetch(client, sessions):
    response = client.get(f"/pack/document.html?title=My+pack&{TWO}")
    html = response.content.decode()

    assert response["Content-Disposition"].startswith('attachment; filename="evidence-pack-')
    for part in ("<script", "<link", "<img", "src=", "url(", "@import"):
        assert part not in html
    assert "<h1>My pack</h1>" in html
    assert '<p class="note"><strong>Note:</strong> second</p>' in html
    addresses = [part.partition('"')[0] for part in html.split('href="')[1:]]
    assert addresses
    assert all(urlsplit(address).scheme in ("http", "https") for address in addresses)


def test_references_for_programs_carry_the_notes(client, sessions):
    response = client.get(f"/pack/references.ris?{TWO}")
    lines = response.content.decode().split("\r\n")

    assert response["Content-Type"].startswith("application/x-research-info-systems")
    assert [line for line in lines if line.startswith(("TI", "N1"))] == [
        "TI  - Ports", "N1  - first", "TI  - Dredge the rivers", "N1  - second",
    ]  # fmt: skip


def test_table_has_a_row_for_each_item(client, sessions):
    session, advice = table(
        client.get("/pack/items.csv?item=session:ports&note=%3D1%2B1&item=recommendation:rivers-1")
    )

    assert session["number"] == "1"
    assert session["kind"] == "session"
    assert session["text"] == "Ports"
    assert session["note"] == "'=1+1"  # no formula
    assert session["people"] == "Irma Kallas (Ports Desk)"
    assert advice["kind"] == "recommendation"
    assert advice["text"] == "Dredge the rivers"
    assert advice["session"] == "Rivers"
    assert advice["audience"] == "Masters"
    assert advice["url"].endswith("/recommendations/rivers-1/")
    assert advice["reference"].startswith("Kallas, I.")


def test_pack_leads_to_the_comparison_of_the_same_items(client, sessions):
    address = client.get(f"/pack/?{TWO}").context["pack"].compare_url

    assert parse_qs(urlsplit(address).query) == {
        "item": ["session:ports", "recommendation:rivers-1"]
    }
    assert client.get(address).status_code == 200


def test_empty_pack_says_how_to_fill_it(client):
    html = client.get("/pack/").content.decode()

    assert 'href="/sessions/"' in html
    assert "<form method" not in html
    for path in FILES:
        assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("address", "item"),
    [
        ("/sessions/", "session:ports"),
        ("/sessions/ports/", "session:ports"),
        ("/sessions/ports/", "recommendation:ports-1"),
        ("/recommendations/", "recommendation:ports-1"),
        ("/recommendations/ports-1/", "recommendation:ports-1"),
    ],
)
def test_cards_and_pages_have_a_link_into_the_pack(client, sessions, address, item):
    html = client.get(address).content.decode()

    assert f'<a class="pack-toggle" rel="nofollow" href="/pack/?item={item}">' in html


def test_preview_of_a_draft_offers_no_pack(staff_client):
    session = SessionFactory(slug="secret", status="draft")
    RecommendationFactory(session=session)

    for address in ("/sessions/secret/", "/recommendations/secret-1/"):
        response = staff_client("Editors").get(address)

        assert response.status_code == 200
        assert "pack-toggle" not in response.content.decode()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/pack/", 26),
        ("/pack/document.html", 26),
        ("/pack/references.ris", 25),
        ("/pack/items.csv", 25),
    ],
)
def test_query_count_does_not_grow_with_the_items(
    client, path, queries, count, django_assert_num_queries
):
    pairs = []
    for _ in range(count):
        appearance = AppearanceFactory()
        appearance.further_organisations.add(OrganisationFactory())
        session = appearance.session
        session.topics.add(TopicFactory())
        advice = RecommendationFactory(session=session)
        advice.made_by.add(appearance)
        pairs += [("item", f"session:{session.slug}"), ("note", "x")]
        pairs += [("item", f"recommendation:{advice.public_id}")]

    with django_assert_num_queries(queries):
        response = client.get(f"{path}?{urlencode(pairs)}")

    assert response.status_code == 200


words = st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace").decode())
item_values = st.builds(
    "{}:{}".format,
    st.sampled_from(["session", "recommendation", "x"]),
    words | st.sampled_from(["rivers", "rivers-1", "ports", "ports-1", "-1", "rivers-٣"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    path=st.sampled_from(["/pack/", *FILES]),
    pairs=st.lists(
        st.tuples(
            st.sampled_from(["item", "note", "position", "remove", "title", "style", "update"]),
            words | item_values,
        ),
        max_size=10,
    ),
)
def test_no_query_string_is_an_error(client, sessions, path, pairs):
    response = client.get(f"{path}?{urlencode(pairs)}")

    assert response.status_code in ((200, 302) if path == "/pack/" else (200, 400))
    if response.status_code == 302:
        assert client.get(response["Location"]).status_code == 200


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    notes=st.lists(words, min_size=2, max_size=2),
    title=words,
)
def test_whatever_the_notes_the_address_reproduces_the_pack(client, sessions, notes, title):
    pairs = [("title", title), ("item", "session:rivers"), ("note", notes[0])]
    pairs += [("item", "recommendation:ports-1"), ("note", notes[1])]

    first = client.get(f"/pack/?{urlencode(pairs)}").context["pack"]
    again = client.get(first.url).context["pack"]

    assert (again.url, again.title) == (first.url, first.title)
    assert [entry.note for entry in again.entries] == [entry.note for entry in first.entries]
