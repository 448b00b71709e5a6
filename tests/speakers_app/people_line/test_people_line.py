import string
from dataclasses import astuple
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from speakers_app.people_line import KnownNames, parse_people_line, person_spans
from speakers_app.people_line.affiliations import parse_affiliation, split_name_and_abbreviation


def people(line, function="speaker"):
    """Return (honorific, given, family, suffix, role, affiliation) of each person."""
    found, _ = parse_people_line(line, function)
    return [
        (p.honorific, p.given_or_initial, p.family, p.suffix, p.role, p.affiliation) for p in found
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "Lt. Gen. (Ret.) John A. Smith, Jr. (CEO, Acme Corp.)",
            [("Lt. Gen. (Ret.)", "John A.", "Smith", "Jr.", "CEO", "Acme Corp.")],
        ),
        (
            "Robert “Bob” O'Neill, PhD (University at Buffalo, SUNY)",
            [("", "Robert", "O'Neill", "PhD", "", "University at Buffalo, SUNY")],
        ),
        (
            "Anna Berg & Carl Holm (Nordic Institute)",
            [
                ("", "Anna", "Berg", "", "", "Nordic Institute"),
                ("", "Carl", "Holm", "", "", "Nordic Institute"),
            ],
        ),
        ("KANIA, Elsa (CNAS)", [("", "Elsa", "KANIA", "", "", "CNAS")]),
        ("Elsa KANIA (CNAS)", [("", "Elsa", "KANIA", "", "", "CNAS")]),
        (
            "Maria de la Cruz (Professor, University of California, Berkeley)",
            [("", "Maria", "de la Cruz", "", "Professor", "University of California, Berkeley")],
        ),
        (
            "Col. Mark Jones (USAF, Ret.) (RAND Corporation)",
            [("Col. (USAF, Ret.)", "Mark", "Jones", "", "", "RAND Corporation")],
        ),
        (
            "van der Berg, J. P. (TNO); al-Rashid, O. (Director, Gulf Center [GC])",
            [
                ("", "J. P.", "van der Berg", "", "", "TNO"),
                ("", "O.", "al-Rashid", "", "Director", "Gulf Center [GC]"),
            ],
        ),
        (
            "Smith, Jane (RAND) and Doe, John (MITRE)",
            [("", "Jane", "Smith", "", "", "RAND"), ("", "John", "Doe", "", "", "MITRE")],
        ),
        ("Madonna", [("", "", "Madonna", "", "", "")]),
        (
            "Brig Gen Alice Moore (Director of Operations at USSPACECOM)",
            [("Brig Gen", "Alice", "Moore", "", "Director of Operations", "USSPACECOM")],
        ),
        (
            "Wilson, B., PhD (Chief Scientist, AFRL)",
            [("", "B.", "Wilson", "PhD", "Chief Scientist", "AFRL")],
        ),
        (
            "Thomas Greer (Author, Former Customs Officer)",
            [("", "Thomas", "Greer", "", "Author, Former Customs Officer", "")],
        ),
        ("Leila Haddad and Thomas Greer", [("", "Leila", "Haddad", "", "", ""), ("", "Thomas", "Greer", "", "", "")]),
        ("Ana Ruiz, Bo Li, and Cy Dow", [("", "Ana", "Ruiz", "", "", ""), ("", "Bo", "Li", "", "", ""), ("", "Cy", "Dow", "", "", "")]),
    ],
)  # fmt: skip
def test_line_is_parsed_into_people(line, expected):
    assert people(line) == expected


def test_moderator_within_a_line_is_recognised():
    found, _ = parse_people_line("Ana Ruiz (X); Sofia Brandão, Moderator (Radio Norte)")

    assert [person.function for person in found] == ["speaker", "moderator"]
    assert found[1].affiliation == "Radio Norte"


@pytest.mark.parametrize(
    ("text", "name", "abbreviation"),
    [
        (
            "Center for a New American Security (CNAS)",
            "Center for a New American Security",
            "CNAS",
        ),
        (
            "Institute of Steppe and River Studies [ISRS]",
            "Institute of Steppe and River Studies",
            "ISRS",
        ),
        ("CNA", "CNA", ""),
        ("US Army", "US Army", ""),
    ],
)
def test_acronym_after_the_name_becomes_the_abbreviation(text, name, abbreviation):
    assert split_name_and_abbreviation(text) == (name, abbreviation)


