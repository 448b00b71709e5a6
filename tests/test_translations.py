"""Translations: no marked text lacks one, and a French page is entirely in French."""

import re
from contextlib import suppress
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.cache import cache
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import ngettext

from desk_app.worklists.registry import _worklists
from sma_archive.cache import page_cache
from tests.test_fresh_everywhere import addresses, archive  # noqa: F401 - a fixture

PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}|<\w[^>]*>|</\w+>")
PLAIN_SPACE = re.compile(r" [;:?!»]|« ")
# Words that do not occur in French text, but in most English sentences.
ENGLISH = re.compile(r"\b(the|and|with|of|from|this|that|your|you|are|was|for)\b", re.IGNORECASE)
COMMA_IN_NUMBER = re.compile(r"-?\d+,\d+")
READ_ALOUD = ("aria-label", "alt", "title", "placeholder")
# Names from the test data, and text that is not to be translated.
CONTENT = re.compile(
    r"(Rivers|Deserts|Scheduled|Mountains) of the world|Count every river and every desert twice"
    r"|\S*and every desert twice|http\S+|^/\S*$|Speaker Series Archive|One of the|équivaut à « and »|\b(Session|Speaker|Topic|Region|Series|Organisation) \d+"
)


@pytest.fixture(scope="module")
def messages():
    """The script that updates the catalogues."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(settings.BASE_DIR / "scripts")
        import messages  # on sys.path only now

        yield messages


LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_contains_exactly_the_marked_texts_with_translations(messages, language):
    catalogue = messages.updated(language)

    assert messages.untranslated(catalogue) == []
    written = messages.po_path(language).read_bytes()
    assert messages.as_po(catalogue) == written, "run scripts/messages.py"
    assert b"\n#, fuzzy" not in written
    assert b"\n#~" not in written


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_is_up_to_date(messages, language):
    path = messages.po_path(language)

    assert messages.as_mo(messages.read(language)) == path.with_suffix(".mo").read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_values_and_markup(messages, language):
    for message in messages.read(language):
        if not message.id:
            continue
        sources = message.id if message.pluralizable else (message.id,)
        translations = message.string if message.pluralizable else (message.string,)
        wanted = set(PLACEHOLDER.findall(" ".join(sources)))
        for number, text in enumerate(translations):
            there = set(PLACEHOLDER.findall(text))
            # A singular form may omit the number.
            is_singular = message.pluralizable and number == 0
            assert there <= wanted if is_singular else there == wanted, text


def test_french_has_its_spaces(messages):
    wrong = [
        text
        for message in messages.read("fr")
        if message.id
        for text in (message.string if message.pluralizable else (message.string,))
        if PLAIN_SPACE.search(re.sub(r"<[^>]*>", "", text)) or "'" in re.sub(r"<[^>]*>", "", text)
    ]

    assert wrong == []


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 session"), (1, "1 session"), (2, "2 sessions")]
)
def test_plurals_are_those_of_the_language(number, words):
    with translation.override("fr"):
        text = ngettext("%(number)s session", "%(number)s sessions", number)
    assert text % {"number": number} == words


class Words(HTMLParser):
    """The words of a page in its own language: text, and attributes that screen readers announce."""

    EMPTY = frozenset(
        {"meta", "link", "input", "img", "br", "hr", "wbr", "source", "path", "rect"}
    )

    def __init__(self):
        super().__init__()
        self.stack, self.words, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        inside = self.stack[-1][1] if self.stack else True
        is_own = inside and tag not in ("script", "style", "code", "svg", "textarea", "option")
        if tag != "html" and named.get("lang", "fr") != "fr":
            is_own = False
        if is_own:
            self.words += [named[name] for name in READ_ALOUD if named.get(name)]
        self.attributes += [(tag, name, value) for name, value in attrs if value]
        if tag not in self.EMPTY:
            self.stack.append((tag, is_own))

    def handle_startendtag(self, tag, attrs):
        self.attributes += [(tag, name, value) for name, value in attrs if value]

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self.stack and self.stack[-1][1] and data.strip():
            self.words.append(" ".join(data.split()))


@pytest.mark.django_db
@pytest.mark.walk
def test_pages_in_french_are_french_throughout(client, archive, messages):  # noqa: F811
    english = {
        message.id
        for message in messages.read("fr")
        if isinstance(message.id, str)
        and len(message.id.split()) > 2
        and message.id != message.string
    }
    found = {}
    seen = 0
    for address in addresses(archive, ("rivers",), renamed=False):
        page_cache.cached_pages.clear()
        cache.clear()
        answer = client.get(address, headers={"Accept-Language": "fr"})
        is_page = answer.get("Content-Type", "").startswith("text/html")
        if answer.status_code != 200 or not is_page:
            continue
        seen += 1
        assert answer["Content-Language"] == "fr", address
        page = Words()
        page.feed(answer.content.decode())
        page.words = [words for words in page.words if not words.startswith("ctx_ver=")]  # COinS
        left = [
            words
            for words in page.words
            if words in english or ENGLISH.search(CONTENT.sub("", words))
        ]
        numbers = [each for each in page.attributes if COMMA_IN_NUMBER.fullmatch(each[2])]
        if left or numbers:
            found[address] = [*left, *numbers]
    assert seen > 40
    assert found == {}


def staff_addresses():
    """Yield the pages of the admin: the index, and the list and forms of each model."""
    yield from ("/admin/", reverse("worklists:index"), reverse("admin:recordings_app_report"))
    yield from (reverse("worklists:worklist", args=[name]) for name in _worklists)
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        for page in ("add", "export", "import"):
            with suppress(NoReverseMatch):
                yield reverse(f"{name}_{page}")
        if record := model._default_manager.order_by("pk").first():
            yield reverse(f"{name}_change", args=[record.pk])
            for page in ("history", "delete"):
                yield reverse(f"{name}_{page}", args=[record.pk])


@pytest.mark.django_db
@pytest.mark.walk
def test_staff_pages_in_french_contain_no_english_text(
    admin_client,
    archive,  # noqa: F811
    messages,
):
    # Only complete texts: stored data, such as names of records, stays as it was written.
    english = {
        " ".join(text.split())
        for message in messages.read("fr")
        for text in (message.id if message.pluralizable else (message.id,))
        if len(text.split()) > 1 and text not in message.string
    }
    found, seen = {}, 0
    for address in staff_addresses():
        answer = admin_client.get(address, headers={"Accept-Language": "fr"}, follow=True)
        is_page = answer.get("Content-Type", "").startswith("text/html")
        if answer.status_code != 200 or not is_page:
            continue
        seen += 1
        assert answer["Content-Language"] == "fr", address
        page = Words()
        page.feed(answer.content.decode())
        left = [
            words
            for words in page.words
            if words in english or words[:1].lower() + words[1:] in english
        ]
        if left:
            found[address] = left
    assert seen > 60
    assert found == {}
