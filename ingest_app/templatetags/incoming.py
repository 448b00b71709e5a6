"""A form field next to a source, with its origin in the source."""

from django import template

register = template.Library()


@register.inclusion_tag("admin/ingest_app/incomingpage/field.html")
def origin_field(field, origin, places, number=None):
    """Render `field` with a link to its `origin` (with its `number`) in the source.

    `places`: {origin: its text}; a field without an origin has no link.
    """
    kind = origin.partition("-")[0]
    origin = origin if number is None else f"{origin}-{number}"
    return {"field": field, "origin": origin, "kind": kind, "words": places.get(origin, "")}


@register.inclusion_tag("admin/ingest_app/incomingpage/origin_link.html")
def origin_link(origin, places):
    """Render the link to `origin` in the source, if it is there."""
    return {"origin": origin, "kind": origin.partition("-")[0], "words": places.get(origin, "")}
