"""References parsed by other programs: rispy, bibtexparser, citeproc-py."""

from datetime import date

import bibtexparser
import pytest
import rispy
from citeproc import Citation as Cited
from citeproc import CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON

from sessions_app.formats.citations import (
    Author,
    Citation,
    bibtex_entry,
    csl_json_item,
    ris_record,
)

HARD = "Ports & {power} 100% #1 $5 _x_ ~y^z \\ “q” \U0001f600 <b> ]]> \u202e end"
CITATIONS = [
    Citation(
        identifier=f"talk-{number}",
        title=title,
        url=f"https://archive.example/sessions/talk-{number}/",
        authors=(Author("Zola", "Émile", "Jr."), Author("de la Cruz", "Ana"), Author("李")),
        held_on=date(2019, 5, 1),
        series="Water & Talks",
        publisher="The Archive",
        language="en",
        keywords=("Rivers", "Dams"),
        abstract="First line.\nSecond  - line\n@misc{x, TY  - JOUR",
        note="A note",
    )
    for number, title in enumerate(("Rivers", HARD, "TY  - JOUR", "@article{a, title={b}}"))
]


def test_rispy_reads_every_field():
    found = rispy.loads("".join(map(ris_record, CITATIONS)))

    assert [record["title"] for record in found] == [
        " ".join(citation.title.split()) for citation in CITATIONS
    ]
    for record, citation in zip(found, CITATIONS, strict=True):
        assert record["type_of_reference"] == "SLIDE"
        assert record["authors"] == ["Zola, Émile, Jr.", "de la Cruz, Ana", "李"]
        assert record["abstract"] == "First line. Second - line @misc{x, TY - JOUR"
        assert (record["date"], record["secondary_title"]) == ("2019/05/01", "Water & Talks")
        assert record["keywords"] == ["Rivers", "Dams"]
        assert record["urls"] == [citation.url]


def test_bibtexparser_reads_every_entry():
    library = bibtexparser.parse_string("\n".join(map(bibtex_entry, CITATIONS)))

    assert library.failed_blocks == []
    assert [entry.key for entry in library.entries] == [found.identifier for found in CITATIONS]
    first = library.entries_dict["talk-0"].fields_dict
    assert first["title"].value == "{Rivers}"
    assert first["author"].value == "{Zola}, Jr., Émile and {de la Cruz}, Ana and {李}"
    assert (first["year"].value, first["month"].value, first["day"].value) == ("2019", "may", "1")


# citeproc-py follows CSL 1.0.1; it ignores `event-title`, which was added in 1.0.2.
@pytest.mark.filterwarnings("ignore:.*unsupported. event_title:UserWarning")
@pytest.mark.parametrize("citation", CITATIONS, ids=lambda citation: citation.identifier)
def test_citeproc_prints_a_reference_of_csl_json(citation):
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    source = CiteProcJSON([csl_json_item(citation)])
    bibliography = CitationStylesBibliography(style, source, formatter.plain)
    bibliography.register(Cited([CitationItem(citation.identifier)]))

    text = str(bibliography.bibliography()[0])

    assert text.startswith("Zola")
    assert "2019" in text
    assert citation.title.split()[0] in text
