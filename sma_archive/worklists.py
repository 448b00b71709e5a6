"""Worklists of mail and background jobs that failed, and of messages from readers."""

from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext, gettext_lazy
from django_tasks_db.models import DBTaskResult

from desk_app.worklists.registry import BulkFix, FixOutcome, WorklistItem, register_worklist
from site_app.mail.queue import wake_mail_worker
from site_app.models import ContactMessage, JobState, MailMessage
from site_app.text.dates import moment_in_words

from .background import clock

UNDELIVERED = (MailMessage.State.FAILED, MailMessage.State.BOUNCED)


def mail_lines(messages):
    for message in messages:
        yield WorklistItem(
            message.pk,
            gettext("%(kind)s to %(recipient)s: %(state)s")
            % {
                "kind": message.kind,
                "recipient": message.recipient,
                "state": message.get_state_display().lower(),
            },
            reverse("admin:site_app_mailmessage_change", args=[message.pk]),
            gettext("%(moment_in_words)s: %(chars)s")
            % {
                "moment_in_words": moment_in_words(message.created_at),
                "chars": Truncator(message.last_error).chars(160),
            },
        )


def requeue_failed_mails(keys, value, user) -> FixOutcome:
    failed = MailMessage.objects.filter(pk__in=keys, state=MailMessage.State.FAILED)
    count = failed.update(
        state=MailMessage.State.QUEUED, attempts=0, next_attempt_at=timezone.now()
    )
    wake_mail_worker()
    return FixOutcome(count)


register_worklist(
    name="failed-mail",
    group="System",
    heading=gettext_lazy("mail that did not arrive"),
    help=gettext_lazy("Tried for days, or refused. Send again once the reason is dealt with."),
    permission="site_app.view_mailmessage",
    rows=lambda: MailMessage.objects.filter(state__in=UNDELIVERED).order_by("-created_at"),
    lines=mail_lines,
    fixes=(
        BulkFix(
            "again",
            gettext_lazy("Send again"),
            requeue_failed_mails,
            "site_app.change_mailmessage",
        ),
    ),
)


def task_lines(tasks):
    for task in tasks:
        error = task.traceback.strip().rsplit("\n", 1)[-1] if task.traceback else ""
        yield WorklistItem(
            str(task.pk),
            task.task_path,
            reverse("admin:django_tasks_database_dbtaskresult_change", args=[task.pk]),
            gettext("%(moment_in_words)s: %(chars)s")
            % {
                "moment_in_words": moment_in_words(task.enqueued_at),
                "chars": Truncator(error).chars(160),
            },
        )


register_worklist(
    name="failed-jobs",
    group="System",
    heading=gettext_lazy("background jobs that failed"),
    help=gettext_lazy("Of the last day. What they were to do is mostly done by the next one."),
    permission="django_tasks_database.view_dbtaskresult",
    rows=lambda: DBTaskResult.objects.filter(status="FAILED").order_by("-enqueued_at"),
    lines=task_lines,
)


def late_job_lines(jobs):
    for job in jobs:
        last = (
            gettext("last done %(moment_in_words)s")
            % {"moment_in_words": moment_in_words(job.succeeded_at)}
            if job.succeeded_at
            else gettext("not done yet")
        )
        yield WorklistItem(
            job.name,
            job.name[:1].upper() + job.name[1:],
            reverse("worklists:worklist", args=["failed-jobs"]),
            f"{last}. {Truncator(job.last_error).chars(160)}".removesuffix(" "),
        )


register_worklist(
    name="late-jobs",
    group="System",
    heading=gettext_lazy("background jobs that are late"),
    help=gettext_lazy(
        "What the archive does by itself, and has not done for longer than it should. Where no "
        "error is shown with it, the program that does it (the tick) may not be running."
    ),
    permission="django_tasks_database.view_dbtaskresult",
    rows=lambda: JobState.objects.filter(late_at__lt=timezone.now()).order_by("late_at"),
    lines=late_job_lines,
)


def clock_lines(readings):
    for reading in readings:
        yield WorklistItem(
            reading.pk,
            gettext("%(machine)s: %(moment_in_words)s")
            % {"machine": reading.machine, "moment_in_words": moment_in_words(reading.read_at)},
            reverse("worklists:worklist", args=["late-jobs"]),
            gettext("It was %(moment_in_words)s shortly before.")
            % {"moment_in_words": moment_in_words(reading.trusted_at)},
        )


def confirm_clocks(keys, value, user) -> FixOutcome:
    confirmed = clock.doubtful_readings().filter(pk__in=keys)
    return FixOutcome(clock.confirm_clock(confirmed))


register_worklist(
    name="clocks",
    group="System",
    heading=gettext_lazy("clocks that jumped"),
    help=gettext_lazy(
        "The clock of this machine was set by more than a day. Until it is back, or has gone on "
        "evenly for ten minutes, no link, alert or reminder goes out and nothing is deleted for its "
        "age. Is the time right that it shows now? Then say so."
    ),
    permission="django_tasks_database.view_dbtaskresult",
    rows=lambda: clock.doubtful_readings().order_by("machine"),
    lines=clock_lines,
    fixes=(
        BulkFix(
            "right",
            gettext_lazy("The clock is right"),
            confirm_clocks,
            "site_app.change_sitesettings",
        ),
    ),
)


def message_lines(messages):
    for message in messages:
        yield WorklistItem(
            message.pk,
            gettext("%(name)s: %(chars)s")
            % {"name": message.name, "chars": Truncator(message.message).chars(120)},
            reverse("admin:site_app_contactmessage_change", args=[message.pk]),
            " · ".join(filter(None, (moment_in_words(message.created_at), message.about))),
        )


register_worklist(
    name="messages",
    group="Waiting",
    heading=gettext_lazy("messages from readers"),
    help=gettext_lazy("Through the contact form, problem reports included."),
    permission="site_app.view_contactmessage",
    fix_permission="site_app.change_contactmessage",
    rows=lambda: ContactMessage.objects.filter(status=ContactMessage.Status.OPEN).order_by(
        "created_at"
    ),
    lines=message_lines,
)
