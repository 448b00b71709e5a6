"""Pages are uploaded, corrected next to their source, and become sessions when staff save them."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ingest_app import import_worker
from ingest_app.models import ImportedRecord, ImportRun, IncomingPage
from ingest_app.review.review_queue import purge_old_pages
from sessions_app.editing import history
from sessions_app.models import Series, Session
from speakers_app.models import Organisation, Speaker
from tests.factories import (
    AppearanceFactory,
    DocumentFactory,
    OrganisationFactory,
    RecommendationFactory,
    SessionFactory,
    SpeakerFactory,
    TopicFactory,
    UserFactory,
)
from tests.ingest_app.incoming import HTML_PAGE, PAGE, WINDS, fields_of, zipped
from tests.resubmitted import send_again

pytestmark = pytest.mark.django_db
ADD = reverse("admin:ingest_app_incomingpage_add")
QUEUE = reverse("admin:ingest_app_incomingpage_changelist")


def page_of(pk, name="change"):
    return reverse(f"admin:ingest_app_incomingpage_{name}", args=[pk])


def paste(client, text=PAGE, **more):
    """Paste a page; return the response after the redirect."""
    return client.post(ADD, {"text": text, **more}, follow=True)


def upload(client, **files):
    """Upload files, {name with "_" for the dot: content}; return the resulting page."""
    sent = [
        SimpleUploadedFile(
            name.replace("_", "."), text.encode() if isinstance(text, str) else text
        )
        for name, text in files.items()
    ]
    return client.post(ADD, {"files": sent}, follow=True)


def save(client, response, button="_publish", **changed):
    """Post the form of `response` with these fields changed; return the redirect target."""
    fields = fields_of(response) | changed | {button: "1"}
    return client.post(response.wsgi_request.path, fields, follow=True)


def stored():
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Session, Speaker, Organisation, Series, ImportedRecord, ImportRun)
    }


def said(response):
    return [str(message) for message in response.context["messages"]]


def test_pasted_page_is_shown_next_to_its_draft_and_nothing_is_stored(staff_client):
    client = staff_client("Publishers")
    before = stored()

    response = paste(client)

    assert stored() == before
    fields = fields_of(response)
    assert fields["page-title"] == "Tides of Trade"
    assert fields["page-held_on"] == "2020-05-04"
    assert fields["page-series"] == "Harbour"
    assert [fields[f"speakers-0-{name}"] for name in ("honorific", "given", "family")] == [
        "Dr.",
        "Karin",
        "Lund",
    ]
    assert (fields["speakers-1-affiliation"], fields["speakers-1-role"]) == (
        "Coast Desk",
        "Director",
    )
    assert fields["recommendations-1-text"] == "wait"
    assert fields["recommendations-0-made_by"] == ["0"]
    assert fields["links-1-url"] == "https://example.org/report"
    assert fields["remains"] == "0"
    page = response.content.decode()
    assert 'data-origin="speaker-0"><span id="o-speaker-0"></span>Lund, K.</mark>' in page
    assert 'data-origin="remains"><span id="o-remains"></span>A stray line</mark>' in page
    assert "frame-src 'self'" in response["Content-Security-Policy"]


def test_html_page_is_shown_in_a_sandboxed_frame(staff_client):
    client = staff_client("Editors")
    review = paste(client, HTML_PAGE)
    page = IncomingPage.objects.get()

    response = client.get(page_of(page.pk, "source"))

    shown = response.content.decode()
    assert 'sandbox loading="lazy"' in review.content.decode()
    assert '<mark class="origin of-speaker" title="Speaker 1">' in shown
    for absent in ("<script", "onload", "style=", "<img", "tracker", 'href="https'):
        assert absent not in shown
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert "img-src 'none'" in policy
    assert "sandbox" in policy
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert fields_of(review)["page-source_url"] == "https://old.example/waves/"
    assert fields_of(review)["links-0-url"] == "https://example.org/waves.pdf"


def test_clipboard_html_preserves_link_urls(staff_client):
    response = paste(staff_client("Editors"), "Waves", markup=HTML_PAGE)

    assert fields_of(response)["links-0-url"] == "https://example.org/waves.pdf"


def test_matches_are_offered_with_their_certainty(staff_client):
    desk = OrganisationFactory(name="Coast Desk")
    OrganisationFactory(name="Harbor Institute")
    greer = SpeakerFactory(family_name="Greer", given_name="Thomas")
    AppearanceFactory(speaker=greer, organisation=desk)
    other = SpeakerFactory(family_name="Greer", given_name="Tilda")

    response = paste(staff_client("Editors"))

    lund, who = (row.who for row in response.context["draft"].speaker_rows)
    bodies = [row.organisations[0] for row in response.context["draft"].speaker_rows]
    assert [(each.label, each.certainty, each.reason) for each in who.options] == [
        ("Thomas Greer", "likely", "the name fits, with this organisation"),
        ("Tilda Greer", "possible", "the name fits"),
        ("New speaker: T. Greer", "", ""),
    ]
    assert who.chosen == str(greer.pk) != str(other.pk)
    assert [(each.label, each.certainty) for each in bodies[1].options] == [
        ("Coast Desk", "certain"),
        ("New organisation: Coast Desk", ""),
    ]
    assert [(each.label, each.certainty) for each in bodies[0].options] == [
        ("Harbor Institute", "possible"),
        ("New organisation: Harbour Institute (HI)", ""),
    ]
    assert not lund.has_alternatives
    assert bodies[0].chosen == "new"


def test_a_page_is_published_with_all_its_parts(staff_client):
    client = staff_client("Publishers")

    response = save(client, paste(client))

    session = Session.objects.get()
    page = IncomingPage.objects.get()
    run = ImportRun.objects.get()
    assert response.redirect_chain[-1][0] == page_of(page.pk)
    assert session.get_absolute_url() in response.content.decode()
    assert (session.status, session.import_ref) == ("published", "page:tides-of-trade")
    assert session.published_at == datetime(2020, 5, 1, tzinfo=UTC)
    assert (session.held_on, session.series.name) == (date(2020, 5, 4), "Harbour")
    assert session.created_by == session.changed_by == response.wsgi_request.user
    assert [
        (str(each.speaker), str(each.organisation), each.role_title)
        for each in session.appearances.all()
    ] == [
        ("Dr. Karin Lund", "Harbour Institute (HI)", ""),
        ("T. Greer", "Coast Desk", "Director"),
    ]
    assert [alias.name for alias in Speaker.objects.get(family_name="Lund").aliases.all()] == [
        "Lund, K."
    ]
    assert [
        [str(maker.speaker) for maker in each.made_by.all()]
        for each in session.recommendations.all()
    ] == [["Dr. Karin Lund"]] * 2
    assert [each.url for each in session.documents.all()] == ["https://example.org/report"]
    assert session.recordings.count() == 1
    assert [each["text"] for each in session.import_remains] == [
        "A stray line",
        "Download the slides",
    ]
    assert (page.state, page.session, page.run) == ("saved", session, run)
    assert (run.kind, run.counts, run.started_by) == (
        "pages",
        {"created": 1},
        session.created_by,
    )
    assert run.report[0]["title"] == "Tides of Trade"
    assert history.versions_of_session(session.pk).count() == 1
    assert LogEntry.objects.get().object_repr == "Tides of Trade"


def test_corrections_and_choices_are_stored(staff_client):
    client = staff_client("Publishers")
    karin = SpeakerFactory(family_name="Lund-Berg", given_name="Karin")
    institute = OrganisationFactory(name="Institute of Harbours")
    topic = TopicFactory()
    response = paste(client)

    save(
        client,
        response,
        "_draft",
        **{
            "page-title": " Tides  of trade ",
            "page-summary": "One.\r\n\r\nTwo.",
            "page-topics": [topic.pk],
            "speakers-0-who": karin.pk,
            "speakers-0-body-0": institute.pk,
            "speakers-1-DELETE": "on",
            "recommendations-0-DELETE": "on",
            "recommendations-1-made_by": ["0", "1"],
            "links-0-url": "https://example.org/slides.pdf",
            "remains": [],
        },
    )
    # Neither choice was offered, so the form uses the default.
    session = Session.objects.get()
    assert session.title == "Tides of trade"
    assert session.summary == "<p>One.</p><p>Two.</p>"
    assert list(session.topics.all()) == [topic]
    assert [str(each.speaker) for each in session.appearances.all()] == ["Dr. Karin Lund"]
    assert [each.text for each in session.recommendations.all()] == ["wait"]
    assert [each.url for each in session.documents.all()] == [
        "https://example.org/slides.pdf",
        "https://example.org/report",
    ]
    assert session.import_remains == []


def test_chosen_alternative_gets_the_name_as_an_alias(staff_client):
    client = staff_client("Editors")
    tilda = SpeakerFactory(family_name="Greer", given_name="Tilda")
    body = OrganisationFactory(name="Coastal Desk")
    response = paste(client)

    save(
        client,
        response,
        "_draft",
        **{"speakers-1-who": tilda.pk, "speakers-1-body-0": body.pk},
    )

    appearance = Session.objects.get().appearances.last()
    assert (appearance.speaker, appearance.organisation) == (tilda, body)
    assert [each.name for each in body.aliases.all()] == ["Coast Desk"]
    winds = paste(client, WINDS)
    row = winds.context["draft"].speaker_rows[0]
    assert row.who.chosen == str(tilda.pk)
    assert row.organisations[0].chosen == str(body.pk)


def test_new_person_can_be_chosen_despite_a_match(staff_client):
    client = staff_client("Editors")
    old = AppearanceFactory(
        speaker__family_name="Greer", speaker__given_name="T.", organisation__name="Coast Desk"
    ).speaker
    response = paste(client)

    save(client, response, "_draft", **{"speakers-1-who": "new"})

    assert Speaker.objects.filter(family_name="Greer").count() == 2
    assert Session.objects.get(title="Tides of Trade").appearances.last().speaker != old


def test_choices_of_people_show_their_organisations(staff_client):
    greer = SpeakerFactory(family_name="Greer", given_name="Tilda")
    for day, name in ((1, "Old Desk"), (3, "New Desk"), (2, "Old Desk")):
        AppearanceFactory(
            speaker=greer, organisation__name=name, session__held_on=date(2020, 1, day)
        )
    response = paste(staff_client("Editors"), WINDS)

    option = response.context["draft"].speaker_rows[0].who.options[0]
    assert (option.label, option.detail) == ("Tilda Greer", "New Desk; Old Desk")


def test_changed_page_keeps_its_earlier_matches(staff_client):
    client = staff_client("Editors")
    SpeakerFactory(family_name="Greer", given_name="Tilda")
    SpeakerFactory(family_name="Greer", given_name="Tom")
    first = upload(client, winds_txt=WINDS)
    save(client, first, "_draft")
    [meant] = Session.objects.get().appearances.all()

    again = upload(client, winds_txt=WINDS.replace(" (Coast Desk)", "").replace("Air.", "Wind."))
    assert again.context["draft"].speaker_rows[0].who.chosen == str(meant.speaker_id)
    save(client, again, "_draft")

    session = Session.objects.get()
    assert session.summary_text == "Wind."
    assert [each.speaker for each in session.appearances.all()] == [meant.speaker]


def test_doubts_are_shown_next_to_the_name(staff_client):
    OrganisationFactory(name="Harbour Institute", abbreviation="HBI")

    response = paste(staff_client("Editors"))

    assert "“Harbour Institute” has the acronym HBI here, HI there" in response.content.decode()


def test_acronym_refers_to_an_organisation_of_the_same_page(staff_client):
    client = staff_client("Editors")
    response = paste(client, PAGE.replace("(Director, Coast Desk)", "(HI)"))

    save(client, response, "_draft")

    assert [str(each) for each in Organisation.objects.all()] == ["Harbour Institute (HI)"]


def test_saving_twice_creates_one_session(staff_client):
    client = staff_client("Publishers")
    response = paste(client)

    save(client, response)
    save(client, response)

    assert Session.objects.count() == 1


def test_old_url_redirects_to_the_session(staff_client):
    client = staff_client("Publishers")
    response = paste(client, HTML_PAGE)

    save(client, response)

    session = Session.objects.get()
    assert session.source_url == "https://old.example/waves/"
    answer = client.get("/waves/")
    assert (answer.status_code, answer.url) == (301, session.get_absolute_url())


def test_pasted_page_is_named_after_its_url(staff_client):
    client = staff_client("Editors")

    response = paste(client, address="https://old.example/social/tides-2020/")
    save(client, response, "_draft")

    session = Session.objects.get()
    assert session.import_ref == "page:tides-2020"
    assert session.source_url == "https://old.example/social/tides-2020/"


def test_editor_creates_drafts_and_requests_review(staff_client):
    client = staff_client("Editors")
    response = paste(client)

    assert b"_publish" not in response.content
    save(client, response, "_review")

    assert Session.objects.get().status == Session.Status.IN_REVIEW


def test_a_forged_publication_by_an_editor_stores_nothing(staff_client):
    client = staff_client("Editors")
    response = paste(client)
    before = stored()

    answer = save(client, response, "_publish")

    assert stored() == before
    assert any("Only publishers can publish" in each for each in said(answer))
    assert IncomingPage.objects.get().state == "waiting"


def test_editor_cannot_change_a_public_session(staff_client):
    client = staff_client("Editors")
    SessionFactory(import_ref="page:tides", title="Old tides")
    response = upload(client, tides_txt=PAGE)

    answer = save(client, response, "_draft")
    assert any("only a publisher may change it" in each for each in said(answer))
    assert Session.objects.get().title == "Old tides"

    save(client, response, "_draft", as_new="on")
    assert set(Session.objects.values_list("import_ref", "status")) == {
        ("page:tides", "published"),
        ("page:tides-2", "draft"),
    }


@pytest.mark.parametrize("name", ["change", "source", "keep", "state"])
def test_pages_of_other_users_are_not_found(staff_client, name):
    page = IncomingPage.objects.create(
        owner=UserFactory(), batch="0" * 32, source=PAGE, title="Tides", import_ref="page:t"
    )
    client = staff_client("Publishers")

    assert client.get(page_of(page.pk, name)).status_code == 404
    assert client.post(page_of(page.pk, name), {"_draft": "1"}).status_code == 404


def test_users_without_the_add_permission_see_nothing(staff_client):
    client = staff_client("Access officers")

    assert [client.get(each).status_code for each in (ADD, QUEUE)] == [403, 403]
    assert client.post(ADD, {"text": PAGE}).status_code == 403
    assert b"Import a page" not in client.get(reverse("admin:index")).content


def test_visitors_are_redirected_to_the_login(client):
    assert client.get(ADD).url.startswith(reverse("admin:login"))


def test_several_pages_form_a_queue(staff_client):
    client = staff_client("Editors")
    zip_file = zipped(
        {"tides.txt": PAGE, "x/winds.txt": WINDS, "x/style.css": "", "note.txt": "No."}
    )
    first = upload(client, pages_zip=zip_file, waves_html=HTML_PAGE)

    assert said(first) == [
        "Ignored, because it is not a page: 1 file of the ZIP.",
        "note.txt: No speakers, date or summary were found: this is not a session page.",
    ]
    assert b"Page 1 of 3: tides.txt" in first.content
    second = save(client, first, "_draft")
    assert b"Page 2 of 3: winds.txt" in second.content
    assert b"1 done" in second.content
    third = client.post(
        page_of(IncomingPage.objects.get(name="winds.txt").pk, "state"),
        {"_leave_out": "1"},
        follow=True,
    )
    assert b"Page 3 of 3: waves.html" in third.content
    last = save(client, third, "_review")
    assert b"3 of 3 pages of this upload are done" in last.content
    assert set(Session.objects.values_list("import_ref", flat=True)) == {
        "page:tides",
        "page:waves",
    }
    run = ImportRun.objects.get()
    assert run.counts == {"created": 2}
    assert run.source_name == "tides.txt, winds.txt, waves.html"


def test_skipped_page_can_be_opened_again(staff_client):
    client = staff_client("Editors")
    paste(client)
    page = IncomingPage.objects.get()

    client.post(page_of(page.pk, "state"), {"_leave_out": "1"})
    page.refresh_from_db()
    assert page.state == "left_out"

    client.post(page_of(page.pk, "state"), {"_take_up": "1"})
    page.refresh_from_db()
    assert page.state == "waiting"


def test_two_pages_with_one_name_are_distinguished(staff_client):
    response = upload(staff_client("Editors"), a_zip=zipped({"a/t.txt": PAGE, "b/t.txt": WINDS}))

    assert said(response) == ["t.txt: Another page of this upload has the same name."]


def test_later_import_finds_the_record_and_keeps_corrections(staff_client, tmp_path):
    client = staff_client("Publishers")
    response = upload(client, tides_txt=PAGE)
    save(client, response, **{"page-title": "Tides, corrected"})
    file = tmp_path / "tides.txt"
    out = io.StringIO()

    file.write_text(PAGE, encoding="utf-8")
    call_command("import_pages", str(file), stdout=out)
    file.write_text(PAGE.replace("4 May", "5 May"), encoding="utf-8")
    call_command("import_pages", str(file), stdout=out)

    session = Session.objects.get()
    assert out.getvalue() == (
        "0 created, 0 updated, 1 unchanged, 0 failed\n"
        "0 created, 1 updated, 0 unchanged, 0 failed\n"
    )
    assert (session.title, session.held_on) == ("Tides, corrected", date(2020, 5, 5))


def test_pasted_page_that_was_imported_is_recognised(staff_client, tmp_path):
    (tmp_path / "t.txt").write_text(PAGE, encoding="utf-8")
    call_command("import_pages", str(tmp_path), stdout=io.StringIO())
    client = staff_client("Publishers")
    before = Session.objects.values().get()

    response = paste(client)
    assert response.context["before"] == Session.objects.get()
    answer = save(client, response, "_draft")

    assert Session.objects.values().get() == before
    assert said(answer)[0].startswith("Unchanged")


def test_publishing_an_unchanged_import_changes_its_status_alone(staff_client, tmp_path):
    (tmp_path / "t.txt").write_text(PAGE, encoding="utf-8")
    call_command("import_pages", str(tmp_path), stdout=io.StringIO())
    client = staff_client("Publishers")
    people = list(Session.objects.get().appearances.values())

    save(client, paste(client))

    session = Session.objects.get()
    assert session.status == "published"
    assert list(session.appearances.values()) == people


def test_similar_session_requires_a_decision(staff_client):
    client = staff_client("Publishers")
    other = SessionFactory(title="Tides of trade", held_on=date(2020, 5, 4))
    response = paste(client)

    refused = save(client, response, "_draft")
    second = save(client, response, "_draft", same="new")

    assert response.context["alike"] == [(other, "the same title and day")]
    assert "choose whether to update that session" in refused.content.decode()
    assert second.status_code == 200
    assert Session.objects.filter(title="Tides of Trade").get() != other


@pytest.mark.parametrize("import_ref", (None, "wordpress:post:7"))
def test_chosen_session_is_updated_and_found_by_imports(staff_client, tmp_path, import_ref):
    client = staff_client("Publishers")
    other = SessionFactory(
        title="Tides of trade", held_on=date(2020, 5, 4), language="fr", import_ref=import_ref
    )
    advice = RecommendationFactory(session=other, text="Dredge")
    other.recommendations.create(text="Somebody's own.")
    DocumentFactory(session=other, as_file=True, title="Its file")

    save(client, paste(client), "_draft", same=str(other.pk))
    (tmp_path / "tides-of-trade.txt").write_text(PAGE, encoding="utf-8")
    call_command("import_pages", str(tmp_path))

    session = Session.objects.get()
    assert (session.pk, session.title, session.language) == (other.pk, "Tides of Trade", "fr")
    assert session.import_ref == import_ref or import_ref is None
    assert {each.title for each in session.documents.all()} >= {"Its file"}
    assert session.recommendations.get(number=advice.number).text.casefold() == "dredge"


def test_values_missing_from_the_page_remain_unchanged(staff_client):
    client = staff_client("Publishers")
    other = SessionFactory(title="Winds", summary="<p>Own words.</p>", held_on=date(2020, 5, 6))
    bare = "Winds\nSpeakers: Greer, T. (Coast Desk)\nDate: 6 May 2020\n"

    save(client, paste(client, bare), "_draft", same=str(other.pk))

    other.refresh_from_db()
    assert other.summary == "<p>Own words.</p>"
    assert [each.speaker.family_name for each in other.appearances.all()] == ["Greer"]


def test_old_url_identifies_a_session(staff_client):
    other = SessionFactory(title="Other", source_url="https://old.example/tides/")

    response = paste(staff_client("Editors"), address="https://old.example/tides/")

    assert response.context["alike"] == [(other, "the same address on the old site")]


def test_editor_cannot_update_a_public_session(staff_client):
    client = staff_client("Editors")
    other = SessionFactory(title="Tides of Trade", held_on=date(2020, 5, 4))

    answer = save(client, paste(client), "_draft", same=str(other.pk))

    other.refresh_from_db()
    assert "only a publisher may change it" in answer.content.decode()
    assert (Session.objects.count(), other.import_ref) == (1, None)


def test_rollback_restores_the_chosen_session(staff_client):
    client = staff_client("Publishers")
    other = SessionFactory(title="Tides of Trade", held_on=date(2020, 5, 4), summary="<p>Own.</p>")
    save(client, paste(client), "_draft", same=str(other.pk))
    run = ImportRun.objects.get()

    client.post(reverse("admin:ingest_app_importrun_take_back", args=[run.pk]))
    while import_worker.run_slice(run.pk):
        pass

    other.refresh_from_db()
    assert other.summary == "<p>Own.</p>"
    assert not other.appearances.exists()
    assert not ImportedRecord.objects.exists()


def test_error_stores_nothing_and_preserves_the_input(staff_client):
    client = staff_client("Publishers")
    response = paste(client)
    before = stored()

    answer = save(
        client,
        response,
        **{"page-title": "", "page-contact_email": "nobody", "speakers-0-role": "Head"},
    )

    assert stored() == before
    assert answer.context["draft"].form.errors.keys() == {"title", "contact_email"}
    for shown in (answer, client.get(answer.wsgi_request.path)):
        fields = fields_of(shown)
        assert fields["page-contact_email"] == "nobody"
        assert fields["speakers-0-role"] == "Head"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"page-held_on": "", "page-ends_on": "2020-05-05"}, "A last day needs a first day."),
        ({"page-ends_on": "2020-05-01"}, "The last day is before the first."),
        ({"speakers-1-family": ""}, "This field is required."),
        ({"speakers-1-affiliation": "a" * 301}, "has at most 300 characters"),
        ({"links-0-label": "", "links-0-url": ""}, "Enter a title or an address"),
        ({"links-0-url": "javascript:x()"}, "Enter a valid URL."),
        ({"recommendations-0-text": ""}, "This field is required."),
        ({"speakers-TOTAL_FORMS": "x"}, "ManagementForm data is missing"),
        ({"speakers-TOTAL_FORMS": "1000"}, "Please submit at most 100 forms."),
        ({"speakers-0-function": "king"}, "Select a valid choice."),
    ],
)  # fmt: skip
def test_invalid_value_is_reported_next_to_its_field(staff_client, changed, reason):
    client = staff_client("Publishers")
    response = paste(client)

    answer = save(client, response, **changed)

    assert reason in answer.content.decode()
    assert Session.objects.count() == 0


def test_changed_name_is_matched_again(staff_client):
    client = staff_client("Publishers")
    SpeakerFactory(family_name="Grier", given_name="Tom")
    response = paste(client)

    answer = save(client, response, **{"speakers-1-family": "Grier"})

    assert Session.objects.count() == 0
    assert b"You changed this name" in answer.content
    save(client, answer, "_draft")
    assert Session.objects.count() == 1


def test_one_person_in_two_rows_is_refused(staff_client):
    client = staff_client("Editors")
    response = paste(client, WINDS.replace("Greer, T. (Coast Desk)", "Greer, T.; Greer, Tilda"))
    tilda = SpeakerFactory(family_name="Greer", given_name="Tilda")
    response = client.get(response.wsgi_request.path)

    answer = save(client, response, **{"speakers-0-who": tilda.pk, "speakers-1-who": tilda.pk})

    assert b"This is the same person as" in answer.content


def test_a_form_sent_after_the_login_ended_comes_back_filled_in(db):
    client = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": "same-origin"})
    user = UserFactory(group="Publishers")

    ended = client.post(ADD, {"text": PAGE})
    assert ended.status_code == 403
    assert b"Your login has ended" in ended.content
    assert b"A stray line" in ended.content
    client.force_login(user)
    again = send_again(client, client.post(ADD, {"text": PAGE}))
    assert again.context["form"]["text"].value().split() == PAGE.split()
    assert IncomingPage.objects.count() == 0

    token = client.cookies["csrftoken"].value
    review = client.post(ADD, {"text": PAGE, "csrfmiddlewaretoken": token}, follow=True)
    fields = fields_of(review) | {"page-title": "Typed", "_publish": "1"}
    path = review.wsgi_request.path
    client.logout()
    assert b"Typed" in client.post(path, fields).content
    client.force_login(user)
    shown = send_again(client, client.post(path, fields))
    assert fields_of(shown)["page-title"] == "Typed"
    assert Session.objects.count() == 0
    token = client.cookies["csrftoken"].value
    client.post(path, fields_of(shown) | {"_publish": "1", "csrfmiddlewaretoken": token})
    assert Session.objects.get().title == "Typed"


def test_input_is_saved_while_typing(staff_client):
    client = staff_client("Editors")
    response = paste(client)
    page = IncomingPage.objects.get()

    kept = client.post(page_of(page.pk, "keep"), fields_of(response) | {"page-title": "Half"})

    assert kept.status_code == 204
    assert fields_of(client.get(page_of(page.pk)))["page-title"] == "Half"


@pytest.mark.parametrize("name", ["speakers", "recommendations", "links"])
def test_row_can_be_added_without_javascript(staff_client, name):
    client = staff_client("Editors")
    response = paste(client)
    fields = fields_of(response)

    answer = client.post(
        response.wsgi_request.path, fields | {"_add": name, "page-title": "Typed"}
    )

    shown = fields_of(answer)
    assert int(shown[f"{name}-TOTAL_FORMS"]) == int(fields[f"{name}-TOTAL_FORMS"]) + 1
    assert shown["page-title"] == "Typed"


def test_viewing_the_form_changes_nothing(staff_client):
    client = staff_client("Editors")
    paste(client, HTML_PAGE)
    page = IncomingPage.objects.get()
    before = IncomingPage.objects.values().get()

    for name in ("change", "source", "keep", "state"):
        client.get(page_of(page.pk, name))
    client.get(QUEUE)

    assert IncomingPage.objects.values().get() == before


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ({"text": " "}, "Paste a page here"),
        ({"text": "Contact us"}, "this is not a session page"),
        ({"text": '<!DOCTYPE x [<!ENTITY a "a">]><p>&a;</p>'}, "declares entities"),
        ({"text": PAGE + "\x01"}, "control characters"),
        ({"text": "<p>Title<a href='"}, "cut off in the middle of a tag"),
    ],
)
def test_text_that_is_not_a_page_is_rejected_next_to_its_box(staff_client, sent, reason):
    response = staff_client("Editors").post(ADD, sent)

    assert response.status_code == 200
    assert any(reason in error for error in response.context["form"].errors["text"])
    assert response.context["form"]["text"].value() == sent["text"]
    assert IncomingPage.objects.count() == 0


def test_nul_is_rejected_next_to_its_box(staff_client):
    response = staff_client("Editors").post(ADD, {"text": PAGE + "\x00"})

    assert "text" in response.context["form"].errors
    assert IncomingPage.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("bomb.zip", zipped({"a.txt": "0" * (6 << 20)}), "unpacks to more than 5 MB"),
        ("path.zip", zipped({"good.txt": PAGE, "../a.txt": PAGE}), "outside itself"),
        ("cut.zip", zipped({"good.txt": PAGE})[:-30], "damaged or cut off"),
        ("none.zip", zipped({"style.css": ""}), "There is no page in it"),
        ("empty.txt", b"", "empty"),
    ],
)
def test_malicious_upload_is_rejected_as_a_whole(staff_client, name, content, reason):
    file = SimpleUploadedFile(name, content)
    response = staff_client("Editors").post(ADD, {"text": PAGE, "files": [file]}, follow=True)

    if name == "none.zip":
        return  # the pasted page next to it was accepted
    assert any(reason in error for error in response.context["form"].errors["files"])
    assert response.context["form"]["text"].value() == PAGE
    assert IncomingPage.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("Спикеры и торговля на море".encode("koi8-r"), "The encoding of the file is unknown"),
        (b"%PDF-1.4\x00", "NUL characters"),
        (PAGE.encode("utf-16")[:-1], "damaged or cut off"),
    ],
)
def test_file_that_is_not_a_page_is_reported(staff_client, content, reason):
    response = upload(staff_client("Editors"), page_txt=content)

    [(name, said_of_it)] = response.context["refused"]
    assert name == "page.txt"
    assert reason in said_of_it
    assert IncomingPage.objects.count() == 0


def test_too_large_a_paste_is_rejected(staff_client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20

    response = staff_client("Editors").post(ADD, {"text": "a" * (2 << 20)})

    assert response.status_code == 413
    assert b"more than 1 MB of text" in response.content


def test_request_declared_too_large_is_not_read(staff_client):
    client = staff_client("Editors")

    response = client.post(ADD, {"text": PAGE}, CONTENT_LENGTH=str(100 << 20))

    assert response.status_code == 413
    assert "larger than 55.0\xa0MB" in response.content.decode()


def test_files_of_users_without_permission_are_not_accepted(client):
    response = client.post(ADD, {"text": PAGE}, CONTENT_LENGTH=str(10 << 20))

    assert response.status_code == 403
    assert b"You will only have to choose the files again" in response.content


def test_old_pages_are_deleted_but_not_their_sessions(staff_client):
    client = staff_client("Editors")
    save(client, paste(client), "_draft")
    paste(client, WINDS)
    now = timezone.now()
    IncomingPage.objects.filter(state="saved").update(changed_at=now - timedelta(days=8))
    assert purge_old_pages() == 1
    assert [each.title for each in IncomingPage.objects.all()] == ["Winds"]

    IncomingPage.objects.update(changed_at=now - timedelta(days=91))
    purge_old_pages()

    assert IncomingPage.objects.count() == 0
    assert Session.objects.count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_queue_query_count(staff_client, django_assert_num_queries, count):
    client = staff_client("Editors")
    pages = {f"t{number}.txt": PAGE for number in range(count)}
    response = upload(client, pages_zip=zipped(pages))
    save(client, response, "_draft")

    with django_assert_num_queries(8):
        response = client.get(QUEUE)

    assert len(response.context["page"].object_list) == count


@pytest.mark.parametrize("count", [1, 3])
def test_review_query_count(staff_client, django_assert_num_queries, count):
    client = staff_client("Editors")
    people = [
        AppearanceFactory(
            speaker__family_name=f"Lund{'abc'[number]}", organisation__name=f"Desk {number}"
        )
        for number in range(count)
    ]
    line = "; ".join(f"{each.speaker.name} ({each.organisation.name})" for each in people)
    response = paste(client, WINDS.replace("Greer, T. (Coast Desk)", line))

    with django_assert_num_queries(27):
        response = client.get(response.wsgi_request.path)

    assert len(response.context["draft"].speaker_rows) == count
    assert all(row.who.chosen.isdigit() for row in response.context["draft"].speaker_rows)


def test_paste_query_count(staff_client, django_assert_num_queries):
    client = staff_client("Editors")

    with django_assert_num_queries(6):
        client.get(ADD)


@pytest.mark.parametrize("token", [None, "x" * 64], ids=["no token", "a wrong token"])
@pytest.mark.parametrize("name", ["changelist", "add", "change", "source", "keep", "state"])
def test_form_without_csrf_token_is_not_stored(db, name, token):
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(group="Publishers"))
    client.get(ADD)
    review = client.post(
        ADD, {"text": PAGE, "csrfmiddlewaretoken": client.cookies["csrftoken"].value}, follow=True
    )
    page = IncomingPage.objects.get()
    before = IncomingPage.objects.values().get()
    address = reverse(
        f"admin:ingest_app_incomingpage_{name}",
        args=[] if name in ("changelist", "add") else [page.pk],
    )
    fields = fields_of(review) | {"page-title": "Typed", "text": WINDS}
    fields |= {"csrfmiddlewaretoken": token} if token else {}

    for button in ("_publish", "_add", "_leave_out"):
        client.post(address, fields | {button: "1"})

    assert IncomingPage.objects.values().get() == before
    assert (Session.objects.count(), LogEntry.objects.count()) == (0, 0)
