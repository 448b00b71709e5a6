"""Languages: the one in use, directions, and how a page marks text in another language."""

import re

from django.conf import settings
from django.utils import translation

# ISO 15924 scripts and the languages (BCP 47) usually written in one of them.
_RIGHT_TO_LEFT_SCRIPTS = re.compile("adlm|arab|aran|hebr|mand|nkoo|rohg|samr|syrc|thaa")
_RIGHT_TO_LEFT_LANGUAGES = re.compile(
    "ar|arc|arz|azb|bal|ckb|dv|fa|glk|he|iw|ji|khw|ks|lrc|mzn|nqo|pnb|prs|ps|sd|syr|ug|ur|yi"
)


def language_in_use() -> str:
    """Return the code ("en-gb") of the language of the answer being made: on pages the reader's."""
    return translation.get_language() or settings.LANGUAGE_CODE


def language_tag(code: str) -> str:
    """Return the tag (BCP 47) by which pages and mails declare a language: "en-GB" of "en-gb"."""
    return translation.to_locale(code).replace("_", "-")


def writing_direction(language: str) -> str:
    """Return "rtl" or "ltr" for a language tag (BCP 47), such as "ar", "pa-Arab" or "en"."""
    primary, *subtags = language.lower().split("-")
    # The script is the second subtag, or the third after an extended language; it is the only one
    # with four letters.
    for subtag in subtags[:2]:
        if len(subtag) == 4 and subtag.isalpha():
            return "rtl" if _RIGHT_TO_LEFT_SCRIPTS.fullmatch(subtag) else "ltr"
    return "rtl" if _RIGHT_TO_LEFT_LANGUAGES.fullmatch(primary) else "ltr"


def differing_language_attributes(language: str, page_language: str) -> dict[str, str]:
    """Return `lang` and `dir` as text in `language` needs them on a page in another one.

    Empty where the page says the same already: "en" on a page in "en-gb". `dir` is there only
    where the direction differs too.
    """
    tag, page_tag = language.lower(), page_language.lower()
    if not tag or page_tag == tag or page_tag.startswith(f"{tag}-"):
        return {}
    there = writing_direction(tag)
    return {"lang": language} | ({} if there == writing_direction(page_tag) else {"dir": there})


def language_name(language: str) -> str:
    """Return the name of a language in that of the page, such as "Arabic"; its tag where none is known."""
    try:
        return translation.get_language_info(language.lower())["name_translated"]
    except KeyError:
        return language
