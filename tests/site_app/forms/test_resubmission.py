import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from sessions_app.models import ReviewNote, Series, Session
from site_app.models import SiteSettings
from tests.factories import SeriesFactory, SessionFactory, UserFactory
from tests.resubmitted import form_on, log_in_again, send_again
from tests.sessions_app.admin_forms import CHANGE, shown_values

pytestmark = pytest.mark.django_db
FROM_HERE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
NEW_SERIES = reverse("admin:sessions_app_series_add")
TYPED = {"name": "Typed “with care” <b>", "description": "Two\r\nlines", "slug": ""}


@pytest.fixture
def browser_client():
    """A client that checks CSRF tokens, as the site does, and sends a Referer header."""
    return Client(enforce_csrf_checks=True, headers=FROM_HERE)


def typed_on(response):
    return {name: response.context["adminform"].form[name].value() for name in TYPED}


def with_token(client, values):
    return values | {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}


def test_form_is_restored_after_logging_in_again(browser_client, publisher):
    browser_client.get(reverse("admin:login"))

    ended = browser_client.post(NEW_SERIES, with_token(browser_client, TYPED) | {"_save": "Save"})
    offered = log_in_again(browser_client, ended, username="ada", password="correct horse")
    shown = send_again(browser_client, offered)

    assert ended.status_code == 403
    assert b"Your login has ended" in ended.content
    assert "no-store" in ended["Cache-Control"]
    assert typed_on(shown) == TYPED
    assert "Nothing is stored yet" in shown.content.decode()
    assert not Series.objects.exists()
    browser_client.post(NEW_SERIES, with_token(browser_client, TYPED) | {"_save": "Save"})
    assert Series.objects.get().name == TYPED["name"]


def test_wrong_password_does_not_lose_the_form(browser_client, publisher):
    browser_client.get(reverse("admin:login"))
    ended = browser_client.post(NEW_SERIES, with_token(browser_client, TYPED))

    wrong = log_in_again(browser_client, ended, username="ada", password="wrong")
    offered = log_in_again(browser_client, wrong, username="ada", password="correct horse")

    assert typed_on(send_again(browser_client, offered)) == TYPED


def test_form_of_an_earlier_login_is_restored(browser_client, publisher):
    browser_client.force_login(publisher)

    offered = browser_client.post(NEW_SERIES, TYPED | {"csrfmiddlewaretoken": "x" * 64})

    assert typed_on(send_again(browser_client, offered)) == TYPED
    assert not Series.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}],
)
@pytest.mark.parametrize("is_logged_in", [True, False])
def test_form_from_another_site_is_rejected(publisher, is_logged_in, headers):
    client = Client(enforce_csrf_checks=True, headers=headers)
    if is_logged_in:
        client.force_login(publisher)

    answer = client.post(NEW_SERIES, TYPED)

    assert answer.status_code == 403
    assert b"with care" not in answer.content


def test_restored_form_grants_no_permissions(browser_client, publisher):
    session = SessionFactory(title="Public")
    browser_client.force_login(publisher)
    address = reverse(CHANGE, args=[session.pk])
    values = shown_values(browser_client.get(address)) | {"title": "Typed"}
    del browser_client.cookies["sessionid"]
    editor = UserFactory(username="grace", group="Editors")
    editor.set_password("correct horse")
    editor.save()

    ended = browser_client.post(address, with_token(browser_client, values))
    offered = log_in_again(browser_client, ended, username="grace", password="correct horse")

    assert send_again(browser_client, offered).status_code == 403
    assert Session.objects.get().title == "Public"


def test_restored_action_requires_confirmation(browser_client, publisher):
    session = SessionFactory(status="draft")
    address = reverse("admin:sessions_app_session_review", args=[session.pk])
    browser_client.get(reverse("admin:login"))
    note = {"note": "Look at the third line.", "do": "publish"}

    ended = browser_client.post(address, with_token(browser_client, note))
    asked = log_in_again(browser_client, ended, username="ada", password="correct horse")

    assert "Look at the third line." in asked.content.decode()
    session.refresh_from_db()
    assert session.status == "draft"
    action, values = form_on(asked, "//form[.//button[contains(., 'Send it now')]]")
    browser_client.post(action, values)
    session.refresh_from_db()
    assert session.status == "published"
    assert ReviewNote.objects.get().text == note["note"]


def test_passwords_are_never_restored(browser_client, publisher):
    browser_client.get(reverse("admin:login"))
    values = {"old_password": "secret-1", "new_password1": "secret-2", "new_password2": "secret-2"}

    ended = browser_client.post(
        reverse("admin:password_change"), with_token(browser_client, values)
    )

    assert b"secret-" not in ended.content


@pytest.mark.parametrize(
    "carried",
    ["", "x", "[]", "{}", "[1,2]", '["//evil.example/", []]', '["/x/", [["a", "b"]]]', "[" * 9999],
)
def test_any_form_data_can_be_restored(client, publisher, carried):
    values = {"username": "ada", "password": "correct horse", "next": "/admin/"}

    answer = client.post(reverse("admin:login"), values | {"carried": carried})

    assert answer.status_code == 302


def test_script_gets_an_error_instead_of_a_page(client):
    answer = client.post(NEW_SERIES, TYPED, headers={"Sec-Fetch-Mode": "cors"})

    assert answer.status_code == 403
    assert answer.content == b"Log in first.\n"


def test_every_admin_form_is_shown_again_and_not_saved(admin_client):
    records = {
        SiteSettings: lambda: SiteSettings.objects.create(pk=1),
        Series: SeriesFactory,
        Session: SessionFactory,
    }

    for model, make in records.items():
        record = make()
        before = model.objects.filter(pk=record.pk).values().get()
        address = reverse(
            f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[record.pk]
        )
        values = shown_values(admin_client.get(address))

        shown = admin_client.post(address, values | {"_shown_again": "1", "_save": "Save"})

        assert shown.status_code == 200, model
        assert "Nothing is stored yet" in shown.content.decode(), model
        assert model.objects.filter(pk=record.pk).values().get() == before
    assert {type(found).add_view.shows_again for found in admin.site._registry.values()} == {True}
