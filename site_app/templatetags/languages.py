"""The language of a page, days in it, and text in another language than the page's."""

from datetime import datetime

from django import template
from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime

from site_app.text.dates import long_date, moment_in_words
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
def day_in_words(day):
    """Print the day of a date or moment: "28 November 2026"."""
    return long_date(localtime(day) if isinstance(day, datetime) else day) if day else ""


@register.filter(name="moment_in_words")
def in_words(moment):
    """Print a moment: "28 November 2026, 05:37"."""
    return moment_in_words(moment) if moment else ""


@register.filter
def lang_attributes(language):
    """Print the attributes of an element whose text is in `language`, with a space before each.

    `<h3{{ session.language|lang_attributes }}>` is `<h3 lang="ar" dir="rtl">` for an Arabic session,
    and `<h3>` for one in the language of the page.
    """
    attributes = differing_attributes(language or "", language_in_use())
    return format_html_join("", ' {}="{}"', attributes.items())
