"""Parse the content of a post into lines with clean markup, whatever editor or page builder wrote it.

Pure. Text is preserved, including text and URLs that builders hide in attributes; elements for
layout and decoration are removed. Lines are made as WordPress makes paragraphs: outside block markup
a line break in the source is one on the page (wpautop).
"""

import html
import re
from dataclasses import dataclass, field

from lxml import etree
from lxml import html as lxml_html

MAX_POST_CHARACTERS = 2_000_000
MAX_POST_LINES = 20_000
_BLOCK_COMMENT = re.compile(r"<!--\s*/?wp:.*?-->", re.S)
_REUSED_BLOCK = re.compile(r'<!--\s*wp:block\s*\{[^}]*"ref":\s*(\d+)')
# Divi marks line breaks in a code module with these, with either kind of dash.
_LINE_BREAK_HOLDER = re.compile(r"(?:<!--|<!–)\s*\[et_pb_line_break_holder\]\s*(?:-->|–>)")
_SHORTCODE_NAME = r"[A-Za-z][\w-]{0,60}"
_SHORTCODE = re.compile(
    rf"\[(?P<close>/?)(?P<name>{_SHORTCODE_NAME})(?P<rest>(?:[\s/=][^\[\]]*)?)\]"
)
_SHORTCODE_ATTRIBUTE = re.compile(
    r"""([A-Za-z][\w-]{0,80})\s*=\s*(?:"([^"]*)"|'([^']*)'|&#8221;(.*?)&#8221;|([^\s"'/\]]+))"""
)
_PAGE_BUILDER_SHORTCODE = re.compile(
    r"(?:et_pb|vc|wpb|fusion|av|tve|fl|cs|ux|su|nectar|mk|kc|ffb|elementor|tagdiv|td|dt)_\w+"
    r"|contact-form(?:-7)?|gravityforms?|wpforms|ninja_forms?|mc4wp_form|rev_slider|layerslider"
    r"|wp_\w+|one_(?:half|third|fourth)(?:_last)?|two_third(?:_last)?|do_widget|recent_posts"
)
# Words that also occur in brackets in ordinary text: shortcodes only if alone in the brackets or
# followed by attributes.
_PLAIN_WORD_SHORTCODE = re.compile(
    r"caption|gallery|audio|video|playlist|embed|sourcecode|code|download|pdf-embedder|embeddoc"
    r"|googlemaps?|youtube|vimeo|tablepress|toc|columns?|row|section|button|divider|spacer|tabs?"
    r"|accordion|toggle|pullquote|slideshow|testimonial|sitemap|ssba|addtoany"
)
_FORM_SHORTCODE = re.compile(
    r"(?:et_pb_)?(?:contact|gravityform|wpforms|ninja_form|mc4wp|search|login|signup)"
)
# Attributes with text that a reader saw; the others control the layout.
_HEADING_ATTRIBUTES = ("title", "heading", "header")
_TEXT_ATTRIBUTES = (
    "name",
    "position",
    "subtitle",
    "subhead",
    "caption",
    "content",
    "quote",
    "author",
    "job_title",
    "company_name",
    "text",
)
_PICTURE_ATTRIBUTES = ("src", "image", "image_url", "img", "picture", "portrait_url", "logo")
_SOUND_ATTRIBUTES = ("audio", "mp3", "m4a", "ogg", "wav", "wma", "flac", "mp4", "m4v", "webm", "video",
           "audio_url", "video_url")  # fmt: skip
