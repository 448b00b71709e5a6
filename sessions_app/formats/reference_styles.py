"""References as text, in four styles: APA, Chicago, MLA and IEEE.

They are written out here because citeproc-py abbreviates given names in Chicago and MLA and prints
initials without full stops in some locales (docs/decisions/).
"""

import re
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from .citations import Citation, format_date_in_english

STYLES = {"apa": "APA", "chicago": "Chicago", "mla": "MLA", "ieee": "IEEE"}

# Marks around text in italics; the text of a record never contains them.
_ITALIC_MARKS = "\ufdd0", "\ufdd1"
_TEXT_BETWEEN_ITALIC_MARKS = re.compile(
    "{}([^{}{}]*){}".format(_ITALIC_MARKS[0], *_ITALIC_MARKS, _ITALIC_MARKS[1])
)


@dataclass(frozen=True)
class StyledReference:
    """A reference as pages print it."""

    style: str
    label: str
    html: SafeString


def plain_text_reference(citation: Citation, style: str = "apa") -> str:
    """Return the reference as plain text in one of STYLES; raises KeyError for another."""
    return _without_italic_marks(_reference_with_italic_marks(citation, style))


def references_in_all_styles(citation: Citation) -> list[StyledReference]:
    """Return the reference in every style, as HTML with titles in italics where the style has it."""
    styled = []
    for style, label in STYLES.items():
        text = str(escape(_reference_with_italic_marks(citation, style)))
        html = _without_italic_marks(_TEXT_BETWEEN_ITALIC_MARKS.sub(r"<i>\1</i>", text))
        # Escaped above; the tags are added by this function.
        styled.append(StyledReference(style, label, mark_safe(html)))  # noqa: S308
    return styled


def _reference_with_italic_marks(citation, style):
    text = {
        "apa": _apa_reference,
        "chicago": _chicago_reference,
        "mla": _mla_reference,
        "ieee": _ieee_reference,
    }[style](citation)
    # A title that ends with a punctuation mark gets no full stop or comma.
    text = re.sub(r"([.?!])[.,]+(?=”)", r"\1", " ".join(text.split()))
    return re.sub(rf"([.?!]{_ITALIC_MARKS[1]}?)\.+(?=\s|$)", r"\1", text)


def _mark_as_italic(text):
    return _without_italic_marks(text).join(_ITALIC_MARKS) if text else ""


def _without_italic_marks(text):
    return text.translate(dict.fromkeys(map(ord, _ITALIC_MARKS)))


def _join_names(names, last_separator):
    if len(names) < 2:
        return "".join(names)
    return ", ".join(names[:-1]) + last_separator + names[-1]


def _title_for_quotation_marks(citation):
    """Return the title for quotation marks around it: its own become single ones."""
    title = re.sub(r"“([^“”]*)”", r"‘\1’", citation.title)
    return re.sub(r"(?<!\S)\"([^\"]+)\"(?!\w)", r"‘\1’", title)


def _format_days(citation, day_and_month, before_year):
    """Return "January 30–February 1, 2023", as a style writes a day and what goes before a year."""
    first, last = citation.held_on, citation.ends_on or citation.held_on
    end = f"{day_and_month(last)}{before_year}{last.year}"
    if first == last:
        return end
    start = day_and_month(first)
    return (
        f"{start}–{end}" if first.year == last.year else f"{start}{before_year}{first.year}–{end}"
    )


