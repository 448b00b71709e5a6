import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sessions_app.models import Session
from tests.factories import (
    PDF,
    AppearanceFactory,
    DocumentFactory,
    OrganisationFactory,
    RecommendationFactory,
    RegionFactory,
    SeriesFactory,
    SessionFactory,
    SpeakerFactory,
    TopicFactory,
    UserFactory,
)
from tests.sessions_app.admin_forms import (
    ADD,
    CHANGE,
    errors,
    post_change,
    post_new,
    row,
    rows,
    shown_values,
)

pytestmark = pytest.mark.django_db


def test_session_form_saves_a_complete_session(client, editor):
    bendett, kania = SpeakerFactory(), SpeakerFactory()
    cna, cnas, school = OrganisationFactory.create_batch(3)
    series, topic, region = SeriesFactory(), TopicFactory(), RegionFactory()

    post_new(
        client,
        title="A New Sino-Russian\r\nHigh-tech Partnership",
        held_on="2019-11-15",
        series=series.pk,
        topics=[topic.pk],
        regions=[region.pk],
        summary='<p style="color:red">First.</p><p>&nbsp;</p><ul><li><p>one</p></li></ul>',
        **rows(
            "appearances",
            {"speaker": bendett.pk, "organisation": cna.pk, "function": "speaker"},
            {
                "speaker": kania.pk,
                "organisation": cnas.pk,
                "function": "moderator",
                "role_title": "Adjunct Senior Fellow",
                "further_organisations": [school.pk],
            },
        ),
        **rows(
            "recommendations",
            {"text": "Watch closely.", "made_by": [kania.pk], "audience": "US decision makers"},
            {"text": "Work with allies.", "topics": [topic.pk]},
        ),
        **rows(
            "documents",
            {
                "kind": "paper",
                "title": "Paper",
                "file": SimpleUploadedFile("../Büro.html", PDF, "text/html"),
            },
            {"kind": "report", "title": "Report", "url": "https://example.org/report"},
        ),
    )

    session = Session.objects.get()
    assert (session.title, session.slug) == (
        "A New Sino-Russian High-tech Partnership",
        "a-new-sino-russian-high-tech-partnership",
    )
    assert (session.status, session.series) == ("draft", series)
    assert (list(session.topics.all()), list(session.regions.all())) == ([topic], [region])
    assert session.summary == "<p>First.</p><ul><li>one</li></ul>"
    assert (session.created_by, session.changed_by) == (editor, editor)
    appearances = session.appearances.all()
    assert [
        (each.speaker, each.organisations, each.role_title, each.function) for each in appearances
    ] == [
        (bendett, [cna], "", "speaker"),
        (kania, [cnas, school], "Adjunct Senior Fellow", "moderator"),
    ]
    assert [
        (each.number, each.position, each.text, each.audience, list(each.made_by.all()))
        for each in session.recommendations.all()
    ] == [
        (1, 1, "Watch closely.", "US decision makers", [appearances[1]]),
        (2, 2, "Work with allies.", "", []),
    ]
    assert [
        (each.number, each.kind, each.filename, each.url, each.media_type, each.byte_count)
        for each in session.documents.all()
    ] == [
        (1, "paper", "Buro.pdf", "", "application/pdf", len(PDF)),
        (2, "report", "", "https://example.org/report", "", None),
    ]
    assert len(session.documents.first().sha256) == 64
    assert session.last_recommendation_number == session.last_document_number == 2


def test_saving_an_unchanged_session_form_changes_nothing(client, publisher):
    session = SessionFactory(summary="<p>Text.</p>")
    appearance = AppearanceFactory(session=session, position=3)
    advice = RecommendationFactory(session=session)
    advice.made_by.add(appearance)
    DocumentFactory(session=session, as_file=True)
    before = Session.objects.filter(pk=session.pk).values().get()

    response = post_change(client, session)

    after = Session.objects.filter(pk=session.pk).values().get()
    moved = {name for name in before if before[name] != after[name]}
    assert response.status_code == 302
    assert moved <= {"updated_at", "changed_by_id"}
    assert list(advice.made_by.all()) == [appearance]
    assert session.documents.get().media_type == "application/pdf"


def test_new_rows_come_last(client, editor):
    session = SessionFactory(status="draft")
    RecommendationFactory(session=session, position=7, text="old")

    post_change(
        client,
        session,
        {"recommendations-TOTAL_FORMS": 3}
        | row("recommendations", 1, text="new")
        | row("recommendations", 2, text="newer"),
    )

    assert list(session.recommendations.values_list("text", "position")) == [
        ("old", 7),
        ("new", 8),
        ("newer", 9),
    ]


def test_recommendation_by_a_non_speaker_is_rejected(client, editor):
    stranger = SpeakerFactory()

    response = post_new(
        client, title="T", **rows("recommendations", {"text": "A", "made_by": [stranger.pk]})
    )

    assert errors(response) == ["A person chosen here is not one of the speakers above."]
    assert not Session.objects.exists()


