from datetime import timedelta

import pytest
from django.utils import timezone

from site_app import mail
from site_app.models import MailMessage

pytestmark = pytest.mark.django_db


@pytest.fixture
def message():
    mail.renders("test")(lambda about: mail.Letter("Subject", "Body"))
    return mail.queue("test", "a@b.example", record=1)


def break_server(monkeypatch):
    def refuse(*args, **kwargs):
        raise ConnectionRefusedError("no mail server")

    monkeypatch.setattr(mail, "_deliver", refuse)


def test_message_leaves_when_the_server_is_back(message, monkeypatch, mailoutbox):
    with monkeypatch.context() as broken:
        break_server(broken)
        assert mail.send_due() == 0
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("queued", 1)
    assert "no mail server" in message.last_error
    MailMessage.objects.update(next_attempt_at=timezone.now())

    assert mail.send_due() == 1

    (sent,) = mailoutbox
    assert sent.extra_headers["Message-ID"] == message.message_id
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("sent", "")


def test_message_waits_for_its_next_attempt(message, monkeypatch):
    break_server(monkeypatch)
    mail.send_due()

    mail.send_due()

    message.refresh_from_db()
    assert message.attempts == 1


def test_message_is_given_up_in_the_end(message, monkeypatch):
    break_server(monkeypatch)
    for _ in range(len(mail.BACKOFF) + 1):
        MailMessage.objects.update(next_attempt_at=timezone.now())
        mail.send_due()

    message.refresh_from_db()
    assert message.state == "failed"


def test_taken_message_is_not_sent_by_another_worker(message):
    MailMessage.objects.update(state="sending", taken_at=timezone.now())

    assert (mail.send_due(), mail.release_orphans()) == (0, 0)


def test_message_of_a_killed_worker_is_taken_up_again(message):
    MailMessage.objects.update(state="sending", taken_at=timezone.now() - timedelta(minutes=11))

    assert mail.release_orphans() == 1
    assert mail.send_due() == 1


def test_needless_message_is_done_without_sending(message, mailoutbox):
    mail.renders("test")(lambda about: None)

    assert mail.send_due() == 1
    assert mailoutbox == []


def test_finished_mail_is_forgotten_after_a_time(message):
    old = timezone.now() - mail.KEPT - timedelta(days=1)
    for state in MailMessage.State.values:
        MailMessage.objects.create(
            kind="test", recipient="a@b.example", message_id=state, state=state, created_at=old
        )

    assert mail.forget_old_mail() == 2

    left = set(MailMessage.objects.values_list("state", "created_at"))
    assert left == {("queued", message.created_at), ("queued", old), ("sending", old)}
