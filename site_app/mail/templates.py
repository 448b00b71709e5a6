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

EXAMPLE_SITE_URL = "https://archive.example.org"
_PLACEHOLDER_PATTERN = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class MailTemplate:
    """The built-in text of one kind of mail.

    `placeholders`: {placeholder: (its meaning, an example)}; `required` ones must be in the text; only those
    `allowed_in_subject` may be in the subject, which more systems can read than the text.
    """

    kind: str
    label: str
    sent_when: str
    subject: str
    body: str
    placeholders: Mapping[str, tuple[str, str]]
    required: frozenset[str] = frozenset()
    allowed_in_subject: frozenset[str] = frozenset()

    def text_problems(
        self, text: str, allowed: Iterable[str], required: Iterable[str] = ()
    ) -> list[str]:
        """Return what is wrong with a text, in sentences; nothing if it can be used."""
        used = placeholder_names(text)
        known = ", ".join(f"{{{name}}}" for name in allowed) or "none"
        return [
            f"There is no placeholder {{{name}}} here. You can use: {known}."
            for name in sorted(used - set(allowed))
        ] + [
            f"The text needs {{{name}}}: {self.placeholders[name][0]}."
            for name in sorted(set(required) - used)
        ]

    def example_values(self) -> dict[str, str]:
        """Return {placeholder: example}; addresses of the example site are this site's own."""
        return {
            name: example.replace(EXAMPLE_SITE_URL, settings.SITE_URL)
            for name, (_meaning, example) in self.placeholders.items()
        }


_templates: dict[str, MailTemplate] = {}


def register_mail_template(template: MailTemplate) -> MailTemplate:
    """Let staff change the text of this kind of mail; the built-in text is validated too."""
    problems = template.text_problems(template.body, template.placeholders, template.required)
    problems += template.text_problems(template.subject, template.allowed_in_subject)
    if problems:
        raise ValueError(f"{template.kind}: {problems}")
    _templates[template.kind] = template
    return template


def registered_mail_templates() -> list[MailTemplate]:
    return list(_templates.values())


def registered_mail_template(kind: str) -> MailTemplate | None:
    return _templates.get(kind)


def placeholder_names(text: str) -> set[str]:
    return set(_PLACEHOLDER_PATTERN.findall(str(text)))


def fill_placeholders(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with its placeholders replaced; one without a value is left as it is."""
    paragraphs: list[str] = []
    for paragraph in re.split(r"\n{2,}", str(text).replace("\r\n", "\n")):
        kept = [
            _PLACEHOLDER_PATTERN.sub(lambda match: values.get(match[1], match[0]), line)
            for line in paragraph.split("\n")
            if not (names := placeholder_names(line))
            or any(values.get(name) != "" for name in names)
        ]
        if kept:
            paragraphs.append("\n".join(kept))
        elif paragraphs and paragraphs[-1].endswith(":"):
            paragraphs.pop()  # it introduced a value that is empty
    return "\n\n".join(paragraphs)


def compose_mail_of_kind(kind: str, values: Mapping[str, str], reply_to: str = "") -> RenderedMail:
    """Return the mail of a kind with its current text."""
    text = MailText.objects.filter(kind=kind).first() or _templates[kind]
    return compose_mail(text.subject, text.body, values, reply_to)


def compose_mail(
    subject: str, body: str, values: Mapping[str, str], reply_to: str = ""
) -> RenderedMail:
    in_one_line = {name: on_one_line(value) for name, value in values.items()}
    return build_mail(
        fill_placeholders(subject, in_one_line), fill_placeholders(body, values), reply_to
    )