_LINK_ATTRIBUTES = (
    ("button_url", "button_text"),
    ("url", "link_text"),
    ("href", "link_text"),
    ("link", "link_text"),
    ("file", "title"),
)
_BLOCK_TAGS = {
    "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "section", "article", "header",
    "footer", "main", "ul", "ol", "table", "blockquote", "hr", "dd", "dt", "figure", "figcaption",
    "pre", "address", "details", "summary", "aside",
}  # fmt: skip
_DROPPED_TAGS = {"script", "style", "nav", "template", "noscript", "svg", "form", "head", "object"}
_CLEAN_TAG_OF_INLINE_TAG = {
    "b": "strong",
    "strong": "strong",
    "i": "em",
    "em": "em",
    "sub": "sub",
    "sup": "sup",
}
_HEADING_TAGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_WHITE_SPACE = re.compile(r"[\s\u00a0\u200b\ufeff]+")
_EMPTY_INLINE = re.compile(r"<(strong|em|sub|sup)>\s*</\1>")


@dataclass(frozen=True)
class PostLine:
    """One line of a page: `text` as it reads, `markup` with emphasis and links."""

    text: str
    markup: str
    kind: str = "p"  # or "li", "h3", "blockquote"


@dataclass(frozen=True)
class PostReference:
    """An address that a post shows or links to, with the words for it."""

    url: str
    label: str
    is_picture: bool = False


@dataclass
class PostContent:
    lines: list[PostLine] = field(default_factory=list)
    hrefs: dict[str, str] = field(default_factory=dict)  # link text: URL
    references: list[PostReference] = field(default_factory=list)
    gallery: list[int] = field(default_factory=list)  # attachment IDs
    sounds: list[str] = field(default_factory=list)  # URLs of audio and video
    remarks: list[str] = field(default_factory=list)


def read_post_content(source: str) -> PostContent:
    """Return the lines of a post. Raises ValueError for what is too large to be a post."""
    if len(source) > MAX_POST_CHARACTERS:
        raise ValueError(f"The text has more than {MAX_POST_CHARACTERS:,} characters.")
    content = PostContent()
    is_blocks = "<!-- wp:" in source
    for number in dict.fromkeys(_REUSED_BLOCK.findall(source)):
        content.remarks.append(f"A reusable block (number {number}) is not part of the export.")
    source = _LINE_BREAK_HOLDER.sub("\n", source)
    source = _BLOCK_COMMENT.sub("\n\n" if not is_blocks else "\n", source)
    source = replace_shortcodes(source, content)
    _MarkupReader(content, breaks_lines=not is_blocks).read_source(source)
    return content


def replace_shortcodes(source: str, content: PostContent) -> str:
    """Return HTML without shortcodes; their texts, pictures and links take their places.

    Brackets with plain words, such as "[sic]", "[1]" or an affiliation, stay.
    """
    # Unknown shortcodes that enclose content.
    closed = {name.lower() for name in re.findall(rf"\[/({_SHORTCODE_NAME})\]", source)}

    def replace(match):
        name, rest = match["name"].lower(), match["rest"]
        attributes = _shortcode_attributes(rest)
        is_known = _PAGE_BUILDER_SHORTCODE.fullmatch(match["name"]) or (
            _PLAIN_WORD_SHORTCODE.fullmatch(match["name"]) and not rest.strip(" /")
        )
        if not (is_known or name in closed or attributes or rest.rstrip().endswith("/")):
            return match[0]
        if match["close"]:
            return "\n\n"
        if _FORM_SHORTCODE.match(name):
            return "\n\n"
        return "\n\n" + _shortcode_as_html(name, attributes, content) + "\n\n"

    # A shortcode in an attribute of another one appears only after the first pass.
    for _depth in range(3):
        replaced = _SHORTCODE.sub(replace, source)
        if replaced == source:
            break
        source = replaced
    return source


def _shortcode_attributes(rest):
    attributes: dict[str, str] = {}
    for match in _SHORTCODE_ATTRIBUTE.finditer(rest):
        value = next((group for group in match.groups()[1:] if group is not None), "")
        for code, character in (("%22", '"'), ("%91", "["), ("%93", "]"), ("%92", "\\")):
            value = value.replace(code, character)
        attributes.setdefault(match[1].lower(), value.strip())
    return attributes


