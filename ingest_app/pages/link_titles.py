"""Titles of linked documents: from the page's own words, or from the type and host."""

import re
from urllib.parse import unquote, urlsplit

MAX_TITLE_WORDS = 14  # words; a longer text is a sentence about the document, not its name
# The kind of a document, by the word that a page uses for it.
_DOCUMENT_KIND_OF_WORD = {
    "white paper": "White paper", "working paper": "Working paper", "policy brief": "Policy brief",
    "fact sheet": "Fact sheet", "blog post": "Blog post", "press release": "Press release",
    "report": "Report", "study": "Study", "paper": "Paper", "article": "Article", "essay": "Essay",
    "book": "Book", "chapter": "Chapter", "dissertation": "Dissertation", "thesis": "Thesis",
    "brief": "Brief", "briefing": "Briefing", "memo": "Memo", "testimony": "Testimony",
    "slides": "Slides", "slide deck": "Slides", "presentation": "Presentation",
    "transcript": "Transcript", "biography": "Biography", "bio": "Biography",
    "biographies": "Biographies", "video": "Video", "podcast": "Podcast", "audio": "Audio",
    "recording": "Recording", "interview": "Interview", "survey": "Survey", "data": "Data",
    "dataset": "Data", "map": "Map", "agenda": "Agenda", "program": "Programme",
    "programme": "Programme", "newsletter": "Newsletter", "blog": "Blog", "website": "Website",
    "site": "Website", "page": "Page", "journal": "Journal", "magazine": "Magazine",
    "publication": "Publication", "flyer": "Flyer", "invitation": "Invitation",
}  # fmt: skip
_DOCUMENT_KIND_OF_FILE_ENDING = {
    "pdf": "PDF", "ppt": "Slides", "pptx": "Slides", "key": "Slides", "odp": "Slides",
    "doc": "Document", "docx": "Document", "odt": "Document", "txt": "Text", "rtf": "Document",
    "xls": "Spreadsheet", "xlsx": "Spreadsheet", "csv": "Data", "mp3": "Audio", "m4a": "Audio",
    "wav": "Audio", "mp4": "Video", "mov": "Video", "jpg": "Picture", "jpeg": "Picture",
    "png": "Picture", "zip": "Archive",
}  # fmt: skip
_DOCUMENT_KIND_WORD = re.compile(
    rf"\b({'|'.join(sorted(map(re.escape, _DOCUMENT_KIND_OF_WORD), key=len, reverse=True))})s?\b",
    re.I,
)
_QUOTED_TITLE = re.compile(r"[“„\"]([^“”\"]{4,300}?)[,.]?[”\"]")
_MARKDOWN_LINK_WORDS = re.compile(r"\[([^\[\]]+)\]\(?$")
# Words that only introduce a URL.
_POINTING_WORD_PATTERN = re.compile(
    r"(?:.*\b)?(?:at|here|there|via|from|on|in|to|under|through|see|visit|click|read|view|watch|access|"
    r"download|found|available|online|is|are|below|following|link|links|address|url|website|web ?site|"
    r"online version|full text|more|information|details|file|document|source|reference|also|and|or|by)",
    re.I | re.S,
)
_WORDS_BEFORE_DOCUMENT_KIND = r"(?:(?:the|this|that|a|an|his|her|their|its|our|my|full|entire|complete|new|recent|latest|final|original|related|whole|read|see|view|access|download|please|in)\s+)*"
_DOCUMENT_KIND_WITHOUT_TITLE = re.compile(
    rf"{_WORDS_BEFORE_DOCUMENT_KIND}{_DOCUMENT_KIND_WORD.pattern}(?:\s*\(?(?:pdf|docx?|pptx?|html)\)?)?",
    re.I,
)
_FILE_ENDING_ALONE = re.compile(r"\(?(?:pdf|docx?|pptx?|xlsx?|csv|mp3|mp4|html?|link)\)?", re.I)
_AVAILABILITY_PHRASE = re.compile(
    r"\b(?:can|could|may|is|are|was|were|will) (?:also |now )?(?:be )?"
    r"(?:found|read|accessed|downloaded|viewed|obtained|available|online|published|posted|heard)\b",
    re.I,
)


def link_title(words: str, url: str) -> str:
    """Return the title of a linked document, from the page's words before or in the link.

    The page's own name for it ("Coast Guard Outlook 2030"), a title in quotation marks, or what it
    is and where: "Report, aspi.org.au". Never empty.
    """
    words = " ".join(words.split()).strip(" ,;:(<–—-*_|")
    if match := _MARKDOWN_LINK_WORDS.search(words):
        words = match[1].strip()
    if match := _QUOTED_TITLE.search(words):
        return match[1].strip()
    if words and not _names_no_document(words):
        return words
    host = _host_without_www(url)
    kind = _document_kind(words, url)
    return f"{kind}, {host}" if kind and host else kind or host or url or words


def _names_no_document(words):
    """Return whether words introduce an address without naming the document."""
    bare = words.strip(" .:;,!?()[]“”\"'’‘<>")
    return bool(
        len(bare.split()) > MAX_TITLE_WORDS
        or _POINTING_WORD_PATTERN.fullmatch(bare)
        or _DOCUMENT_KIND_WITHOUT_TITLE.fullmatch(bare)
        or _FILE_ENDING_ALONE.fullmatch(bare)
        or _AVAILABILITY_PHRASE.search(bare)
        or re.match(
            r"(?:please )?click (?:here|below|on)|for (?:more|further|additional)\b", bare, re.I
        )
        or re.match(r"(?:https?://|www\.|mailto:)", bare, re.I)
        or not re.search(r"[^\W\d_]{2}", bare)
    )


def _document_kind(words, url):
    """Return the type of a document, from the last such word of the page or from its address."""
    if found := _DOCUMENT_KIND_WORD.findall(words):
        word = found[-1].casefold()
        return _DOCUMENT_KIND_OF_WORD[word]
    path = unquote(urlsplit(url).path) if _is_web_address(url) else ""
    ending = re.search(r"\.([a-z0-9]{2,4})$", path, re.I)
    if ending and ending[1].casefold() in _DOCUMENT_KIND_OF_FILE_ENDING:
        return _DOCUMENT_KIND_OF_FILE_ENDING[ending[1].casefold()]
    if re.search(r"\bpdf\b", words, re.I):
        return "PDF"
    return ""


def _host_without_www(url):
    if not _is_web_address(url):
        return ""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _is_web_address(url):
    try:
        return urlsplit(url).scheme in ("http", "https")
    except ValueError:  # "http://[": an incomplete IPv6 address
        return False
