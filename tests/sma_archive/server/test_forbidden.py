"""The page that staff see if they lack a permission."""

import logging
import re

import pytest

from ingest_app.models import ImportRun
from tests.factories import SeriesFactory, SessionFactory, UserFactory

pytestmark = pytest.mark.django_db


def text_of(response):
    page = response.content.decode()
    main = page[page.index('id="content-main"') :]
    return " ".join(re.sub(r"<[^>]+>", " ", main[: main.index("Start page")]).split())


@pytest.mark.parametrize(
    ("group", "method", "address", "right", "roles"),
    [
        ("Editors", "get", "/admin/recordings_app/recordingrequest/", "view recording request", "access officer, administrator"),
        ("Editors", "get", "/admin/recordings_app/accesslog/report/", "view access", "access officer, administrator"),
        ("Editors", "get", "/admin/auth/user/", "view user", "administrator"),
        ("Editors", "get", "/admin/sessions_app/series/{series}/delete/", "delete series", "publisher, administrator"),
        ("Editors", "get", "/admin/search_app/synonym/add/", "add synonym", "publisher, administrator"),
        ("Editors", "post", "/admin/site_app/sitesettings/", "change site settings", "publisher, administrator"),
        ("Editors", "post", "/admin/speakers_app/speaker/merge/", "add merge or split", "publisher, administrator"),
        ("Editors", "get", "/admin/ingest_app/importrun/{run}/take-back/", "take back an import", "publisher, administrator"),
        ("Access officers", "get", "/admin/ingest_app/incomingpage/", "add session", "editor, publisher, administrator"),
        ("Access officers", "get", "/admin/ingest_app/importrun/add/", "add import run", "editor, publisher, administrator"),
        ("Access officers", "post", "/admin/sessions_app/session/{session}/review/", "change session", "editor, publisher, administrator"),
    ],
)  # fmt: skip
def test_page_names_the_permission_and_who_has_it(
    staff_client, group, method, address, right, roles
):
    session = SessionFactory(series=SeriesFactory(), status="draft", published_at=None)
    run = ImportRun.objects.create(kind="wordpress", source_name="x")
    publisher = UserFactory(group="Publishers", first_name="Paula", last_name="Public")
    boss = UserFactory(is_superuser=True, first_name="Bea", last_name="Boss")
    address = address.format(series=session.series_id, session=session.pk, run=run.pk)

    response = getattr(staff_client(group), method)(address)

    said = text_of(response)
    assert response.status_code == 403
    assert "admin/forbidden.html" in [template.name for template in response.templates]
    assert f"the right to {right} ," in said
    assert f"Who has it: {roles}." in said
    person = publisher if "publisher" in roles else boss if roles == "administrator" else None
    if person:
        assert f"{person.get_full_name()}, {person.email}" in said


def test_page_gives_the_reason_of_a_rule(staff_client):
    publisher = UserFactory(group="Publishers", email="paula@archive.example")
    client = staff_client("Editors")
    session = SessionFactory(title="Ports")

    response = client.get(
        f"/admin/sessions_app/session/{session.pk}/delete/",
        headers={"Referer": "http://testserver/admin/sessions_app/session/"},
    )

    page = response.content.decode()
    assert response.status_code == 403
    assert "“Ports” is or was public: only a publisher may change it." in page
    assert f'<a href="mailto:{publisher.email}">' in page
    assert (
        '<a href="http://testserver/admin/sessions_app/session/">Back to where you were</a>'
        in page
    )


def test_back_link_leads_only_to_this_site(staff_client):
    response = staff_client("Editors").get(
        "/admin/auth/user/", headers={"Referer": "https://evil.example/"}
    )

    assert "evil.example" not in response.content.decode()


def test_log_has_one_info_line_and_no_traceback(staff_client, caplog):
    client = staff_client("Editors")

    with caplog.at_level(logging.INFO):
        client.get("/admin/auth/user/")

    lines = [record for record in caplog.records if "/admin/auth/user/" in record.getMessage()]
    assert [(line.levelname, line.exc_info) for line in lines] == [("INFO", None)]


def test_visitor_gets_the_public_error_page(client):
    client.force_login(UserFactory(is_staff=False))

    response = client.get("/admin/auth/user/")

    assert response.status_code == 302  # to log in
