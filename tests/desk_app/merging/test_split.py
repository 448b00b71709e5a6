import pytest

from desk_app.merging.row_moves import MergeError
from desk_app.merging.split import SplitSelection, preview_split, split_record
from desk_app.merging.undo import UndoRefusedError, undo_merge
from search_app.api import search
from search_app.criteria_and_hits import Criteria
from sessions_app.editing import history
from sessions_app.models import Appearance, Topic
from speakers_app.models import Speaker
from tests.desk_app.states import everything
from tests.factories import (
    AppearanceFactory,
    OrganisationFactory,
    RecommendationFactory,
    SessionFactory,
    SpeakerAliasFactory,
    SpeakerFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db
APPEARANCES = "sessions_app.appearance.speaker"
ALIASES = "speakers_app.speakeralias.speaker"


@pytest.fixture
def one():
    """A record that represents two people with the same name."""
    return SpeakerFactory(family_name="Kim", given_name="Jae")


def test_selected_appearances_and_aliases_move_to_a_new_speaker(client, one):
    stays, goes = AppearanceFactory.create_batch(2, speaker=one)
    RecommendationFactory(session=goes.session).made_by.add(goes)
    alias = SpeakerAliasFactory(speaker=one, name="Kim, J.-H.")
    other = Speaker(family_name="Kim", given_name="Jae-hoon")
    picks = SplitSelection({APPEARANCES: [goes.pk], ALIASES: [alias.pk]})
    before = everything()

    seen = preview_split(one, other, picks)

    assert everything() == before
    outcome = split_record(one, other, picks, user=None)
    made = Speaker.objects.get(given_name="Jae-hoon")
    assert (seen.moved, seen.shown) == (outcome.moved, outcome.shown) and outcome.kept == made
    assert [each.pk for each in made.appearances.all()] == [goes.pk]
    assert [each.pk for each in one.appearances.all()] == [stays.pk]
    assert [each.name for each in made.aliases.all()] == ["Kim, J.-H."]
    assert search(Criteria(filters={"speaker": (made.slug,)})).total == 1
    assert "Split: Jae-hoon Kim split off Jae Kim." in [
        each.revision.comment for each in history.versions_of_session(goes.session_id)
    ]
    assert history.versions_of_session(stays.session_id).count() == 0
    address = made.get_absolute_url()
    undo_merge(outcome.record, user=None)
    after = everything()
    redirects = [model for model in before if model.__name__ == "OldAddress"]
    assert {k: v for k, v in after.items() if k not in redirects} == {
        k: v for k, v in before.items() if k not in redirects
    }
    assert client.get(address)["Location"] == one.get_absolute_url()


def test_recommendations_alone_can_move_within_a_session(one):
    theirs = AppearanceFactory(speaker=one, role_title="Fellow")
    first, second = RecommendationFactory.create_batch(2, session=theirs.session)
    for each in (first, second):
        each.made_by.add(theirs)
    other = SpeakerFactory()
    before = everything()

    outcome = split_record(
        one, other, SplitSelection(extras={"recommendations": [second.pk]}), user=None
    )

    mine = Appearance.objects.get(speaker=other)
    assert (mine.session, mine.role_title) == (theirs.session, "Fellow")
    assert [list(each.made_by.all()) for each in (first, second)] == [[theirs], [mine]]
    assert outcome.shown == {"sessions": 1}
    undo_merge(outcome.record, user=None)
    assert everything() == before


def test_appearances_of_both_are_combined(one):
    session = SessionFactory()
    theirs = AppearanceFactory(session=session, speaker=one, organisation=None)
    mine = AppearanceFactory(session=session)
    RecommendationFactory(session=session).made_by.add(theirs)

    split_record(one, mine.speaker, SplitSelection({APPEARANCES: [theirs.pk]}), user=None)

    assert [each.pk for each in session.appearances.all()] == [mine.pk]
    assert [each.pk for each in session.recommendations.get().made_by.all()] == [mine.pk]


def test_undo_is_refused_while_the_new_speaker_is_referenced_elsewhere(one):
    goes = AppearanceFactory(speaker=one)
    other = Speaker(family_name="Kim", given_name="Jae-hoon")
    record = split_record(one, other, SplitSelection({APPEARANCES: [goes.pk]}), user=None).record
    made = Speaker.objects.get(given_name="Jae-hoon")
    AppearanceFactory(speaker=made, session__title="Since then", organisation=None)

    with pytest.raises(UndoRefusedError) as refused:
        undo_merge(record, user=None)

    assert refused.value.reasons == [
        "Speaker “Jae-hoon Kim” is named elsewhere since: 1 appearance: Since then (14 March 2024)."
    ]


def test_affiliations_move_to_another_organisation():
    one, other = OrganisationFactory.create_batch(2)
    main = AppearanceFactory(organisation=one)
    further = AppearanceFactory(organisation=other)
    further.further_organisations.add(one)
    link = further.further_organisations.through.objects.get()
    picks = {
        "sessions_app.appearance.organisation": [main.pk],
        "sessions_app.appearance_further_organisations.organisation": [link.pk],
    }

    split_record(one, other, SplitSelection(picks), user=None)

    main.refresh_from_db()
    assert main.organisation == other
    assert not further.further_organisations.exists()  # it is the main organisation there


def test_topic_cannot_be_moved_below_itself():
    one = TopicFactory()
    child = TopicFactory(parent=one)
    grandchild = TopicFactory(parent=child)

    with pytest.raises(MergeError, match="is below"):
        split_record(
            one, grandchild, SplitSelection({"sessions_app.topic.parent": [child.pk]}), user=None
        )

    assert Topic.objects.get(pk=child.pk).parent == one


def test_split_requires_a_selection_and_an_unused_name(one):
    topic = TopicFactory(name="A")
    TopicFactory(name="B")
    session = SessionFactory()
    session.topics.add(topic)
    link = session.topics.through.objects.get()

    with pytest.raises(MergeError, match="Choose what to move"):
        split_record(one, SpeakerFactory(), SplitSelection(), user=None)
    with pytest.raises(MergeError, match="already exists"):
        split_record(
            topic,
            Topic(name="B"),
            SplitSelection({"sessions_app.session_topics.topic": [link.pk]}),
            user=None,
        )
