"""The page about the archive: who runs it, what it contains, on which terms."""

from datetime import date

import pytest
from lxml import html

from site_app.models import SiteSettings
from tests.factories import (
    AppearanceFactory,
    RecommendationFactory,
    RecordingFactory,
    SessionFactory,
)

pytestmark = pytest.mark.django_db

SECTIONS = ["owner", "recordings", "rights", "privacy", "accessibility", "contact"]


def page(client):
    return html.fromstring(client.get("/about/").content.decode())


def facts(tree):
    cells = [" ".join(cell.text_content().split()) for cell in tree.xpath("//dl/*")]
    return dict(zip(cells[::2], cells[1::2], strict=True))


def test_about_page_describes_the_content(client):
    AppearanceFactory(session__held_on=date(2015, 1, 20), session__has_recording=False)
    RecommendationFactory(session__held_on=date(2019, 7, 1))
    SessionFactory(status="draft", held_on=date(2011, 1, 1))

    tree = page(client)
    found = facts(tree)

    assert "Held from January 2015 to July 2019." in " ".join(tree.text_content().split())
    assert found["Sessions"] == "2"
    assert (found["Speakers"], found["Recommendations"]) == ("1", "1")


def test_about_page_is_complete_without_text_by_staff(client):
    tree = page(client)

    assert [heading for heading in tree.xpath("//h2/@id") if heading in SECTIONS] == SECTIONS
    assert "Held from" not in tree.text_content()


def test_about_page_escapes_text_by_staff(client):
    SiteSettings.objects.create(
        pk=1,
        about="All about it.",
        owner="The Office of <Talks>",
        licence="CC BY 4.0, https://creativecommons.org/licenses/by/4.0/",
        rights="Ours.",
        privacy="Responsible: the office.",
        accessibility="Scans of before 2015 have no text.",
    )

    tree = page(client)

    text = " ".join(tree.text_content().split())
    for part in (
        "All about it.",
        "The Office of <Talks>",
        "CC BY 4.0",
        "Ours.",
        "Responsible: the office.",
        "Scans of before 2015 have no text.",
    ):
        assert part in text
    assert tree.xpath("//a[@href='https://creativecommons.org/licenses/by/4.0/']")


@pytest.mark.parametrize("count", [1, 3])
def test_query_count(client, count, django_assert_num_queries):
    for _ in range(count):
        RecommendationFactory().made_by.add(AppearanceFactory())
    client.get("/about/")  # updates the index
    client.cookies["messages"] = "x"  # responses for such visitors are not cached

    with django_assert_num_queries(9):
        client.get("/about/")


def test_text_by_staff_declares_its_language_on_a_page_in_another(client):
    texts = {
        name: f"Words: {name}" for name in ("about", "owner", "rights", "privacy", "accessibility")
    }
    SiteSettings.objects.create(pk=1, tagline="Words: tagline", **texts)

    for address, expected in (("/about/", set(texts.values())), ("/", {"Words: tagline"})):
        in_french = html.fromstring(client.get(address, headers={"Accept-Language": "fr"}).text)
        own = html.fromstring(client.get(address).text)

        marked = in_french.xpath("//main//*[@lang='en-GB']")
        assert {element.text_content().strip() for element in marked} == expected
        assert not own.xpath("//main//@lang")


def test_terms_by_staff_declare_their_language(client):
    session = RecordingFactory().session
    address = f"{session.get_absolute_url()}request-recording/"
    marked = "//main//p[@lang='en-GB']"

    in_french = client.get(address, headers={"Accept-Language": "fr"})
    assert not html.fromstring(in_french.text).xpath(marked)

    SiteSettings.objects.create(pk=1, recording_terms="For your eyes only.")
    in_french = client.get(address, headers={"Accept-Language": "fr"})
    (terms,) = html.fromstring(in_french.text).xpath(marked)
    assert terms.text_content() == "For your eyes only."
