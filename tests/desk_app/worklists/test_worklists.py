import re

import pytest
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from desk_app.models import LookAlike
from desk_app.worklists.registry import worklists_of_user
from search_app.api import search
from search_app.criteria_and_hits import Criteria
from sessions_app.editing import history
from sessions_app.models import Session
from sessions_app.worklists.duplicate_people_check import (
    find_alike_organisations,
    find_alike_speakers,
)
from site_app.models import ContactMessage, MailMessage
from tests.factories import (
    HELD_ON,
    AppearanceFactory,
    CommentFactory,
    OrganisationFactory,
    RecommendationFactory,
    SeriesFactory,
    SessionFactory,
    SpeakerFactory,
    TopicFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
DESK = reverse("worklists:index")


def address(name):
    return reverse("worklists:worklist", args=[name])


def lines(client, name):
    return [line.text for line, _ticked in client.get(address(name)).context["lines"]]


def counts(client):
    groups = client.get(DESK).context["groups"]
    return {section.name: count for _group, sections in groups for section, count in sections}


def test_each_worklist_lists_exactly_the_records_with_its_problem(staff_client):
    client = staff_client("Publishers")
    whole = SessionFactory(title="Whole", series=SeriesFactory())
    whole.topics.add(TopicFactory())
    appearance = AppearanceFactory(session=whole, speaker__family_name="Kania")
    RecommendationFactory(session=whole, text="Given.").made_by.add(appearance)
    bare = SessionFactory(title="Bare", held_on=None, status="draft")
    unaffiliated = AppearanceFactory(
        session=whole, organisation=None, speaker__given_name="Ann", speaker__family_name="Alone"
    )
    RecommendationFactory(session=whole, text="Nobody's.")
    SessionFactory(title="Reviewed", status="in_review", series=whole.series)
    binned = SessionFactory(title="Binned")
    RecommendationFactory(session=binned)
    AppearanceFactory(session=binned, organisation=None)
    Session.objects.filter(pk=binned.pk).update(
        status="binned", binned_at=timezone.now(), status_before_bin="published"
    )

    assert lines(client, "no-topics") == lines(client, "no-speakers") == ["Reviewed", "Bare"]
    assert lines(client, "no-series") == lines(client, "no-date") == ["Bare"]
    assert lines(client, "no-affiliation") == [f"Ann Alone: {unaffiliated.session.title}"]
    assert lines(client, "no-maker") == ["Nobody's."]
    assert lines(client, "review") == ["Reviewed"]
    found = counts(client)
    assert (found["no-topics"], found["no-date"], found["no-maker"]) == (2, 1, 1)
    page = client.get(address("no-date")).content.decode()
    assert reverse("admin:sessions_app_session_change", args=[bare.pk]) in page


def test_topic_is_added_to_selected_sessions(staff_client):
    client = staff_client("Publishers")
    topic = TopicFactory(name="Energy")
    ticked = SessionFactory.create_batch(2)
    SessionFactory(title="Left")

    client.post(
        address("no-topics"),
        {"fix": "topic", "topic": "energy", "line": [each.pk for each in ticked]},
    )

    assert lines(client, "no-topics") == ["Left"]
    assert search(Criteria(filters={"topic": (topic.slug,)})).total == 2
    comments = [each.revision.comment for each in history.versions_of_session(ticked[0].pk)]
    assert comments[0] == "Changed together with others."
    assert Session.objects.get(pk=ticked[0].pk).changed_by is not None


def test_editors_can_fix_only_drafts(staff_client):
    client = staff_client("Editors")
    series = SeriesFactory()
    public, draft = SessionFactory(), SessionFactory(status="draft")

    response = client.post(
        address("no-series"),
        {"fix": "series", "series": series.pk, "line": [public.pk, draft.pk]},
        follow=True,
    )

    assert list(Session.objects.filter(series=series)) == [draft]
    assert "1 are or were public: only publishers change those." in response.content.decode()


def test_date_affiliation_and_author_can_be_set(staff_client):
    client = staff_client("Publishers")
    session = SessionFactory(held_on=None)
    alone = AppearanceFactory(session=session, organisation=None)
    mine = RecommendationFactory(session=session)
    unclear = RecommendationFactory()
    AppearanceFactory.create_batch(2, session=unclear.session)
    organisation = OrganisationFactory(name="CNA")

    client.post(address("no-date"), {"fix": "day", "day": "2019-11-15", "line": [session.pk]})
    client.post(
        address("no-affiliation"),
        {"fix": "organisation", "organisation": "cna", "line": [alone.pk]},
    )
    told = client.post(
        address("no-maker"), {"fix": "only-speaker", "line": [mine.pk, unclear.pk]}, follow=True
    )

    session.refresh_from_db()
    alone.refresh_from_db()
    assert (str(session.held_on), alone.organisation) == ("2019-11-15", organisation)
    assert list(mine.made_by.all()) == [alone]
    assert not unclear.made_by.exists()
    assert "1 belong to sessions with several speakers, or none." in told.content.decode()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"fix": "day", "day": "soon", "line": ["1"]}, "“soon” is not a date."),
        ({"fix": "day", "day": "", "line": ["1"]}, "Choose a value first."),
        ({"fix": "day", "day": "2019-11-15"}, "Select at least one row."),
        (
            {"fix": "day", "day": "2019-11-15", "line": ["x", "9" * 30]},
            "Select at least one row.",
        ),
    ],
)
def test_fix_reports_missing_input(staff_client, sent, said):
    client = staff_client("Publishers")
    SessionFactory(held_on=None)

    assert said in client.post(address("no-date"), sent).content.decode()
    assert Session.objects.get().held_on is None


