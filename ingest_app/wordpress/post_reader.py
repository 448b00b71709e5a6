"""Parse a post of the old site into a session. Pure: an item in, a record out."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape

from ingest_app.pages.page_parser import PageRecord, SourceLink, parse_page
from ingest_app.pages.page_text import PageText
from ingest_app.wordpress_mapping_choices import MappingTarget
from site_app.text.rich_text import plain_text, sanitise
from speakers_app.people_line import NO_KNOWN_NAMES, KnownNames

from .inventory import REASON_TO_LEAVE_OUT_STATUS, ExportSurvey
from .mapping import Mapping
from .markup import PostContent, PostLine, lines_as_html, read_post_content
from .wxr import WxrItem

_SOUND_FILE_ENDING = re.compile(
    r"\.(?:mp3|m4a|wav|ogg|oga|flac|wma|aac|mp4|m4v|mov|webm|avi|wmv)$", re.I
)
_EMAIL_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s]{2,24}")
MAX_COMMENT_CHARACTERS = 20_000
MAX_META_CHARACTERS = 500


@dataclass(frozen=True)
class PostFile:
    """A file of the old site that a post shows, links to or had attached."""

    path: str  # relative to the uploads folder
    label: str
    number: int = 0  # attachment ID, if it is an attachment


@dataclass(frozen=True)
class ReaderComment:
    number: int
    name: str
    email: str
    body: str
    written_at: datetime | None
    reply_to: int


@dataclass
class Post:
    """A parsed post: its page, and its metadata on the old site."""

    number: int
    page: PageRecord
    lines: list[PostLine]
    links: list[SourceLink]
    files: list[PostFile] = field(default_factory=list)
    sounds: list[str] = field(default_factory=list)
    topics: list[tuple[str, str]] = field(default_factory=list)  # taxonomy and slug of each term
    regions: list[tuple[str, str]] = field(default_factory=list)
    comments: list[ReaderComment] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    source_url: str = ""
    published_at: datetime | None = None
    was_public: bool = False
    doubts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def import_ref(self) -> str:
        return f"wordpress:post:{self.number}"

    def comparable_content(self) -> list:
        """Return all content that distinguishes two versions of the post, as JSON values."""
        return [
            self.number,
            [line.markup for line in self.lines],
            self.topics,
            self.regions,
            [[file.path, file.label] for file in self.files],
            self.sounds,
            [[comment.number, comment.name, comment.body] for comment in self.comments],
            self.addresses,
            self.source_url,
            self.was_public,
        ]


def read_post(
    item: WxrItem, survey: ExportSurvey, mapping: Mapping, known: KnownNames = NO_KNOWN_NAMES
) -> Post:
    """Return the session parsed from an item. Raises ValueError if it cannot be one."""
    if item.status in REASON_TO_LEAVE_OUT_STATUS:
        raise ValueError(f"Left out: {REASON_TO_LEAVE_OUT_STATUS[item.status]}.")
    content = read_post_content(item.content)
    title = " ".join(item.title.split())
    doubts = [*item.remarks, *content.remarks]
    if not title:
        title = content.lines[0].text[:200] if content.lines else f"Post {item.number}"
        doubts.append("The post has no title; its first line is used instead.")
    page = parse_page(_page_text(title, content, item), is_session=True, known=known)
    if item.published_at:
        page.published = f"{item.published_at:%Y-%m}"
    post = Post(
        number=item.number,
        page=page,
        lines=_lines_of_paragraphs(page, content),
        links=[],
        sounds=list(dict.fromkeys(content.sounds)),
        addresses=_old_addresses(item, survey),
        source_url=item.link if item.link.startswith("http") and len(item.link) <= 500 else "",
        published_at=item.published_at,
        was_public=item.status in ("publish", "future") and not item.has_password,
        doubts=doubts,
    )
    if item.has_password:
        post.notes.append("It had a password on the old site: it stays a draft.")
    elif not post.was_public:
        post.notes.append(f"It was “{item.status}” on the old site: it stays a draft.")
    _classify_links(post, page, content, survey)
    _assign_terms(post, item, mapping, survey)
    post.comments = [_reader_comment(comment) for comment in item.comments if comment.is_approved]
    page.remains += [
        f"{key}: {value[:MAX_META_CHARACTERS]}"
        for key, values in item.meta.items()
        for value in values
        if not key.startswith("_")
    ]
    if post.sounds:
        page.has_recording = True
        page.remains += [f"Recording: {address}" for address in post.sounds]
    if not (page.speakers or page.date):
        post.doubts.append("Neither speakers nor a date were found: is this a session?")
    return post


def _page_text(title, content, item):
    lines = content.lines
    if not lines and item.excerpt:
        lines = [PostLine(text, text) for text in plain_text(sanitise(item.excerpt)).split("\n")]
        content.lines = lines
    return PageText(
        [title, *(line.text for line in lines)],
        dict(content.hrefs),
        items={line.text for line in lines if line.kind == "li"},
    )


def _lines_of_paragraphs(page, content: PostContent):
    """Return the lines that the paragraphs of the page were, in their order."""
    result, lines = [], iter(content.lines)
    for paragraph in page.paragraphs:
        for line in lines:
            if line.text == paragraph:
                result.append(line)
                break
    return result


def _old_addresses(item, survey):
    """Return every address the post had: permalink, earlier names, number, and its guid."""
    urls = [item.link, item.guid]
    for name in item.meta.get("_wp_old_slug", []):
        if item.slug and item.slug in item.link:
            urls.append(name.join(item.link.rsplit(item.slug, 1)))
    return list(dict.fromkeys([*survey.old_addresses(*urls), f"/?p={item.number}"]))


def _classify_links(post, page, content, survey):
    """Tell files of the old site, sounds, links to other posts and links elsewhere apart."""
    files: dict[str, PostFile] = {}
    kept = []

    def is_file(url, label):
        path = survey.upload_path(url)
        if not path:
            return False
        if _SOUND_FILE_ENDING.search(path):
            if url not in post.sounds:
                post.sounds.append(url)
            return True
        attachment = survey.attachment_at(url)
        path = attachment.path if attachment else path
        if path.lower() not in files:
            number = attachment.number if attachment else 0
            title = attachment.title if attachment else ""
            name = path.rsplit("/", 1)[-1]
            files[path.lower()] = PostFile(path, label or title or name, number)
        return True

    for link in page.links:
        if link.url is None or (
            not is_file(link.url, link.label) and not survey.old_addresses(link.url)
        ):
            kept.append(link)
    for reference in content.references:
        is_file(reference.url, reference.label)
    for number in [*content.gallery, *survey.by_parent.get(post.number, [])]:
        if attachment := survey.attachments.get(number):
            is_file(attachment.url, attachment.title)
    page.links = post.links = kept
    post.files = list(files.values())


def _assign_terms(post, item, mapping, survey):
    series = []
    for taxonomy, slug, name in item.terms:
        target, name = mapping.target_of_term(taxonomy, slug, name, survey)
        if target == MappingTarget.TOPICS:
            post.topics.append((taxonomy, slug))
        elif target == MappingTarget.REGIONS:
            post.regions.append((taxonomy, slug))
        elif target == MappingTarget.SERIES:
            series.append(name)
        elif target != MappingTarget.IGNORED:
            raise ValueError(f"The mapping of {taxonomy}/{slug} is of no use: {target}.")
    said = post.page.series
    if series:
        post.page.series = next(
            (name for name in series if said and name.casefold() == said.casefold()), series[0]
        )
        if len(series) > 1:
            post.doubts.append(f"It was filed under several series: {', '.join(series)}.")
        if said and post.page.series.casefold() != said.casefold():
            post.doubts.append(f"The text names the series “{said}”.")


def _reader_comment(remark):
    body = plain_text(sanitise(re.sub(r"\r?\n", "<br>", remark.body)))
    email = remark.email if _EMAIL_ADDRESS.fullmatch(remark.email) else ""
    return ReaderComment(
        number=remark.number,
        name=unescape(remark.name)[:200] or "A reader",
        email=email,
        body=body[:MAX_COMMENT_CHARACTERS] or "…",
        written_at=remark.written_at,
        reply_to=remark.reply_to,
    )


def post_summary(post: Post, addresses: dict[str, str], survey: ExportSurvey) -> str:
    """Return the text of a post as markup, its links to the old site turned to this one.

    `addresses`: where the files of the post are now, by their path in lower case. Links to other
    posts lead to their old address here, which the ledger sends on.
    """

    def turned(match):
        url = unescape(match[1])
        attachment = survey.attachment_at(url)
        path = (attachment.path if attachment else survey.upload_path(url)).lower()
        if path in addresses:
            return f'href="{addresses[path]}"'
        known = [address for address in survey.old_addresses(url) if address in survey.posts]
        return f'href="{known[0]}"' if known else match[0]

    return sanitise(re.sub(r'href="([^"]*)"', turned, lines_as_html(post.lines)))
