"""Advice is extracted as printed; findings are not taken for advice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_app.pages.recommendation_extractor import Advice, find_advice, sentence_spans
from speakers_app.people_line import ParsedPerson

LUND = ParsedPerson("Lund", "Karin")
GREER = ParsedPerson("Greer", "Thomas")
CHAIR = ParsedPerson("Haddad", "Leila", function="moderator")


def texts(*paragraphs):
    return [advice.text for advice in find_advice(paragraphs, [LUND])]


@pytest.mark.parametrize(
    "paragraph",
    [
        "Dr. Lund recommended that planners 1) count ships, 2) read treaties; and 3) ask pilots.",
        "Dr. Lund advises planners to: (1) count ships; (2) read treaties, and (3) ask pilots.",
        "Lund urged planners to 1. count ships. 2. read treaties. 3. ask pilots.",
        "Lund suggested the following: a) count ships, b) read treaties, c) ask pilots. All left.",
        "Planners should take the following steps: 1) count ships; 2) read treaties; 3) ask pilots",
        "Lund’s recommendations are to 1) count ships, 2) read treaties, as well as 3) ask pilots!",
        "She offered three recommendations. First, count ships. Second, read treaties. Third, ask"
        " pilots. It was late.",
        "She made three recommendations: first, count ships; secondly, read treaties; and finally,"
        " ask pilots.",
        "Lund said planners should first count ships, second read treaties, and third ask pilots.",
        "Planners should (1) count ships, (2) read treaties, and (3) ask pilots.",
        "Lund advises planners to i) count ships, ii) read treaties, and iii) ask pilots.",
        "Lund recommended the following: count ships; read treaties; and ask pilots.",
        "She gave three pieces of advice: count ships; read treaties; ask pilots.",
        "She made three recommendations: first, count ships; then read treaties; and finally ask"
        " pilots.",
        "Recommendations: 1) count ships; 2) read treaties; 3) ask pilots.",
        "Recommendations for planners: count ships; read treaties; ask pilots.",
        "Lund argued that planners should, first, count ships, second, read treaties, and, third,"
        " ask pilots.",
        "Lund advised planners to I) count ships, II) read treaties, and III) ask pilots.",
        "Lund recommended A) count ships, B) read treaties, and C) ask pilots.",
        "Lund recommended: #1 count ships; #2 read treaties; #3 ask pilots.",
        "Lund recommended ① count ships ② read treaties ③ ask pilots.",
        "Lund recommends: • count ships • read treaties • ask pilots",
        "Her recommendations are: ▪ count ships; ▪ read treaties; and ▪ ask pilots.",
        "Lund advised 1)  count\nships ,  2)read treaties ; 3) ask pilots . 17 came.",
    ],
)
def test_list_after_a_verb_of_advice_is_extracted(paragraph):
    assert texts(paragraph) == ["count ships", "read treaties", "ask pilots"]


def test_punctuation_within_an_item_is_preserved():
    found = texts("Lund advised crews to 1) reef early, e.g. at 6 knots, and 2) call (by radio).")

    assert found == ["reef early, e.g. at 6 knots", "call (by radio)"]


@pytest.mark.parametrize(
    ("heading", "items"),
    [
        ("Recommendations:", ["1. Count ships;", "2. Read treaties."]),
        ("Recommendations", ["1) Count ships", "(2) Read treaties"]),
        ("Key Recommendations:", ["• Count ships", "- Read treaties"]),
        ("Main recommendation", ["– Count ships, and", "* Read treaties"]),
        ("Policy recommendations", ["i. Count ships", "ii. Read treaties"]),
        ("Recommendations", ["First, Count ships", "Second, Read treaties"]),
        ("Recommendations for planners:", ["a) Count ships", "b) Read treaties"]),
        ("Recommendations", ["I. Count ships", "II. Read treaties"]),
        ("Recommendations", ["1.1 Count ships", "1.2 Read treaties"]),
        ("Recommendations", ["1 – Count ships", "2 - Read treaties"]),
        ("Recommendations", ["1: Count ships", "#2 Read treaties"]),
        ("Recommendations", ["● Count ships", "○ Read treaties"]),
        ("Recommendations", ["✓ Count ships", "‣ Read treaties"]),
        ("Recommendations", ["① Count ships", "→ Read treaties"]),
        ("Recommendations", ["1. Count ships", "Why they matter.", "2. Read treaties"]),
    ],
)
def test_list_below_a_heading_is_advice(heading, items):
    found = texts("A findings list", "1. Ships sink", heading, *items, "It ended.", "- A remark")

    assert found == ["Count ships", "Read treaties"]


def test_each_numbered_recommendation_may_have_its_own_line():
    assert texts("Recommendation 1: Count ships", "Recommendation #2: Read treaties") == [
        "Count ships",
        "Read treaties",
    ]


def test_numbers_in_a_sentence_are_not_a_list():
    spend = "states spend 2.5 percent of GDP by 2030 and keep 3 brigades [1] ready [2]"

    assert texts(f"Lund recommended that {spend}.") == [f"that {spend}"]
    assert texts("Recommendations", "1. Spend more", "2.5 percent is little.") == ["Spend more"]


@pytest.mark.parametrize(
    ("paragraph", "audience"),
    [
        ("Lund said researchers should first count ships, second ask pilots.", "researchers"),
        ("Lund believes ports should 1) count ships, and 2) ask pilots.", "ports"),
        ("Lund advised the U.S. that it 1) count ships, and 2) ask pilots.", "the U.S."),
    ],
)
def test_addressee_excludes_the_reporting_speaker(paragraph, audience):
    found = find_advice([paragraph], [LUND])

    assert [(each.text, each.audience) for each in found] == [
        ("count ships", audience),
        ("ask pilots", audience),
    ]


def test_that_clauses_keep_their_that():
    found = texts("Lund advised 1) that banks be told what is due; and 2) that ports be warned.")

    assert found == ["that banks be told what is due", "that ports be warned"]


def test_semicolons_separate_parallel_items():
    found = find_advice(["Lund advised governments to ask early; to ask once; to thank."], [LUND])

    assert [(advice.text, advice.audience) for advice in found] == [
        ("governments to ask early", "governments"),
        ("to ask once", "governments"),
        ("to thank", "governments"),
    ]


def test_semicolon_within_an_item_does_not_separate():
    found = texts("Lund recommended that crews sleep more; the sea will wait.")

    assert found == ["that crews sleep more; the sea will wait"]


def test_letters_within_a_numbered_item_are_part_of_it():
    found = texts("Lund advised 1) sharing data: (a) with allies, (b) with ports; 2) waiting.")

    assert found == ["sharing data: (a) with allies, (b) with ports", "waiting"]


@pytest.mark.parametrize(
    ("sentence", "text", "audience"),
    [
        ("Lund recommended that crews sleep more.", "that crews sleep more", ""),
        ("She urges that ports should publish tides.", "that ports should publish tides", "ports"),
        (
            "Lund advised that banks be told what to expect.",
            "that banks be told what to expect",
            "",
        ),
        ("Lund recommended sleeping more.", "sleeping more", ""),
        ("Lund concluded with a recommendation: sleep more.", "sleep more", ""),
        ("Lund’s recommendation was to sleep more.", "sleep more", ""),
        ("Ports should consider publishing tides.", "consider publishing tides", "Ports"),
        (
            "Lund said that small ports should also consider a pilot.",
            "consider a pilot",
            "small ports",
        ),
    ],
)
def test_single_sentence_of_advice_is_extracted(sentence, text, audience):
    assert find_advice([sentence], [LUND]) == [Advice(text, audience, ("Lund",))]


@pytest.mark.parametrize(
    "paragraph",
    [
        "",
        "Recommendations",
        "There were 1) ships, 2) treaties and 3) pilots.",
        "Lund named three phases: 1) calm; 2) storm; 3) wreck.",
        "First, the sea rose. Second, the ships left.",
        "Lund did not recommend that crews sleep more.",
        "Nobody advised 1) patience or 2) speed.",
        "Lund was advised by 1) a pilot and 2) a cook.",
        "Lund suggests that ships are late.",
        "Lund recommended reading.",
        "The sea recommended nothing to the ships that left.",
    ],
)
def test_findings_and_denials_are_not_advice(paragraph):
    assert texts(paragraph) == []


def test_advice_after_a_list_of_findings_is_found():
    found = texts("Lund saw 1) calm and 2) storm. She recommended that crews 1) reef and 2) call.")

    assert found == ["reef", "call"]


@pytest.mark.parametrize(
    ("paragraph", "audience"),
    [
        ("Lund advised port authorities to 1) dredge and 2) wait.", "port authorities"),
        ("Lund recommended that crews should 1) dredge and 2) wait.", "crews"),
        ("Crews should take the following steps: 1) dredge; 2) wait.", "Crews"),
        ("Lund recommended 1) to dredge and 2) to wait.", ""),
        ("Lund recommended the following: 1) dredge; 2) wait.", ""),
        ("Lund recommended several steps: 1) dredge; 2) wait.", ""),
    ],
)
def test_audience_is_the_addressee_of_the_list(paragraph, audience):
    found = find_advice([paragraph], [LUND])

    assert [advice.audience for advice in found] == [audience, audience]


@pytest.mark.parametrize(
    ("paragraphs", "made_by"),
    [
        (["Greer recommended that crews sleep more."], ("Greer",)),
        (["Lund and Greer recommended that crews sleep more."], ("Lund", "Greer")),
        (["Both recommended that crews sleep more."], ("Lund", "Greer")),
        (["Greer spoke first.", "He recommended that crews sleep more."], ("Greer",)),
        (["Recommendations", "1. Sleep more"], ("Lund", "Greer")),
        (["A guest took notes. Crews should consider sleeping."], ()),
    ],
)
def test_advice_is_attributed_to_its_speaker_and_not_to_the_moderator(paragraphs, made_by):
    found = find_advice(paragraphs, [CHAIR, LUND, GREER])

    assert [advice.made_by for advice in found] == [made_by]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Lund met Gen. A. Greer. They left.", ["Dr. Lund met Gen. A. Greer.", "They left."]),
        ("He said “Go.” She went.", ["He said “Go.”", "She went."]),
        ("It cost 3.5 or so. no capital", ["It cost 3.5 or so. no capital"]),
        ("1. Count. 2. Read.", ["1. Count.", "2. Read."]),
        ("   ", []),
    ],
)
def test_text_is_split_into_sentences(text, sentences):
    assert [text[start:end] for start, end in sentence_spans(text)] == sentences


WORDS = st.sampled_from(
    [
        "Lund",
        "She",
        "Both",
        "recommended",
        "advised",
        "suggested",
        "that",
        "to",
        "should consider",
        "should take",
        "the following steps:",
        "1)",
        "(2)",
        "3.",
        "a)",
        "First,",
        "second,",
        "finally,",
        "crews",
        "sleep more",
        "and",
        ".",
        ";",
        "not",
        "Recommendations:",
        "•",
        "(",
        "”",
        "Dr.",
    ]
)


@settings(max_examples=200)
@given(st.lists(st.lists(WORDS, max_size=25).map(" ".join) | st.text(max_size=80), max_size=3))
def test_extracted_advice_occurs_in_the_text(paragraphs):
    folded = [" ".join(paragraph.split()) for paragraph in paragraphs]

    for advice in find_advice(paragraphs, [LUND, GREER]):
        assert advice.text
        assert any(advice.text in paragraph for paragraph in folded)
        assert set(advice.made_by) <= {"Lund", "Greer"}
