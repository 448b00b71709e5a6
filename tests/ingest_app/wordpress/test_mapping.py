"""Mapping rules: proposals from names and the tree of terms, branches, a single category."""

import io

import pytest

from ingest_app.wordpress.inventory import survey_export
from ingest_app.wordpress.mapping import Mapping, TargetRule, proposed_rules, proposed_target
from ingest_app.wordpress.wxr import WxrItem
from ingest_app.wordpress.wxr import read_export as read
from tests.ingest_app.wordpress.exports import export, filed, item


def category(slug, name, parent=""):
    return (
        f"<wp:category><wp:category_nicename>{slug}</wp:category_nicename>"
        f"<wp:category_parent>{parent}</wp:category_parent>"
        f"<wp:cat_name><![CDATA[{name}]]></wp:cat_name></wp:category>\n"
    )


def read_export(*pieces):
    """Return (survey, {number: item}) of an export."""
    file = io.BytesIO(export(*pieces))
    found = survey_export(file)
    items = (each.record for each in read(file, found.head))
    return found, {each.number: each for each in items if isinstance(each, WxrItem)}


def proposals(*pieces):
    found, _ = read_export(*pieces)
    return {
        rule.source: rule.target
        for rule, _label, _n in proposed_rules(found)
        if rule.kind == "term"
    }


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("speakers", "speakers"),
        ("our-experts", "speakers"),
        ("sma_speaker", "speakers"),
        ("team", "speakers"),
        ("speaker-series", "ignored"),
        ("guest-speaker-sessions", "ignored"),
        ("expert-reports", "ignored"),
        ("speaker-request-form", "ignored"),
        ("people-and-places-project", "ignored"),
        ("series", "ignored"),
    ],
)
def test_only_terms_that_mean_people_are_proposed_as_people(source, target):
    assert proposed_target("pages below", source) == target
    assert proposed_target("post type", source) == target


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("2019", "ignored"),
        ("2019-2020", "ignored"),
        ("2019–20", "ignored"),
        ("FY19", "ignored"),
        ("November 2019", "ignored"),
        ("Q3 2021", "ignored"),
        ("Vision 2030", "as its taxonomy"),
        ("Ports", "as its taxonomy"),
        ("1984 and after", "as its taxonomy"),
    ],
)
def test_years_are_not_topics(name, target):
    assert proposals(category("a", name)) == {"category/a": target}


def test_child_terms_follow_their_parent():
    found, _ = read_export(
        category("region", "Region"),
        category("asia", "Asia", "region"),
        category("china", "China", "asia"),
        category("ports", "Ports"),
        category("undeclared-child", "Gulf", "regions"),
    )
    mapping = Mapping.from_rules([], found)

    terms = ("region", "asia", "china", "ports", "undeclared-child")
    assert {slug: mapping.target_of_term("category", slug, slug, found)[0] for slug in terms} == {
        "region": "ignored",
        "asia": "regions",
        "china": "regions",
        "ports": "topics",
        "undeclared-child": "regions",
    }


def test_rule_of_a_term_overrides_that_of_its_branch():
    found, _ = read_export(
        category("a", "A"),
        category("b", "B", "a"),
        category("c", "C", "b"),
        category("d", "D", "a"),
    )
    mapping = Mapping.from_rules(
        [TargetRule("term", "category/a", "series"), TargetRule("term", "category/b", "ignored")],
        found,
    )

    assert [mapping.target_of_term("category", slug, slug, found)[0] for slug in "abcd"] == [
        "series",
        "ignored",
        "ignored",
        "series",
    ]


def test_circular_terms_end():
    found, _ = read_export(category("a", "A", "b"), category("b", "B", "a"))

    assert Mapping.from_rules([], found).target_of_term("category", "a", "A", found) == (
        "topics",
        "A",
    )


def test_sessions_can_be_limited_to_one_category():
    session, publication = (
        filed("category", "talks", "Talks"),
        filed("category", "papers", "Papers"),
    )
    found, items = read_export(
        category("talks", "Talks"),
        category("autumn", "Autumn talks", "talks"),
        category("papers", "Papers"),
        item(1, inside=session),
        item(2, inside=publication),
        item(3, inside=session + publication),
        item(4, inside=filed("category", "autumn", "Autumn talks")),
        item(5),
        item(6, post_type="event"),
    )
    mapping = Mapping.from_rules(
        [
            TargetRule("term", "category/talks", "only sessions"),
            TargetRule("term", "category/papers", "no sessions"),
            TargetRule("term", "category/of-another-export", "only sessions"),
            TargetRule("post type", "event", "sessions"),  # never in a category
        ],
        found,
    )

    assert {number: mapping.target_of_item(each, found) for number, each in items.items()} == {
        1: ("sessions", ""),
        2: ("ignored", "The mapping leaves out what is filed under “Papers”."),
        3: ("sessions", ""),
        4: ("sessions", ""),
        5: ("ignored", "The mapping takes only what is filed under “Talks”."),
        6: ("sessions", ""),
    }
    assert mapping.target_of_term("category", "talks", "Talks", found)[0] == "ignored"


def test_doubly_escaped_names_are_decoded():
    found, items = read_export(
        "<wp:author><wp:author_login>ab</wp:author_login><wp:author_display_name>"
        "<![CDATA[Smith &amp;amp; Sons]]></wp:author_display_name></wp:author>",
        category("rd", "Research &amp;amp; Development"),
        item(1, inside=filed("category", "rd", "Research &amp; Development")),
    )

    assert found.labels == {
        ("author", "ab"): "Smith & Sons",
        ("term", "category/rd"): "Research & Development",
    }
    assert items[1].terms == [("category", "rd", "Research & Development")]
