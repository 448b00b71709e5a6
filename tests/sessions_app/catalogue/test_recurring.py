"""Recurring advice: how it is grouped, the page of groups, the list by session."""

import csv
import io
import random
from datetime import date

import pytest

from search_app import change_log
from sessions_app.catalogue import recurring
from sessions_app.catalogue.advice_groups import (
    MIN_COSINE_OF_SAME_ADVICE,
    group_similar_texts,
    significant_word_codes,
    word_set_cosine,
)
from sessions_app.catalogue.recurring import update_groups
from sessions_app.models import Recommendation, Recurrence, Session
from tests.factories import (
    AppearanceFactory,
    RecommendationFactory,
    SessionFactory,
    TopicFactory,
)

ADDRESS = "/recommendations/recurring/"
ADVICE = "Train analysts to read adversary doctrine in the original language"


@pytest.fixture
def advised(db):
    """Return a function that creates a session with a recommendation and returns the recommendation."""

    def advise(text, year=2020, **session):
        held = SessionFactory(held_on=date(year, 3, 1), **session)
        return RecommendationFactory(session=held, text=text)

    return advise


def test_similar_texts_form_one_group():
    texts = [
        (1, ADVICE),
        (2, "Train more analysts to read the doctrine of the adversary in its original language."),
        (3, "Analysts trained to read adversary doctrine in original languages"),
        (4, "Buy more submarines for the northern fleet before winter"),
        (5, "Fund open-source research on submarines and undersea cables"),
    ]

    found = group_similar_texts(texts)

    assert [sorted(key for key, _likeness in rows) for rows in found] == [[1, 2, 3]]


def test_identical_text_has_the_highest_similarity_and_the_centre_comes_first():
    found = group_similar_texts([(7, ADVICE), (8, ADVICE), (9, ADVICE.upper())])

    assert found == [[(7, 1.0), (8, 1.0), (9, 1.0)]]


def test_chain_of_similar_texts_does_not_join_dissimilar_ones():
    texts = [
        (1, "alpha bravo charlie delta"),
        (2, "charlie delta echoes foxtrot"),
        (3, "echoes foxtrot golfing hotels"),
    ]

    for rows in group_similar_texts(texts):
        assert {key for key, _likeness in rows} != {1, 2, 3}


@pytest.mark.parametrize("text", ["", "Do it", "the of and to be", "2020 2021 2022"])
def test_short_text_is_in_no_group(text):
    assert group_similar_texts([(1, text), (2, text)]) == []


def test_larger_groups_come_first_in_a_stable_order():
    texts = [(n, ADVICE) for n in (1, 2)] + [(n, "Fund quantum sensors") for n in (3, 4, 5)]

    assert [len(rows) for rows in group_similar_texts(texts)] == [3, 2]
    assert group_similar_texts(texts) == group_similar_texts(texts)


def test_grouping_excludes_drafts(advised):
    first, second = advised(ADVICE), advised(ADVICE)
    draft = advised(ADVICE, status="draft")

    update_groups()
    members = set(Recurrence.objects.values_list("recommendation", flat=True))
    assert members == {first.pk, second.pk}
    assert draft.pk not in members


def test_grouping_is_updated_after_changes(advised):
    first, second = advised(ADVICE), advised(ADVICE)
    assert update_groups() > 0
    assert update_groups() == 0  # nothing changed

    third = advised(ADVICE)
    assert update_groups() > 0
    assert members_of_groups() == [{first.pk, second.pk, third.pk}]

    first.delete()
    update_groups()
    assert members_of_groups() == [{second.pk, third.pk}]

    third.text = "Fund quantum sensors"
    third.save()
    update_groups()
    assert members_of_groups() == []


def members_of_groups():
    """Return the members of each stored group, the smallest key first."""
    members = {}
    for key, group in Recurrence.objects.values_list("recommendation", "group"):
        members.setdefault(group, set()).add(key)
    return sorted(members.values(), key=min)


def varied_texts(count, seed=1):
    """Return texts made of few words, so that many are identical or similar."""
    chance = random.Random(seed)
    vocabulary = [f"{first}{second}" for first in ("ba", "ke", "li") for second in LETTERS]
    return [" ".join(chance.choices(vocabulary, k=chance.randint(3, 8))) for _ in range(count)]


