"""The mail queue: a message is a row, written in the transaction it belongs to and sent later.

A row contains ids; text and links are rendered when it is sent. A running tick sends it within seconds,
in a separate process; without one the worker does, woken by a task. A row is locked by a conditional
update, so that two workers never send it at once.

If a worker dies, a message whose last line has not been transmitted is sent once, by the next worker.
Between that line and the update that records the server's reply, nobody can know whether it was sent
(RFC 1047); it is then sent again under the same Message-ID, because a lost message is worse than a
duplicate that mail clients recognise. Only one UPDATE is between the reply and the record.
"""

import logging
import time
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import OperationalError, close_old_connections, connection, transaction
from django.utils import timezone, translation
from django_tasks import task

from search_app.batch_deletion import delete_batch
from site_app.models import JobState, MailMessage
from site_app.text.languages import language_tag
from site_app.text.single_line import on_one_line

from .errors import (
    FailureKind,
    MailServerNotReachedError,
    classify_failure,
    failure_reason_for_staff,
)
from .rendering import render_message

logger = logging.getLogger(__name__)

TICK_JOB_NAME = "send mail"  # held by a running tick, which then sends all mail
# Delay after the first, second, … failure; after the last the message counts as failed and is shown
# to staff.
RETRY_DELAYS = [
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440, 1440)
]
MAX_RETRY_DELAY = max(RETRY_DELAYS)
# While no server responds; not counted as a failure of the message.
PAUSE_WHILE_NO_SERVER_ANSWERS = timedelta(minutes=1)
# Longer than sending a message takes: several commands of EMAIL_TIMEOUT, and
# backend.ACCEPT_SECONDS.
ORPHANED_MAIL_AGE = timedelta(minutes=10)
MAX_SENDING_SECONDS = 120  # per call; a slow server delays other work no longer than this
MAX_ATTEMPTS_TO_STORE_OUTCOME = 5  # to record that a message was sent, one second apart
# Afterwards nobody needs to know whether a message was sent
FINISHED_MAIL_RETENTION = timedelta(days=90)


def queue_message(kind: str, recipient: str, *, language: str = "", **about) -> MailMessage:
    """Queue a message of a registered kind in the current transaction and wake the worker.

    `language` is that of the recipient; by default LANGUAGE_CODE, as for all mail to staff.
    """
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
    message = MailMessage.objects.create(
        kind=kind,
        recipient=recipient,
        language=language or settings.LANGUAGE_CODE,
        about=about,
        message_id=f"<{uuid.uuid4().hex}@{host}>",
    )
    transaction.on_commit(wake_mail_worker)
    return message


def wake_mail_worker() -> None:
    """Ask the worker to process the queue; if this fails, the tick will."""
    try:
        send_queued.enqueue()
    except Exception:
        logger.exception("could not wake the mail worker")


@task()
def send_queued() -> int:
    """Send due messages unless the tick does, because the worker should not wait for a server.

    A task may run twice or never, the rows decide.
    """
    tick = JobState.objects.filter(name=TICK_JOB_NAME).first()
    return 0 if tick is not None and tick.is_held else send_due_mail()


def has_due_mail() -> bool:
    """Tell whether a message is due; one quick query."""
    waiting = MailMessage.objects.filter(state=MailMessage.State.QUEUED)
    return waiting.filter(next_attempt_at__lte=timezone.now()).exists()


def send_due_mail(seconds: float = MAX_SENDING_SECONDS) -> int:
    """Send due messages until none is left or the time is up; return how many were sent."""
    end = time.monotonic() + seconds
    waiting = MailMessage.objects.filter(state=MailMessage.State.QUEUED)
    due = waiting.filter(next_attempt_at__lte=timezone.now()).order_by("next_attempt_at", "pk")
    server = get_connection()
    sent = failures = 0
    try:
        for key in list(due.values_list("pk", flat=True)):
            if time.monotonic() > end:
                break
            if (message := _lock_for_sending(key)) is None:
                continue
            failure = _send_and_store_outcome(server, message)
            sent += failure is None
            failures = failures + 1 if failure is FailureKind.SERVER else 0
            if failures:
                _close_connection(server)
            if failure is FailureKind.UNREACHED or failures > 1:
                # The next messages would fail as well, each after a timeout.
                later = timezone.now() + PAUSE_WHILE_NO_SERVER_ANSWERS
                due.update(next_attempt_at=later, last_error=message.last_error)
                break
    finally:
        _close_connection(server)
    return sent


