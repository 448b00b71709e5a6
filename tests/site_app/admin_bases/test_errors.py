import pytest
from django.urls import reverse
from lxml import html

from sessions_app.models import Session
from tests.factories import SessionFactory, SpeakerFactory
from tests.sessions_app.admin_forms import post_change, post_new, rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def publisher(staff_client):
    return staff_client("Publishers")


def page_of(response):
    return html.document_fromstring(response.content.decode())


def summary_on(response):
    """Return [(URL, text)] of the error summary above the form."""
    items = page_of(response).xpath("//div[@data-error-summary]//li")
    return [
        (item.xpath("string(a/@href)"), " ".join(item.text_content().split())) for item in items
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [("time_zone", "EST5"), ("start_time_0", None), ("language", "x" * 60), ("slug", "ä ö")],
)
def test_fieldset_with_an_error_is_open(publisher, name, value):
    session = SessionFactory(status="draft")
    changed = {name: value} if value else {"start_time": "25:99"}
    field = "start_time" if name == "start_time_0" else name

    response = post_change(publisher, session, **changed)

    [control] = page_of(response).xpath(f"//*[@id='id_{field}']")
    assert response.context["adminform"].form.errors.keys() == {field}
    assert control.xpath("ancestor::details") == []
    assert [address for address, _words in summary_on(response)] == [f"#id_{field}"]


def test_fieldset_without_errors_stays_collapsed(publisher):
    address = reverse("admin:sessions_app_session_change", args=[SessionFactory().pk])

    page = page_of(publisher.get(address))

    [control] = page.xpath("//*[@id='id_slug']")
    assert len(control.xpath("ancestor::details[not(@open)]")) == 1
    assert page.xpath("//div[@data-error-summary]") == []


def test_error_summary_links_to_fields(publisher):
    response = post_new(
        publisher,
        title="",
        **rows("appearances", {"role_title": "Analyst", "function": "speaker"}),
        **rows("documents", {"title": "", "kind": "report"}),
    )

    page = page_of(response)
    found = summary_on(response)
    assert page.xpath("string(//title)").strip().startswith("Error:")
    assert found[:2] == [
        ("#id_title", "Title: This field is required."),
        ("#id_appearances-0-speaker", "Speaker 1, Speaker: This field is required."),
    ]
    assert len(found) > 2
    for address, _words in found:
        assert page.xpath(f"//*[@id='{address[1:]}']"), address
    assert "Please correct the error" not in response.content.decode()


def test_duplicate_speaker_is_named_in_the_error(publisher):
    kania = SpeakerFactory(given_name="Elsa", family_name="Kania")
    bendett = SpeakerFactory(given_name="Samuel", family_name="Bendett")
    appearances = [
        {"speaker": speaker.pk, "function": "speaker"}
        for speaker in (kania, bendett, kania, bendett)
    ]

    response = post_new(publisher, title="T", **rows("appearances", *appearances))

    said = summary_on(response)
    twice = "is entered twice. Remove one of the two."
    assert ("#appearances-group", f"Speakers: Elsa Kania {twice}") in said
    assert ("#appearances-group", f"Speakers: Samuel Bendett {twice}") in said
    assert ("#appearances-2", "Speaker 3: This row repeats one above.") in said
    assert not Session.objects.exists()


def test_duplicate_other_name_is_named_in_the_error(publisher):
    values = {"name": "Cyber", "slug": "", "description": "", "parent": ""}

    response = publisher.post(
        reverse("admin:sessions_app_topic_add"),
        values | rows("aliases", {"name": "Infosec"}, {"name": "Infosec"}),
    )

    assert any("Infosec is entered twice" in words for _address, words in summary_on(response))


def test_too_long_a_name_is_preserved_and_its_limit_reported(publisher):
    long = "name" * 2500
    values = {"name": long, "slug": "", "description": "", "parent": ""}

    response = publisher.post(
        reverse("admin:sessions_app_topic_add"), values | rows("aliases", {"name": long})
    )

    page = page_of(response)
    assert page.xpath("//form[@id='topic_form']//*[@maxlength]") == []
    assert page.xpath("//input[@id='id_name']/@value") == [long]
    assert "(it has 10000)" in " ".join(words for _address, words in summary_on(response))
