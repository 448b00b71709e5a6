"""Series, topics and regions in the admin."""

from django.contrib import admin

from desk_app.admin_merging import MergeAdmin
from site_app.admin_base import AliasAdmin, PublicPageAdmin
from site_app.admin_conflicts import GuardedAdmin

from ..models import Region, Series, Topic, TopicAlias


class EntryAdmin(MergeAdmin, GuardedAdmin, PublicPageAdmin):
    search_fields = ["name"]
    fields = ["name", "description", "slug"]
    counted = "sessions"


@admin.register(Series, Region)
class GroupingAdmin(EntryAdmin):
    list_display = ["name", "session_count"]


class TopicAliasInline(admin.TabularInline):
    model = TopicAlias
    extra = 0
    verbose_name = "other name"
    verbose_name_plural = "other names, such as acronyms: search finds the topic by them"


@admin.register(Topic)
class TopicAdmin(EntryAdmin):
    list_display = ["name", "parent", "session_count"]
    list_select_related = ["parent"]
    search_fields = ["name", "aliases__name"]
    fields = ["name", "parent", "description", "slug"]
    autocomplete_fields = ["parent"]
    inlines = [TopicAliasInline]


@admin.register(TopicAlias)
class TopicAliasAdmin(AliasAdmin):
    fields = ["topic", "name"]
    autocomplete_fields = ["topic"]