def _lock_for_sending(key: int) -> MailMessage | None:
    taken = MailMessage.objects.filter(pk=key, state=MailMessage.State.QUEUED).update(
        state=MailMessage.State.SENDING, taken_at=timezone.now()
    )
    return MailMessage.objects.get(pk=key) if taken else None


def _send_and_store_outcome(server, message: MailMessage) -> FailureKind | None:
    """Send one message locked by this worker; store and return the failure, if any."""
    failure = error = None
    try:
        with translation.override(message.language):
            if (rendered := render_message(message.kind, message.about)) is None:
                message.delete()  # nothing was sent, so no recipient is recorded
                return None
            _render_mail_and_transmit(server, message, rendered)
    except Exception as caught:  # whatever the mail server or a template raises, the row remains
        failure, error = classify_failure(caught), caught
    if failure is None:
        _store_outcome(
            message, state=MailMessage.State.SENT, sent_at=timezone.now(), last_error=""
        )
    else:
        _store_failure(message, failure, error)
    return failure


def _render_mail_and_transmit(server, message, rendered):
    mail = EmailMultiAlternatives(
        subject=on_one_line(rendered.subject),
        body=rendered.plain_text_part(),
        to=[on_one_line(message.recipient)],
        reply_to=[on_one_line(rendered.reply_to)] if rendered.reply_to else None,
        headers={
            **{name: on_one_line(value) for name, value in rendered.headers.items()},
            "Message-ID": message.message_id,
            "Content-Language": language_tag(message.language),
            # Source: RFC 3834; X-Auto-Response-Suppress is for Exchange.
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
        connection=server,
    )
    mail.attach_alternative(rendered.html_part(), "text/html")
    try:
        server.open()
    except Exception as error:
        raise MailServerNotReachedError(failure_reason_for_staff(error)) from error
    mail.send()


def _close_connection(server):
    try:
        server.close()
    except Exception as error:
        logger.info("closing the connection to the mail server: %s", error)


def _store_failure(message, failure, error):
    changed = {"last_error": failure_reason_for_staff(error)}
    if failure is FailureKind.UNREACHED:
        changed |= {"next_attempt_at": timezone.now() + PAUSE_WHILE_NO_SERVER_ANSWERS}
    else:
        changed |= {"attempts": message.attempts + 1}
    if failure is FailureKind.REFUSED or changed.get("attempts", 0) > len(RETRY_DELAYS):
        changed |= {"state": MailMessage.State.FAILED}
    else:
        changed |= {"state": MailMessage.State.QUEUED}
    if "attempts" in changed and changed["state"] == MailMessage.State.QUEUED:
        changed |= {"next_attempt_at": timezone.now() + RETRY_DELAYS[message.attempts]}
    _store_outcome(message, **changed)
    logger.warning("mail %s not sent: %s", message.pk, changed["last_error"])


def _store_outcome(message: MailMessage, **changed) -> None:
    """Store the outcome of a message, if this worker still has the lock.

    Tried again while the database is away: what went out and is not marked would go out twice.
    """
    mine = MailMessage.objects.filter(
        pk=message.pk, state=MailMessage.State.SENDING, taken_at=message.taken_at
    )
    for attempt in range(MAX_ATTEMPTS_TO_STORE_OUTCOME):
        try:
            mine.update(**changed)
        except OperationalError:
            if attempt == MAX_ATTEMPTS_TO_STORE_OUTCOME - 1 or connection.in_atomic_block:
                raise
            time.sleep(1)
            close_old_connections()
        else:
            break
    for name, value in changed.items():
        setattr(message, name, value)


def requeue_orphaned_mail() -> int:
    """Queue messages again that a worker took and never finished; return how many."""
    return MailMessage.objects.filter(
        state=MailMessage.State.SENDING, taken_at__lt=timezone.now() - ORPHANED_MAIL_AGE
    ).update(state=MailMessage.State.QUEUED)


def delete_old_finished_mail(now: datetime | None = None) -> int:
    """Delete messages sent or failed long ago; return how many."""
    finished = MailMessage.objects.filter(
        state__in=MailMessage.FINISHED,
        created_at__lt=(now or timezone.now()) - FINISHED_MAIL_RETENTION,
    )
    return delete_batch(finished)
