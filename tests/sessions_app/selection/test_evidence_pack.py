"""The evidence pack: a URL with items, notes and an order, and its exports."""

import csv
import io
from datetime import date
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.utils import timezone
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt

from sessions_app.formats.reference_styles import STYLES
from sessions_app.models import Session
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
QUERIES = {"docx": 14, "md": 13, "html": 13}
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


def test_notes_belong_to_items_by_number(client, sessions):
    response = client.get(f"/pack/?title=My+pack&{TWO}")
    html = response.content.decode()

    assert entries(response) == [("session:ports", "first"), ("recommendation:rivers-1", "second")]
    assert "<h1 data-pack-heading>My pack</h1>" in html
    assert html.index("Ports Desk") < html.index("Rivers Desk")
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Cache-Control"] == "private, no-cache"


def test_url_of_a_pack_reproduces_it(client, sessions):
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
def test_update_redirects_to_the_ordered_url(client, form, order):
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


def test_page_offers_every_reference_style(client, sessions):
    content = client.get("/pack/", {"item": "session:rivers"}).content.decode()

    for style, label in STYLES.items():
        assert f'<option value="{style}"' in content
        assert f">{label}</option>" in content


def test_drafts_and_unknown_items_are_reported_and_not_shown(client, sessions, staff_client):
    draft = SessionFactory(slug="secret", title="Quiet plan", status="draft")
    RecommendationFactory(session=draft, text="Hush")
    query = (
        "item=session:secret&note=a&item=recommendation:secret-1&note=b&item=session:ports&note=c"
    )

    for visitor in (client, staff_client("Editors")):
        response = visitor.get(f"/pack/?{query}")

        assert entries(response) == [("session:ports", "c")]
        assert response.context["pack"].unavailable_items == [
            ("session:secret", "a"),
            ("recommendation:secret-1", "b"),
        ]
        assert "Not (or no longer) in the archive" in response.content.decode()
        for answer in (response, *(visitor.get(f"{path}?{query}") for path in FILES)):
            assert answer.status_code == 200
            assert "Quiet plan" not in answer.content.decode()
            assert "Hush" not in answer.content.decode()


def test_malformed_values_are_reported_on_the_page_and_rejected_in_files(client, sessions):
    query = "item=%3Cb%3E&note=lost&item=session:ports&note=kept&style=harvard"

    response = client.get(f"/pack/?{query}")

    assert entries(response) == [("session:ports", "kept")]
    assert "“&lt;b&gt;” is neither a session" in response.content.decode()
    assert "Choose one of: apa" in response.content.decode()
    for path in FILES:
        refusal = client.get(f"{path}?{query}")
        assert refusal.status_code == 400
        assert [each["name"] for each in refusal.json()["invalid_params"]] == ["style", "item"]


def test_item_with_its_old_slug_appears_once(client, sessions):
    add_redirect("/sessions/streams/", "/sessions/rivers/")

    response = client.get(
        "/pack/?item=session:streams&note=&item=session:rivers&note=kept&item=session:rivers"
    )

    assert entries(response) == [("session:rivers", "kept")]


def test_more_than_a_hundred_items_are_omitted_with_a_message(client):
    made = [SessionFactory() for _ in range(102)]

    response = client.get("/pack/", {"item": [f"session:{each.slug}" for each in made]})

    assert len(entries(response)) == 100
    assert "the last 2 were left out" in response.content.decode()


def test_too_long_notes_and_urls_are_reported(client, sessions):
    cut = client.get(f"/pack/?item=session:ports&note={'x' * 2001}")
    long = client.get("/pack/", {"item": "session:ports", "note": "ü" * 2000, "position": "1"})
    short = client.get("/pack/?item=session:ports")

    assert entries(cut) == [("session:ports", "x" * 2000)]
    assert "was cut after 2000 characters" in cut.content.decode()
    assert long.status_code == 200  # not redirected to a URL that may be too long
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


def test_document_is_a_single_self_contained_file(client, sessions):
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