LETTERS = ("nor", "tul", "sim", "rap", "dov", "gek", "lub", "zan")


def test_members_are_similar_to_their_centre_and_centres_to_none():
    texts = dict(enumerate(varied_texts(400), start=1))
    words = {key: significant_word_codes(text) for key, text in texts.items()}
    found = group_similar_texts(texts.items())

    assert len(found) > 10
    for (centre, _one), *members in found:
        for key, near in members:
            assert centre < key
            assert near == word_set_cosine(words[centre], words[key]) >= MIN_COSINE_OF_SAME_ADVICE
    centres = [rows[0][0] for rows in found]
    alike = [
        (one, other)
        for one in centres
        for other in centres
        if one < other and word_set_cosine(words[one], words[other]) >= MIN_COSINE_OF_SAME_ADVICE
    ]
    assert len(alike) <= len(centres) / 10  # pairs without a mark in common are not compared


@pytest.mark.django_db
def test_groups_are_the_same_in_one_or_many_steps(monkeypatch):
    """Texts are added, changed, deleted and restored in any order, in small steps."""
    monkeypatch.setattr(recurring, "MAX_TEXTS_PER_STEP", 7)
    chance = random.Random(3)
    session = SessionFactory()
    made = Recommendation.objects.bulk_create(
        Recommendation(session=session, number=number, text=text)
        for number, text in enumerate(varied_texts(60), start=1)
    )
    hidden = SessionFactory(status="draft")
    for _round in range(25):
        for advice in chance.sample(made, 3):
            match chance.choice(("text", "session", "number")):
                case "text":
                    advice.text = chance.choice(varied_texts(60))
                case "session":
                    advice.session = hidden if advice.session == session else session
                    advice.number += 100
            advice.save()
        update_groups(seconds=0)
    update_groups()

    public = Recommendation.objects.published().values_list("pk", "text")
    expected = {
        key: (rows[0][0], near) for rows in group_similar_texts(public) for key, near in rows
    }
    stored = Recurrence.objects.values_list("recommendation", "group", "likeness")
    assert {key: (group, near) for key, group, near in stored} == expected


def test_interrupted_grouping_continues(client, advised, monkeypatch):
    monkeypatch.setattr(recurring, "MAX_TEXTS_PER_STEP", 2)
    for _ in range(7):
        advised(ADVICE)

    assert 0 < update_groups(seconds=0) < 7
    partial = client.get(ADDRESS)
    assert "has not been compared yet" in partial.text
    steps = 1
    while update_groups(seconds=0):
        steps += 1

    assert steps > 3
    whole = client.get(ADDRESS)
    assert "has not been compared yet" not in whole.text
    assert [group.session_count for group in whole.context["groups"]] == [7]


def test_step_done_by_another_process_changes_nothing(advised):
    advised(ADVICE), advised(ADVICE)
    run, _new = recurring.RecurrenceRun.objects.get_or_create(pk=1)
    update = recurring._GroupUpdate(run)
    update_groups()
    before = list(Recurrence.objects.values())

    assert update.run_step() is False
    assert list(Recurrence.objects.values()) == before


def test_everything_is_read_again_if_changes_are_missing_from_the_log(advised):
    first, second, third = advised(ADVICE), advised(ADVICE), advised(ADVICE)
    update_groups()
    Session.objects.filter(pk=third.session_id).update(status="withdrawn")  # sends no signal
    change_log.record_that_everything_changed()

    update_groups()

    assert members_of_groups() == [{first.pk, second.pk}]


@pytest.mark.parametrize("centre_goes", [True, False])
def test_heading_is_a_currently_public_recommendation(client, advised, centre_goes):
    texts = [ADVICE, f"{ADVICE} always", f"{ADVICE} always and everywhere"]
    advice = [advised(text) for text in texts]
    update_groups()
    gone = advice[0 if centre_goes else 1]
    assert client.get(ADDRESS).context["groups"][0].text == ADVICE

    gone.session.status = "withdrawn"
    gone.session.save()

    (group,) = client.get(ADDRESS).context["groups"]
    assert group.text == (texts[1] if centre_goes else ADVICE)
    assert group.session_count == 2


