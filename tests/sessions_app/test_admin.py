import pytest
from django.contrib.admin.models import LogEntry
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
    SpeakerAliasFactory,
    SpeakerFactory,
    TopicFactory,
    UserFactory,
)

from .admin_forms import ADD, CHANGE, errors, post_change, post_new, row, rows, shown_values

pytestmark = pytest.mark.django_db
LIST = "admin:sessions_app_session_changelist"


@pytest.fixture
def publisher(client):
    user = UserFactory(group="Publishers")
    client.force_login(user)
    return user


@pytest.fixture
def editor(client):
    user = UserFactory(group="Editors")
    client.force_login(user)
    return user


def test_session_page_takes_a_whole_session(client, editor):
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


def test_session_page_saved_unchanged_changes_nothing(client, publisher):
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


def test_new_rows_stand_behind_the_others(client, editor):
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


def test_recommendation_by_somebody_who_is_no_speaker_is_refused(client, editor):
    stranger = SpeakerFactory()

    response = post_new(
        client, title="T", **rows("recommendations", {"text": "A", "made_by": [stranger.pk]})
    )

    assert errors(response) == ["Someone chosen here is not among the speakers above."]
    assert not Session.objects.exists()


def test_errors_keep_what_was_typed(client, editor):
    speaker = SpeakerFactory(family_name="Bendett", given_name="Samuel")

    response = post_new(
        client,
        title="",
        summary="<p>Kept.</p>",
        **rows("appearances", {"speaker": speaker.pk, "role_title": "Analyst", "function": "speaker"}),
    )

    page = response.content.decode()
    assert errors(response) == ["This field is required."]
    assert "&lt;p&gt;Kept.&lt;/p&gt;" in page
    assert 'value="Analyst"' in page
    assert ">Samuel Bendett</option>" in page


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "Give either a file or a link, not both and not neither."),
        (
            {"file": SimpleUploadedFile("a.pdf", b"<!doctype html><p>x", "application/pdf")},
            "This file is none of the types that can be published: PDF, DOCX, XLSX, PPTX, ODT, "
            "ODS, ODP, TXT, PNG and JPEG. What counts is its content, not its name.",
        ),
    ],
)
def test_document_without_anything_to_publish_is_refused(client, editor, values, message):
    document = {"kind": "paper", "title": "Paper", **values}

    response = post_new(client, title="T", **rows("documents", document))

    assert message in errors(response)
    assert not Session.objects.exists()


def test_document_too_large_is_refused_with_both_sizes(client, editor, settings):
    settings.DOCUMENT_MAX_BYTES = 1024
    file = SimpleUploadedFile("big.pdf", PDF + b" " * 2048)

    response = post_new(
        client, title="T", **rows("documents", {"kind": "paper", "title": "P", "file": file})
    )

    assert errors(response)[0].replace("\xa0", " ") == (
        "The file has 2.1 KB; at most 1.0 KB are allowed."
    )


def test_editor_cannot_publish_by_a_forged_post(client, editor):
    session = SessionFactory(status="draft")

    response = post_change(client, session, status="published")

    session.refresh_from_db()
    assert session.status == "draft"
    assert errors(response) == [
        "Select a valid choice. published is not one of the available choices."
    ]


def test_editor_cannot_set_the_time_of_publication(client, editor):
    session = SessionFactory(status="draft")

    post_change(client, session, {"published_at_0": "2001-01-01", "published_at_1": "00:00"})

    session.refresh_from_db()
    assert session.published_at is None


@pytest.mark.parametrize("status", ["published", "withdrawn"])
def test_editor_cannot_change_what_is_or_was_public(client, editor, status):
    session = SessionFactory(status=status, title="Before")
    DocumentFactory(session=session, as_file=True)
    address = reverse(CHANGE, args=[session.pk])

    page = client.get(address)
    response = client.post(address, {"title": "After", "status": "draft"})

    session.refresh_from_db()
    assert page.status_code == 200
    assert session.documents.get().get_absolute_url() in page.content.decode()
    assert (response.status_code, session.title, session.status) == (403, "Before", status)


