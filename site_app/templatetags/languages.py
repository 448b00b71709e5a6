"""Text in a language other than the page's."""

from django import template
from django.utils.html import format_html_join
from django.utils.translation import get_language

from site_app.text.languages import differing_attributes

register = template.Library()


@register.filter
def lang_attributes(language):
    """Print the attributes of an element whose text is in `language`, with a space before each.

    `<h3{{ session.language|lang_attributes }}>` is `<h3 lang="ar" dir="rtl">` for an Arabic session,
    and `<h3>` for one in the language of the page.
    """
    attributes = differing_attributes(language or "", get_language() or "")
    return format_html_join("", ' {}="{}"', attributes.items())
