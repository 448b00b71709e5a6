"""How speakers and organisations are merged and split."""

from desk_app.merging.rules import merge_rules

from .models import Organisation, Speaker

PICTURE_FIELDS = ("picture_alt", "focus_x", "focus_y")

# Imports recognise a person by "Family, Given", so a merged name is stored in that form.
merge_rules(
    Speaker,
    names=lambda speaker: [speaker.sort_name],
    alias="aliases",
    follows=dict.fromkeys(PICTURE_FIELDS, "photo"),
    new_fields=("honorific", "given_name", "family_name", "suffix"),
)
merge_rules(
    Organisation,
    names=lambda body: [name for name in (body.name, body.abbreviation) if name],
    alias="aliases",
    parent="parent",
    follows=dict.fromkeys(PICTURE_FIELDS, "logo"),
    new_fields=("name", "abbreviation"),
)
