"""Speakers and organisations as rows of a spreadsheet."""

from django.db.models import Prefetch
from django.utils.translation import gettext

from site_app.spreadsheets.resources import (
    OtherNamesColumn,
    SheetResource,
    related_column,
    text_column,
)

from .identifiers import normalise_orcid, normalise_ror_id
from .models import Organisation, OrganisationAlias, Speaker, SpeakerAlias


class SpeakerResource(SheetResource):
    slug = text_column("slug")
    family_name = text_column("family_name")
    given_name = text_column("given_name")
    honorific = text_column("honorific")
    suffix = text_column("suffix")
    biography = text_column("biography")
    website = text_column("website")
    orcid = text_column("orcid", normalise_orcid)
    other_names = OtherNamesColumn()

    class Meta(SheetResource.Meta):
        model = Speaker
        fields = [
            "slug",
            "family_name",
            "given_name",
            "honorific",
            "suffix",
            "biography",
            "website",
            "orcid",
            "other_names",
        ]

    def filter_export(self, queryset, **kwargs):
        aliases = SpeakerAlias.objects.order_by("name")
        return queryset.prefetch_related(Prefetch("aliases", aliases))


class OrganisationResource(SheetResource):
    slug = text_column("slug")
    name = text_column("name")
    abbreviation = text_column("abbreviation")
    parent = related_column("parent", Organisation)
    description = text_column("description")
    website = text_column("website")
    ror_id = text_column("ror_id", normalise_ror_id)
    other_names = OtherNamesColumn()

    class Meta(SheetResource.Meta):
        model = Organisation
        fields = [
            "slug",
            "name",
            "abbreviation",
            "parent",
            "description",
            "website",
            "ror_id",
            "other_names",
        ]

    def filter_export(self, queryset, **kwargs):
        aliases = OrganisationAlias.objects.order_by("name")
        return queryset.select_related("parent").prefetch_related(Prefetch("aliases", aliases))

    def refused_values(self, instance):
        if instance.is_part_of_itself():
            return {"parent": gettext("An organisation cannot be part of itself.")}
        return {}