def test_only_publishers_can_publish_reviewed_sessions(staff_client):
    session = SessionFactory(status="in_review")
    sent = {"fix": "publish", "line": [session.pk]}

    refused = staff_client("Editors").post(address("review"), sent).status_code
    before = Session.objects.get().status
    staff_client("Publishers").post(address("review"), sent)

    assert (refused, before) == (403, "in_review")
    assert Session.objects.get().is_public


def test_similar_speakers_can_be_dismissed_for_good(staff_client):
    client = staff_client("Editors")
    pair = [SpeakerFactory(given_name=name, family_name="Bendett") for name in ("Samuel", "S.")]
    AppearanceFactory(speaker=pair[0])
    OrganisationFactory(name="CNA"), OrganisationFactory(name="The CNA")

    found = find_alike_speakers(), find_alike_organisations()
    again = find_alike_speakers()
    listed = lines(client, "alike-speakers")
    page = client.get(address("alike-speakers")).content.decode()
    row = LookAlike.objects.get(model="speakers_app.speaker")
    client.post(address("alike-speakers"), {"fix": "different", "line": [row.pk]})
    SpeakerFactory(given_name="Sam", family_name="Bendett")
    looked = find_alike_speakers()
    after = LookAlike.objects.filter(model="speakers_app.speaker", dismissed_at=None).count()

    assert (found, again, looked) == ((2, 3), 0, 1)
    assert listed == ["Samuel Bendett (1)  and  S. Bendett (0)"]
    assert f"?id={pair[0].pk}&amp;id={pair[1].pk}" in page and "Initials that fit." in page
    assert after == 2  # Sam with either one; the dismissed pair stays dismissed
    row.refresh_from_db()
    assert row.dismissed_by.groups.get().name == "Editors"


def test_pairs_disappear_with_the_similarity():
    _one, other = (SpeakerFactory(given_name="S.", family_name=name) for name in ("Li", "Li"))
    find_alike_speakers()
    other.family_name = "Thorne"
    other.save()

    find_alike_speakers()

    assert not LookAlike.objects.exists()


def test_system_status_requires_a_permission(staff_client):
    mail = MailMessage.objects.create(
        kind="contact", recipient="a@archive.example", state="failed", message_id="<1>"
    )
    ContactMessage.objects.create(name="Ann", email="a@archive.example", message="Broken link.")
    DBTaskResult.objects.create(
        task_path="x.tasks.job",
        status="FAILED",
        args_kwargs={"args": [], "kwargs": {}},
        backend_name="default",
        traceback="Traceback\nOSError: disk full",
    )

    publisher = counts(staff_client("Publishers"))
    jobs = lines(staff_client("Publishers"), "failed-jobs")
    officer = staff_client("Access officers")
    officers = counts(officer)
    officer.post(address("failed-mail"), {"fix": "again", "line": [mail.pk]})
    editor = staff_client("Editors")

    assert (publisher["failed-jobs"], publisher["messages"]) == (1, 1) and jobs == ["x.tasks.job"]
    assert officers["failed-mail"] == 1 and "failed-jobs" not in officers
    assert MailMessage.objects.get().state == "queued"
    assert editor.get(address("failed-mail")).status_code == 403
    assert editor.get(address("nothing")).status_code == 404