def test_two_organisations_remain_one_text():
    found = parse_affiliation("National Harbor University; Taipei Maritime Society")

    assert found.organisation == "National Harbor University; Taipei Maritime Society"


def printed_lines():
    """Return (line, its people and remarks as written below it) of people_lines.txt.

    A person: honorific|given|family|suffix|nickname|role|affiliation|function|other name ?? doubt.
    """
    path = Path(__file__).with_name("people_lines.txt")
    blocks: list[tuple[str, list[str]]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("    "):
            blocks[-1][1].append(line.strip())
        else:
            blocks.append((line.replace("\\n", "\n"), []))
    return blocks


@pytest.mark.parametrize(("line", "expected"), printed_lines())
def test_printed_line_is_parsed_into_its_people(line, expected):
    found, remarks = parse_people_line(line)

    rows = []
    for p in found:
        function = "" if p.function == "speaker" else p.function
        parts = (
            p.honorific, p.given_or_initial, p.family, p.suffix, p.nickname, p.role, p.affiliation,
            function, p.other_name,
        )  # fmt: skip
        rows.append("|".join(parts).rstrip("|") + (f" ?? {p.doubt}" if p.doubt else ""))
    assert [*rows, *(f"REMARK {remark}" for remark in remarks)] == expected


KNOWN = KnownNames.from_names(
    [
        "Lockheed Martin",
        "Morgan Stanley",
        "Defense and Peace",
        "Blue Harbor & Partners",
        "Green Valley, Inc.",
        "NDU",
    ],
    [("Samuel", "Bendett"), ("Bob", "Lee"), ("Maria", "Ruiz"), ("Ana", "Ruiz Ortega")],
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "Jane Roe, Lockheed Martin, John Doe, Morgan Stanley",
            ["Jane Roe|Lockheed Martin", "John Doe|Morgan Stanley"],
        ),
        (
            "Jane Roe, Blue Harbor and Partners, John Doe, Green Valley, Inc., Ann Poe, NDU",
            ["Jane Roe|Blue Harbor and Partners", "John Doe|Green Valley, Inc.", "Ann Poe|NDU"],
        ),
        ("Jane Roe, Defense & Peace", ["Jane Roe|Defense & Peace"]),
        ("Jane Roe; Lockheed Martin; John Doe", ["Jane Roe|Lockheed Martin", "John Doe|"]),
        ("Bendett, Samuel, Kate Moss", ["Samuel Bendett|", "Kate Moss|"]),
        ("Garcia Lopez, Maria", ["Maria Garcia Lopez|"]),
        ("Ana Ruiz (Ortega)", ["Ana Ruiz|"]),
    ],
)
def test_known_names_decide_between_readings(line, expected):
    found, remarks = parse_people_line(line, known=KNOWN)

    assert [f"{p.given_or_initial} {p.family}|{p.affiliation}" for p in found] == expected
    assert [p.doubt for p in found] == [""] * len(found)
    assert remarks == []


def test_bracket_with_a_known_given_name_is_a_nickname():
    (bob,), _ = parse_people_line("Robert Smith (Bob) (CNA)", known=KNOWN)

    assert (bob.nickname, bob.affiliation, bob.other_name) == ("Bob", "CNA", "")


def test_source_positions_of_names_and_affiliations_without_brackets():
    line = "Dr. Jane Roe, Director, CNA, John Doe (RAND), Ann Poe of Yale University"
    found, _ = parse_people_line(line)

    spans = person_spans(line, found)

    assert [line[slice(*name)] for name, _ in spans] == ["Dr. Jane Roe", "John Doe", "Ann Poe"]
    assert [line[slice(*body)] for _, body in spans] == [
        "Director, CNA",
        "RAND",
        "Yale University",
    ]


@example("A,x")
@example("FACILITATED BY")
@given(st.text(alphabet=string.ascii_letters + " .,;()[]&/“”\"'’-", max_size=120))
def test_no_word_of_a_line_is_lost(line):
    found, remarks = parse_people_line(line)

    kept = " ".join([*(" ".join(astuple(person)) for person in found), *remarks])
    letters = "".join(character for character in kept if character.isalpha())
    for word in "".join(c if c.isalpha() else " " for c in line).split():
        if word not in ("and", "at", "with", "the"):
            assert word in letters
