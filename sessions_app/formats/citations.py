"""References to sessions and recommendations: one dataclass for every format.

BibTeX, RIS and CSL-JSON for reference managers; `reference_styles.py` has references as text.
"""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import date

from django.conf import settings
from django.utils import dateformat, translation

from site_app.models import SiteSettings
from site_app.text.single_line import capitalise_title
from speakers_app.names.parsing import generation_in_suffix, is_name_particle

# Parts of a printed name that are not part of the name: nicknames in quotes, notes in brackets.
_NICKNAMES_AND_NOTES = re.compile(
    r"[(\[][^()\[\]]*[)\]]|[“„\"][^“”\"]*[”“\"]|(?<!\S)[‘'][^‘’']*[’'](?!\S)"
)
_GIVEN_NAME_WORD = re.compile(r"(?:[^\s.]+\.?-?)+?(?<!-)(?:(?<=\.)(?!-)|(?=\s|$))")


@dataclass(frozen=True)
class Author:
    """A name as references print it: without degrees, orders, marks and nicknames.

    `suffix` distinguishes father and son. A name of one part, such as a body's, is all family.
    """

    family: str
    given: str = ""
    suffix: str = ""

    def __post_init__(self):
        given = _NICKNAMES_AND_NOTES.sub(" ", unicodedata.normalize("NFC", self.given))
        object.__setattr__(self, "given", " ".join(given.split()).strip(" ,"))
        object.__setattr__(self, "suffix", generation_in_suffix(self.suffix))

    @property
    def initials(self):
        """ "Mei-hua" gives "M.-h.", "Samuel J." gives "S. J.", "J.-P." itself.

        Particles and names in scripts without capitals, which have no initials, stay whole.
        """
        return " ".join(
            word
            if is_name_particle(word)
            else "-".join(map(_initial_of_word, re.split(r"\.?-", word)))
            for word in _GIVEN_NAME_WORD.findall(re.sub(r"(?<!\S)-+|-+(?!\S)", "", self.given))
        )

    @property
    def in_reading_order(self):
        """The name as it is read: "Martin Luther King Jr."; only MLA has a comma."""
        return " ".join(part for part in (self.given, self.family, self.suffix) if part)

    @property
    def family_name_first(self):
        return ", ".join(part for part in (self.family, self.given, self.suffix) if part)


def _initial_of_word(part):
    letter = next((character for character in part if character.isalpha()), "")
    has_case = letter.upper() != letter.lower()
    return f"{letter}." if has_case and not is_name_particle(part) else part


@dataclass(frozen=True)
class Citation:
    """The data of a reference; dates are local dates of the session."""

    identifier: str  # ASCII, unique within the archive
    title: str
    url: str
    authors: tuple[Author, ...] = ()
    held_on: date | None = None
    ends_on: date | None = None
    series: str = ""
    publisher: str = ""
    container: str = ""  # the session of a recommendation
    language: str = ""
    keywords: tuple[str, ...] = field(default=())
    abstract: str = ""
    note: str = ""  # the reader's own note
    moment: str = ""  # position in a recording, such as "12:34"
    files: tuple[str, ...] = ()  # URLs of its PDFs

    @property
    def genre(self):
        if self.moment:
            return f"Recording of a speaker session, at {self.moment}"
        return "Recommendation" if self.container else "Speaker session"


def citation_of_session(session, publisher: str = "") -> Citation:
    """Return the citation of a session; its appearances and topics should be prefetched.

    `publisher` is the archive's name; pass it when citing many.
    """
    return replace(
        citation_of_listed_session(session),
        publisher=publisher or SiteSettings.load().name,
        language=session.language,
        keywords=tuple(topic.name for topic in session.topics.all()),
        abstract=session.summary_text,
    )


def citation_of_listed_session(session) -> Citation:
    """Return the citation of a session that comes `for_cards()`: as far as a card knows it."""
    return Citation(
        identifier=session.slug,
        title=session.title,
        url=settings.SITE_URL + session.get_absolute_url(),
        authors=tuple(
            author_of_speaker(appearance.speaker)
            for appearance in appearances_without_moderators(session)
        ),
        held_on=session.held_on,
        ends_on=session.ends_on,
        series=session.series.name if session.series else "",
        language=session.language,
    )


def citation_of_moment(session, moment: str, address: str, publisher: str = "") -> Citation:
    """Return the citation of a moment of a session's recording.

    `moment` is its time from the start, such as "12:34"; `address` the path of the page to hear it
    on, or of the session's page where the recording itself has no public address.
    """
    cited = citation_of_session(session, publisher)
    identifier = f"{cited.identifier}-{moment.replace(':', '-')}"
    return replace(
        cited, identifier=identifier, url=settings.SITE_URL + address, moment=moment, abstract=""
    )


def citation_of_recommendation(recommendation, publisher: str = "") -> Citation:
    """Return the citation of one recommendation, by those who gave it."""
    session = recommendation.session
    makers = list(recommendation.made_by.all()) or appearances_without_moderators(session)
    return Citation(
        identifier=recommendation.public_id,
        title=capitalise_title(recommendation.text),
        url=settings.SITE_URL + recommendation.get_absolute_url(),
        authors=tuple(author_of_speaker(appearance.speaker) for appearance in makers),
        held_on=session.held_on,
        ends_on=session.ends_on,
        series=session.series.name if session.series else "",
        publisher=publisher or SiteSettings.load().name,
        container=session.title,
        language=session.language,
    )


