"""Metadata in the head of a page and in its response headers.

One list of links serves both: `<link>` elements, the header Link, and the link set of a session.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, to_locale

from sessions_app.formats.json import absolute_url
from site_app.text.languages import language_in_use

# Bytes of the Link header; the buffer of a proxy is 4 KB. A session with more links lists them in
# its link set.
MAX_LINK_HEADER_BYTES = 2500
_JSON_ESCAPES_FOR_HTML = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@dataclass(frozen=True)
class Link:
    """A typed link, as RFC 8288 has it; `href` is a full address."""

    rel: str
    href: str
    media_type: str = ""
    title: str = ""

    def as_header(self) -> str:
        kind = f'; type="{self.media_type}"' if self.media_type else ""
        return f'<{self.href}>; rel="{self.rel}"{kind}'


@dataclass(frozen=True)
class Meta:
    """A `<meta>` element; Open Graph calls its names properties."""

    name: str
    content: str

    @property
    def name_attribute(self) -> str:
        return "property" if self.name.partition(":")[0] in ("og", "article") else "name"


@dataclass
class Head:
    """The metadata of one page."""

    meta: list[Meta] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    json_ld: list[dict] = field(default_factory=list)

    def html(self) -> SafeString:
        """Return the elements for the page's head."""
        metas = format_html_join(
            "\n",
            '<meta {}="{}" content="{}">',
            ((tag.name_attribute, tag.name, tag.content) for tag in self.meta if tag.content),
        )
        links = format_html_join("\n", "{}", ((_link_element(link),) for link in self.links))
        data = format_html_join("\n", "{}", ((_json_ld_script(item),) for item in self.json_ld))
        return format_html("{}\n{}\n{}", metas, links, data)

    def link_header(self, linkset: Link | None = None) -> str:
        """Return the value of the Link header; if it is too long, only links that identify the page."""
        links = [*([linkset] if linkset else []), *self.links]
        header = ", ".join(link.as_header() for link in links)
        if len(header) > MAX_LINK_HEADER_BYTES:
            few = [link for link in links if link.rel in ("linkset", "cite-as", "type")]
            header = ", ".join(link.as_header() for link in few)
        return header


def _link_element(link: Link) -> SafeString:
    kind = format_html(' type="{}"', link.media_type) if link.media_type else ""
    title = format_html(' title="{}"', link.title) if link.title else ""
    return format_html('<link rel="{}" href="{}"{}{}>', link.rel, link.href, kind, title)


def _json_ld_script(data: dict) -> SafeString:
    """Return a block of data; no policy forbids it, for nothing of it is run."""
    text = json.dumps(
        data, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":")
    ).translate(_JSON_ESCAPES_FOR_HTML)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 - escaped


def open_graph_tags(
    *,
    title: str,
    path: str,
    description: str,
    site_name: str,
    kind: str = "website",
    image: str = "",
) -> list[Meta]:
    """Return the tags for link previews; `image` is the path of a card image."""
    tags = [
        Meta("og:type", kind),
        Meta("og:title", title),
        Meta("og:url", absolute_url(path)),
        Meta("og:site_name", site_name),
        Meta("og:description", description),
        Meta("og:locale", to_locale(language_in_use())),
    ]
    if image:
        tags += [
            Meta("og:image", absolute_url(image)),
            Meta("og:image:type", "image/png"),
            Meta("og:image:width", "1200"),
            Meta("og:image:height", "630"),
            Meta("og:image:alt", gettext("Card of “%(title)s”") % {"title": title}),
        ]
    return [*tags, Meta("twitter:card", "summary_large_image" if image else "summary")]


def without_empty(values: dict) -> dict:
    """Return linked data without what is not known."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def breadcrumb_json_ld(trail: Iterable[tuple[str, str]]) -> dict:
    """Return the path to a page, [(name, path)] from the top to the page itself."""
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": absolute_url(path)}
            for place, (name, path) in enumerate(trail, 1)
        ],
    }
