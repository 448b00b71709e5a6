import pytest

from tests.factories import SessionFactory

pytestmark = pytest.mark.django_db


def test_pages_are_kept_until_something_changes(client, django_assert_num_queries):
    SessionFactory(title="First", slug="first")
    first = client.get("/sessions/first/")

    with django_assert_num_queries(1):
        again = client.get("/sessions/first/")
    assert again.content == first.content
    assert (
        client.get("/sessions/first/", headers={"If-None-Match": first["ETag"]}).status_code == 304
    )

    SessionFactory(title="Second", slug="second")
    assert "Second" in client.get("/").content.decode()


def test_kept_answer_has_every_header_of_the_first(client):
    SessionFactory(slug="first")

    first, kept = (client.get("/sessions/first/cite.bib") for _ in range(2))

    assert first["Content-Disposition"] == 'attachment; filename="first.bib"'
    assert dict(kept.items()) == dict(first.items())


def test_pages_for_staff_are_not_kept(admin_client, client):
    SessionFactory(slug="draft", status="draft", published_at=None)

    assert admin_client.get("/sessions/draft/").status_code == 200
    assert client.get("/sessions/draft/").status_code == 404