def test_reference_files_contain_the_notes(client, sessions):
    response = client.get(f"/pack/references.ris?{TWO}")
    lines = response.content.decode().split("\r\n")

    assert response["Content-Type"].startswith("application/x-research-info-systems")
    assert [line for line in lines if line.startswith(("TI", "N1"))] == [
        "TI  - Ports",
        "N1  - first",
        "TI  - Dredge the rivers",
        "N1  - second",
    ]


def test_csv_has_a_row_for_each_item(client, sessions):
    session, advice = table(
        client.get("/pack/items.csv?item=session:ports&note=%3D1%2B1&item=recommendation:rivers-1")
    )

    assert session["number"] == "1"
    assert session["kind"] == "session"
    assert session["text"] == "Ports"
    assert session["note"] == "'=1+1"  # not a formula
    assert session["people"] == "Irma Kallas (Ports Desk)"
    assert advice["kind"] == "recommendation"
    assert advice["text"] == "Dredge the rivers"
    assert advice["session"] == "Rivers"
    assert advice["audience"] == "Masters"
    assert advice["url"].endswith("/recommendations/rivers-1/")
    assert advice["reference"].startswith("Kallas, I.")


def test_pack_links_to_the_comparison_of_its_items(client, sessions):
    address = client.get(f"/pack/?{TWO}").context["pack"].compare_url

    assert parse_qs(urlsplit(address).query) == {
        "item": ["session:ports", "recommendation:rivers-1"]
    }
    assert client.get(address).status_code == 200


def test_empty_pack_explains_how_to_fill_it(client):
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
def test_cards_and_pages_have_a_pack_button(client, sessions, address, item):
    html = client.get(address).content.decode()

    assert f'<button form="pack" name="item" value="{item}">' in html
    assert '<form id="pack" action="/pack/"></form>' in html


