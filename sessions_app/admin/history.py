"""History of a session in the admin: versions, comparison with the current state, and restore."""

from contextlib import contextmanager

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext, gettext_noop
from reversion.admin import VersionAdmin
from reversion.errors import RevertError

from sessions_app.editing import history
from sessions_app.editing.history_diff import differing_lines_of_states
from sessions_app.editing.restore import restore_version
from sessions_app.editing.snapshots import load_snapshot
from sessions_app.models import Session
from site_app.admin_bases.addresses import admin_address
from site_app.permissions import RightMissingError, may_publish, require_may_change
from site_app.text.numbers import parse_whole_number

MAX_VERSIONS_SHOWN = 200


class HistoryPages(VersionAdmin):
    """django-reversion's pages, with our own comparison and restoration of the whole session."""

    object_history_template = "admin/sessions_app/session/object_history.html"
    change_list_template = "admin/sessions_app/session/change_list.html"
    history_latest_first = True

    def get_urls(self):
        compare = path(
            "<int:object_id>/history/compare/",
            self.admin_site.admin_view(self.compare_view),
            name="sessions_app_session_compare",
        )
        return [compare, *super().get_urls()]

    @contextmanager
    def create_revision(self, request):
        """Record no version while the form is saved: `log_change` records the finished state."""
        with transaction.atomic():
            yield

    def changelist_view(self, request, extra_context=None):
        # Without the transaction of `create_revision`, because bulk actions open one per batch.
        context = {"has_change_permission": self.has_change_permission(request)}
        return super(VersionAdmin, self).changelist_view(
            request, {**context, **(extra_context or {})}
        )

    def log_addition(self, request, obj, message):
        entry = super().log_addition(request, obj, message)
        history.record_current_state(
            [obj.pk], user=request.user, comment=entry.get_change_message()
        )
        return entry

    def log_change(self, request, obj, message):
        entry = super().log_change(request, obj, message)
        history.record_current_state(
            [obj.pk], user=request.user, comment=entry.get_change_message()
        )
        return entry

    def history_view(self, request, object_id, extra_context=None):
        kept = history.versions_of_session(object_id)[:MAX_VERSIONS_SHOWN]
        return super().history_view(
            request,
            object_id,
            {"versions": kept, "title": gettext("History"), **(extra_context or {})},
        )

    def revision_view(self, request, object_id, version_id, extra_context=None):
        """Show a version next to the current state; restore it when the button is pressed."""
        session = self._session_or_refusal(request, object_id)
        version = get_object_or_404(history.versions_of_session(session.pk), pk=version_id)
        if request.method != "POST":
            return self._comparison_response(request, session, version, None)
        if not self.has_change_permission(request):
            raise RightMissingError("sessions_app.change_session")
        require_may_change(request.user, session)
        try:
            return self._response_after_restoring(request, version)
        except RevertError as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect(admin_address(session, "history", session.pk))

    def recoverlist_view(self, request, extra_context=None):
        return redirect(f"{self.admin_site.name}:sessions_app_binnedsession_changelist")

    def recover_view(self, request, version_id, extra_context=None):
        return self.recoverlist_view(request)

    def compare_view(self, request, object_id):
        """Compare two versions, named by `?old=` and `?new=`; `new=now` is the present state."""
        session = self._session_or_refusal(request, object_id)
        versions = history.versions_of_session(session.pk)
        chosen = []
        for name in ("old", "new"):
            number = request.GET.get(name, "")
            if number == "now":
                chosen.append(None)
            elif key := parse_whole_number(number):
                chosen.append(get_object_or_404(versions, pk=key))
            else:
                self.message_user(
                    request, gettext("Choose two versions to compare."), messages.WARNING
                )
                return redirect(admin_address(session, "history", session.pk))
        # The earlier version is on the left, whichever was chosen first.
        chosen.sort(key=lambda version: (version is None, version.pk if version else 0))
        return self._comparison_response(request, session, *chosen)

    def _session_or_refusal(self, request, object_id):
        session = self.get_object(request, object_id)
        if session is None:
            raise Http404
        if not self.has_view_or_change_permission(request, session):
            raise PermissionDenied
        return session

    def _comparison_response(self, request, session, old, new):
        """Show two versions side by side, None for the present state."""
        try:
            then, now = (
                history.snapshot_of_version(version) if version else load_snapshot(session.pk)
                for version in (old, new)
            )
            compared = differing_lines_of_states(then, now)
        except RevertError as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect(admin_address(session, "history", session.pk))
        may_restore = bool(old) and new is None and self.has_change_permission(request, session)
        status = Session.Status(then.values["status"])
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("%(session)s: versions compared") % {"session": session},
            "opts": self.opts,
            "original": session,
            "old": old,
            "new": new,
            "differences": compared,
            "may_restore": may_restore,
            "status_then": status.label,
            "offers_status": session.status != status
            and status != Session.Status.BINNED
            and may_publish(request.user),
        }
        return TemplateResponse(request, "admin/sessions_app/session/version.html", context)

    def _response_after_restoring(self, request, version):
        restoration = restore_version(
            version,
            user=request.user,
            with_status="with_status" in request.POST,
        )
        session = restoration.session
        super().log_change(request, session, gettext_noop("Restored an earlier state."))
        self.message_user(
            request, gettext("Restored: %(session)s.") % {"session": session}, messages.SUCCESS
        )
        for remark in restoration.remarks:
            self.message_user(request, remark, messages.WARNING)
        return redirect(admin_address(session, "change", session.pk))
