"""Import runs in the admin: upload of a WordPress export, progress, report, taking back; the mapping."""

import json

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count
from django.forms import Script
from django.http import Http404, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from site_app.generated_files import generated_file
from site_app.numbers import whole_number
from site_app.permissions import NotAllowedError, may_publish

from .. import background, publish_run, taking_back
from ..models import ImportRun, MappingRule, RunItem
from .run_forms import MappingRuleForm, WordpressForm

TEMPLATES = "admin/ingest_app/importrun"
SHOWN = 50
REPORTED = 200  # of an import that keeps no item by item
DOUBTFUL = "doubtful"
COUNTED = (*RunItem.Status.values, DOUBTFUL)


@admin.register(ImportRun)
class ImportRunAdmin(admin.ModelAdmin):
    list_display = ["source_name", "kind", "started_at", "started_by", "outcome", "result"]
    list_filter = ["kind", "state"]
    list_select_related = ["started_by"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["source_name"]
    date_hierarchy = "started_at"
    change_list_template = f"{TEMPLATES}/change_list.html"

    class Media:
        css = {"all": ["css/admin/import_run.css"]}
        js = [Script("js/admin/import_progress.js", type="module")]

    # --- who may ---------------------------------------------------------------------------------

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def may_take_back(self, request):
        return request.user.has_perm("ingest_app.take_back_importrun")

    def get_urls(self):
        def at(route, view, name):
            guarded = self.admin_site.admin_view(view)
            return path(route, guarded, name=f"ingest_app_importrun_{name}")

        return [
            at("<int:pk>/report.json", self.report, "report"),
            at("<int:pk>/cancel/", require_POST(self.cancel), "cancel"),
            at("<int:pk>/for-real/", require_POST(self.for_real), "for_real"),
            at("<int:pk>/take-back/", self.take_back, "take_back"),
            at("<int:pk>/publish/", require_POST(self.publish), "publish"),
            *super().get_urls(),
        ]

    def _run(self, request, pk):
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = ImportRun.objects.select_related("started_by").filter(pk=pk).first()
        if run is None:
            raise Http404
        return run

    # --- the list --------------------------------------------------------------------------------

    @admin.display(description="state", ordering="state")
    def outcome(self, run):
        words = run.get_state_display()
        if run.is_working:
            words = f"{words}, {run.percent} %"
        return f"{words} (a try)" if run.is_dry else words

    @admin.display(description="result")
    def result(self, run):
        names = [name for name in COUNTED if name in run.counts]
        names += [name for name in run.counts if name not in COUNTED]
        return ", ".join(f"{run.counts[name]} {name}" for name in names if run.counts[name])

    # --- upload ----------------------------------------------------------------------------------

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = WordpressForm(
            request.POST or None, request.FILES or None, may_publish=may_publish(request.user)
        )
        if request.method == "POST" and form.is_valid():
            values = form.cleaned_data
            run = self._started(
                request,
                values["file"],
                values["media"] or "",
                source_name=values["file"].name[:300],
                publish=values.get("publish", False),
                dry_run=values["dry_run"],
            )
            return HttpResponseRedirect(self._address("change", run.pk))
        rules = MappingRule.objects.count()
        context = self._context(request, "Import a WordPress export", form=form, rules=rules)
        return TemplateResponse(request, f"{TEMPLATES}/add.html", context)

    @transaction.atomic
    def _started(self, request, file, media, *, source_name, publish, dry_run):
        run = ImportRun.objects.create(
            kind="wordpress",
            source_name=source_name,
            options={"publish": publish, "dry_run": dry_run},
            state=ImportRun.State.WAITING,
            started_at=timezone.now(),
            started_by=request.user,
            file=file,
            media_file=media,
        )
        background.start(run)
        return run

    def for_real(self, request, pk):
        """Import what was tried, from the same upload."""
        tried = self._run(request, pk)
        if not self.has_add_permission(request):
            raise PermissionDenied
        if not tried.is_dry or tried.state != ImportRun.State.DONE or not tried.file:
            messages.error(request, "Only a try that has ended can be followed by its import.")
            return HttpResponseRedirect(self._address("change", pk))
        run = self._started(
            request,
            tried.file.name,
            tried.media_file.name,
            source_name=tried.source_name,
            publish=bool(tried.options.get("publish")) and may_publish(request.user),
            dry_run=False,
        )
        return HttpResponseRedirect(self._address("change", run.pk))

    # --- one run ---------------------------------------------------------------------------------

    def change_view(self, request, object_id, form_url="", extra_context=None):
        key = whole_number(object_id)
        if key is None:
            raise Http404
        run = self._run(request, key)
        chosen = request.GET.get("status", "")
        items = run.items.all()
        if chosen == DOUBTFUL:
            items = items.filter(is_doubtful=True)
        elif chosen in RunItem.Status.values:
            items = items.filter(status=chosen)
        else:
            chosen = ""
        labels = dict(RunItem.Status.choices) | {DOUBTFUL: "Doubtful"}
        page = Paginator(items, SHOWN).get_page(request.GET.get("p"))
        kept = run.made.exclude(kept_because="")
        has_items = run.kind == ImportRun.Kind.WORDPRESS or run.items.exists()
        counts = run.counts if run.kind == ImportRun.Kind.WORDPRESS else counts_of(run)
        context = self._context(
            request,
            f"Import of {run.source_name}",
            run=run,
            original=run,
            counts=[(name, labels[name], counts.get(name, 0)) for name in COUNTED],
            has_items=has_items,
            to_publish=publish_run.unpublished(run).count() if may_publish(request.user) else 0,
            chosen=chosen,
            chosen_label=labels.get(chosen, ""),
            page=page,
            said=[] if has_items else said_of(run.report),
            kept=kept[:REPORTED],
            kept_count=kept.count(),
            may_cancel=self.has_add_permission(request)
            and bool(run.file)
            and run.state in (ImportRun.State.WAITING, ImportRun.State.RUNNING),
            links_to_pages=not run.is_dry and run.state != ImportRun.State.TAKEN_BACK,
            may_follow=self.has_add_permission(request)
            and run.is_dry
            and run.state == ImportRun.State.DONE
            and bool(run.file),
            may_take_back=self.may_take_back(request) and self._can_be_taken_back(run, kept),
        )
        return TemplateResponse(request, f"{TEMPLATES}/report.html", context)

    def _can_be_taken_back(self, run, kept):
        if run.is_dry or run.is_working:
            return False
        return run.made.filter(is_settled=False).exists() or kept.exists()

    @method_decorator(generated_file)
    def report(self, request, pk):
        run = self._run(request, pk)

        def pieces():
            head = {"kind": run.kind, "source": run.source_name, "options": run.options}
            head |= {"state": run.state, "counts": run.counts, "error": run.error}
            yield json.dumps(head, ensure_ascii=False)[:-1] + ', "items": ['
            entries = (item.as_report() for item in run.items.iterator(chunk_size=500))
            if run.kind != "wordpress":
                entries = iter(run.report)
            for number, entry in enumerate(entries):
                yield (",\n" if number else "\n") + json.dumps(entry, ensure_ascii=False)
            yield "\n]}\n"

        response = StreamingHttpResponse(pieces(), content_type="application/json")
        response["Content-Disposition"] = f'attachment; filename="import-{run.pk}.json"'
        return response

    def cancel(self, request, pk):
        run = self._run(request, pk)
        if not self.has_add_permission(request):
            raise PermissionDenied
        if background.cancel(run):
            messages.success(request, "Cancelled. What is in stays; it can be taken back.")
        else:
            messages.warning(request, "It had ended already.")
        return HttpResponseRedirect(self._address("change", pk))

    def publish(self, request, pk):
        """Publish what the run made and nobody has published yet."""
        run = self._run(request, pk)
        try:
            published = publish_run.publish_made(run, user=request.user)
        except NotAllowedError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self._address("change", pk))
        words = f"Published with the import of {run.source_name}."
        LogEntry.objects.log_actions(request.user.pk, published, CHANGE, change_message=words)
        messages.success(request, f"Published: {len(published)}.")
        if left := publish_run.unpublished(run).count():
            messages.warning(request, f"Still to publish: {left}. Press the button again.")
        return HttpResponseRedirect(self._address("change", pk))

    def take_back(self, request, pk):
        run = self._run(request, pk)
        if not self.may_take_back(request):
            raise PermissionDenied
        if request.method == "POST":
            try:
                taking_back.begin(run, request.user)
            except taking_back.CannotTakeBackError as error:
                messages.error(request, str(error))
            else:
                background.start(run)
            return HttpResponseRedirect(self._address("change", pk))
        made = [
            (model._meta.verbose_name_plural, is_new, number)
            for model in taking_back.ORDER
            for is_new in (True, False)
            if (number := self._pending(run, model, is_new))
        ]
        context = self._context(
            request, f"Take back the import of {run.source_name}", original=run, run=run, made=made
        )
        return TemplateResponse(request, f"{TEMPLATES}/take_back.html", context)

    def _pending(self, run, model, is_new):
        made = run.made.filter(model=model._meta.label_lower, is_new=is_new)
        return made.exclude(is_settled=True, kept_because="").count()

    def _address(self, page, *args):
        return reverse(f"admin:ingest_app_importrun_{page}", args=args)

    def _context(self, request, title, **more):
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "media": self.media,
            **more,
        }


