"""Mails whose text staff can change: the built-in text and its placeholders.

A text contains placeholders such as {name}. They are replaced in one pass, so that nothing in a value is
treated as a placeholder. A line whose placeholders are all empty is omitted, and so is a paragraph before
it that ends with a colon, if nothing follows it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings

from site_app.models import MailText
from site_app.text.single_line import on_one_line

from .rendering import RenderedMail, build_mail

EXAMPLE_SITE = "https://archive.example.org"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class MailTemplate:
    """The built-in text of one kind of mail.

    `values`: {placeholder: (its meaning, an example)}; `required` ones must be in the text; only `short` ones
    may be in the subject, which more systems can read than the text.
    """

    kind: str
    label: str
    goes: str
    subject: str
    body: str
    values: Mapping[str, tuple[str, str]]
    required: frozenset[str] = frozenset()
    short: frozenset[str] = frozenset()

    def problems(
        self, text: str, allowed: Iterable[str], required: Iterable[str] = ()
    ) -> list[str]:
        """Return what is wrong with a text, in sentences; nothing if it can be used."""
        used = placeholders(text)
        known = ", ".join(f"{{{name}}}" for name in allowed) or "none"
        return [
            f"There is no placeholder {{{name}}} here. You can use: {known}."
            for name in sorted(used - set(allowed))
        ] + [
            f"The text needs {{{name}}}: {self.values[name][0]}."
            for name in sorted(set(required) - used)
        ]

    def examples(self) -> dict[str, str]:
        """Return {placeholder: example}; addresses of the example site are this site's own."""
        return {
            name: example.replace(EXAMPLE_SITE, settings.SITE_URL)
            for name, (_meaning, example) in self.values.items()
        }


_wordings: dict[str, MailTemplate] = {}


def register_mail_template(wording: MailTemplate) -> MailTemplate:
    """Let staff change the text of this kind of mail; the built-in text is validated too."""
    problems = wording.problems(wording.body, wording.values, wording.required)
    problems += wording.problems(wording.subject, wording.short)
    if problems:
        raise ValueError(f"{wording.kind}: {problems}")
    _wordings[wording.kind] = wording
    return wording


def mail_templates() -> list[MailTemplate]:
    return list(_wordings.values())


def mail_template(kind: str) -> MailTemplate | None:
    return _wordings.get(kind)


def placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(str(text)))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with its placeholders replaced; one without a value is left as it is."""
    paragraphs: list[str] = []
    for paragraph in re.split(r"\n{2,}", str(text).replace("\r\n", "\n")):
        kept = [
            _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), line)
            for line in paragraph.split("\n")
            if not (names := placeholders(line)) or any(values.get(name) != "" for name in names)
        ]
        if kept:
            paragraphs.append("\n".join(kept))
        elif paragraphs and paragraphs[-1].endswith(":"):
            paragraphs.pop()  # it introduced a value that is empty
    return "\n\n".join(paragraphs)


def worded(kind: str, values: Mapping[str, str], reply_to: str = "") -> RenderedMail:
    """Return the mail of a kind with its current text."""
    text = MailText.objects.filter(kind=kind).first() or _wordings[kind]
    return compose(text.subject, text.body, values, reply_to)


def compose(
    subject: str, body: str, values: Mapping[str, str], reply_to: str = ""
) -> RenderedMail:
    in_one_line = {name: on_one_line(value) for name, value in values.items()}
    return build_mail(fill(subject, in_one_line), fill(body, values), reply_to)
