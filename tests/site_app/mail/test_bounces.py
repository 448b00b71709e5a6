import io
import sys

import pytest
from django.core.management import CommandError, call_command

from site_app.mail import queue, rendering
from site_app.models import MailMessage

pytestmark = pytest.mark.django_db

REPORT = """\
From: mailer-daemon@mail.example
To: archive@localhost
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
MIME-Version: 1.0

--b
Content-Type: text/plain

The message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; a@b.example
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1
 User unknown

--b
Content-Type: {kind}

From: archive@localhost
Message-ID: {message_id}
Subject: x

--b--
"""


@pytest.fixture
def message(mailoutbox):
    rendering.register_renderer("test")(lambda about: rendering.RenderedMail("Subject", "Body"))
    made = queue.queue_message("test", "a@b.example")
    queue.send_due_mail()
    return made


def report(monkeypatch, message_id, action="failed", kind="message/rfc822"):
    text = REPORT.format(message_id=message_id, action=action, kind=kind)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    call_command("note_bounce")


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_bounced_message_is_marked_with_the_reason(message, monkeypatch, kind):
    report(monkeypatch, message.message_id, kind=kind)

    message.refresh_from_db()
    assert message.state == "bounced"
    assert message.last_error == "The message came back: 5.1.1 550 5.1.1 User unknown"


@pytest.mark.parametrize("changes", [{"action": "delayed"}, {"kind": "text/plain"}])
def test_invalid_bounce_reports_are_rejected(message, monkeypatch, changes):
    with pytest.raises(CommandError, match="not a report"):
        report(monkeypatch, message.message_id, **changes)

    assert MailMessage.objects.get().state == "sent"


def test_report_about_an_unknown_message_changes_nothing(message, monkeypatch):
    with pytest.raises(CommandError, match="not belong to a message of this archive"):
        report(monkeypatch, "<other@x.example>")

    assert MailMessage.objects.get().state == "sent"
