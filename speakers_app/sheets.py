"""Speakers and organisations as rows of a spreadsheet."""

from django.db.models import Prefetch

from site_app.sheets import OtherNames, SheetResource, one, text

from .identifiers import orcid, ror_id
from .models import Organisation, OrganisationAlias, Speaker, SpeakerAlias


class SpeakerResource(SheetResource):
    slug = text("slug")
    family_name = text("family_name")
    given_name = text("given_name")
    honorific = text("honorific")
    suffix = text("suffix")
    biography = text("biography")
    website = text("website")
    orcid = text("orcid", orcid)
    other_names = OtherNames()

    class Meta(SheetResource.Meta):
        model = Speaker
        fields = [
            "slug", "family_name", "given_name", "honorific", "suffix", "biography", "website",
            "orcid", "other_names",
        ]  # fmt: skip

    def filter_export(self, queryset, **kwargs):
        aliases = SpeakerAlias.objects.order_by("name")
        return queryset.prefetch_related(Prefetch("aliases", aliases))


class OrganisationResource(SheetResource):
    slug = text("slug")
    name = text("name")
    abbreviation = text("abbreviation")
    parent = one("parent", Organisation)
    description = text("description")
    website = text("website")
    ror_id = text("ror_id", ror_id)
    other_names = OtherNames()

    class Meta(SheetResource.Meta):
        model = Organisation
        fields = [
            "slug", "name", "abbreviation", "parent", "description", "website", "ror_id",
            "other_names",
        ]  # fmt: skip

    def filter_export(self, queryset, **kwargs):
        aliases = OrganisationAlias.objects.order_by("name")
        return queryset.select_related("parent").prefetch_related(Prefetch("aliases", aliases))

    def refusals(self, instance):
        if instance.is_part_of_itself():
            return {"parent": "An organisation cannot be part of itself."}
        return {}
