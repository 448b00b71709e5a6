from django import template

from ..models import SiteSettings

register = template.Library()


@register.simple_tag(takes_context=True)
def archive_name(context):
    """Return the archive's name; on Django's login page `site` is contrib.sites' idea of it."""
    site = context.get("site")
    return (site if isinstance(site, SiteSettings) else SiteSettings.load()).name
