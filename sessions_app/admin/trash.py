"""The bin: deleted sessions that can be restored or deleted permanently."""

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import NestedObjects
from django.db import router
from django.http import HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy, gettext_noop

from sessions_app.editing.trash import delete_permanently, restore_from_bin
from sessions_app.models import BinnedSession, Session
from site_app.admin_bases.permissions import PermittedAdmin
from site_app.permissions import PUBLISH_PERMISSION, RightMissingError, may_publish
from site_app.text.numbers import parse_whole_number


@admin.register(BinnedSession)
class BinAdmin(PermittedAdmin):
    list_display = [
        "title",
        "held_on",
        "status_before_bin_label",
        "binned_since",
        "binned_by_name",
        "preview_link",
        "restore_button",
    ]
    list_display_links = None
    list_select_related = ["binned_by"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["title", "import_ref"]
    actions = ["restore_chosen"]
    change_list_template = "admin/sessions_app/binnedsession/change_list.html"
    delete_selected_confirmation_template = (
        "admin/sessions_app/binnedsession/delete_selected_confirmation.html"
    )

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_restore_permission(self, request):
        return may_publish(request.user) and self.has_view_permission(request)

    def get_actions(self, request):
        actions = super().get_actions(request)
        if "delete_selected" in actions:
            function, name, _ = actions["delete_selected"]
            actions["delete_selected"] = (
                function,
                name,
                gettext("Delete the selected sessions permanently"),
            )
        return actions

    @admin.display(description=gettext_lazy("status before"), ordering="status_before_bin")
    def status_before_bin_label(self, session):
        return session.get_status_before_bin_display()

    @admin.display(description=gettext_lazy("in the bin since"), ordering="binned_at")
    def binned_since(self, session):
        return session.binned_at

    @admin.display(description=gettext_lazy("put there by"), ordering="binned_by")
    def binned_by_name(self, session):
        return session.binned_by

    @admin.display(description="")
    def preview_link(self, session):
        return format_html(
            '<a href="{}">Look at it<span class="visually-hidden">: {}</span></a>',
            session.get_absolute_url(),
            session.title,
        )

    @admin.display(description="")
    def restore_button(self, session):
        return format_html(
            '<button name="restore" value="{}">Restore<span class="visually-hidden"> {}</span>'
            "</button>",
            session.pk,
            session.title,
        )

    def changelist_view(self, request, extra_context=None):
        if key := parse_whole_number(request.POST.get("restore", "")):
            if not self.has_restore_permission(request):
                raise RightMissingError(PUBLISH_PERMISSION)
            self._restore_and_report(request, BinnedSession.objects.filter(pk=key))
            return HttpResponseRedirect(request.get_full_path())
        context = {"title": gettext("Bin"), **(extra_context or {})}
        return super().changelist_view(request, context)

    @admin.action(
        description=gettext_lazy("Restore the selected sessions"), permissions=["restore"]
    )
    def restore_chosen(self, request, queryset):
        self._restore_and_report(request, queryset)

    def _restore_and_report(self, request, queryset):
        restored = restore_from_bin(queryset, user=request.user)
        LogEntry.objects.log_actions(
            request.user.pk,
            restored,
            CHANGE,
            change_message=gettext_noop("Restored from the bin."),
        )
        level = messages.SUCCESS if restored else messages.WARNING
        self.message_user(
            request, gettext("Restored: %(number)s.") % {"number": len(restored)}, level
        )

    def get_deleted_objects(self, objs, request):
        """List only the sessions; their parts are deleted too, but audio protects its session."""
        collector = NestedObjects(using=router.db_for_write(Session), origin=objs)
        collector.collect(Session.objects.filter(pk__in=[session.pk for session in objs]))
        is_allowed = self.has_delete_permission(request)
        missing = set() if is_allowed else {Session._meta.verbose_name}
        protected = sorted(str(record) for record in collector.protected)
        return [str(session) for session in objs], {}, missing, protected

    def delete_model(self, request, obj):
        delete_permanently([obj])

    def delete_queryset(self, request, queryset):
        delete_permanently(queryset)
