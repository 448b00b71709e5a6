from datetime import date

import pytest

from sessions_app.citations import Author, Citation, bibtex, csl, reference, ris

SEED = Citation(
    identifier="a-new-sino-russian-high-tech-partnership",
    title="A New Sino-Russian High-tech Partnership",
    url="https://archive.example/sessions/a-new-sino-russian-high-tech-partnership/",
    authors=(Author("Bendett", "Samuel"), Author("Kania", "Elsa")),
    held_on=date(2019, 11, 15),
    series="Future of Global Competition & Conflict",
    publisher="Speaker Series Archive",
    language="en",
    keywords=("Technology",),
)


@pytest.mark.parametrize(
    ("style", "text"),
    [
        (
            "apa",
            "Bendett, S., & Kania, E. (2019, November 15). A New Sino-Russian High-tech "
            "Partnership [Speaker session]. Future of Global Competition & Conflict, Speaker "
            "Series Archive. https://archive.example/sessions/"
            "a-new-sino-russian-high-tech-partnership/",
        ),
        (
            "chicago",
            "Bendett, Samuel, and Elsa Kania. “A New Sino-Russian High-tech Partnership.” Speaker "
            "session, Future of Global Competition & Conflict, Speaker Series Archive, November "
            "15, 2019. https://archive.example/sessions/"
            "a-new-sino-russian-high-tech-partnership/.",
        ),
        (
            "mla",
            "Bendett, Samuel, and Elsa Kania. “A New Sino-Russian High-tech Partnership.” Future "
            "of Global Competition & Conflict, Speaker Series Archive, 15 Nov. 2019, "
            "https://archive.example/sessions/a-new-sino-russian-high-tech-partnership/. Speaker "
            "session.",
        ),
        (
            "ieee",
            "S. Bendett and E. Kania, “A New Sino-Russian High-tech Partnership,” presented at "
            "Future of Global Competition & Conflict, Nov. 15, 2019. [Online]. Available: "
            "https://archive.example/sessions/a-new-sino-russian-high-tech-partnership/",
        ),
    ],
)
def test_reference_of_two_speakers(style, text):
    assert reference(SEED, style) == text


def test_reference_without_authors_date_and_series():
    bare = Citation(identifier="x", title="What now?", url="https://a.example/x/", publisher="A")

    assert reference(bare, "apa") == (
        "What now? [Speaker session]. (n.d.). A. https://a.example/x/"
    )
    assert reference(bare, "chicago") == (
        "“What now?” Speaker session, A, n.d. https://a.example/x/."
    )


def test_reference_over_two_days():
    two_days = Citation(
        identifier="x",
        title="Hard Winters",
        url="https://a.example/x/",
        authors=(Author("Kallas", "Irma"),),
        held_on=date(2023, 1, 30),
        ends_on=date(2023, 2, 1),
        publisher="A",
    )

    assert reference(two_days, "apa").startswith("Kallas, I. (2023, January 30–February 1).")


def held(first, last=None):
    return Citation(
        identifier="x", title="T", url="https://a.example/x/", held_on=first, ends_on=last
    )


@pytest.mark.parametrize(
    ("day", "mla", "ieee", "macro"),
    [
        (date(2026, 5, 6), "6 May 2026", "May 6, 2026", "may"),
        (date(2016, 7, 20), "20 July 2016", "Jul. 20, 2016", "jul"),
        (date(2018, 9, 1), "1 Sept. 2018", "Sep. 1, 2018", "sep"),
    ],
)
def test_months_are_shortened_as_each_style_does(day, mla, ieee, macro):
    citation = held(day)

    assert reference(citation, "mla") == f"“T.” {mla}, https://a.example/x/. Speaker session."
    assert f", {ieee}. [Online]" in reference(citation, "ieee")
    assert f"\n  month = {macro},\n" in bibtex(citation)


@pytest.mark.parametrize(
    ("style", "days"),
    [
        ("apa", "(2022, December 30–2023, January 2)"),
        ("chicago", "December 30, 2022–January 2, 2023"),
        ("mla", "30 Dec. 2022–2 Jan. 2023"),
        ("ieee", "Dec. 30, 2022–Jan. 2, 2023"),
    ],
)
def test_reference_over_the_turn_of_a_year_names_both(style, days):
    assert days in reference(held(date(2022, 12, 30), date(2023, 1, 2)), style)


def test_initials_keep_hyphens():
    assert Author("Li", "Mei-hua").initials == "M.-h."
    assert Author("Bendett", "Samuel J.").initials == "S. J."


def test_bibtex_escapes_and_braces():
    assert bibtex(SEED) == (
        "@misc{a-new-sino-russian-high-tech-partnership,\n"
        "  author = {{Bendett}, Samuel and {Kania}, Elsa},\n"
        "  title = {{A New Sino-Russian High-tech Partnership}},\n"
        "  howpublished = {Speaker session},\n"
        "  series = {Future of Global Competition \\& Conflict},\n"
        "  publisher = {Speaker Series Archive},\n"
        "  year = {2019},\n  month = nov,\n  day = {15},\n"
        "  language = {en},\n  keywords = {Technology},\n"
        "  url = {https://archive.example/sessions/a-new-sino-russian-high-tech-partnership/},\n"
        "}\n"
    )


def test_ris_is_one_record_with_crlf():
    lines = ris(SEED).split("\r\n")

    assert lines[:4] == ["TY  - SLIDE", "AU  - Bendett, Samuel", "AU  - Kania, Elsa",
                         "TI  - A New Sino-Russian High-tech Partnership"]  # fmt: skip
    assert "DA  - 2019/11/15" in lines
    assert lines[-2:] == ["ER  - ", ""]


def test_csl_leaves_out_what_is_unknown():
    bare = Citation(identifier="x", title="T", url="https://a.example/x/")

    assert csl(bare) == {
        "id": "x",
        "type": "speech",
        "title": "T",
        "genre": "Speaker session",
        "URL": "https://a.example/x/",
    }
