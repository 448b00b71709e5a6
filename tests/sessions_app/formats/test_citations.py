import re
from dataclasses import replace
from datetime import date

import pytest

from sessions_app.formats.citations import (
    Author,
    Citation,
    bibtex_entry,
    citation_of_recommendation,
    csl_json_item,
    date_with_slashes,
    ris_record,
)
from sessions_app.formats.reference_styles import plain_text_reference, references_in_all_styles
from tests.factories import AppearanceFactory, RecommendationFactory, SessionFactory

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
    assert plain_text_reference(SEED, style) == text


def test_reference_without_authors_date_and_series():
    bare = Citation(identifier="x", title="What now?", url="https://a.example/x/", publisher="A")

    assert plain_text_reference(bare, "apa") == (
        "What now? [Speaker session]. (n.d.). A. https://a.example/x/"
    )
    assert plain_text_reference(bare, "chicago") == (
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

    assert plain_text_reference(two_days, "apa").startswith(
        "Kallas, I. (2023, January 30–February 1)."
    )


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
def test_months_are_abbreviated_by_style(day, mla, ieee, macro):
    citation = held(day)

    assert (
        plain_text_reference(citation, "mla")
        == f"“T.” {mla}, https://a.example/x/. Speaker session."
    )
    assert f", {ieee}. [Online]" in plain_text_reference(citation, "ieee")
    assert f"\n  month = {macro},\n" in bibtex_entry(citation)


@pytest.mark.parametrize(
    ("style", "days"),
    [
        ("apa", "(2022, December 30–2023, January 2)"),
        ("chicago", "December 30, 2022–January 2, 2023"),
        ("mla", "30 Dec. 2022–2 Jan. 2023"),
        ("ieee", "Dec. 30, 2022–Jan. 2, 2023"),
    ],
)
def test_reference_over_new_year_names_both_years(style, days):
    assert days in plain_text_reference(held(date(2022, 12, 30), date(2023, 1, 2)), style)


@pytest.mark.parametrize(
    ("given", "initials"),
    [
        ("Mei-hua", "M.-h."),
        ("Samuel J.", "S. J."),
        ("J.-P.", "J.-P."),
        ("Jean-Pierre", "J.-P."),
        ("J.P.", "J. P."),
        ("A.-M.L.", "A.-M. L."),
        ("Robert “Bob” J.", "R. J."),
        ('Robert "Bob"', "R."),
        ("Wm. ‘Bill’", "W."),
        ("Jean-Pierre (JP) Luc", "J.-P. L."),
        ("John (Ret.)", "J."),
        ("’Abd al-Rahman", "A. al-R."),
        ("E\u0301mile", "É."),
        ("Иван", "И."),
        ("明", "明"),
        ("محمد", "محمد"),
        ("Anna-", "A."),
        ("", ""),
    ],
)
def test_initials_of_given_names(given, initials):
    assert Author("Li", given).initials == initials


def cited(*authors, title="Tides"):
    return Citation(
        identifier="x",
        title=title,
        url="https://a.example/x/",
        authors=authors,
        held_on=date(2026, 3, 17),
        publisher="A",
    )


FATHER = Author("Fitzgerald", "William “Bill” J.-P.", "Jr., PhD, OBE")


@pytest.mark.parametrize(
    ("style", "start"),
    [
        ("apa", "Kania, E. B., & Fitzgerald, W. J.-P., Jr. (2026, March 17)."),
        ("chicago", "Kania, Elsa B., and William J.-P. Fitzgerald Jr. “Tides.”"),
        ("mla", "Kania, Elsa B., and William J.-P. Fitzgerald, Jr. “Tides.”"),
        ("ieee", "E. B. Kania and W. J.-P. Fitzgerald Jr., “Tides,”"),
    ],
)
def test_second_author_has_jr_but_no_degree(style, start):
    citation = cited(Author("Kania", "Elsa B.", "PhD"), FATHER)

    assert plain_text_reference(citation, style).startswith(start)


@pytest.mark.parametrize(
    ("style", "start"),
    [
        ("apa", "Fitzgerald, W. J.-P., Jr. (2026"),
        ("chicago", "Fitzgerald, William J.-P., Jr. “Tides.”"),
        ("mla", "Fitzgerald, William J.-P., Jr. “Tides.”"),
        ("ieee", "W. J.-P. Fitzgerald Jr., “Tides,”"),
    ],
)
def test_first_author_with_jr(style, start):
    assert plain_text_reference(cited(FATHER), style).startswith(start)


def test_mla_puts_no_comma_before_a_number():
    second = Author("Rockefeller", "John D.", "IV")

    assert plain_text_reference(cited(Author("Kania", "Elsa"), second), "mla").startswith(
        "Kania, Elsa, and John D. Rockefeller IV. “Tides.”"
    )


def test_formats_contain_no_degree_nickname_or_mark():
    citation = cited(FATHER, Author("Roe", "Jane (Ret.)", "MD"))

    assert "  author = {{Fitzgerald}, Jr., William J.-P. and {Roe}, Jane},\n" in bibtex_entry(
        citation
    )
    assert ris_record(citation).split("\r\n")[1:3] == [
        "AU  - Fitzgerald, William J.-P., Jr.",
        "AU  - Roe, Jane",
    ]
    assert csl_json_item(citation)["author"] == [
        {"family": "Fitzgerald", "given": "William J.-P.", "suffix": "Jr."},
        {"family": "Roe", "given": "Jane"},
    ]


@pytest.mark.parametrize(
    ("author", "texts"),
    [
        (
            Author("van Leeuwen", "Joost"),
            (
                "van Leeuwen, J. (",
                "van Leeuwen, Joost. ",
                "van Leeuwen, Joost. ",
                "J. van Leeuwen, ",
            ),
        ),
        (Author("Madonna"), ("Madonna (", "Madonna. ", "Madonna. ", "Madonna, ")),
        (
            Author("Center for Naval Analyses"),
            (
                "Center for Naval Analyses (",
                "Center for Naval Analyses. ",
                "Center for Naval Analyses. ",
                "Center for Naval Analyses, ",
            ),
        ),
        (Author("李", "明"), ("李, 明 (", "李, 明. ", "李, 明. ", "明 李, ")),
    ],
)
def test_authors_with_one_name_particles_and_other_scripts(author, texts):
    for style, text in zip(("apa", "chicago", "mla", "ieee"), texts, strict=True):
        assert plain_text_reference(cited(author), style).startswith(text)


def test_long_author_lists_are_shortened_by_style():
    authors = tuple(Author(f"Name{number:02}", "A.") for number in range(1, 22))

    apa = plain_text_reference(cited(*authors), "apa")
    assert "Name19, A., . . . Name21, A. (2026" in apa
    assert "Name20" not in apa
    assert "A. Name07, et al. “Tides.”" in plain_text_reference(cited(*authors), "chicago")
    assert plain_text_reference(cited(*authors), "mla").startswith("Name01, A., et al. “Tides.”")
    assert plain_text_reference(cited(*authors), "ieee").startswith("A. Name01 et al., “Tides,”")


def test_quotation_marks_within_a_title_become_single():
    citation = cited(title="What “Allies” Owe")

    assert "“What ‘Allies’ Owe.”" in plain_text_reference(citation, "chicago")
    assert "“What ‘Allies’ Owe.”" in plain_text_reference(citation, "mla")
    assert "“What ‘Allies’ Owe,”" in plain_text_reference(citation, "ieee")
    assert "What “Allies” Owe [Speaker session]" in plain_text_reference(citation, "apa")


@pytest.mark.django_db
def test_recommendation_is_cited_with_a_capital_letter_and_without_the_moderator():
    session = SessionFactory(held_on=date(2026, 3, 17))
    AppearanceFactory(session=session, speaker__family_name="Kania", speaker__given_name="Elsa")
    AppearanceFactory(session=session, speaker__family_name="Lund", function="moderator")
    advice = RecommendationFactory(session=session, text="share warning within an hour")

    citation = citation_of_recommendation(advice)

    assert plain_text_reference(citation).startswith(
        "Kania, E. (2026, March 17). Share warning within an hour [Recommendation]. In "
    )
    assert csl_json_item(citation)["title"] == "Share warning within an hour"


def test_bibtex_escapes_and_braces():
    assert bibtex_entry(SEED) == (
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


def test_ris_record_uses_crlf():
    lines = ris_record(SEED).split("\r\n")

    assert lines[:4] == [
        "TY  - SLIDE",
        "AU  - Bendett, Samuel",
        "AU  - Kania, Elsa",
        "TI  - A New Sino-Russian High-tech Partnership",
    ]
    assert "DA  - 2019/11/15" in lines
    assert lines[-2:] == ["ER  - ", ""]


def test_years_have_four_digits():
    early = replace(SEED, held_on=date(999, 5, 6), ends_on=None)

    lines = ris_record(early).split("\r\n")

    assert {"PY  - 0999", "DA  - 0999/05/06"} <= set(lines)
    assert date_with_slashes(early.held_on) == "0999/05/06"
    assert date_with_slashes(None) == ""


def test_csl_omits_unknown_values():
    bare = Citation(identifier="x", title="T", url="https://a.example/x/")

    assert csl_json_item(bare) == {
        "id": "x",
        "type": "speech",
        "title": "T",
        "genre": "Speaker session",
        "URL": "https://a.example/x/",
    }


@pytest.mark.parametrize(
    "title, html",
    [
        ("Tides & Trade", "(n.d.). <i>Tides &amp; Trade</i> [Speaker session]."),
        ("Who pays?", "(n.d.). <i>Who pays?</i> [Speaker session]."),
        ("A\ufdd1 b\ufdd0", "(n.d.). <i>A b</i> [Speaker session]."),
    ],
)
def test_apa_sets_the_title_of_a_session_in_italics(title, html):
    citation = Citation("x", title, "https://archive.example/x", (Author("Roe", "Ann"),))
    assert html in str(references_in_all_styles(citation)[0].html)


def test_each_style_has_its_own_italics_and_the_same_text():
    citation = Citation(
        "x-1",
        "Keep watch.",
        "https://archive.example/x-1",
        (Author("Roe", "Ann"),),
        series="Seas",
        publisher="Archive",
        container="Who pays?",
    )
    found = references_in_all_styles(citation)
    italics = {shown.style: re.findall("<i>(.*?)</i>", shown.html) for shown in found}
    assert italics == {
        "apa": ["Who pays?"],
        "chicago": [],
        "mla": ["Who pays?", "Seas"],
        "ieee": [],
    }
    for shown in found:
        assert re.sub("</?i>", "", shown.html) == plain_text_reference(citation, shown.style)
        assert "?." not in shown.html