def counts_of(run: ImportRun) -> dict[str, int]:
    """Return {status: number} of the items of a run, and how many are doubtful; two queries."""
    rows = run.items.order_by().values_list("status").annotate(number=Count("pk"))
    return dict(rows) | {DOUBTFUL: run.items.filter(is_doubtful=True).count()}


def said_of(report: list[dict]) -> list[tuple[str, str]]:
    """Return (where, what) for the entries of a report that say something is amiss."""
    said = []
    for entry in report:
        where = str(entry.get("file") or f"line {entry.get('line', '?')}")
        texts = [entry.get("error"), entry.get("text"), *(entry.get("doubts") or [])]
        said += [(where, str(text)) for text in texts if text]
        if len(said) >= REPORTED:
            break
    return said[:REPORTED]


@admin.register(MappingRule)
class MappingRuleAdmin(admin.ModelAdmin):
    """What each kind of thing of the old WordPress becomes; edited in the list."""

    form = MappingRuleForm
    list_display = ["source", "label", "kind", "occurs", "target", "name"]
    list_editable = ["target", "name"]
    list_filter = ["kind", "target"]
    list_per_page = 100
    show_full_result_count = False
    search_fields = ["source", "label"]
    fields = ["kind", "source", "target", "name"]
    change_list_template = "admin/ingest_app/mappingrule/change_list.html"

    def get_changelist_form(self, request, **kwargs):
        return MappingRuleForm
