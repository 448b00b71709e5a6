from datetime import date, timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from desk_app.models import CheckedRecord, Finding
from ingest_app.contradictions import background_check
from ingest_app.contradictions.background_check import check_changed_sessions, sessions_to_check
from ingest_app.contradictions.finder import (
    DATE_DIFFERS,
    NOT_AMONG_SPEAKERS,
    NUMBERS_SKIP,
    SessionText,
    find_contradictions,
    unmistakable_names,
)
from ingest_app.pages.page_parser import read_page_record
from sessions_app.models import Session
from tests.factories import (
    AppearanceFactory,
    RecommendationFactory,
    SessionFactory,
    SpeakerAliasFactory,
    SpeakerFactory,
)

SAMPLES = sorted((Path(__file__).parents[1] / "samples").glob("*.txt"))


def told(text, *, day=date(2019, 11, 15), last=None, numbers=(), names=()):
    return SessionText("A title", text, day, last, numbers, names)


def of_kind(kind, session, known=()):
    return [text for name, text in find_contradictions(session, dict(known)) if name == kind]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The session was held on 14 November 2019.", "The text says 14 November 2019; the record says 15 November 2019."),
        ("Date: November 14, 2019", "The text says 14 November 2019; the record says 15 November 2019."),
        ("SMA hosted a panel on Thursday, 14 November 2019, about cables.", "The text says 14 November 2019; the record says 15 November 2019."),
        ("The session was held on 15 November 2019.", None),
        ("The workshop took place on 14–16 November 2019.", None),
        ("A follow-up of the talk held on 3 May 2018. This talk was held on 15 November 2019.", None),
        ("On 24 February 2022 Russia invaded.", None),
        ("He presented a paper of 24 February 2018 at the session.", None),
        ("The talk was about the treaty signed on 3 March 1918.", None),
    ],
)  # fmt: skip
def test_day_in_the_text_contradicts_the_record(text, said):
    assert of_kind(DATE_DIFFERS, told(text)) == ([said] if said else [])


def test_day_in_the_text_of_an_undated_record():
    text = "The briefing was held on 14 November 2019."

    assert of_kind(DATE_DIFFERS, told(text, day=None)) == [
        "The text says 14 November 2019; the record has no date."
    ]
    assert of_kind(DATE_DIFFERS, told("About cables.", day=None)) == []


@pytest.mark.parametrize(
    ("numbers", "text", "said"),
    [
        ([1, 2, 4], "", ["Recommendations are numbered 1, 2, 4: 3 is missing."]),
        ([2, 3], "", ["Recommendations are numbered 2, 3: 1 is missing."]),
        ([1, 2, 3], "", []),
        ([], "They advise 1) ask early, 2) ask once, and 4) say thank you.", ["The text counts to 2), then goes on with 4)."]),
        ([], "They advise (1) ask, (2) ask once. Then 1) wait, 2) see.", []),
        ([], "In chapter 7) of 12) there is nothing.", []),
    ],
)  # fmt: skip
def test_gap_in_the_numbers_is_reported(numbers, text, said):
    assert of_kind(NUMBERS_SKIP, told(text, numbers=numbers)) == said


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Mr. Bendett began. Ms. Elsa Kania went on.", "Ms. Elsa Kania"),
        ("Dr. Joost van Leeuwen agreed.", "Dr. Joost van Leeuwen"),
        ("Later Ann Other, a speaker before, was quoted.", "Ann Other"),
        ("Mr. Bendett and Mr. Samuel Bendett are one.", None),
        ("Please email Ms. Nicole Omundson (n@archive.example).", None),
        ("President Putin and General Secretary Xi were named.", None),
        ("Dr. of philosophy is no name.", None),
    ],
)
def test_people_named_but_not_among_the_speakers_are_reported(text, named):
    known = unmistakable_names(
        [("Ann", "Other"), ("Samuel", "Bendett"), ("A", "Other"), ("", "Title")]
    )

    found = of_kind(NOT_AMONG_SPEAKERS, told(text, names=["Samuel Bendett"]), known)

    assert found == (
        [f"“{named}” is named in the text, and is not among the speakers."] if named else []
    )


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_correct_pages_have_no_contradictions(path):
    """The samples are correct; staff would ignore a check with false alarms."""
    record = read_page_record(path.read_text())
    names = [f"{each.given_or_initial} {each.family}" for each in record.speakers]
    session = SessionText(record.title, path.read_text(), record.date, record.date_end, (), names)

    assert list(find_contradictions(session, {})) == []


def listed(client, name):
    response = client.get(reverse("worklists:worklist", args=[name]))
    return [line.note for line, _ticked in response.context["lines"]]


@pytest.mark.django_db
def test_sessions_are_checked_once_and_again_after_a_change(staff_client):
    client = staff_client("Editors")
    session = SessionFactory(summary="<p>The session was held on 2 March 2024 with Dr. Kim.</p>")
    kim = SpeakerFactory(given_name="Jae", family_name="Lim")
    SpeakerAliasFactory(speaker=kim, name="Kim, J.")

    looked = check_changed_sessions(), check_changed_sessions()
    first = listed(client, DATE_DIFFERS), listed(client, NOT_AMONG_SPEAKERS)
    AppearanceFactory(session=session, speaker=kim)
    session.refresh_from_db()
    session.held_on = date(2024, 3, 2)
    session.save()
    check_changed_sessions()

    assert looked == (1, 0)
    assert first == (
        ["The text says 2 March 2024; the record says 14 March 2024."],
        ["“Dr. Kim” is named in the text, and is not among the speakers."],
    )
    assert not Finding.objects.exists()


@pytest.mark.django_db
def test_dismissed_finding_stays_dismissed_while_unchanged(staff_client):
    client = staff_client("Editors")
    first, second = (RecommendationFactory(session=SessionFactory()) for _ in range(2))
    for each in (first, second):
        RecommendationFactory(session=each.session)
        each.delete()
    check_changed_sessions()
    row = Finding.objects.get(key=first.session_id)
    client.post(
        reverse("worklists:worklist", args=[NUMBERS_SKIP]), {"fix": "right", "line": [row.pk]}
    )
    Session.objects.get(pk=first.session_id).save()

    check_changed_sessions()

    assert [each.key for each in Finding.objects.filter(dismissed_at=None)] == [second.session_id]
    RecommendationFactory(session=Session.objects.get(pk=first.session_id))
    check_changed_sessions()
    assert listed(client, NUMBERS_SKIP)[0] == "Recommendations are numbered 2, 3: 1 is missing."


@pytest.mark.django_db
def test_remaining_work_continues_in_the_next_tick(monkeypatch):
    SessionFactory.create_batch(3)
    monkeypatch.setattr(background_check, "SESSIONS_PER_BATCH", 2)
    times = iter([0.0, 1.0, 9.0])
    monkeypatch.setattr(background_check.time, "monotonic", lambda: next(times, 9.0))

    looked = background_check._check_until_deadline()

    assert looked == 2 and sessions_to_check().count() == 1


@pytest.mark.django_db
def test_sessions_are_due_again_after_a_month_unless_in_the_bin():
    old, binned = SessionFactory.create_batch(2)
    check_changed_sessions()
    CheckedRecord.objects.update(checked_at=timezone.now() - timedelta(days=31))
    Session.objects.filter(pk=binned.pk).update(
        status="binned", binned_at=timezone.now(), status_before_bin="published"
    )

    assert list(sessions_to_check()) == [old]