def test_worklists_are_for_staff_only(client):
    assert client.get(DESK)["Location"].startswith(reverse("admin:login"))
    assert client.get(address("no-date")).status_code == 302


def test_index_page_shows_the_worklist_counts(staff_client):
    SessionFactory.create_batch(3, held_on=None)

    page = staff_client("Publishers").get(reverse("admin:index")).content.decode()

    assert '<span class="worklist-number" data-count="no-date">3</span>' in page


def _fill(count):
    for _ in range(count):
        session = SessionFactory(status="in_review", held_on=None)
        AppearanceFactory(session=session, organisation=None)
        SessionFactory(held_on=None)
        RecommendationFactory(session=session)
        SpeakerFactory(given_name="A.", family_name="Kim")
        OrganisationFactory(name="CNA")
    SpeakerFactory(given_name="A.", family_name="Kim"), OrganisationFactory(name="CNA")
    find_alike_speakers(), find_alike_organisations()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("no-topics", 8), ("no-series", 9), ("no-speakers", 8), ("no-date", 8), ("review", 8),
        ("no-affiliation", 7), ("no-maker", 7), ("alike-speakers", 10), ("alike-organisations", 10),
    ],
)  # fmt: skip
def test_worklist_query_count(staff_client, count, name, queries, django_assert_num_queries):
    client = staff_client("Publishers")
    _fill(count)
    client.get(address(name))

    with django_assert_num_queries(queries):
        response = client.get(address(name))

    assert len(response.context["lines"]) >= count


def test_counts_follow_each_change(staff_client):
    client = staff_client("Publishers")
    session = SessionFactory(held_on=None)
    before = counts(client)
    session.held_on = HELD_ON
    session.save()
    session.topics.add(TopicFactory())

    after = counts(client)

    assert (before["no-date"], before["no-topics"]) == (1, 1)
    assert (after["no-date"], after["no-topics"]) == (0, 0)


@pytest.mark.parametrize("count", [1, 3])
def test_worklists_page_runs_one_query_per_worklist(client, count, django_assert_num_queries):
    user = UserFactory(group="Publishers")
    client.force_login(user)
    _fill(count)
    client.get(DESK)
    sections = len([each for each in worklists_of_user(user) if not each.follows_log])

    with django_assert_num_queries(sections + 7):
        client.get(DESK)


def numbers(client, place):
    page = client.get(place).content.decode()
    return {name: int(count) for name, count in re.findall(r'data-count="([\w-]+)">(\d+)<', page)}


@pytest.mark.parametrize("place", ["/admin/", "/admin/desk/"])
def test_counts_include_only_records_that_the_user_may_fix(staff_client, place):
    for status in ("draft", "published"):
        session = SessionFactory(status=status, held_on=None)
        AppearanceFactory(session=session, organisation=None)
        RecommendationFactory(session=session)
    SessionFactory(status="in_review")
    CommentFactory(session=session, status="pending")

    publisher, editor = (numbers(staff_client(name), place) for name in ("Publishers", "Editors"))

    assert (publisher["comments"], publisher["review"]) == (1, 1)
    assert not {"comments", "review", "requests", "messages"} & set(editor)
    for name in ("no-date", "no-affiliation", "no-maker"):
        assert (publisher[name], editor[name]) == (2, 1)
    listed = lines(staff_client("Editors"), "no-date")
    assert len(listed) == 1


def test_editors_can_compare_a_pair_and_see_who_may_merge_it(staff_client):
    pair = [SpeakerFactory(given_name=name, family_name="Bendett") for name in ("Samuel", "S.")]
    place = f"{reverse('admin:speakers_app_speaker_merge')}?id={pair[0].pk}&id={pair[1].pk}"

    editor = staff_client("Editors").get(place).content.decode()
    publisher = staff_client("Publishers").get(place).content.decode()

    assert "Publishers can merge these." in editor and "Samuel" in editor
    assert 'type="radio"' not in editor and 'name="preview"' not in editor
    assert "<h1>Compare speakers</h1>" in editor
    assert 'type="radio"' in publisher and 'name="preview"' in publisher
