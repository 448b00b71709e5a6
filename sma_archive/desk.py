"""What the desk shows of the machinery: mail and jobs that failed, letters from readers."""

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django_tasks_db.models import DBTaskResult

from desk_app.sections import Line, Mend, Mended, section
from site_app.mail import wake
from site_app.models import ContactMessage, MailMessage


def when(time) -> str:
    return date_format(localtime(time), "DATETIME_FORMAT")


UNDELIVERED = (MailMessage.State.FAILED, MailMessage.State.BOUNCED)


def mail_lines(messages):
    for each in messages:
        yield Line(
            each.pk,
            f"{each.kind} to {each.recipient}: {each.get_state_display().lower()}",
            reverse("admin:site_app_mailmessage_change", args=[each.pk]),
            f"{when(each.created_at)}: {Truncator(each.last_error).chars(160)}",
        )


def send_again(keys, value, user) -> Mended:
    failed = MailMessage.objects.filter(pk__in=keys, state=MailMessage.State.FAILED)
    count = failed.update(
        state=MailMessage.State.QUEUED, attempts=0, next_attempt_at=timezone.now()
    )
    wake()
    return Mended(count)


section(
    name="failed-mail",
    group="Machinery",
    heading="mail that did not arrive",
    help="Tried for days, or refused. Sending again is of use once the reason is mended.",
    permission="site_app.view_mailmessage",
    rows=lambda: MailMessage.objects.filter(state__in=UNDELIVERED).order_by("-created_at"),
    lines=mail_lines,
    mends=(Mend("again", "Send again", send_again, "site_app.change_mailmessage"),),
)


def task_lines(tasks):
    for each in tasks:
        error = each.traceback.strip().rsplit("\n", 1)[-1] if each.traceback else ""
        yield Line(
            str(each.pk),
            each.task_path,
            reverse("admin:django_tasks_database_dbtaskresult_change", args=[each.pk]),
            f"{when(each.enqueued_at)}: {Truncator(error).chars(160)}",
        )


section(
    name="failed-jobs",
    group="Machinery",
    heading="background jobs that failed",
    help="Of the last day. What they were to do is mostly done by the next one.",
    permission="django_tasks_database.view_dbtaskresult",
    rows=lambda: DBTaskResult.objects.filter(status="FAILED").order_by("-enqueued_at"),
    lines=task_lines,
)


def message_lines(messages):
    for each in messages:
        yield Line(
            each.pk,
            f"{each.name}: {Truncator(each.message).chars(120)}",
            reverse("admin:site_app_contactmessage_change", args=[each.pk]),
            " · ".join(filter(None, (when(each.created_at), each.about))),
        )


section(
    name="messages",
    group="Waiting",
    heading="messages from readers",
    help="Through the contact form, problem reports included.",
    permission="site_app.view_contactmessage",
    rows=lambda: ContactMessage.objects.filter(status=ContactMessage.Status.OPEN).order_by(
        "created_at"
    ),
    lines=message_lines,
)
