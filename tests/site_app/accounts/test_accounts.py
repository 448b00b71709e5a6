"""Accounts on one page, invitations, and forgotten passwords."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission
from django.test import Client

from site_app.accounts.roles import role_of
from site_app.models import MailMessage
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

ADD, LIST = "/admin/auth/user/add/", "/admin/auth/user/"
FORGOTTEN = "/admin/forgotten-password/"
ADA = {
    "first_name": "Ada",
    "last_name": "Okafor",
    "email": "Ada@Archive.example",
    "role": "editor",
    "send_invitation": "on",
}
PASSWORD = "a-good-pass-word-1"
User = get_user_model()


def link_in(mail):
    return re.search(r"/admin/set-password/\S+", mail.body)[0]


def choose_password(client, path):
    form = client.get(path, follow=True)
    assert form.status_code == 200
    address = form.redirect_chain[-1][0] if form.redirect_chain else path
    typed = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    return client.post(address, typed, follow=True)


def test_account_is_created_on_one_page_and_invited(admin_client, send_mail_now):
    response = admin_client.post(ADD, ADA, follow=True)

    user = User.objects.get(username="ada")
    assert "An invitation is on its way to ada@archive.example" in response.content.decode()
    assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (True, False, False)
    assert [group.name for group in user.groups.all()] == ["Editors"]
    (mail,) = send_mail_now()
    assert mail.to == ["ada@archive.example"]
    assert "Ada Okafor" in mail.body
    assert "set-password" not in str(MailMessage.objects.values())
    client = Client()
    done = choose_password(client, link_in(mail))
    assert "Log in as ada" in done.content.decode()
    logged_in = client.post(
        "/admin/login/", {"username": "ada", "password": PASSWORD, "next": "/admin/"}
    )
    assert logged_in.status_code == 302
    assert client.get("/admin/sessions_app/session/add/").status_code == 200


def test_link_works_once_and_is_not_cached(admin_client, send_mail_now):
    admin_client.post(ADD, ADA)
    path = link_in(send_mail_now()[0])
    opened = Client().get(path, follow=True)
    assert opened["Referrer-Policy"] == "no-referrer"
    assert "no-store" in opened["Cache-Control"]
    choose_password(Client(), path)

    again = Client().get(path, follow=True)

    assert "no longer works" in again.content.decode()


@pytest.mark.parametrize(
    ("role", "group"),
    [("editor", "Editors"), ("publisher", "Publishers"), ("access-officer", "Access officers")],
)
def test_roles_are_groups(admin_client, role, group):
    admin_client.post(ADD, ADA | {"role": role})

    user = User.objects.get(username="ada")
    assert [each.name for each in user.groups.all()] == [group]
    assert role_of(user) == role


def test_changing_the_role_keeps_other_groups(admin_client):
    user = UserFactory(group="Publishers", first_name="A", last_name="B")
    user.groups.add(Group.objects.get(name="Access officers"))
    page = admin_client.get(f"{LIST}{user.pk}/change/")
    assert page.context["adminform"].form["role"].initial == "publisher"
    typed = {
        "first_name": "A",
        "last_name": "B",
        "email": user.email,
        "username": user.username,
        "is_active": "on",
        "role": "editor",
        "groups": [group.pk for group in page.context["adminform"].form.initial["groups"]],
    }

    admin_client.post(f"{LIST}{user.pk}/change/", typed)

    assert {group.name for group in user.groups.all()} == {"Editors", "Access officers"}
    admin_client.post(f"{LIST}{user.pk}/change/", typed | {"role": "administrator"})
    user.refresh_from_db()
    assert user.is_superuser
    admin_client.post(f"{LIST}{user.pk}/change/", typed)
    user.refresh_from_db()
    assert not user.is_superuser
    assert not MailMessage.objects.exists()


def test_account_managers_cannot_create_administrators(client):
    manager, chief = UserFactory(), UserFactory(is_superuser=True)
    manager.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
    client.force_login(manager)

    refused = client.post(ADD, ADA | {"role": "administrator"})
    page = client.get(ADD).content.decode()

    assert "is not one of the available choices" in refused.content.decode()
    assert not User.objects.filter(username="ada").exists()
    assert "Advanced" not in page
    assert "user_permissions" not in page
    change = f"{LIST}{chief.pk}/change/"
    assert client.post(change, ADA | {"username": "x"}).status_code == 403
    assert client.get(f"{LIST}{chief.pk}/password/").status_code == 403
    assert client.get(f"{LIST}{chief.pk}/delete/").status_code == 403


def test_permissions_are_collapsed_for_superusers(admin_client):
    page = admin_client.get(ADD).content.decode()

    assert "collapse" in page
    assert "pbkdf2" not in page


def test_e_mail_address_is_unique_among_accounts(admin_client):
    UserFactory(username="ada", email="ADA@archive.example")

    taken = admin_client.post(ADD, ADA)
    assert "Another account has this address" in taken.content.decode()
    admin_client.post(ADD, ADA | {"email": "ada@other.example"})
    assert User.objects.filter(username="ada-2").exists()


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_accounts_shows_roles_in_a_fixed_query_count(
    admin_client, count, django_assert_max_num_queries
):
    for _ in range(count):
        UserFactory(group="Publishers")

    with django_assert_max_num_queries(12):
        page = admin_client.get(LIST)

    assert page.content.decode().count('class="field-role">Publisher<') == count


def test_forgotten_password_form_reveals_nothing_and_mails_only_the_owner(client, send_mail_now):
    UserFactory(username="ada", email="Ada@archive.example", password=make_password("old-one-1"))
    UserFactory(username="off", email="off@archive.example", is_active=False)
    assert FORGOTTEN in client.get("/admin/login/").content.decode()

    answers = [
        client.post(FORGOTTEN, {"email": address}, follow=True)
        for address in ("ada@ARCHIVE.example", "nobody@archive.example", "off@archive.example")
    ]

    pages = {re.sub(r'value="[\w-]{64}"', "", answer.content.decode()) for answer in answers}
    assert len(pages) == 1
    assert MailMessage.objects.count() == 3
    (mail,) = send_mail_now()
    assert mail.to == ["ada@archive.example"]
    choose_password(client, link_in(mail))
    assert User.objects.get(username="ada").check_password(PASSWORD)


def test_link_in_the_mail_ignores_the_host_header(client, send_mail_now):
    UserFactory(email="ada@archive.example")

    client.post(FORGOTTEN, {"email": "ada@archive.example"}, HTTP_HOST="evil.example")

    (mail,) = send_mail_now()
    assert "http://127.0.0.1:8000/admin/set-password/" in mail.body
    assert "evil" not in mail.body


def test_forgotten_password_requests_are_limited(client, settings):
    settings.RATE_LIMITS = "2/email,20/address"
    for _ in range(2):
        assert client.post(FORGOTTEN, {"email": "a@x.example"}).status_code == 302

    refused = client.post(FORGOTTEN, {"email": "a+1@x.example"})

    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 3000
    assert "asked for too often" in refused.content.decode()


def test_look_alike_address_gets_no_password_link(client):
    UserFactory(email="kate@archive.example")

    response = client.post(FORGOTTEN, {"email": "\u212aate@archive.example"})

    assert "before the @" in response.content.decode()
    assert not MailMessage.objects.exists()


def test_new_password_lifts_the_lock_on_a_user_name(client, send_mail_now):
    UserFactory(username="ada", email="ada@archive.example")
    for number in range(30):
        Client().post(
            "/admin/login/",
            {"username": "ada", "password": "wrong"},
            REMOTE_ADDR=f"198.51.100.{number}",
        )
    client.post(FORGOTTEN, {"email": "ada@archive.example"})
    choose_password(client, link_in(send_mail_now()[0]))

    typed = {"username": "ada", "password": PASSWORD, "next": "/admin/"}

    assert Client().post("/admin/login/", typed).status_code == 429
    assert client.post("/admin/login/", typed).status_code == 302
