"""Import runs in the admin: upload of a WordPress export, progress, report, taking back; the mapping."""

import json
from itertools import islice

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
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from ingest_app import import_worker
from ingest_app.runs import publish_run, rollback
from site_app.http.generated_files import limit_concurrent_files
from site_app.permissions import NotAllowedError, RightMissingError, may_publish
from site_app.text.numbers import parse_whole_number

from ..models import ImportRun, MappingRule, RunItem
from ..wordpress.post_writer import (
    CREATE_SECOND,
    EXISTS_ALREADY_REMARK,
    LEAVE_EXISTING,
    UPDATE_EXISTING,
)
from ..wordpress_mapping_choices import ALLOWED_TARGETS
from .run_forms import MappingRuleForm, RuleTargetActionForm, WordpressUploadForm

TEMPLATE_FOLDER = "admin/ingest_app/importrun"
ITEMS_PER_PAGE = 50
MAX_ENTRIES_LISTED = 200  # for an import that does not record every item
DOUBTFUL_STATUS = "doubtful"
EXISTING_SESSION_CHOICES = (
    (LEAVE_EXISTING, gettext_lazy("Leave it as it is")),
    (UPDATE_EXISTING, gettext_lazy("Update it")),
    (CREATE_SECOND, gettext_lazy("Create a second one")),
)
COUNTED_STATUSES = (*RunItem.Status.values, DOUBTFUL_STATUS)