def test_cached_page_is_updated_after_a_new_grouping(client, advised):
    advised(ADVICE), advised(ADVICE)
    assert client.get(ADDRESS).context["groups"] == []

    update_groups()

    assert "2</strong> sessions" in client.get(ADDRESS).text


def test_recurring_page_shows_groups_over_time(client, advised):
    for year in (2018, 2020, 2020):
        advised(ADVICE, year)
    advised("Buy submarines for the northern fleet")
    update_groups()

    response = client.get(ADDRESS)

    (group,) = response.context["groups"]
    assert group.session_count == 3
    assert (group.first_year, group.last_year) == (2018, 2020)
    assert group.years == [(2018, 1), (2020, 2)]
    assert [each.session.held_on.year for each in group.members] == [2020, 2020, 2018]
    assert ADVICE in response.text
    assert "submarines" not in response.text


def test_advice_of_a_single_session_does_not_recur(client, advised):
    first = advised(ADVICE)
    RecommendationFactory(session=first.session, text=ADVICE, number=2)
    update_groups()

    assert client.get(ADDRESS).context["groups"] == []


def test_filters_select_groups_with_a_match(client, advised):
    topic = TopicFactory(name="Doctrine", slug="doctrine")
    first = advised(ADVICE)
    first.session.topics.add(topic)
    advised(ADVICE)
    advised("Fund quantum sensors")
    advised("Fund quantum sensors")
    update_groups()

    assert len(client.get(ADDRESS).context["groups"]) == 2
    (group,) = client.get(ADDRESS, {"topic": "doctrine"}).context["groups"]
    assert group.session_count == 2  # the whole group, not only the matching recommendations
    (group,) = client.get(ADDRESS, {"q": "quantum"}).context["groups"]
    assert group.text == "Fund quantum sensors"
    assert client.get(ADDRESS, {"q": "nothing-like-it"}).context["groups"] == []


def test_withdrawn_sessions_leave_their_group_at_once(client, advised):
    kept = [advised(ADVICE) for _ in range(2)]
    gone = advised(ADVICE, title="Withdrawn session")
    update_groups()
    gone.session.status = "withdrawn"
    gone.session.save()

    (group,) = client.get(ADDRESS).context["groups"]

    assert {each.pk for each in group.members} == {each.pk for each in kept}
    assert "Withdrawn session" not in client.get(ADDRESS).text


def test_one_group_shows_all_its_sessions(client, advised):
    for n in range(9):
        advised(ADVICE, 2010 + n)
    update_groups()

    (short,) = client.get(ADDRESS).context["groups"]
    (whole,) = client.get(short.url).context["groups"]

    assert (len(short.members), short.sessions_not_shown) == (6, 3)
    assert len(whole.members) == 9


@pytest.mark.parametrize("query", ["group=x", "group=99", "group=" + "9" * 40, "page=0", "page=x"])
def test_unusual_query_is_answered(client, advised, query):
    assert client.get(f"{ADDRESS}?{query}").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_page_query_count(client, advised, count, django_assert_num_queries):
    texts = [ADVICE, "Fund quantum sensors", "Buy submarines for the northern fleet"][:count]
    for text in texts * (count + 1):
        advice = advised(text)
        advice.made_by.add(AppearanceFactory(session=advice.session))
    update_groups()
    client.get(f"{ADDRESS}?sort=title")

    with django_assert_num_queries(12):
        response = client.get(ADDRESS)

    assert len(response.context["groups"]) == count


def test_list_by_session_preserves_order_and_results(client, advised):
    old = advised("Map the seabed", 2015, title="Old session")
    RecommendationFactory(session=old.session, text="Map the coast", number=2)
    advised("Map the sky", 2020, title="New session")

    response = client.get("/recommendations/?group=session")

    shape = [(session.title, len(results)) for session, results in response.context["groups"]]
    assert shape == [("New session", 1), ("Old session", 2)]
    assert response.text.count("data-recommendation=") == 3


