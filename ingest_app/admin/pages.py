"""Import of pages: a page is uploaded, corrected next to its source, and saved as a session."""

from csp.constants import NONE, SELF
from csp.decorators import csp_replace, csp_update
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms import Media
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin

from ingest_app.matching.scoped_matcher import known_names
from ingest_app.pages.page_parser import read_page_record
from ingest_app.pages.page_text import NotAPageError, is_html
from ingest_app.pages.uploads import RefusedUploadError, unpack_uploads
from ingest_app.review import review_queue
from ingest_app.review.page_draft import FORMSET_CLASSES, PageDraft, with_added_row
from ingest_app.review.source_highlighting import marked_lines, marked_page_html, words_of_fields
from sessions_app.models import Session
from site_app.forms.resubmission import (
    NOT_STORED_MESSAGE,
    mark_view_reshows_form,
    must_reshow_form,
)
from site_app.permissions import RightMissingError, may_publish

from ..models import IncomingPage
from .forms import PageUploadForm

TEMPLATE_FOLDER = "admin/ingest_app/incomingpage"
INCOMING_PAGES_PER_LIST_PAGE = 100
MAX_REFUSED_FILES_NAMED = 20
STATUS_OF_BUTTON = {
    "_draft": Session.Status.DRAFT,
    "_review": Session.Status.IN_REVIEW,
    "_publish": Session.Status.PUBLISHED,
}
CREATE_SECOND_SESSION = "new"
CHOOSE_SESSION_MESSAGE = gettext_lazy(
    "This page looks like a session that is already in the archive: choose whether to update that "
    "session or to create a second one."
)
SOURCE_FRAME_CSP = {
    "default-src": [NONE],
    "script-src": [NONE],
    "style-src": [SELF],
    "img-src": [NONE],
    "font-src": [NONE],
    "connect-src": [NONE],
    "media-src": [NONE],
    "manifest-src": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": True,
}


