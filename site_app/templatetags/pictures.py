"""The picture of a record, or letters instead of it."""

from django import template

register = template.Library()


@register.inclusion_tag("includes/picture.html")
def picture(record, size, *, decorative=False):
    """Show `record`'s picture in one of the sizes of site_app/pictures/renditions.py.

    `decorative`: its name is next to it, so that screen readers can ignore the picture.
    """
    alt = "" if decorative else record.picture_alt or f"Picture of {record}"
    return {"record": record, "size": size, "alt": alt, "rendition": record.rendition(size)}
