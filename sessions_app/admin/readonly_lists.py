"""Appearances and recommendations of all sessions: to look through, export and import.

They are edited on the page of their session.
"""

from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy

from sessions_app.editing.resources import AppearanceResource, RecommendationResource
from sessions_app.models import Appearance, Recommendation, Session
from site_app.admin_bases.read_only import ReadOnlyAdmin
from site_app.spreadsheets.admin import SheetAdmin


class PartListAdmin(ReadOnlyAdmin, SheetAdmin):
    list_display_links = None
    list_per_page = 50
    show_full_result_count = False
    actions = None

    def get_queryset(self, request):
        return super().get_queryset(request).exclude(session__status=Session.Status.BINNED)

    @admin.display(description=gettext_lazy("session"), ordering="session__title")
    def session_link(self, part):
        address = reverse("admin:sessions_app_session_change", args=[part.session_id])
        return format_html('<a href="{}">{}</a>', address, part.session)


@admin.register(Appearance)
class AppearanceAdmin(PartListAdmin):
    resource_classes = [AppearanceResource]
    list_display = ["speaker", "organisation", "role_title", "function", "session_link"]
    list_filter = [("organisation", admin.EmptyFieldListFilter), "function"]
    list_select_related = ["session", "speaker", "organisation"]
    search_fields = ["speaker__family_name", "organisation__name", "role_title", "session__title"]
    ordering = ["-session__held_on", "session", "position", "pk"]


class RecommendationMakerFilter(admin.SimpleListFilter):
    title = gettext_lazy("who gave it")
    parameter_name = "made_by__isempty"

    def lookups(self, request, model_admin):
        return [("1", gettext("Nobody is named")), ("0", gettext("Somebody is named"))]

    def queryset(self, request, queryset):
        if self.value() not in ("0", "1"):
            return queryset
        named = Recommendation.made_by.through.objects.filter(recommendation=OuterRef("pk"))
        return queryset.filter(~Exists(named) if self.value() == "1" else Exists(named))


@admin.register(Recommendation)
class RecommendationAdmin(PartListAdmin):
    resource_classes = [RecommendationResource]
    list_display = ["text", "audience", "session_link"]
    list_filter = [RecommendationMakerFilter]
    list_select_related = ["session"]
    search_fields = ["text", "audience", "session__title"]
    ordering = ["-session__held_on", "session", "position", "number"]