def _apa_reference(citation):
    def name(author):
        return ", ".join(part for part in (author.family, author.initials, author.suffix) if part)

    def days(first, last):
        start = format_date_in_english(first, "Y, F j")
        if not last or last == first:
            return start
        if first.year != last.year:
            return f"{start}–{format_date_in_english(last, 'Y, F j')}"
        return f"{start}–{last.day if first.month == last.month else format_date_in_english(last, 'F j')}"

    names = [name(author) for author in citation.authors]
    if len(names) > 20:  # Publication Manual, 9.8: nineteen, an ellipsis, the last
        authors = ", ".join(names[:19]) + f", . . . {names[-1]}"
    else:
        authors = _join_names(names, ", & ")
    day = days(citation.held_on, citation.ends_on) if citation.held_on else "n.d."
    where = ", ".join(part for part in (citation.series, citation.publisher) if part)
    if citation.container:
        where = f"In {_mark_as_italic(citation.container)}. {where}"
    # Publication Manual, 9.19: the title of a separate work is in italics; for a part, that of the whole.
    title = citation.title.removesuffix(".")  # the mark comes behind the brackets
    title = title if citation.container else _mark_as_italic(title)
    title = f"{title} [{citation.genre}]"
    if not authors:
        return f"{title}. ({day}). {where}. {citation.url}"
    return f"{authors} ({day}). {title}. {where}. {citation.url}"


def _chicago_reference(citation):
    names = [
        author.family_name_first if position == 0 else author.in_reading_order
        for position, author in enumerate(citation.authors)
    ]
    # Manual of Style, 17th edition, 14.76: of more than ten the first seven.
    is_long = len(names) > 10
    authors = ", ".join(names[:7]) + ", et al" if is_long else _join_names(names, ", and ")
    day = "n.d."
    if citation.held_on:
        day = _format_days(citation, lambda one_day: format_date_in_english(one_day, "F j"), ", ")
    where = ", ".join(
        part
        for part in (citation.genre, citation.container, citation.series, citation.publisher, day)
        if part
    )
    start = f"{authors}. " if authors else ""
    return f"{start}“{_title_for_quotation_marks(citation)}.” {where}. {citation.url}."


def _format_mla_day(day):
    """Return "6 May", "1 Sept.": months of more than four letters are shortened (MLA Handbook)."""
    month = format_date_in_english(day, "N")  # the same except for two months
    month = {"March": "Mar.", "April": "Apr."}.get(month, month)
    return f"{day.day} {month}"


def _mla_reference(citation):
    first = citation.authors[0] if citation.authors else None
    start = ""
    if first:
        start = first.family_name_first
        if len(citation.authors) == 2:
            other = citation.authors[1]
            # MLA puts a comma before "Jr." but not before a number: "John Doe, Jr.", "John Doe
            # III".
            comma = "," if other.suffix.rstrip(".") in ("Jr", "Sr", "Jnr", "Snr") else ""
            name = " ".join(part for part in (other.given, other.family) if part)
            start += f", and {name}{comma} {other.suffix}".rstrip()
        elif len(citation.authors) > 2:
            start += ", et al"
        start += ". "
    day = ""
    if citation.held_on:
        day = _format_days(citation, _format_mla_day, " ")
    where = ", ".join(
        part
        for part in (
            _mark_as_italic(citation.container),
            _mark_as_italic(citation.series),
            citation.publisher,
            day,
            citation.url,
        )
        if part
    )
    return f"{start}“{_title_for_quotation_marks(citation)}.” {where}. {citation.genre}."


def _format_ieee_day(day):
    """Return "May 6", "Sep. 1": three letters of every month (IEEE Reference Guide)."""
    return format_date_in_english(day, "M j" if day.month == 5 else "M. j")


def _ieee_reference(citation):
    names = [
        " ".join(part for part in (author.initials, author.family, author.suffix) if part)
        for author in citation.authors
    ]
    if len(names) > 6:  # IEEE Reference Guide: the first
        authors = f"{names[0]} et al."
    else:
        authors = _join_names(names, ", and " if len(names) > 2 else " and ")
    day = ""
    if citation.held_on:
        day = _format_days(citation, _format_ieee_day, ", ")
    place = citation.container or citation.series or citation.publisher
    where = ", ".join(part for part in (f"presented at {place}", day) if part)
    start = f"{authors}, " if authors else ""
    return f"{start}“{_title_for_quotation_marks(citation)},” {where}. [Online]. Available: {citation.url}"
