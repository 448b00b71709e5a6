"""Filters of the admin's list of sessions."""

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from sessions_app.editing.completeness import LABELS_AND_CONDITIONS_OF_GAPS
from sessions_app.editing.review import open_reviews_of_user
from site_app.accounts.names import full_name_or_username
from site_app.text.numbers import parse_whole_number

from ..models import Region, Series, Session, Topic

MAX_CHOICES_SHOWN = 20


class StatusFilter(admin.SimpleListFilter):
    """All but the bin, which is a list of its own."""

    title = gettext_lazy("status")
    parameter_name = "status__exact"

    def lookups(self, request, model_admin):
        return [choice for choice in Session.Status.choices if choice[0] != Session.Status.BINNED]

    def queryset(self, request, queryset):
        return queryset.filter(status=self.value()) if self.value() else queryset


class OpenReviewFilter(admin.SimpleListFilter):
    title = gettext_lazy("what waits for you")
    parameter_name = "waits"

    def __init__(self, request, *args, **kwargs):
        self.waiting = open_reviews_of_user(request.user)
        super().__init__(request, *args, **kwargs)

    def lookups(self, request, model_admin):
        return [(key, heading) for key, (heading, _sessions) in self.waiting.items()]

    def queryset(self, request, queryset):
        if self.value() in self.waiting:
            return queryset.filter(pk__in=self.waiting[self.value()][1].order_by().values("pk"))
        return queryset


class MissingPartFilter(admin.SimpleListFilter):
    title = gettext_lazy("what is missing")
    parameter_name = "missing"

    def lookups(self, request, model_admin):
        scheduled = [("scheduled", gettext("Publication scheduled"))]
        return [
            (key, label) for key, (label, _) in LABELS_AND_CONDITIONS_OF_GAPS.items()
        ] + scheduled

    def queryset(self, request, queryset):
        if self.value() == "scheduled":
            return queryset.filter(
                status=Session.Status.PUBLISHED, published_at__gt=timezone.now()
            )
        if self.value() in LABELS_AND_CONDITIONS_OF_GAPS:
            return queryset.filter(LABELS_AND_CONDITIONS_OF_GAPS[self.value()][1])
        return queryset


class EnteredByFilter(admin.SimpleListFilter):
    """Who entered a session; what an import or a command made, nobody did."""

    title = gettext_lazy("entered by")
    parameter_name = "entered_by"
    NOBODY = "none"

    def lookups(self, request, model_admin):
        kept = request.__dict__
        # A list with facet counts creates each filter again for every other one.
        if "_entered_by" not in kept:
            entered = Session.objects.exclude(created_by=None).order_by()
            people = get_user_model().objects.filter(
                pk__in=entered.values_list("created_by", flat=True).distinct()
            )
            names = sorted((full_name_or_username(user), str(user.pk)) for user in people)
            kept["_entered_by"] = [(key, name) for name, key in names]
        return [*kept["_entered_by"], (self.NOBODY, gettext("an import or a command"))]

    def queryset(self, request, queryset):
        if self.value() == self.NOBODY:
            return queryset.filter(created_by=None)
        if self.value() and (key := parse_whole_number(self.value())):
            return queryset.filter(created_by=key)
        return queryset


class EntryFilter(admin.SimpleListFilter):
    """The entries with most sessions; the search box finds the others by name."""

    model = None

    def lookups(self, request, model_admin):
        # A list with facet counts creates each filter again for every other one.
        kept = request.__dict__.setdefault("_entry_choices", {})
        if self.model not in kept:
            kept[self.model] = self.entry_choices(request)
        return kept[self.model]

    def entry_choices(self, request):
        counted = self.model.objects.annotate(session_count=Count("sessions"))
        most = counted.order_by("-session_count", "sort_key", "name")[:MAX_CHOICES_SHOWN]
        chosen = self.model.objects.filter(slug=request.GET.get(self.parameter_name, ""))
        entries = {entry.slug: entry.name for entry in (*most, *chosen)}
        return sorted(entries.items(), key=lambda entry: entry[1].casefold())

    def queryset(self, request, queryset):
        if self.value():
            return queryset.filter(**{f"{self.parameter_name}__slug": self.value()})
        return queryset


class SeriesFilter(EntryFilter):
    title = pgettext_lazy("one record", "series")
    parameter_name = "series"
    model = Series


class TopicFilter(EntryFilter):
    title = gettext_lazy("topic")
    parameter_name = "topics"
    model = Topic


class RegionFilter(EntryFilter):
    title = gettext_lazy("region")
    parameter_name = "regions"
    model = Region
