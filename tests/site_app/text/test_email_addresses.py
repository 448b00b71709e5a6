from importlib import import_module

import pytest
from django.apps import apps
from django.db.models import Value
from django.urls import reverse
from django.utils import timezone

from alerts_app.models import Alert
from recordings_app.models import RecordingRequest
from site_app.models import ContactMessage, MailMessage
from site_app.personal_data import export_person
from site_app.text.email_addresses import (
    mailbox_for_limits,
    normalise_address,
    normalise_stored,
    stored_address,
)
from tests.factories import RecordingRequestFactory

KELVIN, LONG_S = "\u212a", "\u017f"


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("Kate@Example.ORG", "kate@example.org"),
        (" ada@example.org\n", "ada@example.org"),
        ("ada+news@example.org", "ada+news@example.org"),
        ("a@Müller.example", "a@xn--mller-kva.example"),
        ("a@mu\u0308ller.example", "a@xn--mller-kva.example"),
        ("a@XN--MLLER-KVA.example", "a@xn--mller-kva.example"),
        (f"a@{KELVIN}de.example", "a@kde.example"),
        ("archive@localhost", "archive@localhost"),
        ("nobody", "nobody"),
        ("", ""),
    ],
)
def test_e_mail_addresses_are_normalised(typed, normal):
    assert normalise_address(typed) == normal
    assert stored_address(typed) == normal


@pytest.mark.parametrize(
    "typed",
    [
        f"{KELVIN}ate@example.org",
        f"ka{LONG_S}e@example.org",
        "кate@example.org",
        "ａda@example.org",
        "jürgen@example.org",
        "ada\u200b@example.org",
    ],
)
def test_non_ascii_local_parts_are_rejected(typed):
    with pytest.raises(ValueError, match="before the @ can only contain the letters a to z"):
        normalise_address(typed)
    assert stored_address(typed) == typed


@pytest.mark.parametrize(
    "typed", ["a@straße.example", "a@xn\u200d.example", f"a@{'ü' * 70}.example", "a@ü..example"]
)
def test_ambiguous_domains_are_rejected(typed):
    with pytest.raises(ValueError, match="xn--"):
        normalise_address(typed)


@pytest.mark.parametrize(
    ("typed", "mailbox"),
    [
        ("Victim+1@Example.org", "victim@example.org"),
        ("victim+a+b@example.org", "victim@example.org"),
        ("first.last@example.org", "first.last@example.org"),
        ("+tag@example.org", "+tag@example.org"),
        (f"{KELVIN}ate+1@example.org", "kate@example.org"),
        ("a@Müller.example", "a@xn--mller-kva.example"),
    ],
)
def test_limits_count_mailboxes(typed, mailbox):
    assert mailbox_for_limits(typed) == mailbox


@pytest.mark.django_db
def test_look_alike_address_reveals_nothing_of_another():
    RecordingRequestFactory(email="Kate@Example.org", status="open")

    assert RecordingRequest.objects.of_address(" KATE@example.ORG").count() == 1
    assert not RecordingRequest.objects.of_address(f"{KELVIN}ate@example.org").exists()
    assert export_person(f"{KELVIN}ate@example.org")["recording requests"] == []
    assert len(export_person("Kate@EXAMPLE.org")["recording requests"]) == 1


@pytest.mark.django_db
def test_stored_look_alike_is_not_shown_to_the_other():
    RecordingRequestFactory(email=f"{KELVIN}ate@example.org", status="open")

    assert not RecordingRequest.objects.of_address("kate@example.org").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["site:contact", "alerts:new", "recordings:lost-link"])
def test_forms_explain_invalid_addresses(client, name):
    response = client.post(reverse(name), {"email": f"{KELVIN}ate@example.org"})

    assert "before the @ can only contain the letters a to z" in response.content.decode()
    assert not MailMessage.objects.exists()


@pytest.mark.django_db
def test_addresses_are_stored_and_queried_in_normalised_form():
    message = ContactMessage.objects.create(name="A", email="A@Müller.example", message="x")
    ContactMessage.objects.bulk_create([ContactMessage(name="B", email="B@X.org", message="x")])
    ContactMessage.objects.filter(email="B@x.ORG").update(email="C@X.org")

    assert message.email == "a@xn--mller-kva.example"
    assert list(ContactMessage.objects.order_by("pk").values_list("email", flat=True)) == [
        "a@xn--mller-kva.example",
        "c@x.org",
    ]


@pytest.mark.django_db
def test_migration_normalises_existing_rows():
    for email in ("Ada@X.org", "ada@x.org", f"{KELVIN}ate@x.org"):
        message = ContactMessage.objects.create(name="A", email="new@x.org", message="x")
        as_before(message, email)

    normalise_stored(ContactMessage)

    assert sorted(ContactMessage.objects.values_list("email", flat=True)) == [
        "ada@x.org",
        "ada@x.org",
        f"{KELVIN}ate@x.org",
    ]


@pytest.mark.django_db
def test_migration_keeps_the_confirmed_of_duplicate_alerts():
    migration = import_module("alerts_app.migrations.0002_normal_addresses")
    unconfirmed, active = (
        Alert.objects.create(email=f"{number}@x.org", kind="sessions", query="q=x")
        for number in range(2)
    )
    Alert.objects.filter(pk=active.pk).update(status="active", confirmed_at=timezone.now())
    as_before(unconfirmed, "ada@xn--mller-kva.example")
    as_before(active, "Ada@Müller.example")

    migration.normalise(apps, None)

    kept = Alert.objects.get()
    assert (kept.pk, kept.email) == (active.pk, "ada@xn--mller-kva.example")


def as_before(record, email):
    """Store an address as earlier releases did, without normalisation."""
    type(record).objects.filter(pk=record.pk).update(email=Value(email))


@pytest.mark.django_db
def test_alerts_of_one_mailbox_are_merged(client):
    for email in ("Ada@Müller.example", "ada@xn--mller-kva.example"):
        client.post(reverse("alerts:new") + "?q=x", {"email": email, "frequency": "daily"})

    assert [alert.email for alert in Alert.objects.all()] == ["ada@xn--mller-kva.example"]