@admin.register(IncomingPage)
class IncomingPageAdmin(admin.ModelAdmin):
    """Pages to import, for users who may add sessions; everybody sees only their own pages."""

    def has_module_permission(self, request):
        return request.user.has_perm("sessions_app.add_session")

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request) and (
            obj is None or obj.owner_id == request.user.pk
        )

    def has_add_permission(self, request):
        return self.has_module_permission(request)

    def has_change_permission(self, request, obj=None):
        return self.has_view_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        def at(route, view, name):
            inside = self.admin_site.admin_view(view, cacheable=True)
            return path(route, never_cache(inside), name=f"ingest_app_incomingpage_{name}")

        return [
            at("", self.queue_view, "changelist"),
            at("add/", self.upload_view, "add"),
            at("<int:pk>/change/", self.review_view, "change"),
            at("<int:pk>/source/", self.source_frame_view, "source"),
            at("<int:pk>/keep/", self.autosave_draft, "keep"),
            at("<int:pk>/state/", self.leave_out_or_restore, "state"),
        ]

    def _own_page_or_404(self, request, pk):
        if not self.has_module_permission(request):
            raise RightMissingError("sessions_app.add_session")
        return get_object_or_404(IncomingPage, pk=pk, owner=request.user)

    def _admin_page_context(self, request, title, **more):
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "is_nav_sidebar_enabled": False,
            **more,
        }

    @mark_view_reshows_form
    def upload_view(self, request):
        if not self.has_module_permission(request):
            raise RightMissingError("sessions_app.add_session")
        form = PageUploadForm(
            request.POST if request.method == "POST" else None, request.FILES or None
        )
        refused = []
        if must_reshow_form(request):
            messages.warning(request, NOT_STORED_MESSAGE)
        elif request.method == "POST" and form.is_valid():
            taken = self._add_to_queue(request, form)
            if taken and taken.pages:
                for name, reason in taken.refused[:MAX_REFUSED_FILES_NAMED]:
                    messages.warning(request, f"{name}: {reason}")
                more = len(taken.refused) - MAX_REFUSED_FILES_NAMED
                if more > 0:
                    messages.warning(
                        request,
                        gettext("%(more)s more files were not pages either.") % {"more": more},
                    )
                return HttpResponseRedirect(self._admin_url("change", taken.pages[0].pk))
            refused = taken.refused if taken else []
        waiting = (
            review_queue.pages_of_user(request.user)
            .filter(state=IncomingPage.State.WAITING)
            .count()
        )
        context = self._admin_page_context(
            request, gettext("Import pages"), form=form, refused=refused, waiting=waiting
        )
        return TemplateResponse(request, f"{TEMPLATE_FOLDER}/add.html", context)

    def _add_to_queue(self, request, form):
        """Return the uploaded pages, or None with an error on the field."""
        values = form.cleaned_data
        try:
            unpacked = unpack_uploads([(upload.name, upload.file) for upload in values["files"]])
        except RefusedUploadError as error:
            form.add_error("files", str(error))
            return None
        pasted = [values["markup"] or values["text"]] if values["text"].strip() else []
        taken = review_queue.queue_uploads(
            request.user, [*pasted, *unpacked.uploads], address=values["address"]
        )
        if pasted and taken.refused and taken.refused[0][0] == review_queue.PASTED_TEXT_LABEL:
            form.add_error("text", taken.refused[0][1])
        if not taken.pages and not taken.refused:
            form.add_error(
                "files", gettext("It contains no pages: no file ends in .txt or .html.")
            )
        if unpacked.left_aside and taken.pages:
            files = len(unpacked.left_aside)
            messages.info(
                request,
                ngettext(
                    "Ignored, because it is not a page: %(files)s file of the ZIP.",
                    "Ignored, because they are not pages: %(files)s files of the ZIP.",
                    files,
                )
                % {"files": files},
            )
        return taken

    def queue_view(self, request):
        if not self.has_module_permission(request):
            raise RightMissingError("sessions_app.add_session")
        pages = review_queue.pages_of_user(request.user).select_related("session")
        shown = Paginator(
            pages.order_by("-state", "created_at", "position", "pk"), INCOMING_PAGES_PER_LIST_PAGE
        )
        waiting = pages.filter(state=IncomingPage.State.WAITING).count()
        context = self._admin_page_context(
            request,
            gettext("Pages to import"),
            page=shown.get_page(request.GET.get("p")),
            waiting=waiting,
            total=shown.count,
        )
        return TemplateResponse(request, f"{TEMPLATE_FOLDER}/queue.html", context)

    def leave_out_or_restore(self, request, pk):
        page = self._own_page_or_404(request, pk)
        if request.method != "POST":
            return HttpResponseRedirect(self._admin_url("change", pk))
        if page.state != IncomingPage.State.SAVED:
            leaves_out = "_leave_out" in request.POST
            page.state = IncomingPage.State.LEFT_OUT if leaves_out else IncomingPage.State.WAITING
            page.changed_at = timezone.now()
            page.save(update_fields=["state", "changed_at"])
            if leaves_out:
                messages.info(
                    request,
                    format_html(
                        gettext('Left out: “{}”. It stays on <a href="{}">the list of pages</a>.'),
                        page.title,
                        self._admin_url("changelist"),
                    ),
                )
                return self._redirect_to_next(request, page, else_to=self._admin_url("changelist"))
        return HttpResponseRedirect(self._admin_url("change", pk))

    @mark_view_reshows_form
    @method_decorator(csp_update({"frame-src": [SELF]}))
    def review_view(self, request, pk):
        page = self._own_page_or_404(request, pk)
        if page.state == IncomingPage.State.SAVED and page.session:
            return self._saved_page_response(request, page)
        read = self._read_record(page)
        posted = request.POST if request.method == "POST" else None
        if posted is None and page.typed:
            posted = QueryDict(mutable=True)
            for name, values in page.typed.items():
                posted.setlist(name, values)
        stored = review_queue.session_of_import(page.import_ref)
        alike = [] if stored else review_queue.similar_sessions(read, page.address)
        same = posted.get("same", "") if posted is not None else ""
        chosen = next((session for session, _reason in alike if str(session.pk) == same), None)
        before = stored or chosen
        named = before.appearances.values_list("speaker", flat=True) if before else ()
        added = request.POST.get("_add")
        if added in FORMSET_CLASSES and not must_reshow_form(request):
            posted = with_added_row(posted, added)
        draft = PageDraft(read, posted, source_url=page.address, named_before=set(named))
        if request.method == "POST":
            asks = bool(alike) and chosen is None and same != CREATE_SECOND_SESSION
            if answer := self._respond_to_post(request, page, draft, into=chosen, asks=asks):
                return answer
        else:
            draft.set_made_by_choices()
        return TemplateResponse(
            request,
            f"{TEMPLATE_FOLDER}/change.html",
            self._review_context(request, page, draft, stored) | {"alike": alike, "same": same},
        )

    def _read_record(self, page):
        try:
            return read_page_record(page.source, known_names())
        except NotAPageError as error:  # the parser has become stricter since
            raise PermissionDenied(str(error)) from error

    def _respond_to_post(self, request, page, draft, *, into, asks):
        """Return the answer to a posted form; None shows the form again.

        `into`: the session chosen to be brought up to date; `asks`: it has to be said still.
        """
        if must_reshow_form(request):
            messages.warning(request, NOT_STORED_MESSAGE)
            draft.set_made_by_choices()
            return None
        review_queue.store_typed_values(page, request.POST)
        button = next((name for name in STATUS_OF_BUTTON if name in request.POST), None)
        if button and "_add" not in request.POST:
            if draft.is_valid() and not asks:
                return self._save_page(request, page, draft, STATUS_OF_BUTTON[button], into)
            if asks:
                draft.form.add_error(None, CHOOSE_SESSION_MESSAGE)
            messages.error(
                request, gettext("Nothing has been stored yet: correct the fields marked below.")
            )
            return None
        draft.set_made_by_choices()
        return None

    def _save_page(self, request, page, draft, status, into):
        try:
            outcome = review_queue.save_page_as_session(
                page,
                draft.corrected_record(),
                draft.correction(request.user, status),
                draft.further_content(),
                as_new="as_new" in request.POST,
                into=into,
            )
        except review_queue.NotAllowedError as error:
            draft.form.add_error(None, str(error))
            messages.error(request, str(error))
            return None
        session = outcome.session
        words = (
            gettext("Unchanged") if outcome.status == "unchanged" else session.get_status_display()
        )
        messages.success(
            request,
            format_html(
                '{}: <a href="{}">{}</a>. <a href="{}">See it on the site</a>',
                words,
                reverse("admin:sessions_app_session_change", args=[session.pk]),
                session.title,
                session.get_absolute_url(),
            ),
        )
        for remark in [*outcome.remarks, *outcome.doubts]:
            messages.warning(request, remark)
        return self._redirect_to_next(request, page, else_to=self._admin_url("change", page.pk))

    def _redirect_to_next(self, request, page, *, else_to):
        following = review_queue.upload_progress(page)["next"]
        return HttpResponseRedirect(self._admin_url("change", following) if following else else_to)

    def _review_context(self, request, page, draft, before):
        read = draft.read
        places = words_of_fields(read)
        return self._admin_page_context(
            request,
            gettext("Import a page"),
            original=page,
            draft=draft,
            read=read,
            lines=marked_lines(read),
            has_frame=is_html(page.source),
            places=places,
            remains=list(enumerate(read.remains)),
            progress=review_queue.upload_progress(page),
            before=before,
            may_publish=may_publish(request.user),
            media=self.media + draft.form.media + Media(js=["admin/js/jquery.init.js"]),
        )

    def _saved_page_response(self, request, page):
        context = self._admin_page_context(
            request,
            page.title,
            original=page,
            session=page.session,
            progress=review_queue.upload_progress(page),
        )
        return TemplateResponse(request, f"{TEMPLATE_FOLDER}/saved.html", context)

    @method_decorator(xframe_options_sameorigin)
    @method_decorator(csp_replace(SOURCE_FRAME_CSP))
    def source_frame_view(self, request, pk):
        """Show an HTML source with its marks, for the frame: no script runs, nothing is fetched."""
        page = self._own_page_or_404(request, pk)
        body = marked_page_html(page.source, self._read_record(page))
        if body is None:
            return HttpResponseRedirect(self._admin_url("change", pk))
        response = TemplateResponse(request, f"{TEMPLATE_FOLDER}/source.html", {"body": body})
        response["Referrer-Policy"] = "no-referrer"
        return response

    def autosave_draft(self, request, pk):
        """Save the form while the user types, so that a closed window loses nothing."""
        page = self._own_page_or_404(request, pk)
        if request.method != "POST":
            return HttpResponse(status=403)
        review_queue.store_typed_values(page, request.POST)
        return HttpResponse(status=204)

    def _admin_url(self, page, *args):
        return reverse(f"{self.admin_site.name}:ingest_app_incomingpage_{page}", args=args)
