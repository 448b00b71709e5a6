from django import template

from site_app.text import numbers

register = template.Library()


@register.filter
def counted(number, plural):
    """Print a number with its noun: {{ count|counted:"sessions" }} is "1 session"."""
    return numbers.number_with_noun(number, plural)
