import pytest
from django.urls import reverse

from sessions_app import history
from sessions_app.models import Session
from tests.factories import (
    AppearanceFactory,
    DocumentFactory,
    RecommendationFactory,
    SessionFactory,
    UserFactory,
)

from .admin_forms import post_change, post_new, rows

pytestmark = pytest.mark.django_db
ADMIN = "admin:sessions_app_session_"


def version_address(session, version):
    return reverse(f"{ADMIN}revision", args=[session.pk, version.pk])


def recover_address(version):
    return reverse(f"{ADMIN}recover", args=[version.pk])


def comments(session):
    return [version.revision.comment for version in history.versions(session.pk)]


def test_edit_revert_delete_recover(client, publisher):
    post_new(
        client,
        title="First title",
        status="published",
        **rows("recommendations", {"text": "One."}, {"text": "Two."}),
    )
    session = Session.objects.get()
    post_change(client, session, {"title": "Second title", "recommendations-0-DELETE": "on"})
    written = history.versions(session.pk).last()

    page = client.get(version_address(session, written))
    client.post(version_address(session, written))
    reverted = (
        Session.objects.values_list("title", "slug").get(),
        list(session.recommendations.values_list("number", "text")),
    )
    client.post(reverse(f"{ADMIN}delete", args=[session.pk]), {"post": "yes"})
    are_gone = not Session.objects.exists()
    deleted = client.get(reverse(f"{ADMIN}recoverlist")).context["deleted"].get()
    shown = client.get(recover_address(deleted))
    client.post(recover_address(deleted))

    recovered = Session.objects.get()
    assert [each.label for each in page.context["differences"]] == ["Title", "Recommendation 1"]
    assert reverted == (("First title", "first-title"), [(1, "One."), (2, "Two.")])
    assert are_gone
    assert "Two." in shown.content.decode()
    assert (recovered.pk, recovered.title, recovered.slug, recovered.is_public) == (
        session.pk,
        "First title",
        "first-title",
        True,
    )
    assert list(recovered.recommendations.values_list("number", "text")) == [
        (1, "One."),
        (2, "Two."),
    ]
    assert recovered.last_recommendation_number == 2
    assert [comment.split()[0] for comment in comments(recovered)] == [
        "Restored",
        "As",
        "Restored",
        "Changed",
        "Added.",
    ]


def test_change_of_an_imported_session_keeps_what_the_import_wrote(client, publisher):
    session = SessionFactory(title="Imported")

    post_change(client, session, title="Corrected")

    titles = [version.field_dict["title"] for version in history.versions(session.pk)]
    assert titles == ["Corrected", "Imported"]


def test_reading_a_version_changes_nothing(client, publisher):
    session = SessionFactory(title="Before")
    post_change(client, session, title="After")
    before = Session.objects.values().get()

    client.get(version_address(session, history.versions(session.pk).last()))

    assert Session.objects.values().get() == before


def test_editor_cannot_publish_by_restoring(client, editor):
    session = SessionFactory(title="When public")
    history.record([session.pk], comment="Public.")
    Session.objects.filter(pk=session.pk).update(status="draft", title="Draft", published_at=None)
    version = history.versions(session.pk).get()

    page = client.get(version_address(session, version))
    client.post(version_address(session, version), {"with_status": "on"})

    session.refresh_from_db()
    assert not page.context["offers_status"]
    assert (session.title, session.status, session.published_at) == ("When public", "draft", None)


def test_editor_cannot_restore_what_is_public(client, editor):
    session = SessionFactory(title="Before")
    history.record([session.pk], comment="Then.")
    Session.objects.filter(pk=session.pk).update(title="Public now")
    version = history.versions(session.pk).get()

    page = client.get(version_address(session, version))
    response = client.post(version_address(session, version))

    session.refresh_from_db()
    assert (page.status_code, page.context["may_restore"]) == (200, False)
    assert (response.status_code, session.title) == (403, "Public now")


def test_editor_recovers_a_public_session_as_a_draft(client, editor):
    session = SessionFactory()
    history.record([session.pk], comment="Then.")
    version = history.versions(session.pk).get()
    session.delete()

    client.post(recover_address(version))

    assert Session.objects.get().status == "draft"


def test_publisher_restores_the_status_when_asked(client, publisher):
    session = SessionFactory()
    history.record([session.pk], comment="Public.")
    Session.objects.filter(pk=session.pk).update(status="withdrawn")
    version = history.versions(session.pk).get()

    client.post(version_address(session, version), {"with_status": "on"})

    session.refresh_from_db()
    assert session.status == "published"


def test_history_is_not_for_access_officers_to_change(client):
    client.force_login(UserFactory(group="Access officers"))
    session = SessionFactory()
    history.record([session.pk], comment="Then.")
    version = history.versions(session.pk).get()

    restored = client.post(version_address(session, version))
    deleted = client.get(reverse(f"{ADMIN}recoverlist"))

    assert (restored.status_code, deleted.status_code) == (403, 403)


def test_version_of_another_session_is_not_found(client, publisher):
    session, other = SessionFactory.create_batch(2)
    history.record([other.pk], comment="Then.")
    version = history.versions(other.pk).get()

    response = client.post(version_address(session, version))

    assert response.status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_history_page_query_count(client, publisher, count, django_assert_num_queries):
    session = SessionFactory()
    for _ in range(count):
        history.record([session.pk], user=UserFactory(), comment="Again.")
    address = reverse(f"{ADMIN}history", args=[session.pk])
    client.get(address)

    with django_assert_num_queries(10):
        response = client.get(address)

    assert len(response.context["versions"]) == count


@pytest.mark.parametrize("count", [1, 3])
def test_deletion_of_several_keeps_each(client, publisher, count):
    sessions = SessionFactory.create_batch(count)
    for session in sessions:
        AppearanceFactory(session=session)
        RecommendationFactory(session=session)
        DocumentFactory(session=session)
    chosen = [session.pk for session in sessions]

    client.post(
        reverse(f"{ADMIN}changelist"),
        {"action": "delete_selected", "_selected_action": chosen, "post": "yes"},
    )

    deleted = client.get(reverse(f"{ADMIN}recoverlist")).context["deleted"]
    assert not Session.objects.exists()
    assert {int(version.object_id) for version in deleted} == set(chosen)
    for version in deleted:
        parts = history.recorded_state(version).parts
        assert {name: len(of_kind) for name, of_kind in parts.items()} == {
            "appearances": 1,
            "recommendations": 1,
            "documents": 1,
        }
