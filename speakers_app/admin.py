"""Speakers and organisations in the admin."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext, gettext_lazy

from desk_app.merging.admin import MergeAdmin
from desk_app.worklists.duplicate_warnings import DuplicateWarningAdmin, DuplicateWarningForm
from site_app.admin_bases.base import (
    URL_FIELD_OVERRIDES,
    AliasAdmin,
    AliasInline,
    SessionCountAdmin,
)
from site_app.admin_bases.edit_conflicts import ConflictCheckAdmin, ConflictCheckForm
from site_app.pictures.admin import PICTURE_FORMFIELD_OVERRIDES, PictureFormMixin
from site_app.spreadsheets.admin import SheetAdmin
from speakers_app.names.parsing import parse_person_name

from .duplicate_candidates import organisations_with_similar_name, speakers_with_similar_name
from .identifiers import normalise_orcid, normalise_ror_id
from .models import Organisation, OrganisationAlias, Speaker, SpeakerAlias
from .resources import OrganisationResource, SpeakerResource

PICTURE_FORM_FIELDS = {models.ImageField: PICTURE_FORMFIELD_OVERRIDES}
PICTURE_HELP = gettext_lazy(
    "Public as soon as it is saved. PNG, JPEG or WebP; it is made smaller, and camera data such "
    "as the place are taken out."
)


class SpeakerAliasInline(AliasInline):
    model = SpeakerAlias


class SpeakerForm(DuplicateWarningForm, PictureFormMixin, ConflictCheckForm):
    class Meta:
        help_texts = {"photo": PICTURE_HELP}

    def clean_orcid(self):
        try:
            return normalise_orcid(self.cleaned_data["orcid"])
        except ValueError as error:
            raise ValidationError(str(error)) from error


@admin.register(Speaker)
class SpeakerAdmin(
    DuplicateWarningAdmin, SheetAdmin, MergeAdmin, ConflictCheckAdmin, SessionCountAdmin
):
    alike_fields = ("given_name", "family_name", "suffix")
    form = SpeakerForm
    resource_classes = [SpeakerResource]
    counted_relation = "appearances"
    popup_fields = (("given_name", "family_name"), ("honorific", "suffix"))
    list_display = ["index_name", "honorific", "session_count", "has_photo"]
    search_fields = ["family_name", "given_name", "aliases__name"]
    search_help_text = gettext_lazy("Words of the name, or of another name of the same person.")
    formfield_overrides = URL_FIELD_OVERRIDES | PICTURE_FORM_FIELDS
    inlines = [SpeakerAliasInline]
    fieldsets = [
        (
            None,
            {
                "fields": [("given_name", "family_name"), ("honorific", "suffix"), "biography"],
                "description": gettext_lazy(
                    "Affiliations are entered with each session, as of its day."
                ),
            },
        ),
        (gettext_lazy("Portrait"), {"fields": ["photo", "picture_alt", ("focus_x", "focus_y")]}),
        (gettext_lazy("More"), {"fields": ["website", "orcid", "slug"]}),
    ]

    def initial_values_of_typed_text(self, typed):
        name = parse_person_name(typed)
        return {
            "given_name": name.given,
            "family_name": name.family,
            "honorific": name.honorific,
            "suffix": name.suffix,
        }

    def similar_records(self, values, besides):
        return speakers_with_similar_name(
            values["given_name"], values["family_name"], values["suffix"], besides=besides
        )

    @admin.display(description=gettext_lazy("name"), ordering="sort_key")
    def index_name(self, speaker):
        return ", ".join(part for part in (speaker.sort_name, speaker.suffix) if part)

    @admin.display(description=gettext_lazy("photo"), boolean=True)
    def has_photo(self, speaker):
        return bool(speaker.photo)


class OrganisationAliasInline(AliasInline):
    model = OrganisationAlias


class OrganisationForm(DuplicateWarningForm, PictureFormMixin, ConflictCheckForm):
    class Meta:
        help_texts = {"logo": PICTURE_HELP}

    def clean_ror_id(self):
        try:
            return normalise_ror_id(self.cleaned_data["ror_id"])
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def clean(self):
        cleaned = super().clean()
        # The form has not yet assigned the parent to the record.
        self.instance.parent = cleaned.get("parent")
        if self.instance.pk and self.instance.is_part_of_itself():
            self.add_error("parent", gettext("An organisation cannot be part of itself."))
        return cleaned


@admin.register(Organisation)
class OrganisationAdmin(
    DuplicateWarningAdmin, SheetAdmin, MergeAdmin, ConflictCheckAdmin, SessionCountAdmin
):
    alike_fields = ("name", "abbreviation")
    form = OrganisationForm
    resource_classes = [OrganisationResource]
    counted_relation = "appearances"
    popup_fields = ("name", "abbreviation")
    list_display = ["name", "abbreviation", "parent", "session_count"]
    list_select_related = ["parent"]
    search_fields = ["name", "abbreviation", "aliases__name"]
    search_help_text = gettext_lazy(
        "Words of the name, the acronym, or another name of the same body."
    )
    autocomplete_fields = ["parent"]
    formfield_overrides = URL_FIELD_OVERRIDES | PICTURE_FORM_FIELDS
    inlines = [OrganisationAliasInline]
    fieldsets = [
        (None, {"fields": [("name", "abbreviation"), "parent", "description"]}),
        (gettext_lazy("Logo"), {"fields": ["logo", "picture_alt", ("focus_x", "focus_y")]}),
        (gettext_lazy("More"), {"fields": ["website", "ror_id", "slug"]}),
    ]

    def similar_records(self, values, besides):
        return organisations_with_similar_name(
            values["name"], values["abbreviation"], besides=besides
        )


@admin.register(SpeakerAlias)
class SpeakerAliasAdmin(AliasAdmin):
    fields = ["speaker", "name"]
    autocomplete_fields = ["speaker"]


@admin.register(OrganisationAlias)
class OrganisationAliasAdmin(AliasAdmin):
    fields = ["organisation", "name"]
    autocomplete_fields = ["organisation"]