def test_list_shows_the_context_of_advice(client, advised):
    advice = advised("fund sensors", summary="")
    advice.session.summary = "<p>He was brief. The speaker said: fund sensors, and soon. Bye.</p>"
    advice.session.save()

    text = client.get("/recommendations/").text

    assert "The speaker said: fund sensors, and soon." in text
    assert "He was brief" not in text


def test_similar_advice_is_found_by_its_own_text(client, advised):
    one = advised("Keep a living map of critical mineral suppliers", title="When neighbours call")
    like = advised("Map the suppliers of critical minerals to the third tier", title="Of roads")
    advised("Map the suppliers of critical minerals to the third tier", title="Of rails")
    advised("Answer rumours within a day", title="When neighbours call")

    similar = client.get(one.get_absolute_url()).context["similar"]

    assert [result.recommendation for result in similar] == [like]


def test_recommendation_page_shows_how_often_it_was_given(client, advised):
    first, _again, other = (
        advised(ADVICE, 2015),
        advised(ADVICE, 2021),
        advised("Buy more ships for the northern ports", 2016),
    )
    draft = SessionFactory(status="draft")
    RecommendationFactory(session=draft, text=ADVICE)
    update_groups()

    page = client.get(first.get_absolute_url()).text

    assert f'?group={first.recurrence.group}">Advised in 2 sessions</a>, 2015–2021' in page
    assert "Advised in" not in client.get(other.get_absolute_url()).text


def test_text_of_advice_has_more_weight_than_its_session(client, advised):
    told = advised("Guard the cables between the islands", title="Of ports")
    held = advised("Buy ships", title="Cables and islands")

    page = client.get("/recommendations/?q=cables+islands")

    assert [result.recommendation for result in page.context["list"].results] == [told, held]


def test_field_without_values_in_recommendations_finds_nothing(client, advised):
    advised(ADVICE)

    assert client.get("/recommendations/?q=transcript:analysts").context["list"].hits.total == 0


def test_groups_on_a_page_share_one_axis_of_years(client, advised):
    advised(ADVICE, 2015)
    advised(ADVICE, 2017)
    for year in (2016, 2021, 2021):
        advised("Buy more ships for the northern ports", year)
    update_groups()

    page = client.get(ADDRESS).text

    assert 'aria-label="Sessions by year: 2016: 1, 2021: 2"' in page
    assert 'aria-label="Sessions by year: 2015: 1, 2017: 1"' in page
    assert page.count(">2015</text>") == page.count(">2021</text>") == 2


def test_group_counts_and_shows_sessions_within_the_filters_first(client, advised):
    old = advised(ADVICE, 2015)
    for year in (2018, 2021):
        advised(ADVICE, year)
    update_groups()

    response = client.get(f"{ADDRESS}?year=2015")

    (group,) = response.context["groups"]
    assert (group.count_within, group.session_count) == (1, 3)
    assert [advice.is_within for advice in group.members] == [True, False, False]
    assert group.members[0] == old
    assert "<strong>1</strong> of 3 sessions within your filters" in response.text
    assert "in the same words" not in response.text


@pytest.mark.parametrize("count", [1, 3])
def test_export_contains_every_recommendation(client, advised, count, django_assert_num_queries):
    for text in [ADVICE, "Fund quantum sensors", "Buy submarines for the northern fleet"][:count]:
        for year in (2015, 2021):
            advised(text, year)
    update_groups()
    client.get(ADDRESS, {"year": "2014"})  # builds the index

    with django_assert_num_queries(7):
        response = client.get(f"{ADDRESS}export.csv?year=2015")
        lines = list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))

    assert len(lines) == 2 * count
    assert {(line["held_on"][:4], line["within_filters"]) for line in lines} == {
        ("2015", "yes"),
        ("2021", "no"),
    }
    assert {line["sessions"] for line in lines} == {"2"}
    assert response["Content-Disposition"].startswith('attachment; filename="recurring-advice-')


@pytest.mark.django_db
def test_export_rejects_invalid_values(client):
    assert client.get(f"{ADDRESS}export.csv?year=abcd").status_code == 400
