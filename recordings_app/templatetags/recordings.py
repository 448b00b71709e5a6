"""What pages of the rooms below show of recordings."""

from django import template

from ..mentions import mentions

register = template.Library()


@register.simple_tag
def with_mentions(results, understood):
    """Return the results of a list of sessions, each with `mentions` of findable transcripts."""
    results = list(results)
    told = mentions([each.session.pk for each in results], understood) if understood else {}
    for each in results:
        each.mentions = told.get(each.session.pk, ())
    return results
