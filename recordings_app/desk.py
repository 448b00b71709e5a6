"""What the desk shows of requests for recordings."""

from django.db.models import Count
from django.urls import reverse

from desk_app.sections import Line, section
from site_app.dates import moment_in_words

from .models import RecordingRequest


def open_requests():
    return (
        RecordingRequest.objects.filter(status=RecordingRequest.Status.OPEN)
        .annotate(asked=Count("requested_recordings"))
        .order_by("created_at", "pk")
    )


def request_lines(requests):
    for each in requests:
        when = moment_in_words(each.created_at)
        yield Line(
            each.pk,
            f"{each.reference}: {each.name}",
            reverse("admin:recordings_app_recordingrequest_change", args=[each.pk]),
            f"{each.asked} asked for, {when}",
        )


section(
    name="requests",
    group="Waiting",
    heading="requests for recordings",
    help="Confirmed by the reader, and waiting for a decision; the oldest first.",
    permission="recordings_app.view_recordingrequest",
    mended_with="recordings_app.change_recordingrequest",
    rows=open_requests,
    lines=request_lines,
)