def test_preview_of_a_draft_has_no_pack_button(staff_client):
    session = SessionFactory(slug="secret", status="draft")
    RecommendationFactory(session=session)

    for address in ("/sessions/secret/", "/recommendations/secret-1/"):
        response = staff_client("Editors").get(address)

        assert response.status_code == 200
        assert 'form="pack"' not in response.content.decode()


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
def test_query_count_does_not_depend_on_the_items(
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
@pytest.mark.slow
def test_url_reproduces_a_pack_with_any_notes(client, sessions, notes, title):
    pairs = [("title", title), ("item", "session:rivers"), ("note", notes[0])]
    pairs += [("item", "recommendation:ports-1"), ("note", notes[1])]

    first = client.get(f"/pack/?{urlencode(pairs)}").context["pack"]
    again = client.get(first.url).context["pack"]

    assert (again.url, again.title) == (first.url, first.title)
    assert [entry.note for entry in again.entries] == [entry.note for entry in first.entries]


def word(response):
    return Document(io.BytesIO(response.content))


def written(document):
    """Return [(style, text)] of a document's paragraphs, including links."""
    return [(paragraph.style.name, paragraph.text) for paragraph in document.paragraphs]


RICH = (
    "<p>Whole <strong>words</strong> and <a href='/speakers/'>a link</a>.</p>"
    "<ul><li>first</li><li>second</li></ul><ol start='3'><li>third</li></ol>"
    f"<p>{'many words ' * 100}end</p>"
)


@pytest.mark.parametrize("whole", ["", "&whole=1"])
def test_word_document_has_the_content_of_the_pack(client, sessions, whole):
    Session.objects.filter(slug="ports").update(
        summary=RICH, summary_text=f"Whole words. {'many words ' * 100}end"
    )

    response = client.get(f"/pack/document.docx?title=My+pack&style=mla&{TWO}{whole}")
    document = word(response)
    said = written(document)

    assert said[0] == ("Title", "My pack")
    assert document.core_properties.title == "My pack"
    assert [text for style, text in said if style == "Heading 1"] == [
        "1. Ports",
        "2. Dredge the rivers",
        "References",
    ]
    assert [text for style, text in said if style == "Note"] == ["Note: first", "Note: second"]
    assert ("List Bullet", "Dredge the ports (for Masters)") in said
    assert (("Normal", "Whole words and a link.") in said) is bool(whole)
    assert (("Normal", "3. third") in said) is bool(whole)
    assert any(text.endswith("many words end") for _style, text in said) is bool(whole)
    entries = client.get(f"/pack/?title=My+pack&style=mla&{TWO}").context["pack"].entries
    references = [f"{entry.number}. {entry.reference}" for entry in entries]
    place = said.index(("Heading 1", "References"))
    assert [text for _style, text in said[place + 1 : place + 3]] == references
    links = [link.address for paragraph in document.paragraphs for link in paragraph.hyperlinks]
    assert entries[0].citation.url in links
    assert (any(address.endswith("/speakers/") for address in links)) is bool(whole)
    day = timezone.localdate()
    name = f'attachment; filename="evidence-pack-my-pack-{day}.docx"'
    assert response["Content-Disposition"] == name
    assert response["Cache-Control"] == "private, no-cache"


def test_markdown_has_the_content_of_the_pack(client, sessions):
    Session.objects.filter(slug="ports").update(summary=RICH, title="1. A *star* [x](y) <b> & _z_")

    text = client.get(f"/pack/document.md?whole=1&title=%23+mine&{TWO}").content.decode()
    page = html.fromstring(MarkdownIt().render(text))

    def texts(path):
        return [" ".join(found.text_content().split()) for found in page.xpath(path)]

    assert texts("//h1") == ["# mine"]
    assert texts("//h2") == [
        "1. 1. A *star* [x](y) <b> & _z_",
        "2. Dredge the rivers",
        "References",
    ]
    assert texts("//ul/li") == ["first", "second", "Dredge the ports (for Masters)"]
    assert texts("//blockquote") == ["Note: first", "Note: second"]
    assert next(found.text_content() for found in page.xpath("//strong")) == "words"
    entries = client.get(f"/pack/?{TWO}").context["pack"].entries
    assert texts("//ol[last()]/li")[-2:] == [entry.reference for entry in entries]


def test_document_has_full_summaries_on_request(client, sessions):
    Session.objects.filter(slug="ports").update(summary=RICH, summary_text="many words " * 100)

    assert b"<strong>words</strong>" in client.get(f"/pack/document.html?whole=1&{TWO}").content
    assert b"<strong>words</strong>" not in client.get(f"/pack/document.html?{TWO}").content
    page = client.get(f"/pack/?whole=1&{TWO}")
    assert "whole=1" in page.context["pack"].query
    assert client.get(f"/pack/document.docx?whole=yes&{TWO}").status_code == 400


@pytest.mark.parametrize("extension", ["docx", "md"])
def test_documents_accept_any_text(client, extension):
    hard = "\x0b]]> \U0001f600 <x>&amp; \u2028 *_`# " + "\uffff"
    session = SessionFactory(slug="hard", title=hard, summary=f"<p>{hard}</p>")
    RecommendationFactory(session=session, text=hard, audience=hard)
    query = urlencode({"title": hard, "item": "session:hard", "note": hard, "whole": "1"})

    response = client.get(f"/pack/document.{extension}?{query}")

    assert response.status_code == 200
    if extension == "docx":
        assert "\U0001f600" in written(word(response))[0][1]


@pytest.mark.parametrize("extension", ["docx", "md", "html"])
@pytest.mark.parametrize("count", [1, 3])
def test_document_query_count(client, django_assert_num_queries, extension, count):
    for number in range(count):
        session = SessionFactory(slug=f"s{number}")
        AppearanceFactory(session=session)
        RecommendationFactory(session=session)
    items = "&".join(f"item=session:s{number}" for number in range(count))

    with django_assert_num_queries(QUERIES[extension]):
        client.get(f"/pack/document.{extension}?whole=1&{items}")
