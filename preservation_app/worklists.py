"""The worklist of stored files with problems."""

from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from desk_app.worklists.registry import WorklistItem, register_worklist
from site_app.text.dates import moment_in_words

from . import fixity


def worklist_items_of_files(checks):
    for check in checks:
        looked_at = (
            gettext("read %(moment_in_words)s")
            % {"moment_in_words": moment_in_words(check.checked_at)}
            if check.checked_at
            else ""
        )
        yield WorklistItem(
            check.pk,
            gettext("%(check)s: %(lower)s")
            % {"check": check, "lower": check.get_outcome_display().lower()},
            reverse("admin:preservation_app_filecheck_change", args=[check.pk]),
            " · ".join(filter(None, (check.owner, check.detail, looked_at))),
        )


register_worklist(
    name="stored-files",
    group="System",
    heading=gettext_lazy("stored files that are damaged, missing or belong to nobody"),
    help=gettext_lazy(
        "Compared with their SHA-256, each once in 30 days, and with the records that name them. "
        "Whoever runs the server can bring a file back from a backup. One that belongs to nobody "
        "can be deleted there."
    ),
    permission="preservation_app.view_filecheck",
    rows=lambda: fixity.problem_files().order_by("outcome", "storage", "name"),
    lines=worklist_items_of_files,
)