def _shortcode_as_html(name, attributes, content):
    """Return as HTML what a shortcode showed of its attributes."""
    shown = []
    if name in ("gallery", "playlist", "et_pb_gallery", "vc_gallery"):
        numbers = ",".join(attributes.get(key, "") for key in ("ids", "gallery_ids", "images"))
        content.gallery += [int(number) for number in re.findall(r"\d{1,12}", numbers)]
    for key in _SOUND_ATTRIBUTES:
        if (address := attributes.get(key, "")).startswith(("http", "/")):
            content.sounds.append(address)
    is_sound = name in ("audio", "video", "playlist", "et_pb_audio", "et_pb_video")
    if is_sound and attributes.get("src", "").startswith("http"):
        content.sounds.append(attributes.pop("src"))
    if is_sound:
        return ""
    for key in _HEADING_ATTRIBUTES:
        if text := attributes.get(key):
            shown.append(f"<h4>{html.escape(html.unescape(text))}</h4>")
            break
    for key in _PICTURE_ATTRIBUTES:
        if (address := attributes.get(key, "")).startswith(("http", "/")):
            label = attributes.get("title_text") or attributes.get("alt") or ""
            picture = f'<img src="{html.escape(address)}" alt="{html.escape(label)}">'
            shown.append(f"<p>{picture}{html.escape(attributes.get('title_text', ''))}</p>")
    for key in _TEXT_ATTRIBUTES:
        text = attributes.get(key, "")
        if text and not re.fullmatch(r"[\d.%|#]*|on|off|true|false|https?://\S+", text):
            shown.append(f"<p>{text}</p>")
    for key, words in _LINK_ATTRIBUTES:
        address = attributes.get(key, "").removeprefix("url:")
        if address.startswith(("http://", "https://")):
            label = attributes.get(words) or attributes.get("title") or address
            shown.append(f'<p><a href="{html.escape(address)}">{html.escape(label)}</a></p>')
            break
    else:
        if text := attributes.get("button_text"):
            shown.append(f"<p>{html.escape(text)}</p>")
    return "\n\n".join(shown)


