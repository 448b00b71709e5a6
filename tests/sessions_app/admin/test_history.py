import pytest
from django.urls import reverse

from sessions_app.editing import history
from sessions_app.models import Session
from tests.factories import (
    SessionFactory,
    UserFactory,
)
from tests.sessions_app.admin_forms import post_change, post_new, rows

pytestmark = pytest.mark.django_db
ADMIN = "admin:sessions_app_session_"


def version_address(session, version):
    return reverse(f"{ADMIN}revision", args=[session.pk, version.pk])


def comments(session):
    return [version.revision.comment for version in history.versions_of_session(session.pk)]


def test_edited_session_can_be_reverted(client, publisher):
    post_new(
        client,
        title="First title",
        status="published",
        **rows("recommendations", {"text": "One."}, {"text": "Two."}),
    )
    session = Session.objects.get()
    post_change(client, session, {"title": "Second title", "recommendations-0-DELETE": "on"})
    written = history.versions_of_session(session.pk).last()

    page = client.get(version_address(session, written))
    client.post(version_address(session, written))
    reverted = (
        Session.objects.values_list("title", "slug").get(),
        list(session.recommendations.values_list("number", "text")),
    )

    assert [each.label for each in page.context["differences"]] == ["Title", "Recommendation 1"]
    assert reverted == (("First title", "first-title"), [(1, "One."), (2, "Two.")])
    assert [comment.split()[0] for comment in comments(session)] == [
        "Restored",
        "Changed",
        "Added.",
    ]


def test_any_two_versions_can_be_compared_with_the_earlier_one_on_the_left(client, publisher):
    session = SessionFactory(title="First words")
    history.record_current_state([session.pk], comment="One.")
    for title in ("Second words", "Third words"):
        post_change(client, session, title=title)
    third, second, first = history.versions_of_session(session.pk)
    address = reverse(f"{ADMIN}compare", args=[session.pk])

    early = client.get(address, {"old": second.pk, "new": first.pk})
    late = client.get(address, {"old": second.pk, "new": "now"})
    offered = client.get(reverse(f"{ADMIN}history", args=[session.pk])).content.decode()

    def titles(response):
        (title,) = response.context["differences"]
        return title.then, title.now

    assert titles(early) == ("<del>First </del>words", "<ins>Second </ins>words")
    assert titles(late) == ("<del>Second </del>words", "<ins>Third </ins>words")
    assert (early.context["may_restore"], late.context["may_restore"]) == (False, True)
    assert f'name="old" value="{third.pk}"' in offered


@pytest.mark.parametrize("new", ["", "x", "²", "9" * 30])
def test_comparison_requires_two_versions(client, publisher, new):
    session = SessionFactory()
    history.record_current_state([session.pk], comment="One.")
    version = history.versions_of_session(session.pk).get()
    address = reverse(f"{ADMIN}compare", args=[session.pk])

    response = client.get(address, {"old": version.pk, "new": new})

    assert response["Location"] == reverse(f"{ADMIN}history", args=[session.pk])


def test_history_of_an_imported_session_includes_the_imported_version(client, publisher):
    session = SessionFactory(title="Imported")

    post_change(client, session, title="Corrected")

    titles = [version.field_dict["title"] for version in history.versions_of_session(session.pk)]
    assert titles == ["Corrected", "Imported"]


def test_viewing_a_version_changes_nothing(client, publisher):
    session = SessionFactory(title="Before")
    post_change(client, session, title="After")
    before = Session.objects.values().get()

    client.get(version_address(session, history.versions_of_session(session.pk).last()))

    assert Session.objects.values().get() == before


def test_editor_cannot_publish_by_restoring(client, editor):
    session = SessionFactory(title="When public")
    history.record_current_state([session.pk], comment="Public.")
    Session.objects.filter(pk=session.pk).update(
        status="draft", title="Draft", published_at=None, first_public_at=None
    )
    version = history.versions_of_session(session.pk).get()

    page = client.get(version_address(session, version))
    client.post(version_address(session, version), {"with_status": "on"})

    session.refresh_from_db()
    assert not page.context["offers_status"]
    assert (session.title, session.status, session.published_at) == ("When public", "draft", None)


def test_editor_cannot_restore_a_public_session(client, editor):
    session = SessionFactory(title="Before")
    history.record_current_state([session.pk], comment="Then.")
    Session.objects.filter(pk=session.pk).update(title="Public now")
    version = history.versions_of_session(session.pk).get()

    page = client.get(version_address(session, version))
    response = client.post(version_address(session, version))

    session.refresh_from_db()
    assert (page.status_code, page.context["may_restore"]) == (200, False)
    assert (response.status_code, session.title) == (403, "Public now")


def test_publisher_can_restore_the_status(client, publisher):
    session = SessionFactory()
    history.record_current_state([session.pk], comment="Public.")
    Session.objects.filter(pk=session.pk).update(status="withdrawn")
    version = history.versions_of_session(session.pk).get()

    client.post(version_address(session, version), {"with_status": "on"})

    session.refresh_from_db()
    assert session.status == "published"


def test_access_officers_cannot_change_history(client):
    client.force_login(UserFactory(group="Access officers"))
    session = SessionFactory()
    history.record_current_state([session.pk], comment="Then.")
    version = history.versions_of_session(session.pk).get()

    restored = client.post(version_address(session, version))

    assert restored.status_code == 403


def test_version_of_another_session_is_not_found(client, publisher):
    session, other = SessionFactory.create_batch(2)
    history.record_current_state([other.pk], comment="Then.")
    version = history.versions_of_session(other.pk).get()

    response = client.post(version_address(session, version))

    assert response.status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_history_page_query_count(client, publisher, count, django_assert_num_queries):
    session = SessionFactory()
    for _ in range(count):
        history.record_current_state([session.pk], user=UserFactory(), comment="Again.")
    address = reverse(f"{ADMIN}history", args=[session.pk])
    client.get(address)

    with django_assert_num_queries(10):
        response = client.get(address)

    assert len(response.context["versions"]) == count
