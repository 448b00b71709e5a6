"""The moderation queue: what readers wrote, approved or rejected."""

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.template.defaultfilters import truncatechars
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from sessions_app.editing.comments import approve_or_reject_comments
from site_app.admin_bases.permissions import PermittedAdmin
from site_app.text.dates import when_and_who

from ..models import Comment

EXCERPT, SESSION_EXCERPT = 200, 60  # characters


@admin.register(Comment)
class CommentAdmin(PermittedAdmin):
    list_display = ["body_excerpt", "name", "shortened_session_title", "created_at", "status"]
    list_filter = ["status"]
    list_select_related = ["session"]
    list_per_page = 50
    show_full_result_count = False
    date_hierarchy = "created_at"
    search_fields = ["name", "email", "body", "session__title"]
    ordering = ["-created_at", "-pk"]
    actions = ["approve_chosen", "reject_chosen"]
    fields = [
        "session",
        "name",
        "email",
        "body",
        "status",
        "reply_to",
        "created_at",
        "decided_when_and_by_whom",
        "import_ref",
    ]
    readonly_fields = [
        "session",
        "email",
        "reply_to",
        "created_at",
        "decided_when_and_by_whom",
        "import_ref",
    ]

    def has_add_permission(self, request):
        return False  # only readers write comments, on the site

    def get_form(self, request, obj=None, **kwargs):
        kwargs["help_texts"] = {
            "body": gettext("Plain text. Change it only to take out what must not become public."),
            "status": gettext(
                "Approved comments are public at once, with the name but without the "
                "e-mail address."
            ),
        }
        return super().get_form(request, obj, **kwargs)

    @admin.display(description=gettext_lazy("comment"))
    def body_excerpt(self, comment):
        return truncatechars(comment.body, EXCERPT)

    @admin.display(description=gettext_lazy("session"), ordering="session__title")
    def shortened_session_title(self, comment):
        return truncatechars(comment.session.title, SESSION_EXCERPT)

    @admin.display(description=gettext_lazy("decided"))
    def decided_when_and_by_whom(self, comment):
        if comment.decided_at is None:
            return gettext("Not yet")
        return when_and_who(comment.decided_at, comment.decided_by)

    def save_model(self, request, obj, form, change):
        if "status" in form.changed_data:
            obj.decided_at, obj.decided_by = timezone.now(), request.user
        super().save_model(request, obj, form, change)

    @admin.action(
        description=gettext_lazy("Approve the selected comments"), permissions=["change"]
    )
    def approve_chosen(self, request, queryset):
        self._set_status(request, queryset, Comment.Status.APPROVED)

    @admin.action(description=gettext_lazy("Reject the selected comments"), permissions=["change"])
    def reject_chosen(self, request, queryset):
        self._set_status(request, queryset, Comment.Status.REJECTED)

    def _set_status(self, request, queryset, status):
        chosen = Comment.objects.filter(pk__in=queryset.order_by().values("pk"))
        told = list(chosen.exclude(status=status))
        count = approve_or_reject_comments(chosen, status, user=request.user)
        LogEntry.objects.log_actions(request.user.pk, told, CHANGE, change_message=status.label)
        level = messages.SUCCESS if count else messages.WARNING
        self.message_user(
            request,
            gettext("%(status)s: %(number)s.") % {"status": status.label, "number": count},
            level,
        )
