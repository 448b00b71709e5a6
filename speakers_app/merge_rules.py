"""How speakers and organisations are merged and split."""

from desk_app.merging.rules import merge_rules

from .models import Organisation, Speaker

PICTURE_FIELDS = ("picture_alt", "focus_x", "focus_y")

# An import knows a person of old by "Family, Given": that is the form of a name that is kept.
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
