from django import template

from desk_app.worklists.registry import counts

register = template.Library()


@register.inclusion_tag("admin/desk_app/counts.html", takes_context=True)
def desk_counts(context):
    """The desk in numbers, for the first page of the admin; one query a section."""
    return {"groups": counts(context["request"].user)}