def test_editor_cannot_publish_from_the_list(client, editor):
    session = SessionFactory(status="draft")

    client.post(reverse(LIST), {"action": "publish_chosen", "_selected_action": [session.pk]})

    session.refresh_from_db()
    assert session.status == "draft"


def test_publishing_by_the_form_makes_public_now(client, publisher):
    session = SessionFactory(status="draft")
    post_change(client, session, status="published")

    response = client.get(session.get_absolute_url())

    session.refresh_from_db()
    assert session.is_public
    assert session.first_public_at == session.published_at
    assert "Preview." not in response.content.decode()


def test_publish_and_withdraw_from_the_list(client, publisher):
    draft, public = SessionFactory(status="draft"), SessionFactory()
    chosen = {"_selected_action": [draft.pk, public.pk]}

    published = client.post(reverse(LIST), {"action": "publish_chosen", **chosen}, follow=True)
    draft.refresh_from_db()
    was_published = (draft.status, draft.is_public, draft.changed_by)
    withdrawn = client.post(reverse(LIST), {"action": "withdraw_chosen", **chosen}, follow=True)

    statuses = set(Session.objects.values_list("status", flat=True))
    assert was_published == ("published", True, publisher)
    assert statuses == {"withdrawn"}
    assert "Published: 1." in published.content.decode()
    assert "Withdrawn: 2." in withdrawn.content.decode()
    assert LogEntry.objects.count() == 3


def test_preview_of_a_draft_is_for_staff_and_says_so(client, editor):
    session = SessionFactory(status="draft")
    response = client.get(reverse(CHANGE, args=[session.pk]))

    preview = client.get(session.get_absolute_url())
    client.logout()
    public = client.get(session.get_absolute_url())

    assert session.get_absolute_url() in response.content.decode()
    assert "Preview." in preview.content.decode()
    assert preview["Cache-Control"] == "no-store"
    assert public.status_code == 404


def test_save_and_preview_leads_to_the_site(client, editor):
    session = SessionFactory(status="draft")

    response = post_change(client, session, _preview="1")

    assert response["Location"] == session.get_absolute_url()


def test_two_editors_of_one_session_the_second_is_told(client, editor):
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
    assert "ada changed it at" in errors(told)[0]
    assert "By me" in told.content.decode()
    assert kept == "By Ada"
    assert (again.status_code, session.title) == (302, "By me")


def test_renamed_speaker_is_no_conflict(client, editor):
    session = SessionFactory(status="draft")
    appearance = AppearanceFactory(session=session)
    address = reverse(CHANGE, args=[session.pk])
    opened = shown_values(client.get(address))
    appearance.speaker.given_name = "Renamed"
    appearance.speaker.save()

    response = client.post(address, opened)

    assert response.status_code == 302