class _MarkupReader:
    """Goes through the elements of a post and gathers lines."""

    def __init__(self, content, *, breaks_lines):
        self.content, self.breaks_lines = content, breaks_lines
        self.text: list[str] = []
        self.markup: list[str] = []
        self.open: list[tuple[str, str]] = []  # (start tag, end tag) of inline elements
        self.kinds: list[str] = []

    def read_source(self, source):
        if not source.strip():
            return
        if "&lt;p&gt;" in source or "&lt;/" in source:  # a code module of Divi
            source = re.sub(
                r"&lt;(/?(?:p|div|br|h\d|ul|ol|li|strong|em|b|i)\s*/?)&gt;", r"<\1>", source
            )
        parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
        try:
            root = lxml_html.document_fromstring(
                f"<html><body><div>{source}</div></body></html>".encode("utf-8", "replace"),
                parser=parser,
            )
        except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
            raise ValueError(f"The markup cannot be read: {error}") from error
        if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
            raise ValueError("The markup is nested too deeply to be a post.")
        dropped = [*root.iter(*_DROPPED_TAGS), *root.find_class("wp-block-file__button")]
        for element in dropped:
            element.drop_tree()
        for event, element in etree.iterwalk(root, events=("start", "end")):
            if event == "start":
                self.start_element(element)
                self.add_text(element.text, element)
            else:
                self.end_element(element)
                self.add_text(element.tail, element.getparent())
            if len(self.content.lines) > MAX_POST_LINES:
                raise ValueError(f"The text has more than {MAX_POST_LINES:,} lines.")
        self.end_line()

    def start_element(self, element):
        tag = element.tag
        if tag in _BLOCK_TAGS:
            self.end_line()
            self.kinds.append("h3" if tag in _HEADING_TAGS else tag)
        elif tag == "br":
            self.end_line()
        elif tag in ("td", "th"):
            self.append_text_and_markup(" ", " ")
        elif tag in _CLEAN_TAG_OF_INLINE_TAG:
            self.open_inline(
                f"<{_CLEAN_TAG_OF_INLINE_TAG[tag]}>", f"</{_CLEAN_TAG_OF_INLINE_TAG[tag]}>"
            )
        elif tag == "a":
            address = (element.get("href") or "").strip()
            words = _WHITE_SPACE.sub(" ", element.text_content()).strip()
            is_link = address.startswith(("http://", "https://", "mailto:"))
            if is_link and words:
                self.content.hrefs.setdefault(words, address)
            if is_link and not address.startswith("mailto:"):
                self.content.references.append(PostReference(address, words))
            start = f'<a href="{html.escape(address)}">' if is_link and words else ""
            self.open_inline(start, "</a>" if start else "")
        elif tag == "img":
            if (address := (element.get("src") or "").strip()).startswith(("http", "/")):
                label = _WHITE_SPACE.sub(
                    " ", element.get("alt") or element.get("title") or ""
                ).strip()
                self.content.references.append(PostReference(address, label, is_picture=True))
        elif tag in ("audio", "video", "source"):
            if (address := (element.get("src") or "").strip()).startswith(("http", "/")):
                self.content.sounds.append(address)
        elif tag in ("iframe", "embed"):
            address = (element.get("src") or "").strip()
            if address.startswith(("http://", "https://")):
                label = html.escape(address)
                self.append_text_and_markup(address, f'<a href="{label}">{label}</a>')
                self.content.references.append(PostReference(address, element.get("title") or ""))

    def end_element(self, element):
        tag = element.tag
        if tag in _BLOCK_TAGS:
            self.end_line()
            if self.kinds:
                self.kinds.pop()
        elif tag in _CLEAN_TAG_OF_INLINE_TAG or tag == "a":
            _start, end = self.open.pop()
            self.markup.append(end)

    def open_inline(self, start, end):
        self.open.append((start, end))
        self.markup.append(start)

    def add_text(self, text, element):
        if not text:
            return
        is_pre = element is not None and element.tag == "pre"
        if self.breaks_lines or is_pre:
            first, *rest = text.replace("\r\n", "\n").split("\n")
            self.append_text_and_markup(first, html.escape(first, quote=False))
            for line in rest:
                self.end_line()
                self.append_text_and_markup(line, html.escape(line, quote=False))
        else:
            self.append_text_and_markup(text, html.escape(text, quote=False))

    def append_text_and_markup(self, text, markup):
        self.text.append(text)
        self.markup.append(markup)

    def end_line(self):
        """End a line; emphasis and links that go on are closed here and opened on the next."""
        text = _WHITE_SPACE.sub(" ", "".join(self.text)).strip()
        markup = _WHITE_SPACE.sub(
            " ", "".join([*self.markup, *(end for _, end in reversed(self.open))])
        )
        self.text, self.markup = [], [start for start, _ in self.open]
        if not text:
            return
        while (shorter := _EMPTY_INLINE.sub("", markup)) != markup:
            markup = shorter
        markup = re.sub(r"<a href=\"[^\"]*\">\s*</a>", "", markup).strip()
        kind = next(
            (tag for tag in reversed(self.kinds) if tag in ("li", "h3", "blockquote")), "p"
        )
        self.content.lines.append(PostLine(text, markup, kind))


def lines_as_html(lines: list[PostLine]) -> str:
    """Return lines as markup: list items in lists, quotes in quotes, the others paragraphs."""
    pieces, group = [], ""
    around = {"li": "ul", "blockquote": "blockquote"}
    for line in lines:
        wanted = around.get(line.kind, "")
        if wanted != group:
            if group:
                pieces.append(f"</{group}>")
            if wanted:
                pieces.append(f"<{wanted}>")
            group = wanted
        tag = {"blockquote": "p"}.get(line.kind, line.kind)
        pieces.append(f"<{tag}>{line.markup}</{tag}>")
    if group:
        pieces.append(f"</{group}>")
    return "".join(pieces)
