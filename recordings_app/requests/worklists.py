"""Worklists about recording requests."""

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from desk_app.worklists.registry import WorklistItem, register_worklist
from recordings_app.models import RecordingRequest
from site_app.text.dates import moment_in_words


def open_requests():
    return (
        RecordingRequest.objects.filter(status=RecordingRequest.Status.OPEN)
        .annotate(asked=Count("requested_recordings"))
        .order_by("created_at", "pk")
    )


def request_worklist_items(requests):
    for request in requests:
        when = moment_in_words(request.created_at)
        yield WorklistItem(
            request.pk,
            gettext("%(reference)s: %(name)s")
            % {"reference": request.reference, "name": request.name},
            reverse("admin:recordings_app_recordingrequest_change", args=[request.pk]),
            gettext("%(number)s asked for, %(when)s") % {"number": request.asked, "when": when},
        )


register_worklist(
    name="requests",
    group="Waiting",
    heading=gettext_lazy("requests for recordings"),
    help=gettext_lazy("Confirmed by the reader, and waiting for a decision; the oldest first."),
    permission="recordings_app.view_recordingrequest",
    fix_permission="recordings_app.change_recordingrequest",
    rows=open_requests,
    lines=request_worklist_items,
)
