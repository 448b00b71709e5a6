"""Directions of languages, and the markup of text in another language."""

import pytest
from django.template import Context, Template
from django.utils import translation

from site_app.text.languages import differing_language_attributes, language_name, writing_direction


@pytest.mark.parametrize(
    "language, expected",
    [
        ("en", "ltr"),
        ("ar", "rtl"),
        ("AR-eg", "rtl"),
        ("he", "rtl"),
        ("fa-AF", "rtl"),
        ("ur", "rtl"),
        ("az", "ltr"),
        ("az-Arab-IR", "rtl"),
        ("ar-Latn", "ltr"),
        ("zh-yue-Hant", "ltr"),
        ("", "ltr"),
        ("not a tag", "ltr"),
    ],
)
def test_direction_is_that_of_the_script(language, expected):
    assert writing_direction(language) == expected


@pytest.mark.parametrize(
    "language, page_language, expected",
    [
        ("en", "en-gb", {}),
        ("en-GB", "en-gb", {}),
        ("en-US", "en-gb", {"lang": "en-US"}),
        ("fr", "en-gb", {"lang": "fr"}),
        ("fr", "fr", {}),
        ("en", "fr", {"lang": "en"}),
        ("ar", "en-gb", {"lang": "ar", "dir": "rtl"}),
        ("en", "ar", {"lang": "en", "dir": "ltr"}),
        ("he", "ar", {"lang": "he"}),
        ("", "en-gb", {}),
    ],
)
def test_only_differing_languages_are_marked(language, page_language, expected):
    assert differing_language_attributes(language, page_language) == expected


def test_printed_attributes_are_escaped():
    template = Template("{% load languages %}<p{{ language|lang_attributes }}>")
    with translation.override("en-gb"):
        shown = [
            template.render(Context({"language": language}))
            for language in ("ar", "en", None, 'x"><script>')
        ]
    assert shown == [
        '<p lang="ar" dir="rtl">',
        "<p>",
        "<p>",
        '<p lang="x&quot;&gt;&lt;script&gt;">',
    ]


@pytest.mark.parametrize(
    "language, name",
    [("en", "English"), ("ar-EG", "Arabic"), ("pt-BR", "Brazilian Portuguese"), ("tlh", "tlh")],
)
def test_languages_have_names(language, name):
    assert language_name(language) == name
