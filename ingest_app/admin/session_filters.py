"""A filter of the admin's list of sessions: created or changed by an import run."""

from django.contrib import admin
from django.utils.translation import gettext_lazy

from sessions_app.admin.sessions import SessionAdmin
from site_app.text.dates import moment_in_words
from site_app.text.numbers import parse_whole_number

from ..models import ImportRun, RunMade

MAX_RUNS_OFFERED = 20  # runs; the run in the URL is always included


class ImportRunFilter(admin.SimpleListFilter):
    title = gettext_lazy("import run")
    parameter_name = "import_run"

    def lookups(self, request, model_admin):
        if not request.user.has_perm("ingest_app.view_importrun"):
            return []  # not everybody may see the file names
        kept = request.__dict__
        # A list with facet counts creates each filter again for every other one.
        if "_import_runs" not in kept:
            runs = list(ImportRun.objects.order_by("-started_at", "-pk")[:MAX_RUNS_OFFERED])
            if (key := self._run_key(request.GET.get(self.parameter_name))) and not any(
                run.pk == key for run in runs
            ):
                runs += ImportRun.objects.filter(pk=key)
            kept["_import_runs"] = [
                (str(run.pk), f"{run.source_name}, {moment_in_words(run.started_at)}")
                for run in runs
            ]
        return kept["_import_runs"]

    def queryset(self, request, queryset):
        if key := self._run_key(self.value()):
            made = RunMade.objects.filter(run=key, model="sessions_app.session")
            return queryset.filter(pk__in=made.values("key"))
        return queryset

    @staticmethod
    def _run_key(text):
        return parse_whole_number(text) if text else None


SessionAdmin.list_filter = [*SessionAdmin.list_filter, ImportRunFilter]
