"""Base classes of admin pages of public records."""

from django.contrib import admin
from django.db import models
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy

from .permissions import PermittedAdmin
from .quick_add import QuickAddAdmin

# A URL entered without a scheme; https is also Django 6's default.
URL_FIELD_OVERRIDES = {models.URLField: {"assume_scheme": "https"}}


class ViewOnSiteAdmin(PermittedAdmin):
    """The admin of records with a page on the site, linked from the admin's page."""

    def view_on_site(self, record):
        # Not Django's redirect through contrib.sites: the archive is a single site.
        return record.get_absolute_url()

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        if obj and obj.pk:
            # A form shown again with errors has assigned the entered slug to the instance; the page
            # still has its stored one.
            obj.slug = obj._stored_slug
            if not self.has_change_permission(request, obj):
                # Help texts are useless to users who may only view the record.
                form = context["adminform"].form
                names = [field.name for field in self.opts.get_fields()]
                form._meta.help_texts = dict.fromkeys(names, "")
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)


class AliasAdmin(PermittedAdmin):
    """Another name of a record, added from the list of searches; elsewhere a part of its record."""

    def get_model_perms(self, request):
        return {}  # not indexed: the record's own page lists its names


class AliasInline(admin.TabularInline):
    """The other names of a record, on its own page."""

    extra = 0
    verbose_name = gettext_lazy("other name")
    verbose_name_plural = gettext_lazy("other names")


class SessionCountAdmin(QuickAddAdmin, ViewOnSiteAdmin):
    """A public record that is listed with the number of its sessions.

    `counted_relation` is the relation to count: "sessions" itself, or an equivalent such as "appearances".
    """

    counted_relation = None
    formfield_overrides = URL_FIELD_OVERRIDES
    list_per_page = 100
    show_full_result_count = False

    def get_queryset(self, request):
        relation = self.model._meta.get_field(self.counted_relation)
        if relation.many_to_many:
            rows, key = relation.through, self.model._meta.model_name
        else:
            rows, key = relation.related_model, relation.field.name
        # A subquery is computed only for the rows of the page, a join for all rows.
        own = rows._base_manager.filter(**{key: OuterRef("pk")}).order_by().values(key)
        count = Subquery(own.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
        return super().get_queryset(request).annotate(_session_count=Coalesce(count, 0))

    @admin.display(description=gettext_lazy("sessions"), ordering="_session_count")
    def session_count(self, record):
        return record._session_count
