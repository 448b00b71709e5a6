"""The demonstration shows the features of the archive."""

import re
from collections import Counter
from datetime import date
from html import unescape
from itertools import combinations

import pytest
from django.core.management import call_command

from sessions_app.catalogue.quote_context import summary_sentence_with_advice
from sessions_app.demo import handwritten
from sessions_app.demo.demonstration import Demonstration
from sessions_app.models import Comment, Recommendation, Session
from site_app.models import OldAddress
from site_app.text.rich_text import plain_text, sanitise
from speakers_app.models import Organisation, Speaker

TODAY = date(2026, 11, 28)
SESSIONS = handwritten.load_sessions(TODAY)
# A no-break space before a semicolon is French.
FAULTS = re.compile(r"[*{}]|  | [,;.]|\w'\w|\"|\.\.")
PUBLIC = [session for session in SESSIONS if session.status == "published"]
HELD = [session for session in PUBLIC if session.held_on and session.held_on < TODAY]


@pytest.mark.parametrize("session", SESSIONS, ids=lambda session: session.ref)
def test_written_session_refers_to_existing_records(session):
    people = {person.name for person in handwritten.load_speakers()}
    bodies = {body.name for body in handwritten.load_organisations()}
    topics = {topic.name for topic in handwritten.load_headings("topics")}
    appearing = [appearance.speaker for appearance in session.appearances]

    assert {*appearing} <= people
    assert len({*appearing}) == len(appearing) > 0
    assert {one.organisation for one in session.appearances} <= {*bodies, ""}
    assert {name for one in session.appearances for name in one.further_organisations} <= bodies
    assert session.series in {"", *(series.name for series in handwritten.load_headings("series"))}
    assert {*session.topics} <= topics
    assert session.topics
    assert {*session.regions} <= {region.name for region in handwritten.load_headings("regions")}
    for recommendation in session.recommendations:
        speaking = {one.speaker for one in session.appearances if one.function != "moderator"}
        assert {*recommendation.made_by} <= speaking
        assert recommendation.made_by
        assert {*recommendation.topics} <= topics
        assert recommendation.text[0].isupper() or not recommendation.text[0].isascii()
        assert recommendation.text.endswith(".")
    for document in session.documents:
        assert bool(document.file) != bool(document.url)
        assert not document.file or (handwritten.DOCUMENTS_FOLDER / document.file).is_file()
    if session.comments:
        assert not session.comments[0].is_reply


@pytest.mark.parametrize("session", SESSIONS, ids=lambda session: session.ref)
def test_written_summary_has_a_reasonable_length_and_form(session):
    text = plain_text(session.summary)

    assert unescape(sanitise(session.summary)) == unescape(session.summary)
    assert (100 if session.status == "withdrawn" else 120) <= len(text.split()) <= 600
    assert text.count("\n") >= 1
    assert not FAULTS.search(re.sub("<[^>]+>", "\n", unescape(session.summary)))
    for recommendation in session.recommendations:
        assert recommendation.text.rstrip(".").casefold() not in text.casefold()


def test_written_sentences_are_not_repeated():
    sentences = Counter(
        sentence
        for session in SESSIONS
        for sentence in re.split(r"(?<=[.?!؟])\s+", plain_text(session.summary))
        if len(sentence.split()) > 4
    )

    assert [text for text, count in sentences.items() if count > 1] == []


def test_titles_and_advice_are_not_repeated_unless_advice_recurs():
    advice = Counter(one.text for session in SESSIONS for one in session.recommendations)

    assert len({session.title for session in SESSIONS}) == len(SESSIONS)
    assert [text for text, count in advice.items() if count > 1] == []


