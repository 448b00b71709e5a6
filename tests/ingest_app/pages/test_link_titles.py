import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_app.pages.link_titles import link_title

ASPI = "https://www.aspi.org.au/report/new-sino-russian-high-tech-partnership"
PDF = "https://files.example.org/a/b.pdf"


@pytest.mark.parametrize(
    ("words", "url", "name"),
    [
        ("Their report can be found at", ASPI, "Report, aspi.org.au"),
        ("The paper is available at", ASPI, "Paper, aspi.org.au"),
        ("Mr. Bendett’s and Ms. Kania’s full report is available here:", ASPI, "Report, aspi.org.au"),
        ("available here", ASPI, "aspi.org.au"),
        ("click here", PDF, "PDF, files.example.org"),
        ("Click here to download the slides", PDF, "Slides, files.example.org"),
        ("see:", ASPI, "aspi.org.au"),
        ("For more information, please visit", ASPI, "aspi.org.au"),
        ("PDF", PDF, "PDF, files.example.org"),
        ("Report (PDF)", PDF, "Report, files.example.org"),
        ("the full white paper", PDF, "White paper, files.example.org"),
        ("", ASPI, "aspi.org.au"),
        ("(", ASPI, "aspi.org.au"),
        ("https://www.aspi.org.au/", ASPI, "aspi.org.au"),
        ("1.", ASPI, "aspi.org.au"),
        ("Coast Guard Outlook 2030", ASPI, "Coast Guard Outlook 2030"),
        ("RAND report on sea lanes", PDF, "RAND report on sea lanes"),
        ("[Coast Guard Outlook](", ASPI, "Coast Guard Outlook"),
        ("[here](", ASPI, "aspi.org.au"),
        ("Her paper, “Who Pays for Rumours?,” is at", ASPI, "Who Pays for Rumours?"),
        ('The study "Hard Winters." can be read at', ASPI, "Hard Winters"),
        ("Download Dr. Lund’s Biography", PDF, "Download Dr. Lund’s Biography"),
        (
            "After the talk he named one source among many that he said nobody in the room had read",
            ASPI,
            "aspi.org.au",
        ),
        ("here", "http://[half", "http://[half"),
        ("Рapport", "", "Рapport"),
    ],
)  # fmt: skip
def test_link_gets_a_name(words, url, name):
    assert link_title(words, url) == name


@given(st.text(max_size=60), st.text(min_size=1, max_size=40) | st.just(ASPI))
def test_a_link_always_has_a_name(words, url):
    assert link_title(words, url)
