"""History of a session in the admin: what was kept, compared with what is, and restored."""

from contextlib import contextmanager

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from reversion.admin import VersionAdmin
from reversion.errors import RevertError
from reversion.models import Version

from .. import history
from ..comparison import differences
from ..models import Session
from ..publishing import UNPUBLISHED, may_publish
from ..restoring import restore
from ..states import stored_state

SHOWN = 200


class HistoryPages(VersionAdmin):
    """django-reversion's pages, with our own comparison and restoration of the whole session."""

    object_history_template = "admin/sessions_app/session/object_history.html"
    change_list_template = "admin/sessions_app/session/change_list.html"
    recover_list_template = "admin/sessions_app/session/recover_list.html"
    history_latest_first = True

    @contextmanager
    def create_revision(self, request):
        """Keep nothing while the form is saved: `log_change` keeps the finished whole."""
        with transaction.atomic():
            yield

    def changelist_view(self, request, extra_context=None):
        # Without the transaction of `create_revision`: bulk actions make one for each batch.
        context = {"has_change_permission": self.has_change_permission(request)}
        return super(VersionAdmin, self).changelist_view(
            request, {**context, **(extra_context or {})}
        )

    def log_addition(self, request, obj, message):
        entry = super().log_addition(request, obj, message)
        history.record([obj.pk], user=request.user, comment=entry.get_change_message())
        return entry

    def log_change(self, request, obj, message):
        entry = super().log_change(request, obj, message)
        history.record([obj.pk], user=request.user, comment=entry.get_change_message())
        return entry

    def log_deletions(self, request, queryset):
        """Keep what is about to be deleted, so that it can be recovered just as it was."""
        keys = [session.pk for session in queryset]
        history.record(keys, user=request.user, comment="As it was when it was deleted.")
        return super().log_deletions(request, queryset)

    def history_view(self, request, object_id, extra_context=None):
        kept = history.versions(object_id)[:SHOWN]
        return super().history_view(
            request,
            object_id,
            {"versions": kept, "title": "History", **(extra_context or {})},
        )

    def revision_view(self, request, object_id, version_id, extra_context=None):
        session = self.get_object(request, object_id)
        if session is None:
            raise Http404
        if not self.has_view_or_change_permission(request, session):
            raise PermissionDenied
        versions = history.versions(session.pk)
        return self._version_page(
            request,
            get_object_or_404(versions, pk=version_id),
            session,
            may_restore=self.has_change_permission(request, session),
        )

    def recover_view(self, request, version_id, extra_context=None):
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        deleted = Version.objects.get_deleted(Session).select_related("revision__user")
        version = get_object_or_404(deleted, pk=version_id)
        return self._version_page(request, version, None, may_restore=True)

    def _version_page(self, request, version, session, *, may_restore):
        """Show a version beside the present state; restore it when the button was pressed."""
        try:
            if request.method == "POST":
                if not may_restore:
                    raise PermissionDenied
                return self._restored(request, version)
            then = history.recorded_state(version)
            now = stored_state(session.pk) if session else None
            compared = differences(then, now)
        except RevertError as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect(self._address("changelist"))
        status = Session.Status(then.values["status"])
        context = {
            **self.admin_site.each_context(request),
            "title": f"{session or version.object_repr}: an earlier state",
            "opts": self.opts,
            "original": session,
            "version": version,
            "differences": compared,
            "may_restore": may_restore,
            "status_then": status.label,
            "offers_status": bool(
                session and session.status != status and may_publish(request.user)
            ),
            "comes_as_draft": not session
            and status not in UNPUBLISHED
            and not may_publish(request.user),
        }
        return TemplateResponse(request, "admin/sessions_app/session/version.html", context)

    def _restored(self, request, version):
        restoration = restore(
            version,
            user=request.user,
            may_publish=may_publish(request.user),
            with_status="with_status" in request.POST,
        )
        session = restoration.session
        super().log_change(request, session, "Restored an earlier state.")
        self.message_user(request, f"Restored: {session}.", messages.SUCCESS)
        for remark in restoration.remarks:
            self.message_user(request, remark, messages.WARNING)
        return redirect(self._address("change", session.pk))

    def _address(self, page, *args):
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{page}"
        return reverse(name, args=args)