def test_form_with_errors_preserves_the_input(client, editor):
    speaker = SpeakerFactory(family_name="Bendett", given_name="Samuel")

    response = post_new(
        client,
        title="",
        summary="<p>Kept.</p>",
        **rows(
            "appearances", {"speaker": speaker.pk, "role_title": "Analyst", "function": "speaker"}
        ),
    )

    page = response.content.decode()
    assert errors(response) == ["This field is required."]
    assert "&lt;p&gt;Kept.&lt;/p&gt;" in page
    assert 'value="Analyst"' in page
    assert ">Samuel Bendett</option>" in page


def test_too_large_a_document_is_rejected_with_both_sizes(client, editor, settings):
    settings.DOCUMENT_MAX_BYTES = 1024
    file = SimpleUploadedFile("big.pdf", PDF + b" " * 2048)

    response = post_new(
        client, title="T", **rows("documents", {"kind": "paper", "title": "P", "file": file})
    )

    assert errors(response)[0].replace("\xa0", " ") == (
        "The file has 2.1 KB; at most 1.0 KB are allowed."
    )


def test_second_editor_of_a_session_is_warned(client, editor):
    session = SessionFactory(status="draft", title="At first")
    address = reverse(CHANGE, args=[session.pk])
    opened = shown_values(client.get(address))
    other = UserFactory(username="ada", group="Editors")
    client.force_login(other)
    post_change(client, session, title="By Ada")
    client.force_login(editor)

    told = client.post(address, opened | {"title": "By me"})
    session.refresh_from_db()
    kept = session.title
    again = client.post(address, shown_values(told) | {"title": "By me"})

    session.refresh_from_db()
    assert "ada changed it on" in errors(told)[0]
    assert "By me" in told.content.decode()
    assert kept == "By Ada"
    assert (again.status_code, session.title) == (302, "By me")


def test_renamed_speaker_is_not_a_conflict(client, editor):
    session = SessionFactory(status="draft")
    appearance = AppearanceFactory(session=session)
    address = reverse(CHANGE, args=[session.pk])
    opened = shown_values(client.get(address))
    appearance.speaker.given_name = "Renamed"
    appearance.speaker.save()

    response = client.post(address, opened)

    assert response.status_code == 302


def test_provenance_is_read_only(client, editor):
    session = SessionFactory(
        status="draft",
        import_ref="page:cafe",
        source_url="https://old.example/cafe",
        import_remains=[{"kind": "missing file", "text": "<b>Paper</b>"}],
    )

    page = client.get(reverse(CHANGE, args=[session.pk])).content.decode()
    post_change(client, session, import_ref="other", source_url="https://evil.example/")

    session.refresh_from_db()
    assert "page:cafe" in page
    assert "<strong>Missing file:</strong> &lt;b&gt;Paper&lt;/b&gt;" in page
    assert (session.import_ref, session.source_url) == ("page:cafe", "https://old.example/cafe")


def whole_session(count):
    session = SessionFactory(status="draft", series=SeriesFactory())
    session.topics.add(*TopicFactory.create_batch(count))
    for _ in range(count):
        appearance = AppearanceFactory(session=session)
        appearance.further_organisations.add(*OrganisationFactory.create_batch(count))
        advice = RecommendationFactory(session=session)
        advice.made_by.add(appearance)
        advice.topics.add(TopicFactory())
        DocumentFactory(session=session, as_file=True)
    return session


@pytest.mark.parametrize("count", [1, 3])
def test_session_page_query_count(client, publisher, count, django_assert_num_queries):
    session = whole_session(count)
    address = reverse(CHANGE, args=[session.pk])
    client.get(address)

    with django_assert_num_queries(36):
        response = client.get(address)

    assert len(response.context["inline_admin_formsets"][0].formset.forms) == count


@pytest.mark.parametrize("count", [1, 3])
def test_session_page_read_only_query_count(client, editor, count, django_assert_num_queries):
    session = whole_session(count)
    Session.objects.filter(pk=session.pk).update(status="withdrawn")
    address = reverse(CHANGE, args=[session.pk])
    client.get(address)

    with django_assert_num_queries(34):
        response = client.get(address)

    assert response.status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_delete_page_query_count(client, publisher, count, django_assert_num_queries):
    session = whole_session(count)
    address = reverse("admin:sessions_app_session_delete", args=[session.pk])
    client.get(address)

    with django_assert_num_queries(7):
        response = client.get(address)

    assert response.context["object"] == session


def test_add_page_offers_one_empty_speaker(client, editor):
    response = client.get(reverse(ADD))

    appearances = response.context["inline_admin_formsets"][0].formset
    assert len(appearances.forms) == 1


def test_empty_slug_is_restored_in_a_form_with_errors(client, editor):
    session = SessionFactory(status="draft")
    DocumentFactory(session=session, as_file=True)

    response = post_change(client, session, title="", slug="")

    assert errors(response) == ["This field is required."]
    assert session.documents.get().get_absolute_url() in response.content.decode()


def test_empty_slug_is_generated_from_the_title(client, editor):
    session = SessionFactory(status="draft")

    post_change(client, session, title="A better title", slug="")

    session.refresh_from_db()
    assert session.slug == "a-better-title"