def test_provenance_is_shown_and_cannot_be_changed(client, editor):
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
    assert "<strong>missing file</strong> &lt;b&gt;Paper&lt;/b&gt;" in page
    assert (session.import_ref, session.source_url) == ("page:cafe", "https://old.example/cafe")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sino russian", True),
        ("S. Bendett", True),
        ("bendett cnas", True),
        ("page:seed", True),
        ("https://archive.example/sessions/sino-russian/", True),
        ("bendett energy", False),
    ],
)
def test_list_is_searched_by_names_aliases_and_addresses(client, editor, text, found):
    session = SessionFactory(
        title="Sino-Russian tech", slug="sino-russian", import_ref="page:seed"
    )
    speaker = SpeakerFactory(family_name="Bendett", given_name="Samuel")
    SpeakerAliasFactory(speaker=speaker, name="Bendett, S.")
    SpeakerAliasFactory(speaker=speaker, name="Sam Bendett")
    organisation = OrganisationFactory(abbreviation="CNAS")
    AppearanceFactory(session=session, speaker=speaker, organisation=organisation)
    SessionFactory(title="Energy")

    response = client.get(reverse(LIST), {"q": text})

    listed = [each.title for each in response.context["cl"].queryset]
    assert listed == (["Sino-Russian tech"] if found else [])


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ("date", ["Undated"]),
        ("remains", ["Left over"]),
        ("scheduled", ["Ahead"]),
    ],
)
def test_list_is_filtered_by_what_is_missing(client, editor, missing, expected):
    SessionFactory(title="Whole")
    SessionFactory(title="Undated", held_on=None)
    SessionFactory(title="Left over", import_remains=[{"kind": "line", "text": "x"}])
    ahead = SessionFactory(title="Ahead")
    Session.objects.filter(pk=ahead.pk).update(published_at="2999-01-01T00:00Z")

    response = client.get(reverse(LIST), {"missing": missing})

    assert [each.title for each in response.context["cl"].queryset] == expected


@pytest.mark.parametrize("count", [1, 3])
def test_session_list_query_count(client, publisher, count, django_assert_num_queries):
    for session in SessionFactory.create_batch(count, series=SeriesFactory()):
        AppearanceFactory.create_batch(count, session=session)
        session.changed_by = UserFactory()
        session.save()
    client.get(reverse(LIST))

    with django_assert_num_queries(16):
        response = client.get(reverse(LIST))

    assert len(response.context["cl"].result_list) == count


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

    with django_assert_num_queries(32):
        response = client.get(address)

    assert len(response.context["inline_admin_formsets"][0].formset.forms) == count


@pytest.mark.parametrize("count", [1, 3])
def test_session_page_read_only_query_count(client, editor, count, django_assert_num_queries):
    session = whole_session(count)
    Session.objects.filter(pk=session.pk).update(status="withdrawn")
    address = reverse(CHANGE, args=[session.pk])
    client.get(address)

    with django_assert_num_queries(28):
        response = client.get(address)

    assert response.status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_delete_page_query_count(client, publisher, count, django_assert_num_queries):
    session = whole_session(count)
    address = reverse("admin:sessions_app_session_delete", args=[session.pk])
    client.get(address)

    with django_assert_num_queries(18):
        response = client.get(address)

    assert response.context["model_count"]


def test_add_page_offers_one_empty_speaker(client, editor):
    response = client.get(reverse(ADD))

    appearances = response.context["inline_admin_formsets"][0].formset
    assert len(appearances.forms) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_first_page_shows_the_work_at_hand(client, editor, count, django_assert_num_queries):
    for index in range(count):
        SessionFactory(title=f"In review {index}", status="in_review")
        SessionFactory(title=f"Mine {index}", status="draft", created_by=editor)
    SessionFactory(title="Not mine", status="draft")
    client.get(reverse("admin:index"))

    with django_assert_num_queries(8):
        response = client.get(reverse("admin:index"))

    page = response.content.decode()
    assert all(f"In review {index}" in page and f"Mine {index}" in page for index in range(count))
    assert "Not mine" not in page


def test_autocomplete_finds_speakers_by_alias_and_is_limited(client, editor):
    speaker = SpeakerFactory(family_name="Bendett")
    SpeakerAliasFactory(speaker=speaker, name="Бендетт")
    SpeakerFactory.create_batch(25, family_name="Other")
    place = {"app_label": "sessions_app", "model_name": "appearance", "field_name": "speaker"}

    by_alias = client.get(reverse("admin:autocomplete"), {**place, "term": "Бендетт"}).json()
    others = client.get(reverse("admin:autocomplete"), {**place, "term": "other"}).json()

    assert [each["id"] for each in by_alias["results"]] == [str(speaker.pk)]
    assert (len(others["results"]), others["pagination"]) == (20, {"more": True})
