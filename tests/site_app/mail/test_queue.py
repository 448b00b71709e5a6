import itertools
import smtplib
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from site_app.mail import backend, queue, rendering
from site_app.models import MailMessage
from tests.mail_server import MailServer
from tests.waiting import PATIENCE

pytestmark = pytest.mark.django_db


@pytest.fixture
def message():
    rendering.register_renderer("test")(lambda about: rendering.RenderedMail("Subject", "Body"))
    return queue.queue_message("test", "a@b.example", record=1)


@pytest.fixture
def server(settings):
    """A mail server on the loopback interface, used by the site."""
    settings.EMAIL_BACKEND = "site_app.mail.backend.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_TIMEOUT = PATIENCE
    with MailServer() as started:
        settings.EMAIL_PORT = started.port
        yield started


def all_due():
    MailMessage.objects.update(next_attempt_at=timezone.now())


def state_of(message):
    message.refresh_from_db()
    return message.state, message.attempts


def test_message_has_text_html_and_its_own_headers(message, mailoutbox):
    assert queue.send_due_mail() == 1

    (sent,) = mailoutbox
    assert sent.extra_headers == {
        "Message-ID": message.message_id,
        "Content-Language": "en-GB",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    assert sent.body == "Body\n"
    ((html, kind),) = sent.alternatives
    assert (kind, "<p>Body</p>" in html) == ("text/html", True)
    assert state_of(message) == ("sent", 0)


def test_outage_is_not_a_failure_of_messages_and_all_are_sent_afterwards(server, message):
    others = [queue.queue_message("test", f"{number}@b.example") for number in range(3)]
    server.stop()
    for _ in range(len(queue.RETRY_DELAYS) + 2):
        all_due()
        assert queue.send_due_mail() == 0

    assert [state_of(each) for each in (message, *others)] == [("queued", 0)] * 4
    assert "No mail server was reached" in message.last_error
    assert "No mail server was reached" in others[-1].last_error
    server.start()
    all_due()

    assert queue.send_due_mail() == 4
    assert set(server.ids.values()) == {1}
    assert server.connections == 1


def test_unavailable_server_is_tried_once_a_minute(server, message):
    server.stop()
    queue.send_due_mail()
    server.start()

    assert queue.send_due_mail() == 0
    assert state_of(message) == ("queued", 0)


@pytest.mark.parametrize("where", ["refuse", "refuse_content"])
def test_permanently_rejected_address_fails_at_once_without_stopping_others(
    server, message, where
):
    getattr(server, where)["a@b.example"] = "550 5.1.1 No such user here"
    other = queue.queue_message("test", "c@d.example")

    assert queue.send_due_mail() == 1

    assert state_of(message) == ("failed", 1)
    assert message.last_error.endswith("550 5.1.1 No such user here")
    assert message.last_error.startswith("The mail server refused the ")
    assert state_of(other) == ("sent", 0)


def test_temporarily_rejected_address_is_tried_again(server, message):
    server.refuse["a@b.example"] = "451 4.7.1 Greylisted"
    before = timezone.now()
    queue.send_due_mail()

    assert state_of(message) == ("queued", 1)
    assert message.next_attempt_at >= before + queue.RETRY_DELAYS[0]
    server.refuse.clear()
    all_due()
    queue.send_due_mail()
    assert state_of(message) == ("sent", 1)
    assert list(server.ids.values()) == [1]


def test_dropped_connection_for_one_message_does_not_stop_the_others(server, message):
    server.hang_up_on.add("a@b.example")
    other = queue.queue_message("test", "c@d.example")

    assert queue.send_due_mail() == 1

    assert (state_of(message), state_of(other)) == (("queued", 1), ("sent", 0))


def test_slow_response_to_the_data_is_awaited(server, message, monkeypatch):
    patience = []
    getreply = smtplib.SMTP.getreply
    monkeypatch.setattr(
        smtplib.SMTP,
        "getreply",
        lambda self: patience.append(self.sock.gettimeout()) or getreply(self),
    )

    assert queue.send_due_mail() == 1
    # Replies to MAIL, RCPT, DATA, the final dot, and QUIT.
    assert patience[-5:] == [
        PATIENCE,
        PATIENCE,
        backend.DATA_REPLY_TIMEOUT_SECONDS,
        backend.DATA_REPLY_TIMEOUT_SECONDS,
        PATIENCE,
    ]


def test_missing_response_to_the_data_times_out(server, message, monkeypatch):
    server.delay_seconds = 2 * PATIENCE
    monkeypatch.setattr(backend, "DATA_REPLY_TIMEOUT_SECONDS", 0.2)

    assert queue.send_due_mail() == 0
    assert state_of(message) == ("queued", 1)
    assert message.last_error == "The mail server did not answer in time."


def test_slow_server_delays_the_caller_for_a_limited_time(message, monkeypatch):
    clock = itertools.count(step=20)  # seconds; read once before and at each message
    monkeypatch.setattr(queue, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    for number in range(5):
        queue.queue_message("test", f"{number}@b.example")

    assert queue.send_due_mail(seconds=50) == 2
    assert MailMessage.objects.filter(state="queued", attempts=0).count() == 4


def test_message_fails_after_the_last_attempt(message):
    @rendering.register_renderer("test")
    def fail(about):
        raise LookupError("broken template")

    for _ in range(len(queue.RETRY_DELAYS) + 1):
        all_due()
        queue.send_due_mail()

    assert state_of(message) == ("failed", len(queue.RETRY_DELAYS) + 1)
    assert message.last_error == "LookupError: broken template"


def test_taken_message_is_not_sent_by_another_worker(message):
    MailMessage.objects.update(state="sending", taken_at=timezone.now())

    assert (queue.send_due_mail(), queue.requeue_orphaned_mail()) == (0, 0)


def test_message_of_a_killed_worker_is_sent_by_another(message):
    MailMessage.objects.update(state="sending", taken_at=timezone.now() - timedelta(minutes=11))

    assert queue.requeue_orphaned_mail() == 1
    assert queue.send_due_mail() == 1


def test_worker_that_lost_its_message_marks_nothing(message):
    @rendering.register_renderer("test")
    def slow(about):
        # another worker takes it in the meantime
        MailMessage.objects.update(taken_at=timezone.now())
        return rendering.RenderedMail("Subject", "Body")

    queue.send_due_mail()

    assert state_of(message) == ("sending", 0)


def test_unnecessary_message_is_finished_without_sending(message, mailoutbox):
    rendering.register_renderer("test")(lambda about: None)

    assert queue.send_due_mail() == 1
    assert mailoutbox == []


def test_header_injection_is_impossible(server):
    evil = "x\r\nBcc: all@victim.example\r\n\r\nBody of mine\x00\u202e"
    rendering.register_renderer("test")(
        lambda about: rendering.RenderedMail(
            evil, evil, f"r@b.example{evil}", {"List-Unsubscribe": evil}
        )
    )
    queue.queue_message("test", "a@b.example")

    queue.send_due_mail()

    ((recipient, sent),) = server.received
    assert "·" in sent.get_body(("html",)).get_content()  # whatever encoding the transport used
    assert (recipient, sent["Bcc"], sent["To"]) == ("a@b.example", None, "a@b.example")
    assert sent["Subject"] == "x Bcc: all@victim.example Body of mine"
    assert sent["List-Unsubscribe"] == "x Bcc: all@victim.example Body of mine"
    assert len(sent.get_all("Reply-To")) == 1


def test_finished_mail_is_deleted_after_a_time(message):
    old = timezone.now() - queue.FINISHED_MAIL_RETENTION - timedelta(days=1)
    for state in MailMessage.State.values:
        MailMessage.objects.create(
            kind="test", recipient="a@b.example", message_id=state, state=state, created_at=old
        )

    assert queue.delete_old_finished_mail() == 3

    left = set(MailMessage.objects.values_list("state", "created_at"))
    assert left == {("queued", message.created_at), ("queued", old), ("sending", old)}
