"""The language of a page, days in it, and text in another language than the page's."""

import json
from datetime import datetime

from django import template
from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.timezone import localtime

from site_app.text.dates import long_date, moment_in_words, when_and_who
from site_app.text.languages import (
    differing_language_attributes,
    language_in_use,
    language_name,
    language_tag,
    writing_direction,
)
from site_app.text.script_words import translated_script_texts

register = template.Library()
_JSON_SCRIPT_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}
register.filter(language_name)


@register.simple_tag
def page_language():
    """Print the attributes that declare the language of the page's own words: lang and dir."""
    code = language_in_use()
    return format_html('lang="{}" dir="{}"', language_tag(code), writing_direction(code))


@register.simple_tag
def languages():
    """Return [{"code", "tag", "name", "is_current"}] of what a reader can choose from."""
    current = language_in_use()
    return [
        {"code": code, "tag": language_tag(code), "name": name, "is_current": code == current}
        for code, name in settings.LANGUAGES
    ]


@register.simple_tag
def script_words(place="site"):
    """Print the texts of scripts as data, unless the page is in their original language."""
    if not (words := translated_script_texts(place)):
        return ""
    text = json.dumps(words, ensure_ascii=False, separators=(",", ":")).translate(
        _JSON_SCRIPT_ESCAPES
    )
    return mark_safe(  # noqa: S308 - escaped on the line above; nothing of it is run
        f'<script type="application/json" data-words>{text}</script>'
    )


@register.filter
def day_in_words(day):
    """Print the day of a date or moment: "28 November 2026"."""
    return long_date(localtime(day) if isinstance(day, datetime) else day) if day else ""


@register.filter(name="moment_in_words")
def moment_in_words_filter(moment):
    """Print a moment: "28 November 2026, 05:37"."""
    return moment_in_words(moment) if moment else ""


@register.simple_tag
def staff_language():
    """Print the attributes of an element with staff's own words, which are not translated.

    They are in the language of the site; with a space before each, as `lang_attributes`.
    """
    return lang_attributes(language_tag(settings.LANGUAGE_CODE))


@register.filter
def moment_with_zone(moment):
    """Print a moment with the name of its time zone: "28 November 2026, 05:37 UTC"."""
    return moment_in_words(moment, with_zone=True) if moment else ""


@register.filter
def moment_and_who(moment, user):
    """Print a moment and, where somebody did it, who: "28 November 2026, 05:37 by ann"."""
    return when_and_who(moment, user) if moment else ""


@register.filter
def lang_attributes(language):
    """Print the attributes of an element whose text is in `language`, with a space before each.

    `<h3{{ session.language|lang_attributes }}>` is `<h3 lang="ar" dir="rtl">` for an Arabic session,
    and `<h3>` for one in the language of the page.
    """
    attributes = differing_language_attributes(language or "", language_in_use())
    return format_html_join("", ' {}="{}"', attributes.items())
