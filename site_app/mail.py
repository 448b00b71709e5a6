"""The mail queue: a message is a row, written in the transaction it belongs to and sent later.

A row holds ids; text and links are made when it is sent. The worker is woken by a task, the tick
retries; a row is taken by a conditional update, so that two workers never send it twice.
"""

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django_tasks import task

from .models import MailMessage, SiteSettings

logger = logging.getLogger(__name__)

# Waiting time after the first, second, … failure; then the row is given up and staff see it.
BACKOFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440, 1440)]
ORPHANED_AFTER = timedelta(minutes=10)
BATCH = 50
KEPT = timedelta(days=90)  # after that nobody asks any more whether a message went out


@dataclass(frozen=True)
class Letter:
    """A rendered message; `reply_to` may be empty, `headers` are further ones."""

    subject: str
    body: str
    reply_to: str = ""
    headers: dict[str, str] = field(default_factory=dict)


Renderer = Callable[[dict], Letter | None]
_renderers: dict[str, Renderer] = {}


def renders(kind: str):
    """Register a function from ids to a Letter; None from it means there is no need to send."""

    def keep(function: Renderer) -> Renderer:
        _renderers[kind] = function
        return function

    return keep


def letter(template: str, reply_to: str = "", headers: dict | None = None, **context) -> Letter:
    """Render templates/mail/<template>.txt: the subject is its first line, the body the rest."""
    context |= {"site": SiteSettings.load(), "site_url": settings.SITE_URL}
    subject, _, body = render_to_string(f"mail/{template}.txt", context).partition("\n")
    return Letter(" ".join(subject.split()), body.strip() + "\n", reply_to, headers or {})


def queue(kind: str, recipient: str, **about) -> MailMessage:
    """Queue a message of a registered kind in the current transaction and wake the worker."""
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
    message = MailMessage.objects.create(
        kind=kind, recipient=recipient, about=about, message_id=f"<{uuid.uuid4().hex}@{host}>"
    )
    transaction.on_commit(wake)
    return message


def wake() -> None:
    """Ask the worker to look at the queue; if that fails the tick will."""
    try:
        send_queued.enqueue()
    except Exception:
        logger.exception("could not wake the mail worker")


@task()
def send_queued() -> int:
    """Send what is due; a task may run twice or never, the rows decide."""
    return send_due()


def send_due() -> int:
    """Send every message that is due; return how many went out."""
    due = MailMessage.objects.filter(
        state=MailMessage.State.QUEUED, next_attempt_at__lte=timezone.now()
    ).order_by("next_attempt_at", "pk")
    sent = 0
    for key in list(due.values_list("pk", flat=True)[:BATCH]):
        sent += _send_one(key)
    return sent


def forget_old_mail() -> int:
    """Delete what was sent or given up long ago; return how many messages."""
    finished = MailMessage.objects.filter(
        state__in=(MailMessage.State.SENT, MailMessage.State.FAILED),
        created_at__lt=timezone.now() - KEPT,
    )
    return finished.delete()[0]


def _send_one(key: int) -> bool:
    now = timezone.now()
    taken = MailMessage.objects.filter(pk=key, state=MailMessage.State.QUEUED).update(
        state=MailMessage.State.SENDING, taken_at=now
    )
    if not taken:
        return False
    message = MailMessage.objects.get(pk=key)
    try:
        rendered = _renderers[message.kind](message.about)
        if rendered is not None:
            _deliver(message, rendered)
    except Exception as error:  # whatever the mail server or a template does, the row stays
        _put_back(message, error)
        return False
    message.state = MailMessage.State.SENT
    message.sent_at = timezone.now()
    message.last_error = ""
    message.save(update_fields=["state", "sent_at", "last_error"])
    return True


def _deliver(message, rendered):
    mail = EmailMultiAlternatives(
        subject=rendered.subject,
        body=rendered.body,
        to=[message.recipient],
        reply_to=[rendered.reply_to] if rendered.reply_to else None,
        headers={
            **rendered.headers,
            "Message-ID": message.message_id,
            "Auto-Submitted": "auto-generated",
        },
        connection=get_connection(),
    )
    mail.send()


def _put_back(message, error):
    message.attempts += 1
    message.last_error = f"{type(error).__name__}: {error}"[:1000]
    if message.attempts > len(BACKOFF):
        message.state = MailMessage.State.FAILED
    else:
        message.state = MailMessage.State.QUEUED
        message.next_attempt_at = timezone.now() + BACKOFF[message.attempts - 1]
    message.save(update_fields=["attempts", "last_error", "state", "next_attempt_at"])
    logger.warning("mail %s not sent (attempt %s): %s", message.pk, message.attempts, error)


def release_orphans() -> int:
    """Queue again what a worker took and never finished; return how many."""
    return MailMessage.objects.filter(
        state=MailMessage.State.SENDING, taken_at__lt=timezone.now() - ORPHANED_AFTER
    ).update(state=MailMessage.State.QUEUED)
