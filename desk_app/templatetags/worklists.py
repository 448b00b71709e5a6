from django import template

from desk_app.worklists.registry import worklist_counts_by_group

register = template.Library()


@register.inclusion_tag("admin/desk_app/counts.html", takes_context=True)
def worklist_counts(context):
    """The worklists with their counts, for the first page of the admin; one query for each."""
    return {"groups": worklist_counts_by_group(context["request"].user)}
