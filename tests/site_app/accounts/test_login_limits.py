"""Password guessing is stopped, without locking out the owner of the account."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from site_app.accounts import login_limits, login_renewal
from site_app.accounts.retention import delete_expired_login_sessions
from site_app.forms import protection
from site_app.models import FormAttempt
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
RIGHT = "right-password-1"
ELSEWHERE = "203.0.113.200"


@pytest.fixture
def ada(db):
    return UserFactory(username="Ada", password=make_password(RIGHT))


def log_in(client, name="Ada", password="wrong", address="192.0.2.1"):
    typed = {"username": name, "password": password, "next": "/admin/"}
    return client.post(LOGIN, typed, REMOTE_ADDR=address)


def addresses(count):
    return [f"198.51.100.{number}" for number in range(1, count + 1)]


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


def test_logins_for_many_names_from_one_network_are_limited(ada):
    for number in range(30):
        address = f"2001:db8:1:2::{number + 1:x}"
        assert log_in(Client(), f"name{number}", address=address).status_code == 200

    refused = log_in(Client(), "Ada", RIGHT, "2001:db8:1:2:ffff::9")
    wrong = log_in(Client(), "Ada", "wrong", "2001:db8:1:2:ffff::9")

    assert refused.status_code == wrong.status_code == 429
    assert 3590 < int(refused["Retry-After"]) <= 3600
    assert "There were too many attempts to log in" in text_of(refused)
    assert "Wait 60 minutes" in text_of(refused)
    assert "sessionid" not in refused.cookies
    hidden = r'value="[\w-]{64}"|nonce-[\w=+/-]+'
    assert re.sub(hidden, "", text_of(refused)) == re.sub(hidden, "", text_of(wrong))
    assert log_in(Client(), "Ada", RIGHT, "2001:db8:1:3::1").status_code == 302


@pytest.mark.parametrize("written", ["Ada", "ADA", " ada ", "\uff21da"])
def test_logins_for_one_name_from_many_networks_are_limited(ada, written):
    for address in addresses(30):
        assert log_in(Client(), "Ada", address=address).status_code == 200

    assert log_in(Client(), written, RIGHT, ELSEWHERE).status_code == 429
    assert log_in(Client(), "Grace", address=ELSEWHERE).status_code == 200


def test_unknown_user_name_has_the_same_response(db):
    for address in addresses(30):
        log_in(Client(), "nobody", address=address)

    assert log_in(Client(), "nobody", address=ELSEWHERE).status_code == 429


def test_known_browser_is_not_locked_out_by_others(ada):
    known = Client()
    assert log_in(known, password=RIGHT).status_code == 302
    known.post("/admin/logout/")
    for address in addresses(30):
        log_in(Client(), address=address)
    for number in range(30):
        log_in(Client(), f"name{number}")  # a whole office with one IP address

    assert log_in(Client(), password=RIGHT).status_code == 429
    assert log_in(known, password=RIGHT).status_code == 302


def test_known_browser_has_its_own_limit_for_its_own_name(ada):
    UserFactory(username="Grace", password=make_password(RIGHT))
    known = Client()
    log_in(known, password=RIGHT)
    known.post("/admin/logout/")

    for _ in range(login_limits.MAX_HOURLY_FAILURES_OF_KNOWN_BROWSER):
        assert log_in(known).status_code == 200
    assert log_in(known, password=RIGHT).status_code == 429
    for number in range(30):
        log_in(known, "Grace", address=f"198.51.100.{number}")
    assert log_in(known, "Grace", RIGHT, ELSEWHERE).status_code == 429


@pytest.mark.parametrize("cookie", ["", "x", "WyJhZGEiLCJ4Il0:1abc:forged", "\xff"])
def test_forged_cookie_does_not_make_a_browser_known(ada, cookie):
    client = Client()
    client.cookies["known_browser"] = cookie
    for number in range(30):
        log_in(client, f"name{number}")

    assert log_in(client, password=RIGHT).status_code == 429


def test_successful_login_removes_only_its_own_attempt(ada):
    for _ in range(29):
        log_in(Client())
    assert log_in(Client(), password=RIGHT).status_code == 302
    assert log_in(Client()).status_code == 200

    assert log_in(Client(), password=RIGHT).status_code == 429


def test_limit_ends_after_an_hour(ada):
    for _ in range(30):
        log_in(Client())
    FormAttempt.objects.update(at=timezone.now() - protection.ATTEMPT_WINDOW)

    assert log_in(Client(), password=RIGHT).status_code == 302


def test_rejected_attempt_computes_no_hash(ada, monkeypatch):
    for _ in range(30):
        log_in(Client())
    monkeypatch.setattr(
        "django.contrib.auth.backends.ModelBackend.authenticate",
        lambda *args, **kwargs: pytest.fail("the password was looked at"),
    )

    assert log_in(Client(), password=RIGHT).status_code == 429


def test_too_long_a_password_is_not_hashed(ada):
    response = log_in(Client(), password="x" * 5000)

    assert "at most 4096 characters" in text_of(response)


def test_login_limits_do_not_depend_on_form_limits(ada, settings):
    settings.RATE_LIMITS = "off"
    for _ in range(30):
        log_in(Client())

    assert log_in(Client(), password=RIGHT).status_code == 429


def test_session_gets_a_new_key_at_login(ada):
    client = Client()
    client.cookies["sessionid"] = "a" * 32

    log_in(client, password=RIGHT)

    assert client.cookies["sessionid"].value != "a" * 32


def test_login_expires_after_hours_without_a_request(ada, monkeypatch):
    client = Client()
    log_in(client, password=RIGHT)
    client.get("/admin/")
    session = Session.objects.get()
    assert 3.9 < (session.expire_date - timezone.now()).total_seconds() / 3600 <= 4

    ends = timezone.now() + timezone.timedelta(minutes=10)
    Session.objects.update(expire_date=ends)
    client.get("/admin/")
    assert Session.objects.get().expire_date == ends  # renewed just before
    monkeypatch.setattr(login_renewal, "LOGIN_RENEWAL_INTERVAL_SECONDS", 0)
    client.get("/admin/")
    assert Session.objects.get().expire_date > ends

    Session.objects.update(expire_date=timezone.now())
    assert client.get("/admin/").status_code == 302
    assert delete_expired_login_sessions() == 1
    assert not Session.objects.exists()


def test_new_password_ends_other_logins(ada):
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        log_in(client, password=RIGHT)

    typed = {"old_password": RIGHT, "new_password1": "an-other-1", "new_password2": "an-other-1"}
    assert here.post(reverse("admin:password_change"), typed).status_code == 302

    assert here.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302


def test_deactivated_account_is_logged_out_at_once(ada):
    client = Client()
    log_in(client, password=RIGHT)
    get_user_model().objects.update(is_active=False)

    assert client.get("/admin/").status_code == 302


def test_public_page_does_not_write_the_session(ada, monkeypatch):
    monkeypatch.setattr(login_renewal, "LOGIN_RENEWAL_INTERVAL_SECONDS", 0)
    client = Client()
    log_in(client, password=RIGHT)
    ends = timezone.now() + timezone.timedelta(minutes=10)
    Session.objects.update(expire_date=ends)

    client.get("/robots.txt")

    assert Session.objects.get().expire_date == ends
