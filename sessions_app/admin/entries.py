"""Series, topics and regions in the admin."""

from django.contrib import admin

from desk_app.admin_merging import MergeAdmin
from site_app.admin_base import AliasAdmin, PublicPageAdmin
from site_app.admin_conflicts import GuardedAdmin
from site_app.admin_sheets import SheetAdmin

from ..models import Region, Series, Topic, TopicAlias
from ..sheets import RegionResource, SeriesResource, TopicResource


class EntryAdmin(SheetAdmin, MergeAdmin, GuardedAdmin, PublicPageAdmin):
    search_fields = ["name"]
    fields = ["name", "description", "slug"]
    counted = "sessions"
    popup_fields = ("name",)


class GroupingAdmin(EntryAdmin):
    list_display = ["name", "session_count"]


@admin.register(Series)
class SeriesAdmin(GroupingAdmin):
    resource_classes = [SeriesResource]


@admin.register(Region)
class RegionAdmin(GroupingAdmin):
    resource_classes = [RegionResource]


class TopicAliasInline(admin.TabularInline):
    model = TopicAlias
    extra = 0
    verbose_name = "other name"
    verbose_name_plural = "other names, such as acronyms: search finds the topic by them"


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
