"""Series, topics and regions in the admin."""

from django.contrib import admin
from django.utils.translation import gettext_lazy

from desk_app.merging.admin import MergeAdmin
from sessions_app.editing.resources import RegionResource, SeriesResource, TopicResource
from sessions_app.models import Region, Series, Topic, TopicAlias
from site_app.admin_bases.base import AliasAdmin, AliasInline, SessionCountAdmin
from site_app.admin_bases.edit_conflicts import ConflictCheckAdmin
from site_app.spreadsheets.admin import SheetAdmin


class EntryAdmin(SheetAdmin, MergeAdmin, ConflictCheckAdmin, SessionCountAdmin):
    search_fields = ["name"]
    fields = ["name", "description", "slug"]
    counted_relation = "sessions"
    popup_fields = ("name",)


class GroupingAdmin(EntryAdmin):
    list_display = ["name", "session_count"]


@admin.register(Series)
class SeriesAdmin(GroupingAdmin):
    resource_classes = [SeriesResource]


@admin.register(Region)
class RegionAdmin(GroupingAdmin):
    resource_classes = [RegionResource]


class TopicAliasInline(AliasInline):
    model = TopicAlias
    verbose_name_plural = gettext_lazy(
        "other names, such as acronyms: search finds the topic by them"
    )


@admin.register(Topic)
class TopicAdmin(EntryAdmin):
    resource_classes = [TopicResource]
    list_display = ["name", "parent", "session_count"]
    list_select_related = ["parent"]
    search_fields = ["name", "aliases__name"]
    fields = ["name", "parent", "description", "slug"]
    popup_fields = ("name", "parent")
    autocomplete_fields = ["parent"]
    inlines = [TopicAliasInline]


@admin.register(TopicAlias)
class TopicAliasAdmin(AliasAdmin):
    fields = ["topic", "name"]
    autocomplete_fields = ["topic"]
