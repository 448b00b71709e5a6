"""The worklists of contradictions between texts and records."""

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy

from desk_app.models import Finding
from desk_app.worklists.findings import dismiss_findings
from desk_app.worklists.registry import BulkFix, WorklistItem, register_worklist
from sessions_app.models import Session

from .background_check import CONTRADICTION_CHECK_NAME
from .finder import DATE_DIFFERS, NOT_AMONG_SPEAKERS, NUMBERS_SKIP


def _open_findings_of(name):
    there = Exists(Session.objects.outside_bin().order_by().filter(pk=OuterRef("key")))
    return lambda: Finding.objects.filter(there, check_name=name, dismissed_at=None).order_by(
        "-pk"
    )


def worklist_items_of_findings(findings):
    sessions = Session.objects.in_bulk([finding.key for finding in findings])
    for finding in findings:
        if session := sessions.get(finding.key):
            yield WorklistItem(
                finding.pk,
                session.title,
                reverse("admin:sessions_app_session_change", args=[session.pk]),
                finding.text,
            )


for _name, _heading, _help in (
    (
        DATE_DIFFERS,
        gettext_lazy("dates that differ"),
        gettext_lazy("The text gives a different day from the record."),
    ),
    (
        NUMBERS_SKIP,
        gettext_lazy("numbers that skip"),
        gettext_lazy(
            "Recommendations whose numbers have gaps, or a text that counts past one. A number is "
            "never given again, so a deleted recommendation leaves a gap, which is correct."
        ),
    ),
    (
        NOT_AMONG_SPEAKERS,
        gettext_lazy("people named, not among the speakers"),
        gettext_lazy(
            "Titled names in the text, and people the archive knows. Somebody who is only quoted is not an error."
        ),
    ),
):
    register_worklist(
        name=_name,
        group="Texts and links",
        heading=_heading,
        help=_help,
        permission="desk_app.view_finding",
        rows=_open_findings_of(_name),
        lines=worklist_items_of_findings,
        fixes=(
            BulkFix(
                "right",
                gettext_lazy("This is correct"),
                dismiss_findings,
                "desk_app.change_finding",
            ),
        ),
        check_name=CONTRADICTION_CHECK_NAME,
    )
