import pytest
from django.core.files.storage import storages
from django.urls import reverse
from reversion.models import Version

from sessions_app.editing import history
from sessions_app.editing.trash import delete_permanently, put_into_bin, restore_from_bin
from sessions_app.models import Comment, Session, Tombstone
from tests.factories import (
    CommentFactory,
    DocumentFactory,
    RecommendationFactory,
    RecordingFactory,
    SessionFactory,
    UserFactory,
)
from tests.sessions_app.admin_forms import post_change

pytestmark = pytest.mark.django_db
LIST = reverse("admin:sessions_app_session_changelist")
BIN = reverse("admin:sessions_app_binnedsession_changelist")


def binned(**values):
    session = SessionFactory(**values)
    put_into_bin(Session.objects.filter(pk=session.pk), user=UserFactory(group="Publishers"))
    return Session.objects.get(pk=session.pk)


@pytest.mark.parametrize(
    ("status", "code"),
    [("draft", 404), ("in_review", 404), ("published", 410), ("withdrawn", 410)],
)
def test_restored_session_from_the_bin_is_unchanged(client, status, code):
    session = SessionFactory(status="published" if code == 410 else status, slug="x")
    Session.objects.filter(pk=session.pk).update(status=status)
    before = Session.objects.values().get()
    user = UserFactory(group="Publishers")

    put_into_bin(Session.objects.all(), user=user)
    session.refresh_from_db()
    in_bin = (session.status, session.binned_by, client.get("/sessions/x/").status_code)
    restore_from_bin(Session.objects.all(), user=user)

    after = Session.objects.values().get()
    same = set(before) - {"updated_at", "entry_changed_at", "changed_by_id"}
    assert in_bin == ("binned", user, code)
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    comments = [version.revision.comment for version in history.versions_of_session(session.pk)]
    assert comments == ["Restored from the bin.", "Moved to the bin."]


def test_deleting_in_the_admin_moves_to_the_bin(client, publisher):
    one, two, three = SessionFactory.create_batch(3)
    RecommendationFactory(session=one)

    asked = client.get(reverse("admin:sessions_app_session_delete", args=[one.pk]))
    client.post(reverse("admin:sessions_app_session_delete", args=[one.pk]), {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [two.pk]}
    asked_list = client.post(LIST, chosen)
    client.post(LIST, chosen | {"post": "yes"})

    listed = client.get(LIST).context["cl"].result_list
    in_bin = client.get(BIN).context["cl"].result_list
    assert "is moved to the bin" in asked.content.decode()
    assert "are moved to the bin" in asked_list.content.decode()
    assert list(listed) == [three]
    assert {session.pk for session in in_bin} == {one.pk, two.pk}
    assert (
        client.get(reverse("admin:sessions_app_session_change", args=[one.pk])).status_code == 302
    )


def test_session_can_be_restored_from_the_bin(client, publisher):
    one, two = binned(), binned(status="draft")

    client.post(BIN, {"restore": one.pk})
    client.post(BIN, {"action": "restore_chosen", "_selected_action": [two.pk]})

    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.status, two.status, one.changed_by) == ("published", "draft", publisher)


def test_permanent_deletion_removes_history_and_files(
    client, publisher, django_capture_on_commit_callbacks
):
    session = SessionFactory(slug="gone")
    other = SessionFactory()
    document = DocumentFactory(session=session, as_file=True)
    earlier = DocumentFactory(session=session, as_file=True)
    CommentFactory(session=session)
    history.record_current_state([session.pk, other.pk], comment="Together.")
    earlier.delete()
    put_into_bin(Session.objects.filter(pk=session.pk), user=publisher)
    chosen = {"action": "delete_selected", "_selected_action": [session.pk]}

    asked = client.post(BIN, chosen).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(BIN, chosen | {"post": "yes"})

    storage = storages["private"]
    assert "Nobody can bring them back" in asked
    assert list(Session.objects.all()) == [other]
    assert not Comment.objects.exists()
    assert not storage.exists(document.file.name)
    assert not storage.exists(earlier.file.name)
    assert [int(row.object_id) for row in Version.objects.get_for_model(Session)] == [other.pk]
    client.logout()
    assert client.get("/sessions/gone/").status_code == 410
    assert client.get("/api/v1/sessions/gone/").status_code == 410
    assert client.get("/sessions/gone/comment/").status_code == 410


def test_permanently_deleted_draft_leaves_no_trace(client):
    session = binned(status="draft", slug="x")

    assert delete_permanently([session]) == 1
    assert not Tombstone.objects.exists()
    assert client.get("/sessions/x/").status_code == 404


def test_only_sessions_in_the_bin_can_be_deleted_permanently():
    session = SessionFactory()

    assert delete_permanently([session]) == 0
    assert Session.objects.exists()


def test_editor_has_no_access_to_the_bin(client, editor):
    session = binned()
    draft = SessionFactory(status="draft")

    codes = [
        client.get(BIN).status_code,
        client.post(BIN, {"restore": session.pk}).status_code,
        client.post(
            BIN, {"action": "restore_chosen", "_selected_action": [session.pk]}
        ).status_code,
    ]
    client.post(LIST, {"action": "delete_selected", "_selected_action": [draft.pk], "post": "yes"})

    session.refresh_from_db()
    draft.refresh_from_db()
    assert codes == [403] * 3
    assert (session.status, draft.status) == ("binned", "draft")


def test_bin_is_not_a_status_choice(client, publisher):
    session = SessionFactory()

    post_change(client, session, status="binned")

    session.refresh_from_db()
    assert session.status == "published"


@pytest.mark.parametrize("count", [1, 3])
def test_bin_query_count(client, publisher, count, django_assert_num_queries):
    for _ in range(count):
        binned()
    client.get(BIN)

    with django_assert_num_queries(7):
        response = client.get(BIN)

    assert len(response.context["cl"].result_list) == count


def test_session_with_audio_is_not_deleted_permanently(client, publisher):
    session = binned(slug="heard")
    RecordingFactory(session=session, with_audio=True)
    chosen = {"action": "delete_selected", "_selected_action": [session.pk]}

    asked = client.post(BIN, chosen).content.decode()
    client.post(BIN, chosen | {"post": "yes"})

    assert "Audio cannot be made again" in asked
    assert Session.objects.filter(pk=session.pk, status="binned").exists()
