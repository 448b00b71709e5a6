import pytest
from django import forms
from django.test import RequestFactory
from django.utils import timezone

from site_app.forms import protection
from site_app.forms.protection import (
    EmailAddressField,
    SingleLineField,
    TooManyError,
    count_submission,
)
from site_app.models import FormAttempt
from tests.at_once import at_once


def attempt(email="a@b.example", address="192.0.2.1"):
    count_submission(RequestFactory().get("/", REMOTE_ADDR=address), email)


@pytest.mark.django_db
def test_limit_ends_when_the_oldest_attempt_expires(settings):
    settings.RATE_LIMITS = "3/email,20/address"
    for _ in range(3):
        attempt()
    with pytest.raises(TooManyError) as caught:
        attempt(" A@B.example ")
    FormAttempt.objects.order_by("pk").filter(pk__lte=FormAttempt.objects.first().pk + 1).update(
        at=timezone.now() - protection.ATTEMPT_WINDOW
    )

    attempt()

    assert 3590 < caught.value.seconds <= 3600


@pytest.mark.django_db(transaction=True)
def test_concurrent_attempts_do_not_exceed_the_limit(settings):
    settings.RATE_LIMITS = "5/email,500/address"

    results = at_once(20, attempt)

    refused = [result for result in results if isinstance(result, TooManyError)]
    assert (results.count(None), len(refused)) == (5, 15)


@pytest.mark.django_db
def test_limit_combines_networks_and_mailbox_tags(settings):
    settings.RATE_LIMITS = "5/email,20/address"

    for number in range(20):
        attempt(f"reader{number}@b.example", f"2001:db8:1:2::{number + 1:x}")
    with pytest.raises(TooManyError):
        attempt("another@b.example", "2001:db8:1:2:ffff::1")
    attempt("another@b.example", "2001:db8:1:3::1")
    for number in range(5):
        attempt(f"Victim+{number}@b.example", f"192.0.2.{number}")
    with pytest.raises(TooManyError):
        attempt("victim@B.example", "192.0.2.99")


@pytest.mark.parametrize(
    "typed", ['"a b"@c.example', '"a\x01b"@c.example', "a@b.example\r\nBcc: x", "a\x00@b.example"]
)
def test_invalid_address_is_rejected(typed):
    with pytest.raises(forms.ValidationError):
        EmailAddressField().clean(typed)


def test_line_field_accepts_one_line():
    assert SingleLineField().clean("Ada\r\nBcc: x\x07\u202e") == "Ada Bcc: x"


@pytest.mark.django_db
def test_repeated_failures_get_a_short_response(client, settings):
    settings.RATE_LIMITS = "100/email,2/address"
    typed = {"name": "Ada", "email": "a@b.example", "message": "My words"}

    answers = [
        client.post("/contact/", typed)
        for _ in range(2 + protection.MAX_HOURLY_FAILED_FORMS["refused"] + 2)
    ]

    assert [each.status_code for each in answers] == [302, 302] + [429] * (
        protection.MAX_HOURLY_FAILED_FORMS["refused"] + 2
    )
    kept = ["My words" in each.content.decode() for each in answers[2:]]
    assert kept == [True] * protection.MAX_HOURLY_FAILED_FORMS["refused"] + [False] * 2
    last = answers[-1]
    assert ("archive@localhost" in last.content.decode(), last["Retry-After"]) == (True, "3600")
    assert client.post("/contact/", typed, REMOTE_ADDR="192.0.2.9").status_code == 302
    assert client.get("/contact/").status_code == 200


@pytest.mark.django_db
def test_rejecting_a_flood_costs_one_query(client, settings, django_assert_num_queries):
    settings.RATE_LIMITS = "100/email,1/address"
    for _ in range(protection.MAX_HOURLY_FAILED_FORMS["refused"] + 1):
        client.post("/contact/", {"name": "A", "email": "a@b.example", "message": "x"})

    with django_assert_num_queries(1):
        client.post("/contact/", {"name": "A", "email": "a@b.example", "message": "x"})


@pytest.mark.django_db
def test_limit_of_unusable_forms_ends(client, monkeypatch, settings):
    monkeypatch.setitem(protection.MAX_HOURLY_FAILED_FORMS, "unusable", 3)
    settings.RATE_LIMITS = "100/email,2/address"
    trapped = {"name": "A", "email": "a@b.example", "message": "x", "homepage": "spam"}

    unusable = [client.post("/contact/", {"name": "A"}).status_code for _ in range(5)]
    caught = [
        client.post("/contact/", trapped, REMOTE_ADDR="192.0.2.9").status_code for _ in range(3)
    ]

    assert (unusable, caught) == ([200, 200, 200, 429, 429], [302, 302, 429])
