"""Rendering of messages from their ids when they are sent, as plain text and HTML."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.template.loader import render_to_string

from site_app.models import SiteSettings
from site_app.text.single_line import on_one_line

from .html import html_of_plain_text

MAX_LINE_CHARACTERS = 76  # characters per line of the plain-text part; URLs are never broken


@dataclass(frozen=True)
class RenderedMail:
    """A rendered message; `reply_to` may be empty, `headers` are further ones.

    A line of `body` is a line of thought, however long: each part of the mail breaks it by itself.
    """

    subject: str
    body: str
    reply_to: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def plain_text_part(self) -> str:
        return wrap_lines(self.body)

    def html_part(self) -> str:
        """Return the HTML part: the same text, with links only to pages of this site."""
        context = {
            "subject": self.subject,
            "content": self.body_as_html(),
            "site": SiteSettings.load(),
            "site_url": settings.SITE_URL,
        }
        return render_to_string("mail/letter.html", context)

    def body_as_html(self) -> str:
        return html_of_plain_text(self.body, settings.SITE_URL)


Renderer = Callable[[dict], RenderedMail | None]
_renderers: dict[str, Renderer] = {}


def register_renderer(kind: str):
    """Register a function from ids to a RenderedMail; None means that nothing is to be sent."""

    def keep(function: Renderer) -> Renderer:
        _renderers[kind] = function
        return function

    return keep


def render_message(kind: str, about: dict) -> RenderedMail | None:
    return _renderers[kind](about)


def render_mail_template(
    template: str, reply_to: str = "", headers: dict | None = None, **context
) -> RenderedMail:
    """Render templates/mail/<template>.txt: the subject is its first line, the body the rest."""
    context |= {"site": SiteSettings.load(), "site_url": settings.SITE_URL}
    subject, _, body = render_to_string(f"mail/{template}.txt", context).partition("\n")
    return build_mail(subject, body, reply_to, headers)


def build_mail(
    subject: str, body: str, reply_to: str = "", headers: dict | None = None
) -> RenderedMail:
    """Return a RenderedMail of finished text."""
    return RenderedMail(
        on_one_line(subject), body.strip() + "\n", on_one_line(reply_to), headers or {}
    )


def wrap_lines(text: str) -> str:
    """Wrap each line separately; continuation lines have the same indentation."""
    lines = []
    for line in text.strip().splitlines():
        if len(line) <= MAX_LINE_CHARACTERS or " " not in line.strip():
            lines.append(line.rstrip())
            continue
        start = line[: len(line) - len(line.lstrip(" "))]
        more = start + "  " if line.lstrip().startswith("- ") else start
        lines += textwrap.wrap(
            line,
            MAX_LINE_CHARACTERS,
            subsequent_indent=more,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines) + "\n"
