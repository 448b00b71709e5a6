"""Merges and splits in the admin: what was done, and undoing it."""

from django.apps import apps
from django.contrib import admin, messages
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy

from desk_app.merging.admin import may_merge
from desk_app.merging.undo import UndoRefusedError, undo_merge
from site_app.admin_bases.addresses import admin_address
from site_app.admin_bases.read_only import ReadOnlyAdmin
from site_app.permissions import NotAllowedError, RightMissingError

from .models import MergeRecord


@admin.register(MergeRecord)
class MergeRecordAdmin(ReadOnlyAdmin):
    """Read only, but for the button that undoes."""

    change_form_template = "admin/desk_app/mergerecord.html"
    list_display = ["title", "kind_and_model", "made_at", "made_by", "undone_at"]
    list_display_links = ["title"]
    list_filter = ["kind", "model", "made_at"]
    list_select_related = ["made_by"]
    search_fields = ["title", "absorbed__name"]
    search_help_text = gettext_lazy("Words of the names.")
    show_full_result_count = False

    def get_queryset(self, request):
        return super().get_queryset(request).defer("steps", "report", "touched")

    def get_urls(self):
        view = self.admin_site.admin_view(self.undo_view)
        own = path("<int:number>/undo/", view, name="desk_app_mergerecord_undo")
        return [own, *super().get_urls()]

    @admin.display(description=gettext_lazy("of"), ordering="model")
    def kind_and_model(self, record):
        return gettext("%(kind)s: %(verbose_name_plural)s") % {
            "kind": record.get_kind_display(),
            "verbose_name_plural": self._model_of_record(record)._meta.verbose_name_plural,
        }

    def _model_of_record(self, record):
        return apps.get_model(record.model)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        record = self.get_object(request, object_id)
        extra_context = extra_context or {}
        if record:
            model = self._model_of_record(record)
            kept = model._base_manager.filter(pk=record.key).first()
            extra_context |= {
                "title": gettext("%(kind)s: %(record)s")
                % {"kind": record.get_kind_display(), "record": record},
                "subtitle": None,
                "kept": kept,
                "kept_address": kept and admin_address(kept, "change", kept.pk),
                "absorbed": record.absorbed.order_by("pk"),
                "shown": {label: len(keys) for label, keys in record.touched.items()},
                "may_undo": not record.undone_at and may_merge(request.user, model),
            }
        return super().change_view(request, object_id, form_url, extra_context)

    def undo_view(self, request, number):
        record = MergeRecord.objects.filter(pk=number).first()
        if record is None:
            raise Http404
        if request.method != "POST" or not may_merge(request.user, self._model_of_record(record)):
            raise RightMissingError("desk_app.add_mergerecord")
        address = reverse("admin:desk_app_mergerecord_change", args=[number])
        try:
            remarks = undo_merge(record, user=request.user)
        except UndoRefusedError as refused:
            self.message_user(request, gettext("It cannot be undone:"), messages.ERROR)
            for reason in refused.reasons[:20]:
                self.message_user(request, reason, messages.ERROR)
            return HttpResponseRedirect(address)
        except NotAllowedError as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(address)
        self.message_user(
            request, format_html(gettext("Undone: {}."), record.title), messages.SUCCESS
        )
        for remark in remarks:
            self.message_user(request, remark, messages.WARNING)
        return HttpResponseRedirect(address)
