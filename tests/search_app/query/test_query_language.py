"""The search language as documented (docs and help page), with plain documents."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_app import api, change_log
from search_app.criteria_and_hits import Criteria
from search_app.index import document_sources, index_manager
from search_app.query.parser import parse_query
from search_app.query.personal_titles import name_orders, titled_name_position_by_word
from search_app.tokenizer import flattened_text, folded_words
from tests.search_app.samples import KIND, Samples, found

pytestmark = pytest.mark.django_db


@pytest.fixture
def archive(samples):
    samples.put(
        1,
        title="Café diplomacy in Québec",
        summary="Small states trade votes for visits. High-tech partners cooperate.",
        speaker="José Núñez-Ibarra",
        organisation="Center for Small State Studies (CSSS)",
        day=date(2019, 6, 13),
    )
    samples.put(
        2,
        title="Rivers and deterrence",
        summary="A dry year is a political forecast.",
        speaker="Siobhán O’Brien",
        topic="Water",
        recommendation="fund gauges before dams",
        series="CENTCOM",
        region="Central Asia",
        day=date(2020, 2, 20),
        last_day=date(2020, 2, 21),
    )
    samples.put(3, title="东京的水资源政策", summary="水 is water.", speaker="Li Mei-hua")
    samples.put(4, title="Undated", summary="visiting partnerships, cooperation; rivers run dry.")
    return samples


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", [1, 2, 3, 4]),
        ("cafe", [1]),
        ("CAFÉ", [1]),
        ("quebec diplomacy", [1]),
        ("cooperating", [1, 4]),
        ("river", [2, 4]),
        ("river dry", [2, 4]),
        ('"dry year"', [2]),
        ('"year dry"', []),
        ("“dry year”", [2]),
        ("cafe OR deterrence", [1, 2]),
        ("river cafe OR deterrence", [2]),
        ("cafe or deterrence", []),
        ("river -deterrence", [4]),
        ("-river", [1, 3]),
        ('-"dry year" river', [4]),
        ("deter*", [2]),
        ("dip*", [1]),
        ("title:rivers", [2]),
        ("speaker:nunez", [1]),
        ("speaker:obrien", [2]),
        ("O'Brien", [2]),
        ("organisation:csss", [1]),
        ("org:CSSS", [1]),
        ("topic:water", [2]),
        ("series:centcom", [2]),
        ('region:"central asia"', [2]),
        ("recommendation:gaug*", [2]),
        ("-speaker:nunez", [2, 3, 4]),
        ("transcript:river", []),
        ("high tech", [1]),
        ("hightech", [1]),
        ("high-tech", [1]),
        ("after:2020", [2]),
        ("before:2020", [1]),
        ("after:2019-06 before:2019-07", [1]),
        ("after:2020-02-21", [2]),
        ("before:2020-02-20", [1]),
        ("after:2020-02-22", []),
        ('after:"21 February 2020"', [2]),
        ('after:"Feb 22, 2020"', []),
        ("after:21/2/2020", [2]),
        ("before:20.2.2020", [1]),
        ('after:"June 2019" before:"July 2019"', [1]),
        ("after:05/06/2019", []),
        ("水资源", [3]),
        ("东京", [3]),
        ("资源", [3]),
        ("东资", []),
        ("(river) (dry)", [2, 4]),
        ('"river', [2, 4]),
        ("river OR", []),
        ("OR river", []),
        ("nosuchfield:river", []),
    ],
)
def test_query_finds_documents(archive, text, keys):
    assert found(text) == keys


def test_matches_in_titles_and_names_come_first(samples):
    samples.put(1, title="Budgets", summary="A word on deterrence.")
    samples.put(2, title="Deterrence", summary="A word on budgets.")

    assert api.search(Criteria(kind=KIND, text="deterrence")).keys == [2, 1]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("policy", [2, 1]),
        ("policies", [1, 2]),
        ('"harbour policy"', [2, 1]),
        ('"harbour policies"', [1, 2]),
        ("harbour policies", [1, 2]),
    ],
)
def test_exact_word_form_ranks_above_others(samples, text, keys):
    samples.put(1, title="Notes", summary="On harbour policies of ours.")
    samples.put(2, title="Notes", summary="On harbour policy of ours.")

    assert api.search(Criteria(kind=KIND, text=text)).keys == keys


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("E.U.'s borders", "EU"),
        ("The U.A.E.’s ports", "UAE"),
        ("Women's rights", "women`s rights"),
        ("Womens rights", "women`s"),
        ("al Qaida", '"al-Qa`ida"'),
        ("D'Souza-Smith", "souza-smith"),
        ("al-Qa’ida-led attacks", "alqaidaled"),
    ],
)
def test_marks_inside_words_make_no_difference(samples, written, typed):
    samples.put(1, title=written)

    assert found(typed) == [1]


@pytest.mark.parametrize(
    ("written", "typed", "marked"),
    [
        ("On U.S.-China ties", "uschina", "On <mark>U.S.-China</mark> ties"),
        ("On al-Qa’ida now", "alqaida", "On <mark>al-Qa’ida</mark> now"),
        ("The Qurʾān here", "quran", "The <mark>Qurʾān</mark> here"),
        ("On Hawaiʻi now", "Hawai'i", "On <mark>Hawaiʻi</mark> now"),
    ],
)
def test_every_written_form_is_highlighted(samples, written, typed, marked):
    samples.put(1, title=written)

    assert api.search(Criteria(kind=KIND, text=typed)).excerpts[1].title_html == marked


def test_order_is_total_and_pages_show_each_record_once(samples):
    for key in range(1, 31):
        samples.put(key, title="Same words", day=date(2020, 1, 1) if key % 3 else None)

    for sort in ("relevance", "newest", "oldest", "title"):
        pages = [
            api.search(Criteria(kind=KIND, text="same", sort=sort, page=page, per_page=10)).keys
            for page in (1, 2, 3)
        ]
        dated = sorted((key for key in range(1, 31) if key % 3), key=lambda key: f"s{key}")
        undated = sorted((key for key in range(1, 31) if not key % 3), key=lambda key: f"s{key}")
        assert [key for page in pages for key in page] == dated + undated


def test_excerpt_highlights_the_match_and_names_the_field(archive):
    excerpt = api.search(Criteria(kind=KIND, text="gauge")).excerpts[2]

    assert excerpt.field == "recommendation"
    assert excerpt.html == "fund <mark>gauges</mark> before dams"


def test_excerpt_is_escaped(samples):
    samples.put(1, title="x", summary="<script>alert(1)</script> rivers & dams")

    html = api.search(Criteria(kind=KIND, text="rivers")).excerpts[1].html

    assert html == "&lt;script&gt;alert(1)&lt;/script&gt; <mark>rivers</mark> &amp; dams"


def test_change_is_seen_by_the_next_search(archive):
    assert found("zebra") == []

    archive.put(4, title="Zebra")
    assert found("zebra") == [4]

    del archive.stock[4]
    change_log.record_changes(KIND, [4])
    assert found("zebra") == []


def test_rebuilt_index_gives_the_same_order(archive):
    before = api.search(Criteria(kind=KIND, text="river OR dry OR water")).keys

    api.rebuild_index(KIND)

    assert api.search(Criteria(kind=KIND, text="river OR dry OR water")).keys == before


def test_rebuilt_index_is_used_at_once(archive, monkeypatch):
    # Delays the next reading for a long time.
    monkeypatch.setattr(index_manager, "MAX_SHARE_OF_TIME_READING", 1e-9)
    archive.put(1, title="River")
    assert found("river")

    api.rebuild_index(KIND)

    assert found("river")


@given(st.text(max_size=200))
@settings(max_examples=200)
@pytest.mark.slow
def test_parse_never_raises(text):
    parse_query(text)


TYPED = st.text() | st.text("aZ.'’&-\"(): *US", max_size=60)


@given(TYPED)
@settings(max_examples=300)
def test_any_text_is_parsed_and_folded(text):
    parse_query(f"Prof. {text} Jr.")
    found = folded_words(text)
    assert all(word and word == word.strip() for word in found)
    for order in name_orders(found):
        assert set(order) <= set(found)
    assert len(titled_name_position_by_word(found)) == len(found)
    assert not set(flattened_text(text)) & set(".&'")
    read_again = folded_words(" ".join(found))
    assert [word for word in read_again if word.isascii()] == [w for w in found if w.isascii()]


@pytest.mark.parametrize(
    "text", ["x" * 10_000, '"' * 999, "a* " * 500, "( OR -", "-", '""', "title:", "after:9999-99"]
)
def test_unusual_text_is_answered(archive, text):
    found(text)


VALUES = st.lists(st.sampled_from("abcde"), max_size=3, unique=True)


@given(
    rows=st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=12),
    topics=VALUES,
    having=st.lists(st.sampled_from("abc"), max_size=2, unique=True),
)
@settings(max_examples=40)
def test_facet_counts_equal_individual_counts(rows, topics, having):
    source = Samples()
    document_sources.register_document_source(source)
    api.discard_indexes()
    for key, (row_topics, row_has) in enumerate(rows, 1):
        source.put(key, title="x", facets={"topic": row_topics, "has": row_has})
    criteria = Criteria(
        kind=KIND,
        filters={"topic": tuple(topics)} if topics else {},
        required={"has": tuple(having)} if having else {},
        facets=("topic", "has"),
        facet_limit=99,
    )

    hits = api.search(criteria)

    def total(chosen, required):
        return sum(
            1
            for row_topics, row_has in rows
            if (not chosen or set(chosen) & set(row_topics)) and set(required) <= set(row_has)
        )

    counted = {name: {c.value: c.count for c in counts} for name, counts in hits.facets.items()}
    assert hits.total == total(topics, having)
    for value in "abcde":
        assert counted["topic"].get(value, 0) == total([value], having)
        assert counted["has"].get(value, 0) == total(topics, {*having, value})
    document_sources.unregister_document_source(KIND)
