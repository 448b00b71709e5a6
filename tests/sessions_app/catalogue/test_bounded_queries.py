"""Any query string causes a limited amount of work, and the page says what was ignored."""

from itertools import product
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from search_app.index.query_compiler import QueryCompiler
from search_app.models import Synonym
from search_app.query.parser import MAX_LEAVES, MAX_PREFIXES
from search_app.query.synonyms import MAX_EXPANDED_TERMS, MAX_NAMES_ADDED_PER_TERM
from sessions_app.catalogue.filters import MAX_VALUES_PER_PARAMETER
from tests.factories import AppearanceFactory, SpeakerAliasFactory, TopicAliasFactory, TopicFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ALL_OF = "a phrase of some words"
TEXTS = {
    "words": " ".join(f"word{n}" for n in range(3000)),
    "prefixes": " ".join(f"w{n}*" for n in range(3000)),
    "or": " OR ".join(f"word{n}" for n in range(1000)),
    "exclusions": " ".join(f"-word{n}" for n in range(1000)),
    "fields": " ".join(f"speaker:name{n}" for n in range(1000)),
    "phrases": " ".join(f'"{ALL_OF} {n}"' for n in range(400)),
    "synonyms": " ".join(f"syn{n}" for n in range(60)),
    "one long word": "w" * 9000,
    "one long number": "9" * 9000,
    "a script with marks": "กำ" * 4500,
    "scripts in turn": "कa" * 4500,
    "hyphens": "-".join("abc" for _ in range(2000)),
}
FILTERS = {
    "few": [("topic", "t1"), ("speaker", "s1")],
    "many": [
        *(("topic", f"t{n}") for n in range(400)),
        *(("year", f"{n}") for n in range(1900, 2100)),
        *((f"z{n}", "x" * 50) for n in range(100)),
    ],
}
FAR = [("page", "999999999"), ("per_page", "100")]
# A distant page costs the same for any query.
REQUESTS = [
    *((text, filters, []) for text, filters in product(TEXTS, FILTERS)),
    *(("words", filters, FAR) for filters in FILTERS),
]
ADDRESSES = (
    "/sessions/",
    "/recommendations/",
    "/api/v1/sessions/",
    "/sessions/feed.rss",
    "/sessions/export.json",
    "/suggest/",
)
MAX_QUERIES = 60
MAX_PAGE_BYTES = 1_500_000


@pytest.fixture
def archive():
    topic = TopicFactory(slug="t1")
    for number in range(20):
        appearance = AppearanceFactory(session__title=f"word{number} syn{number}")
        appearance.session.topics.add(topic)
        SpeakerAliasFactory(speaker=appearance.speaker, name=f"name{number}")
        TopicAliasFactory(topic=topic, name=f"syn{number} other")
    Synonym.objects.bulk_create(
        Synonym(term=f"syn{term}", equivalent=f"other{term}x{name}")
        for term, name in product(range(60), range(20))
    )


@pytest.fixture
def leaves(monkeypatch):
    """How many words, phrases and dates each search passed to the engine."""
    counts = []
    node_of, query_of = QueryCompiler._node_query, QueryCompiler.matching_query

    def node(self, each):
        counts[-1] += not hasattr(each, "nodes")
        return node_of(self, each)

    def query(self, nodes):
        counts.append(0)
        return query_of(self, nodes)

    monkeypatch.setattr(QueryCompiler, "_node_query", node)
    monkeypatch.setattr(QueryCompiler, "matching_query", query)
    return counts


@pytest.mark.parametrize("address", ADDRESSES)
def test_cost_of_a_query_is_limited(client, archive, leaves, address):
    for case in REQUESTS:
        text_name, filter_name, page = case
        asked = [("q", TEXTS[text_name]), *FILTERS[filter_name], *page]
        leaves.clear()
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(f"{address}?{urlencode(asked)}")
            content = answer.getvalue()

        assert answer.status_code in (200, 400, 404), case
        assert len(queries) <= MAX_QUERIES, case
        assert max((query["sql"].count("JOIN") for query in queries), default=0) <= 10, case
        assert max(leaves, default=0) <= MAX_LEAVES + MAX_EXPANDED_TERMS * (
            MAX_NAMES_ADDED_PER_TERM + 1
        ), case
        assert len(content) <= MAX_PAGE_BYTES, case


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ([("q", TEXTS["words"])], f"at most {MAX_LEAVES} words or phrases"),
        ([("q", TEXTS["prefixes"])], f"{MAX_PREFIXES} beginnings of words"),
        ([("q", "a " * 6000)], "10,000 characters"),
        (
            [("topic", f"t{n}") for n in range(51)],
            f"Choose at most {MAX_VALUES_PER_PARAMETER} values.",
        ),
    ],
)
def test_ignored_input_is_reported_on_pages_and_rejected_elsewhere(
    client, archive, query, message
):
    query_string = urlencode(query)
    page = client.get(f"/sessions/?{query_string}")
    others = [
        client.get(f"{address}?{query_string}")
        for address in ("/api/v1/sessions/", "/sessions/feed.atom", "/sessions/export.csv")
    ]

    assert page.status_code == 200
    assert message in page.content.decode()
    for other in others:
        assert other.status_code == 400
        assert message in other.content.decode()


def test_repeated_word_counts_once(client, archive):
    answer = client.get("/api/v1/sessions/", {"q": "word1 " * 100})

    assert answer.json()["count"] == 1
