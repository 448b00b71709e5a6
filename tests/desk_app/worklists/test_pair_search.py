"""Similar records are found in steps; an interruption anywhere does not change the result."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from desk_app.models import CheckRun, LookAlike
from desk_app.worklists import pair_search
from search_app.models import Change
from sessions_app.worklists.duplicate_people_check import (
    SPEAKERS_CHECK_NAME,
    find_alike_organisations,
    find_alike_speakers,
)
from speakers_app.duplicate_candidates import (
    candidate_pairs_of_speakers,
    load_compared_speakers,
)
from speakers_app.models import Organisation, Speaker
from tests.factories import OrganisationFactory, SpeakerAliasFactory, SpeakerFactory

pytestmark = pytest.mark.django_db
GIVEN = ("Samuel", "S.", "Sam", "Samual", "Ada", "")
FAMILIES = ("Bendett", "Bendet", "Thorne", "Li")


@pytest.fixture(autouse=True)
def small_steps(monkeypatch):
    monkeypatch.setattr(pair_search, "RECORDS_PER_STEP", 3)


def fill(count, seed=1):
    chance = random.Random(seed)
    for _ in range(count):
        SpeakerFactory(given_name=chance.choice(GIVEN), family_name=chance.choice(FAMILIES))
    SpeakerAliasFactory(speaker=Speaker.objects.first(), name="Thorne, Ada")


def listed():
    rows = LookAlike.objects.filter(dismissed_at=None)
    return {(row.first, row.second): (row.reason, row.likeness) for row in rows}


def expected():
    """Return the best reason for each pair, computed in one step."""
    best = {}
    for one, other, reason, likeness in candidate_pairs_of_speakers(load_compared_speakers()):
        pair = (min(one, other), max(one, other))
        if pair not in best or best[pair][1] < likeness:
            best[pair] = (reason, likeness)
    return best


def to_the_end():
    calls = 0
    while find_alike_speakers(seconds=0):
        calls += 1
    return calls


def test_interrupted_steps_find_the_same_pairs_as_a_single_run():
    fill(20)

    assert to_the_end() >= 20 / 3
    assert listed() == expected() != {}
    assert find_alike_speakers() == 0


def test_pairs_listed_midway_are_similar():
    fill(20)

    find_alike_speakers(seconds=0), find_alike_speakers(seconds=0)

    assert 0 < len(listed()) < len(expected())
    assert listed().items() <= expected().items()
    assert CheckRun.objects.get().ended_at is None


def test_changes_during_the_steps_are_found_in_the_end():
    fill(20)
    find_alike_speakers(seconds=0), find_alike_speakers(seconds=0)
    Speaker.objects.first().delete()
    behind = Speaker.objects.first()
    behind.family_name, behind.given_name = "Thorne", "Ada"
    behind.save()

    to_the_end()

    assert listed() == expected()


@pytest.mark.parametrize("seed", range(5))
def test_later_runs_compare_only_changed_records(seed):
    fill(20, seed)
    find_alike_speakers()
    first, second, third = Speaker.objects.order_by("?")[:3]
    first.family_name = "Thorne"
    first.save()
    gone = second.pk
    second.delete()
    SpeakerAliasFactory(speaker=third, name="Samuel Bendett")
    SpeakerFactory(given_name="Ada", family_name="Li")

    looked = find_alike_speakers()

    assert looked <= 4 and gone
    assert listed() == expected()


@pytest.mark.parametrize("reason", ["a week", "a pruned log", "a clock that was wrong"])
def test_all_records_are_compared_again_after_a_while(reason):
    fill(20)
    find_alike_speakers()
    LookAlike.objects.all().delete()  # as if a release compared differently
    if reason == "a week":
        CheckRun.objects.update(went_through_at=timezone.now() - timedelta(days=8))
    elif reason == "a pruned log":
        Change.objects.all().delete()
    else:
        CheckRun.objects.update(went_through_at=timezone.now() + timedelta(days=900))

    assert find_alike_speakers() >= 20
    assert listed() == expected()


def test_dismissed_pairs_stay_dismissed_until_one_record_is_deleted():
    one, other = (SpeakerFactory(given_name="S.", family_name="Li") for _ in range(2))
    find_alike_speakers()
    LookAlike.objects.update(dismissed_at=timezone.now())
    other.given_name = "Sam"
    other.save()

    find_alike_speakers()
    kept = LookAlike.objects.get()
    one.delete()
    find_alike_speakers()

    assert kept.dismissed_at and kept.reason == "initials that fit"
    assert not LookAlike.objects.exists()


def test_step_done_by_another_process_is_not_stored_twice(monkeypatch):
    fill(6)
    store = pair_search._store_step_if_current

    def overtaken(search, run, *more):
        CheckRun.objects.filter(pk=run.pk).update(version=7)
        return store(search, run, *more)

    monkeypatch.setattr(pair_search, "_store_step_if_current", overtaken)

    assert find_alike_speakers() == 0
    assert not LookAlike.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_pairs_are_computed_without_a_lock(monkeypatch):
    fill(6)
    held = []
    best = pair_search._best_pairs_of_step

    def noting(*arguments):
        held.append(connection.in_atomic_block)
        return best(*arguments)

    monkeypatch.setattr(pair_search, "_best_pairs_of_step", noting)

    find_alike_speakers()

    assert held == [False, False]


def test_organisations_are_found_too():
    OrganisationFactory(name="CNA"), OrganisationFactory(name="The CNA")

    find_alike_organisations()

    label = Organisation._meta.label_lower
    assert LookAlike.objects.get().model == label
    assert CheckRun.objects.exclude(name=SPEAKERS_CHECK_NAME).count() == 1
