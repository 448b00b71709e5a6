"""Which tests run on which database."""

import pytest

from tests.parts import of_part


@pytest.fixture
def collected():
    """Return a function: marks → stand-ins of two cases each of a test with and without database."""

    class Item:
        def __init__(self, name, case, marks, fixtures):
            self.parent = type("Module", (), {"nodeid": "tests/test_x.py"})
            self.originalname, self.name = name, f"{name}[{case}]"
            self.marks, self.fixturenames = marks, fixtures

        def get_closest_marker(self, name):
            return name if name in self.marks else None

    def make(*marks):
        return [
            Item(name, case, marks, fixtures)
            for name, fixtures in (("pure", []), ("stored", ["db"]))
            for case in (1, 2)
        ]

    return make


EVERYTHING = ["pure[1]", "pure[2]", "stored[1]", "stored[2]"]
PURE_AND_FIRST = ["pure[1]", "pure[2]", "stored[1]"]


@pytest.mark.parametrize(
    ("part", "marks", "expected"),
    [
        ("all", [], EVERYTHING),
        ("sqlite", [], ["stored[1]"]),
        ("sqlite", ["django_db"], ["pure[1]", "stored[1]"]),
        ("sqlite", ["walk"], ["stored[1]", "stored[2]"]),
        ("sqlite", ["browser"], EVERYTHING),
        ("postgresql", [], EVERYTHING),
        ("postgresql", ["walk"], PURE_AND_FIRST),
        ("postgresql", ["browser"], []),
        ("fast", [], PURE_AND_FIRST),
        ("fast", ["slow"], []),
        ("fast", ["walk"], []),
    ],
)
def test_each_part_selects_its_tests(collected, part, marks, expected):
    assert [item.name for item in of_part(collected(*marks), part)] == expected


@pytest.mark.parametrize("marks", [[], ["walk"]])
def test_both_databases_together_run_every_case(collected, marks):
    items = collected(*marks)

    assert set(of_part(items, "sqlite")) | set(of_part(items, "postgresql")) == set(items)
