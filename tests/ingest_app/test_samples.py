"""The saved pages of the old site give exactly the expected records next to them."""

import json
from pathlib import Path

import pytest

from ingest_app.pages.page_parser import read_page_record

SAMPLES = Path(__file__).parent / "samples"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.txt"))
NOTES = ("basis", "source_url")  # about the sample, not part of the record


@pytest.mark.parametrize("name", NAMES)
def test_sample_gives_its_record(name):
    gold = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))

    report = read_page_record((SAMPLES / f"{name}.txt").read_bytes()).as_report(f"{name}.txt")

    for speaker in report["speakers"]:
        assert set(gold["speakers"][0]) <= set(speaker)
    assert {key: report[key] for key in gold if key not in NOTES} == {
        key: value for key, value in gold.items() if key not in NOTES
    }