@admin.register(ImportRun)
class ImportRunAdmin(admin.ModelAdmin):
    list_display = [
        "source_name",
        "kind",
        "started_at",
        "started_by",
        "state_with_progress",
        "counts_in_words",
    ]
    list_filter = ["kind", "state"]
    list_select_related = ["started_by"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["source_name"]
    date_hierarchy = "started_at"
    change_list_template = f"{TEMPLATE_FOLDER}/change_list.html"

    class Media:
        css = {"all": ["css/admin/import_run.css"]}
        js = [Script("js/admin/import_progress.js", type="module")]

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
            at("<int:pk>/report.json", self.report_download, "report"),
            at("<int:pk>/cancel/", require_POST(self.cancel_view), "cancel"),
            at("<int:pk>/again/", require_POST(self.repeat_view), "again"),
            at("<int:pk>/take-back/", self.roll_back_view, "take_back"),
            at("<int:pk>/publish/", require_POST(self.publish_view), "publish"),
            *super().get_urls(),
        ]

    def _run_or_404(self, request, pk):
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = ImportRun.objects.select_related("started_by").filter(pk=pk).first()
        if run is None:
            raise Http404
        return run

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_with_progress(self, run):
        words = run.get_state_display()
        if run.is_unfinished:
            words = f"{words}, {run.percent} %"
        return gettext("%(state)s (a try)") % {"state": words} if run.is_dry else words

    @admin.display(description=gettext_lazy("result"))
    def counts_in_words(self, run):
        names = [name for name in COUNTED_STATUSES if name in run.counts]
        names += [name for name in run.counts if name not in COUNTED_STATUSES]
        return ", ".join(
            f"{run.counts[name]} {gettext(name)}" for name in names if run.counts[name]
        )

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise RightMissingError("ingest_app.add_importrun")
        form = WordpressUploadForm(
            request.POST or None, request.FILES or None, may_publish=may_publish(request.user)
        )
        if request.method == "POST" and form.is_valid():
            values = form.cleaned_data
            run = self._create_and_start_run(
                request,
                values["file"],
                values["media"] or "",
                source_name=values["file"].name[:300],
                publish=values.get("publish", False),
                dry_run=values["dry_run"],
            )
            return HttpResponseRedirect(self._admin_url("change", run.pk))
        rules = MappingRule.objects.count()
        context = self._admin_page_context(
            request, gettext("Import a WordPress export"), form=form, rules=rules
        )
        return TemplateResponse(request, f"{TEMPLATE_FOLDER}/add.html", context)

    @transaction.atomic
    def _create_and_start_run(
        self, request, file, media, *, source_name, publish, dry_run, here_already=None
    ):
        run = ImportRun.objects.create(
            kind="wordpress",
            source_name=source_name,
            options={
                "publish": publish,
                "dry_run": dry_run,
                **({"here_already": here_already} if here_already else {}),
            },
            state=ImportRun.State.WAITING,
            started_at=timezone.now(),
            started_by=request.user,
            file=file,
            media_file=media,
        )
        import_worker.enqueue_run_on_commit(run)
        return run

    def repeat_view(self, request, pk):
        """Repeat the dry run or import of the upload, with the current rules."""
        before = self._run_or_404(request, pk)
        if not self.has_add_permission(request):
            raise RightMissingError("ingest_app.add_importrun")
        if not self._can_run_again(before):
            messages.error(
                request,
                gettext(
                    "The upload was deleted, or the run has not ended: upload the export again."
                ),
            )
            return HttpResponseRedirect(self._admin_url("change", pk))
        run = self._create_and_start_run(
            request,
            before.file.name,
            before.media_file.name,
            source_name=before.source_name,
            publish=bool(before.options.get("publish")) and may_publish(request.user),
            dry_run="dry_run" in request.POST,
            here_already=posted_choices_for_existing_sessions(before, request.POST),
        )
        return HttpResponseRedirect(self._admin_url("change", run.pk))

    def _can_run_again(self, run):
        is_wordpress = run.kind == ImportRun.Kind.WORDPRESS
        return is_wordpress and bool(run.file) and not run.is_unfinished

    def change_view(self, request, object_id, form_url="", extra_context=None):
        key = parse_whole_number(object_id)
        if key is None:
            raise Http404
        run = self._run_or_404(request, key)
        chosen = request.GET.get("status", "")
        items = run.items.all()
        if chosen == DOUBTFUL_STATUS:
            items = items.filter(is_doubtful=True)
        elif chosen in RunItem.Status.values:
            items = items.filter(status=chosen)
        else:
            chosen = ""
        labels = dict(RunItem.Status.choices) | {DOUBTFUL_STATUS: gettext("Doubtful")}
        page = Paginator(items, ITEMS_PER_PAGE).get_page(request.GET.get("p"))
        kept = run.made.exclude(kept_because="")
        has_items = run.kind == ImportRun.Kind.WORDPRESS or run.items.exists()
        counts = run.counts if run.kind == ImportRun.Kind.WORDPRESS else item_counts_of_run(run)
        context = self._admin_page_context(
            request,
            gettext("Import of %(source_name)s") % {"source_name": run.source_name},
            run=run,
            original=run,
            counts=[(name, labels[name], counts.get(name, 0)) for name in COUNTED_STATUSES],
            has_items=has_items,
            to_publish=publish_run.unpublished_sessions_of_run(run).count()
            if may_publish(request.user)
            else 0,
            chosen=chosen,
            chosen_label=labels.get(chosen, ""),
            page=page,
            said=[] if has_items else problems_in_report(run.report),
            kept=kept[:MAX_ENTRIES_LISTED],
            kept_count=kept.count(),
            may_cancel=self.has_add_permission(request)
            and bool(run.file)
            and run.state in (ImportRun.State.WAITING, ImportRun.State.RUNNING),
            links_to_pages=not run.is_dry and run.state != ImportRun.State.TAKEN_BACK,
            may_follow=self.has_add_permission(request) and self._can_run_again(run),
            is_taken_back=run.state == ImportRun.State.TAKEN_BACK,
            rules_changed=self._rules_changed_since_start(run),
            here_already=[] if run.is_unfinished else items_with_existing_session(run),
            choices=EXISTING_SESSION_CHOICES,
            may_take_back=self.may_take_back(request) and self._can_be_rolled_back(run, kept),
        )
        return TemplateResponse(request, f"{TEMPLATE_FOLDER}/report.html", context)

    def _rules_changed_since_start(self, run):
        """Return whether a mapping rule was changed since the run began."""
        if run.kind != ImportRun.Kind.WORDPRESS:
            return False
        changes = LogEntry.objects.filter(
            content_type__app_label=MappingRule._meta.app_label,
            content_type__model=MappingRule._meta.model_name,
            action_time__gt=run.started_at,
        )
        return changes.exists()

    def _can_be_rolled_back(self, run, kept):
        if run.is_dry or run.is_unfinished:
            return False
        return run.made.filter(is_settled=False).exists() or kept.exists()

    @method_decorator(limit_concurrent_files)
    def report_download(self, request, pk):
        run = self._run_or_404(request, pk)

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

    def cancel_view(self, request, pk):
        run = self._run_or_404(request, pk)
        if not self.has_add_permission(request):
            raise RightMissingError("ingest_app.add_importrun")
        if import_worker.cancel_run(run):
            messages.success(
                request, gettext("Cancelled. What was imported stays; it can be rolled back.")
            )
        else:
            messages.warning(request, gettext("The import had already ended."))
        return HttpResponseRedirect(self._admin_url("change", pk))

    def publish_view(self, request, pk):
        """Publish sessions of the run that nobody has published yet."""
        run = self._run_or_404(request, pk)
        try:
            published = publish_run.publish_sessions_of_run(run, user=request.user)
        except NotAllowedError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self._admin_url("change", pk))
        words = f"Published with the import of {run.source_name}."
        LogEntry.objects.log_actions(request.user.pk, published, CHANGE, change_message=words)
        messages.success(request, gettext("Published: %(number)s.") % {"number": len(published)})
        if left := publish_run.unpublished_sessions_of_run(run).count():
            messages.warning(
                request,
                gettext("Still to publish: %(left)s. Press the button again.") % {"left": left},
            )
        return HttpResponseRedirect(self._admin_url("change", pk))

    def roll_back_view(self, request, pk):
        run = self._run_or_404(request, pk)
        if not self.may_take_back(request):
            raise RightMissingError("ingest_app.take_back_importrun")
        if request.method == "POST":
            try:
                rollback.begin_rollback(run, request.user)
            except rollback.CannotRollBackError as error:
                messages.error(request, str(error))
            else:
                import_worker.enqueue_run_on_commit(run)
            return HttpResponseRedirect(self._admin_url("change", pk))
        made = [
            (model._meta.verbose_name_plural, is_new, number)
            for model in rollback.DELETION_ORDER
            for is_new in (True, False)
            if (number := self._number_to_roll_back(run, model, is_new))
        ]
        context = self._admin_page_context(
            request,
            gettext("Roll back the import of %(source_name)s") % {"source_name": run.source_name},
            original=run,
            run=run,
            made=made,
        )
        return TemplateResponse(request, f"{TEMPLATE_FOLDER}/take_back.html", context)

    def _number_to_roll_back(self, run, model, is_new):
        made = run.made.filter(model=model._meta.label_lower, is_new=is_new)
        return made.exclude(is_settled=True, kept_because="").count()

    def _admin_url(self, page, *args):
        return reverse(f"admin:ingest_app_importrun_{page}", args=args)

    def _admin_page_context(self, request, title, **more):
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "media": self.media,
            **more,
        }