def test_newest_session_shows_every_feature():
    newest = max(HELD, key=lambda session: session.held_on)
    [recording] = newest.recordings

    assert newest.language == "en"
    assert len(newest.appearances) >= 3
    assert {one.function for one in newest.appearances} == {"panelist", "moderator"}
    assert len(newest.recommendations) >= 3
    assert all(one.audience and one.topics for one in newest.recommendations)
    assert {bool(document.file) for document in newest.documents} == {True, False}
    assert len({document.kind for document in newest.documents}) >= 3
    assert recording.access == "open"
    assert recording.transcript_access == "public"
    assert recording.audio
    assert recording.chapters
    assert any(comment.is_reply for comment in newest.comments)
    assert newest.series and newest.regions and len(newest.topics) > 1
    assert max(PUBLIC, key=lambda session: session.published_at) == newest


def test_small_demonstration_has_the_newest_sessions_and_every_kind():
    few = list(Demonstration(24, 1, TODAY).all_sessions())

    assert few[0] == max(HELD, key=lambda session: session.held_on)
    assert {session.status for session in few} == {session.status for session in SESSIONS}
    assert any(session.held_on is None for session in few)
    assert any(session.held_on and session.held_on > TODAY for session in few)
    assert any(session.language == "ar" for session in few)


def test_demonstration_is_reproducible_and_starts_with_the_written_sessions():
    one, other = (Demonstration(len(SESSIONS) + 40, 1, TODAY) for _ in range(2))

    made = list(one.all_sessions())
    assert made == list(other.all_sessions())
    assert one.speakers == other.speakers
    assert made[: len(SESSIONS)] == SESSIONS
    assert list(Demonstration(5, 1, TODAY).all_sessions()) == SESSIONS[:5]


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.slow
def test_seeding_twice_changes_nothing_and_removal_leaves_nothing():
    def state():
        return (
            sorted(Session.objects.values_list("import_ref", "slug", "status")),
            sorted(Speaker.objects.values_list("slug", "biography")),
            sorted(Organisation.objects.values_list("slug", "parent__slug")),
            Comment.objects.count(),
            sorted(OldAddress.objects.values_list("path", "leads_to")),
        )

    call_command("seed_demo", verbosity=0)
    first = state()
    assert len(first[0]) == len(SESSIONS)
    call_command("seed_demo", verbosity=0)
    assert state() == first

    call_command("seed_demo", remove=True)
    assert state() == ([], [], [], 0, [])


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.slow
def test_generated_advice_occurs_in_a_sentence_of_its_summary():
    call_command("seed_demo", sessions=len(SESSIONS) + 12, verbosity=0)

    advice = Recommendation.objects.select_related("session").filter(
        session__import_ref__regex=r"^demo:\d+$"
    )

    assert advice.count() > 5
    for recommendation in advice:
        sentence = summary_sentence_with_advice(recommendation)
        audience = recommendation.audience
        subject = f"advice for {audience}" if audience else "this advice"
        assert sentence.startswith(f"The session closed with {subject}: ")
        assert recommendation.text[1:] in sentence


def test_generated_people_change_organisations_at_most_once_a_year():
    demonstration = Demonstration(len(SESSIONS) + 1500, 3, TODAY)
    posts: dict[str, dict[int, set]] = {}
    for session in list(demonstration.all_sessions())[len(SESSIONS) :]:
        for appearance in session.appearances:
            if session.held_on:
                years = posts.setdefault(appearance.speaker, {})
                years.setdefault(session.held_on.year, set()).add(
                    (appearance.organisation, appearance.role)
                )
        for one, other in combinations(session.appearances, 2):
            assert one.speaker != other.speaker

    assert all(len(held) == 1 for years in posts.values() for held in years.values())
    movers = [years for years in posts.values() if len(set.union(*years.values())) > 1]
    assert len(movers) > len(posts) / 4


def test_generated_organisations_have_complete_and_unique_names():
    names = [body.name for body in Demonstration(21_000, 7, TODAY).organisations]

    assert len(names) == len({*names}) == 5000 + len(handwritten.load_organisations())
    for name in names:
        assert not re.search(r"\d|(?:on|of) (?:Strategic|Maritime|Digital)$", name), name
        assert not re.search(r"\b(\w+) and \1\b", name), name
