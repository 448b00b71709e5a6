"""The language of a page, what a reader can choose, and text in a language other than the page's."""

from django import template
from django.conf import settings
from django.utils.html import format_html, format_html_join

from site_app.text.languages import (
    differing_attributes,
    direction,
    language_in_use,
    language_name,
    language_tag,
)

register = template.Library()
register.filter(language_name)


@register.simple_tag
def page_language():
    """Print the attributes that declare the language of the page's own words: lang and dir."""
    code = language_in_use()
    return format_html('lang="{}" dir="{}"', language_tag(code), direction(code))


@register.simple_tag
def languages():
    """Return [{"code", "tag", "name", "is_current"}] of what a reader can choose from."""
    current = language_in_use()
    return [
        {"code": code, "tag": language_tag(code), "name": name, "is_current": code == current}
        for code, name in settings.LANGUAGES
    ]


@register.filter
def lang_attributes(language):
    """Print the attributes of an element whose text is in `language`, with a space before each.

    `<h3{{ session.language|lang_attributes }}>` is `<h3 lang="ar" dir="rtl">` for an Arabic session,
    and `<h3>` for one in the language of the page.
    """
    attributes = differing_attributes(language or "", language_in_use())
    return format_html_join("", ' {}="{}"', attributes.items())