def item_counts_of_run(run: ImportRun) -> dict[str, int]:
    """Return {status: number} of the items of a run, and how many are doubtful; two queries."""
    rows = run.items.order_by().values_list("status").annotate(number=Count("pk"))
    return dict(rows) | {DOUBTFUL_STATUS: run.items.filter(is_doubtful=True).count()}


def items_with_existing_session(run: ImportRun) -> list[RunItem]:
    """Return the first items that were left out since their session is here from elsewhere."""
    left_out = run.items.filter(status=RunItem.Status.LEFT_OUT, is_doubtful=True)
    items = (item for item in left_out if item.doubts[0].startswith(EXISTS_ALREADY_REMARK))
    return list(islice(items, MAX_ENTRIES_LISTED))


def posted_choices_for_existing_sessions(run: ImportRun, posted) -> dict[str, str]:
    """Return {reference: choice} for existing sessions: earlier choices and those posted now."""
    chosen = dict(run.options.get("here_already") or {})
    known = {choice for choice, _label in EXISTING_SESSION_CHOICES}
    for item in items_with_existing_session(run):
        if (choice := posted.get(f"here-{item.pk}")) in known:
            chosen[item.ref] = choice
    if (choice := posted.get("here-others")) in known:
        chosen[""] = choice
    return chosen


def problems_in_report(report: list[dict]) -> list[tuple[str, str]]:
    """Return (where, what) for the entries of a report that report a problem."""
    said = []
    for entry in report:
        where = str(entry.get("file") or gettext("line %(get)s") % {"get": entry.get("line", "?")})
        texts = [entry.get("error"), entry.get("text"), *(entry.get("doubts") or [])]
        said += [(where, str(text)) for text in texts if text]
        if len(said) >= MAX_ENTRIES_LISTED:
            break
    return said[:MAX_ENTRIES_LISTED]


@admin.register(MappingRule)
class MappingRuleAdmin(admin.ModelAdmin):
    """Mapping rules of WordPress imports, edited in the list."""

    form = MappingRuleForm
    action_form = RuleTargetActionForm
    actions = ["become"]
    list_display = ["name_on_old_site", "kind", "occurs", "target", "name"]
    list_display_links = ["name_on_old_site"]
    list_editable = ["target", "name"]
    list_filter = ["kind", "target"]
    list_per_page = 100
    show_full_result_count = False
    search_fields = ["source", "label"]
    search_help_text = gettext_lazy("A part of a name, or of an address such as category/.")
    fields = ["kind", "source", "target", "name"]
    change_list_template = "admin/ingest_app/mappingrule/change_list.html"

    class Media:
        css = {"all": ["css/admin/import_run.css"]}

    @admin.display(description=gettext_lazy("on the old site"), ordering="source")
    def name_on_old_site(self, rule):
        if rule.label in ("", rule.source):
            return rule.source
        return format_html('{} <span class="quiet">{}</span>', rule.label, rule.source)

    @admin.action(description=gettext_lazy("Map the selected to …"), permissions=["change"])
    def become(self, request, rules):
        target = request.POST.get("becomes", "")
        if target not in MappingRule.Target.values:
            messages.error(request, gettext("Choose what to map them to, next to the action."))
            return
        changed, refused = [], []
        with transaction.atomic():
            for rule in rules.order_by("pk").select_for_update():
                if target not in ALLOWED_TARGETS[rule.kind]:
                    refused.append(str(rule))
                elif rule.target != target:
                    rule.target = target
                    rule.save(update_fields=["target"])
                    changed.append(rule)
            if changed:
                words = f"Becomes: {target}."
                LogEntry.objects.log_actions(
                    request.user.pk, changed, CHANGE, change_message=words
                )
        messages.success(request, gettext("Changed: %(number)s.") % {"number": len(changed)})
        if refused:
            messages.warning(
                request,
                gettext("These cannot be mapped to that: %(refused)s.")
                % {"refused": ", ".join(refused[:ITEMS_PER_PAGE])},
            )

    def get_changelist_form(self, request, **kwargs):
        return MappingRuleForm
