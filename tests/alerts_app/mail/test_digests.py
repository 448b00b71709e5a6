from datetime import timedelta

import pytest
from django.utils import timezone

from alerts_app import alert_query
from alerts_app.mail import digests
from alerts_app.mail import rendering as letters
from alerts_app.models import Alert, AlertResult
from alerts_app.retention import delete_old_alerts_and_results
from search_app import api
from sessions_app.models import Session
from site_app.models import MailMessage
from site_app.redirects.addresses import add_redirect
from sma_archive.background import tick
from tests.factories import (
    AppearanceFactory,
    RecommendationFactory,
    SessionFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


def test_mail_contains_query_note_results_and_stop_link(alert, publish, run, settings):
    mine = alert("q=sea", note="Ports & piers")
    session = publish("Sea lanes & straits", summary="<p>What the sea is <b>for</b>.</p>")
    AppearanceFactory(
        session=session,
        speaker__family_name="Kania",
        speaker__given_name="Elsa",
        organisation__name="Naval College",
    )

    (mail,) = run()

    assert (mail.to, mail.subject) == (["ada@reader.example"], "1 new session: sea")
    for part in (
        "  Words: sea\n  Note: Ports & piers\n",
        "1. Sea lanes & straits\n   14 March 2024, Elsa Kania (Naval College)\n"
        f"   {settings.SITE_URL}/sessions/sea-lanes-straits/\n   What the sea is for.\n",
        mine.manage_url,
        mine.stop_url,
    ):
        assert part in mail.body
    assert mail.extra_headers["List-Unsubscribe"] == f"<{mine.stop_url}>"
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mine.token not in str(list(MailMessage.objects.values()))


def test_mail_contains_exactly_the_new_matches_of_the_query(alert, publish, run):
    topic = TopicFactory(name="Deterrence")
    SessionFactory(title="Old sea").topics.add(topic)
    alert("q=sea&topic=deterrence")
    publish("New sea").topics.add(topic)
    publish("New sea without topic")
    publish("New land").topics.add(topic)

    (mail,) = run()

    assert "1 new session" in mail.subject
    assert "1. New sea\n" in mail.body


def test_recommendations_have_their_own_alerts(alert, publish, run):
    alert("q=ports", kind="recommendations")
    advice = RecommendationFactory(session=publish("Sea lanes"), text="Widen the ports.")
    RecommendationFactory(session=SessionFactory(), text="Old ports.")

    (mail,) = run()

    assert mail.subject == "1 new recommendation: ports"
    assert "1. Widen the ports.\n   Sea lanes\n" in mail.body
    assert advice.get_absolute_url() in mail.body


def test_nothing_new_sends_no_mail(alert, run):
    SessionFactory(title="Old sea")
    alert("q=sea")

    assert run() == []
    assert not MailMessage.objects.exists()


def test_nothing_is_mailed_twice(alert, publish, run, days_pass):
    alert("q=sea")
    session = publish()
    run()
    session.title = "Sea lanes, corrected"
    session.save()
    run()
    days_pass(2)
    session.refresh_from_db()
    session.status = "withdrawn"
    session.save()
    session.status = "published"
    session.save()

    assert len(run()) == 1


@pytest.mark.slow
def test_drafts_and_scheduled_sessions_are_mailed_once_they_are_public(
    alert, send_mail_now, days_pass
):
    alert("q=sea")
    draft = SessionFactory(title="Sea draft", status="draft")
    SessionFactory(title="Sea ahead", published_at=timezone.now() + timedelta(days=1))
    tick.run_each_job_once()
    assert send_mail_now() == []

    Session.objects.filter(title="Sea ahead").update(
        published_at=timezone.now() - timedelta(minutes=1)
    )
    tick.run_each_job_once()
    draft.status = "published"
    draft.save()
    tick.run_each_job_once()
    (_,) = send_mail_now()
    days_pass(1)
    tick.run_each_job_once()
    tick.run_each_job_once()

    first, second = send_mail_now()
    assert ("Sea ahead" in first.body, "Sea draft" in first.body) == (True, False)
    assert ("Sea ahead" in second.body, "Sea draft" in second.body) == (False, True)


@pytest.mark.parametrize(("frequency", "days"), [("daily", 1), ("weekly", 7)])
def test_next_mail_is_sent_after_a_day_or_week(alert, publish, run, days_pass, frequency, days):
    alert("q=sea", frequency=frequency)
    publish("Sea one")
    run()
    publish("Sea two")
    publish("Sea three")
    days_pass(days - 0.1)
    assert len(run()) == 1

    days_pass(0.1)

    assert run()[1].subject == "2 new sessions: sea"


def test_unconfirmed_and_stopped_alerts_get_nothing(alert, publish, run):
    alert("q=sea", status="unconfirmed", confirmed_at=None)
    alert("q=sea", status="stopped", email="", stopped_at=timezone.now())
    publish()

    assert run() == []


def test_no_result_is_lost_or_repeated_if_queueing_fails(alert, publish, run, monkeypatch):
    alert("q=sea")
    alert("q=lanes", email="b@reader.example")
    publish()
    queue = digests.queue_message

    def broken(kind, recipient, **about):
        message = queue(kind, recipient, **about)
        if recipient == "ada@reader.example":
            raise OSError("killed")
        return message

    monkeypatch.setattr(digests, "queue_message", broken)
    with pytest.raises(OSError, match="killed"):
        digests.queue_digests_of_due_alerts()
    assert list(MailMessage.objects.values_list("recipient", flat=True)) == ["b@reader.example"]
    assert AlertResult.objects.count() == 1
    monkeypatch.undo()

    mails = run()

    assert sorted(mail.to[0] for mail in mails) == ["ada@reader.example", "b@reader.example"]
    assert len(run()) == 2


def test_two_concurrent_ticks_queue_one_mail(alert, publish, monkeypatch):
    alert("q=sea")
    publish()
    queue_digest = digests._queue_digest_once

    def after_another(*args):
        assert queue_digest(*args)
        return queue_digest(*args)

    monkeypatch.setattr(digests, "_queue_digest_once", after_another)

    assert digests.queue_digests_of_due_alerts() == 0
    assert MailMessage.objects.count() == 1


def test_session_withdrawn_before_sending_is_not_in_the_mail(alert, publish, send_mail_now):
    alert("q=sea")
    session = publish()
    digests.queue_digests_of_due_alerts()
    session.status = "withdrawn"
    session.save()

    assert send_mail_now() == []


def test_alert_stopped_before_sending_gets_no_mail(alert, publish, send_mail_now, client):
    mine = alert("q=sea")
    publish()
    digests.queue_digests_of_due_alerts()
    client.post(mine.stop_path)

    assert send_mail_now() == []


def test_session_corrected_in_its_first_days_is_included(alert, publish, run, days_pass):
    alert("q=sea")
    session = publish("A typo")
    run()
    days_pass(3)
    session.refresh_from_db()
    session.title = "Sea lanes"
    session.save()

    assert len(run()) == 1


def test_mail_shows_50_results_and_links_to_the_rest(alert, publish, run, client):
    alert("q=sea")
    SessionFactory(title="Old sea")
    Session.objects.update(updated_at=timezone.now() - timedelta(days=9))
    for number in range(52):
        publish(f"Sea {number}")
    api.apply_pending_changes()

    (mail,) = run()

    assert mail.subject == "52 new sessions: sea"
    assert mail.body.count("/sessions/sea-") == 50
    rest = next(line for line in mail.body.splitlines() if "updated_since" in line)
    page = client.get(rest[rest.index("/sessions/") :])
    assert "Old sea" not in page.content.decode()
    assert page.context["list"].hits.total == 52


def test_alert_follows_a_renamed_topic(alert, publish, run):
    topic = TopicFactory(name="Deterrence", slug="deterring")
    add_redirect("/topics/deterrence/", "/topics/deterring/")
    alert("topic=deterrence")
    publish().topics.add(topic)

    (mail,) = run()

    assert "Topic: Deterrence" in mail.body


def test_unusable_query_is_reported_once_and_deleted_later(alert, publish, run, days_pass):
    topic = TopicFactory(name="Deterrence")
    alert("topic=deterrence&q=sea")
    publish().topics.add(topic)
    topic.delete()

    (mail,) = run()
    publish()
    run()

    assert mail.subject == "Your alert can no longer find anything: sea; deterrence"
    assert len(run()) == 1
    days_pass(31)
    assert delete_old_alerts_and_results() == 1


def test_unusable_query_that_becomes_usable_again_is_not_deleted(alert, publish, run):
    mine = alert("topic=deterrence")
    publish()
    run()
    publish().topics.add(TopicFactory(name="Deterrence"))

    _, second = run()

    mine.refresh_from_db()
    assert mine.unusable_since is None
    assert second.subject == "1 new session: Deterrence"


def test_mailed_results_are_deleted_when_they_cannot_match_again(alert, publish, run, days_pass):
    alert("q=sea")
    publish()
    run()
    days_pass(40)
    publish("Land")
    run()
    delete_old_alerts_and_results()

    assert not AlertResult.objects.exists()
    assert len(run()) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_rendering_query_count(alert, publish, count, django_assert_num_queries):
    mine = alert("q=sea&topic=deterrence")
    topic = TopicFactory(name="Deterrence")
    for number in range(count):
        session = publish(f"Sea {number}")
        session.topics.add(topic)
        AppearanceFactory(session=session)
    digests.queue_digests_of_due_alerts()

    with django_assert_num_queries(10):
        letter = letters.render_digest_mail({"alert": mine.pk, "run": 1})

    assert f"{count} new session" in letter.subject


@pytest.mark.parametrize("count", [1, 3])
def test_query_count_of_a_run_without_alerts_due(alert, publish, count, django_assert_num_queries):
    for number in range(count):
        alert(f"q=nothing{number}")
    publish()
    digests.queue_digests_of_due_alerts()

    with django_assert_num_queries(2):
        assert digests.queue_digests_of_due_alerts() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_query_count_of_a_run_does_not_depend_on_results(
    alert, publish, count, monkeypatch, django_assert_num_queries
):
    alert("q=sea")
    for number in range(count):
        publish(f"Sea {number}")
    keys = list(Session.objects.values_list("pk", flat=True))
    # The queries of the search app itself are not counted.
    monkeypatch.setattr(digests, "apply_pending_changes", lambda: 0)
    monkeypatch.setattr(alert_query, "matching_ids", lambda criteria: keys)

    with django_assert_num_queries(9):
        assert digests.queue_digests_of_due_alerts() == 1


def test_tick_sends_alerts(alert, publish, mailoutbox):
    alert("q=sea")
    publish()

    done = tick.run_each_job_once()

    assert done["send alerts"] == 1
    assert Alert.objects.get().run == 1
    assert len(mailoutbox) == 1


def test_mails_are_in_the_language_of_the_request(alert, publish, run):
    alert("q=sea", language="fr", note="Étude")
    alert("q=sea", email="ben@reader.example")
    for title in ("Sea lanes", "Sea ice"):
        publish(title)

    mails = {mail.to[0]: mail for mail in run()}

    french, english = mails["ada@reader.example"], mails["ben@reader.example"]
    assert french.subject == "2 nouvelles sessions : sea"
    assert "Nous envoyons au plus un message par jour." in " ".join(french.body.split())
    assert "  Mots\u00a0: sea" in french.body
    assert english.subject == "2 new sessions: sea"
    assert french.extra_headers["Content-Language"] == "fr"


def test_alert_stores_the_language_of_the_page(client, send_mail_now):
    client.post(
        "/alerts/new/?q=sea&list=sessions",
        {"email": "ada@reader.example", "frequency": "weekly", "note": "", "homepage": ""},
        headers={"Accept-Language": "fr"},
    )

    assert Alert.objects.get().language == "fr"
    (mail,) = send_mail_now()
    assert mail.subject == "Veuillez confirmer votre alerte"