def with_pdf_urls(citation: Citation, session) -> Citation:
    """Return the citation of a session with its PDFs; documents should be prefetched."""
    found = []
    for document in session.documents.all():
        document.session = session  # its URL needs the slug of the session; saves a query
        if document.media_type == "application/pdf":
            path = document.get_absolute_url()
            found.append(path if "://" in path else settings.SITE_URL + path)
    return replace(citation, files=tuple(found))


def appearances_without_moderators(session):
    """Return who spoke, without moderators unless nobody else did.

    Of a session that comes `for_cards()` too, with what that has at hand.
    """
    listed = getattr(session, "listed_appearances", None)
    appearances = list(session.appearances.all()) if listed is None else listed
    speaking = [appearance for appearance in appearances if appearance.function != "moderator"]
    return speaking or appearances


def author_of_speaker(speaker):
    return Author(speaker.family_name, speaker.given_name, speaker.suffix)


_BIBTEX_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def _escape_bibtex(text):
    return "".join(_BIBTEX_ESCAPES.get(character, character) for character in _in_one_line(text))


def _in_one_line(text):
    return " ".join(text.split())


def format_date_in_english(day: date, pattern: str) -> str:
    """Return a date as Django's `date` filter prints it, in English on every page: styles say so."""
    with translation.override(None):
        return dateformat.format(day, pattern)


def date_with_slashes(day: date | None) -> str:
    """Return "2023/01/30", with a year of four digits also before 1000; "" without a day."""
    return day.isoformat().replace("-", "/") if day else ""


def bibtex_entry(citation: Citation) -> str:
    """Return one BibTeX entry (UTF-8), @misc with the date in parts and the address as url."""
    authors = " and ".join(
        "{"
        + _escape_bibtex(author.family)
        + "}"
        + (f", {_escape_bibtex(author.suffix)}" if author.suffix else "")
        + (f", {_escape_bibtex(author.given)}" if author.given else "")
        for author in citation.authors
    )
    fields = {
        "author": authors,
        "title": "{" + _escape_bibtex(citation.title) + "}",
        "howpublished": _escape_bibtex(
            f"{citation.genre}: {citation.container}" if citation.container else citation.genre
        ),
        "series": _escape_bibtex(citation.series),
        "publisher": _escape_bibtex(citation.publisher),
        "year": str(citation.held_on.year) if citation.held_on else "",
        "month": format_date_in_english(citation.held_on, "b") if citation.held_on else "",
        "day": str(citation.held_on.day) if citation.held_on else "",
        "language": citation.language,
        "keywords": _escape_bibtex(", ".join(citation.keywords)),
        "abstract": _escape_bibtex(citation.abstract),
        "annote": _escape_bibtex(citation.note),
        "url": citation.url,
    }
    lines = [
        # A month is a macro, which the bibliography style replaces by its name.
        f"  {name} = {value}," if name == "month" else f"  {name} = {{{value}}},"
        for name, value in fields.items()
        if value
    ]
    return "\n".join([f"@misc{{{citation.identifier},", *lines, "}", ""])


def ris_record(citation: Citation) -> str:
    """Return one RIS record: "TAG  - value" lines, CRLF-terminated, ending with ER.

    Type SLIDE is what reference managers read as a presentation. Authors are
    "Family, Given, Suffix". Source: RIS Format Specifications.
    """
    tags = [("TY", "SLIDE")]
    tags += [("AU", author.family_name_first) for author in citation.authors]
    held_on = citation.held_on
    tags += [
        ("TI", citation.title),
        ("T2", citation.container or citation.series),
        ("T3", citation.series if citation.container else ""),
        ("PB", citation.publisher),
        ("PY", f"{held_on.year:04}" if held_on else ""),
        ("DA", date_with_slashes(held_on)),
        ("M3", citation.genre),
        ("LA", citation.language),
        *(("KW", keyword) for keyword in citation.keywords),
        ("AB", citation.abstract),
        ("N1", citation.note),
        ("UR", citation.url),
        *(("L1", address) for address in citation.files),
        ("ID", citation.identifier),
    ]
    lines = [f"{tag}  - {_in_one_line(value)}" for tag, value in tags if value]
    return "".join(f"{line}\r\n" for line in [*lines, "ER  - "])


def csl_json_item(citation: Citation) -> dict:
    """Return one CSL-JSON item of type "speech". Source: CSL 1.0.2 data schema."""
    item = {
        "id": citation.identifier,
        "type": "speech",
        "title": citation.title,
        "genre": citation.genre,
        "author": [
            {
                key: value
                for key, value in (
                    ("family", author.family),
                    ("given", author.given),
                    ("suffix", author.suffix),
                )
                if value
            }
            for author in citation.authors
        ],
        "event-title": citation.series,
        "container-title": citation.container or citation.series,
        "publisher": citation.publisher,
        "language": citation.language,
        "keyword": ", ".join(citation.keywords),
        "abstract": citation.abstract,
        "note": citation.note,
        "URL": citation.url,
    }
    if citation.held_on:
        days = [citation.held_on, *([citation.ends_on] if citation.ends_on else [])]
        item["issued"] = {"date-parts": [[day.year, day.month, day.day] for day in days]}
    return {key: value for key, value in item.items() if value}
