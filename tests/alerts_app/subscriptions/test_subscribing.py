import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from alerts_app.models import Alert
from alerts_app.retention import delete_old_alerts_and_results
from site_app.mail.queue import queue_message
from site_app.models import MailMessage
from tests.factories import RegionFactory, SessionFactory, TopicFactory

pytestmark = pytest.mark.django_db

NEW = "/alerts/new/?q=sea&list=sessions"


def answers(**changes):
    typed = {"email": "ada@reader.example", "frequency": "weekly", "note": "For the port study"}
    return {**typed, "homepage": "", **changes}


def ask(client, address=NEW, **changes):
    return client.post(address, answers(**changes))


def link(mail):
    return re.search(r"/alerts/\d+-\w+/", mail.body)[0]


def test_alert_is_active_only_after_the_button_is_pressed(client, send_mail_now):
    response = ask(client)

    assert (response.status_code, response["Location"]) == (303, "/alerts/new/sent/")
    assert client.get(response["Location"]).status_code == 200
    (first,) = send_mail_now()
    assert first.to == ["ada@reader.example"]
    assert not re.search(r"port study|\bsea\b", first.subject + first.body)

    page = client.get(link(first))

    assert (page.status_code, Alert.objects.get().status) == (200, "unconfirmed")
    assert "Confirm" in page.content.decode()

    page = client.post(link(first), follow=True)

    alert = Alert.objects.get()
    assert (alert.status, alert.frequency, alert.note) == (
        "active",
        "weekly",
        "For the port study",
    )
    assert "Your alert is confirmed" in page.content.decode()
    assert len(send_mail_now()) == 1


def test_viewing_pages_writes_nothing(client, alert):
    waiting = alert(status="unconfirmed", confirmed_at=None)
    paths = [NEW, "/alerts/new/sent/", waiting.manage_path, waiting.stop_path]

    with connection.execute_wrapper(refuse_writes):
        statuses = [client.get(path).status_code for path in paths]
        statuses += [client.head(path).status_code for path in paths]

    assert set(statuses) == {200}


def refuse_writes(execute, sql, params, many, context):
    assert sql.lstrip("( \n").upper().startswith("SELECT"), sql
    return execute(sql, params, many, context)


def test_every_list_offers_an_alert_for_its_query(client):
    topic = TopicFactory(name="Deterrence")
    SessionFactory().topics.add(topic)

    for page, address in [
        ("/sessions/?q=a%26b&topic=x", "/alerts/new/?q=a%26b&topic=x&list=sessions"),
        ("/sessions/", "/alerts/new/?list=sessions"),
        ("/recommendations/?audience=x", "/alerts/new/?audience=x&list=recommendations"),
        ("/topics/deterrence/?year=2024", "/alerts/new/?year=2024&topic=deterrence&list=sessions"),
    ]:
        text = client.get(page).content.decode().replace("&amp;", "&")
        assert f'href="{address}"' in text


def test_page_describes_the_query_and_stores_it_normalised(client):
    for name in ("Asia", "Europe"):
        SessionFactory().regions.add(RegionFactory(name=name))
    address = (
        "/alerts/new/?region=europe&page=3&sort=title&q=%20sea++lanes&region=asia&region=asia"
        "&has=recording&date_after=2024-01-01&unknown=1"
    )

    page = client.get(address).content.decode()
    ask(client, address)

    for said in ("Europe or Asia", "sea lanes", "Recording", "1 January 2024"):
        assert f"<dd>{said}</dd>" in page
    assert Alert.objects.get().query == (
        "q=sea+lanes&has=recording&region=asia&region=europe&date_after=2024-01-01"
    )


def test_unusable_values_are_reported_and_ignored(client):
    address = "/alerts/new/?year=abcd&sort=x&topic=%00&date_after=5/11/2020&q=a%00b&list=x"

    page = client.get(address)
    ask(client, address)

    assert page.status_code == 200
    assert page.content.decode().count("Left out") == 4
    alert = Alert.objects.get()
    assert (alert.kind, alert.query) == ("sessions", "q=a+b")


def test_dates_in_words_are_stored_as_days(client):
    ask(client, "/alerts/new/?date_after=May+2019&date_before=2021")

    assert Alert.objects.get().query == "date_after=2019-05-01&date_before=2021-12-31"


@pytest.mark.parametrize(
    "query", ["topic=no-such-topic", "q=" + "x" * 2000, "date_after=2021&date_before=2019"]
)
def test_query_that_is_impossible_or_too_long_is_rejected(client, query):
    assert "notice" in client.get(f"/alerts/new/?{query}").content.decode()
    assert ask(client, f"/alerts/new/?{query}").status_code == 200
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "not an address"}, "email"),
        ({"email": f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 60}.example"}, "email"),
        ({"email": "a\x00@b.example"}, "email"),
        ({"frequency": "hourly"}, "frequency"),
        ({"note": "x" * 501}, "note"),
        ({"note": "a\x00b"}, "note"),
    ],
)
def test_error_is_shown_next_to_its_field(client, changes, field):
    response = ask(client, **changes)

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert not Alert.objects.exists()


def test_repeated_request_creates_no_second_alert_and_reveals_nothing(client, send_mail_now):
    answer = [ask(client)]
    answer.append(ask(client, "/alerts/new/?list=sessions&page=2&q=sea", note="Later"))
    first, again = send_mail_now()
    assert link(first) == link(again)
    assert Alert.objects.get().note == "Later"
    client.post(link(first))

    answer.append(ask(client, email="ADA@reader.example", note="Not mine", frequency="daily"))

    alert = Alert.objects.get()
    assert (alert.note, alert.frequency) == ("Later", "weekly")
    known = send_mail_now()[2]
    assert link(known) == alert.manage_path
    assert "Not mine" not in known.body
    assert len({(each.status_code, each["Location"], each.content) for each in answer}) == 1


def test_another_query_or_address_gets_its_own_alert(client):
    ask(client)
    ask(client, email="b@reader.example")
    ask(client, "/alerts/new/?q=sea&list=recommendations")
    ask(client, "/alerts/new/")

    assert Alert.objects.count() == 4


def test_robot_in_the_honeypot_is_thanked_and_ignored(client):
    response = ask(client, homepage="https://spam.example")

    assert response.status_code == 303
    assert not Alert.objects.exists()
    assert not MailMessage.objects.exists()


def test_rate_limit_answers_429_and_preserves_the_input(client, settings):
    settings.RATE_LIMITS = "2/email,20/address"
    for _ in range(2):
        assert ask(client).status_code == 303

    response = ask(client)

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert "For the port study" in response.content.decode()
    assert "archive@localhost" in response.content.decode()
    assert MailMessage.objects.count() == 2


def test_note_and_frequency_can_be_changed(client, alert):
    mine = alert("q=sea")

    page = client.post(
        mine.manage_path, {"frequency": "weekly", "note": "New\r\nnote"}, follow=True
    )
    wrong = client.post(mine.manage_path, {"frequency": "hourly"})

    mine.refresh_from_db()
    assert (mine.frequency, mine.note) == ("weekly", "New note")
    assert "Your changes have been saved" in page.content.decode()
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (200, ["frequency"])


def test_one_post_stops_an_alert_and_deletes_the_address(client, alert):
    mine = alert("q=sea", note="Mine")
    for kind, about in (("alert-digest", mine.pk), ("alert-digest", 0), ("contact", mine.pk)):
        queue_message(kind, f"{kind}-{about}@reader.example", alert=about)
    assert "Stop this alert" in client.get(mine.stop_path).content.decode()

    stopped = client.post(mine.stop_path, {"List-Unsubscribe": "One-Click"})
    again = client.post(mine.stop_path)

    mine.refresh_from_db()
    assert (mine.status, mine.email, mine.note) == ("stopped", "", "")
    left = set(MailMessage.objects.values_list("recipient", flat=True))
    assert left == {"alert-digest-0@reader.example", f"contact-{mine.pk}@reader.example"}
    assert (stopped.status_code, again.status_code) == (200, 200)
    assert "/alerts/new/?q=sea&amp;list=sessions" in stopped.content.decode()
    assert client.get(mine.manage_path).status_code == 410
    assert client.post(mine.manage_path, {"frequency": "daily"}).status_code == 410
    assert client.get(mine.stop_path).status_code == 410


def test_buttons_of_token_pages_work_without_cookie_or_origin(alert, client):
    client.handler.enforce_csrf_checks = True
    waiting = alert(status="unconfirmed", confirmed_at=None)

    response = client.post(waiting.manage_path, headers={"Origin": "null"})

    assert response.status_code == 303
    assert Alert.objects.get().status == "active"


def test_token_pages_are_private(client, alert):
    mine = alert()

    for response in (
        client.get(mine.manage_path),
        client.get(mine.stop_path),
        client.post(mine.manage_path, {"frequency": "daily"}),
        client.post(mine.stop_path),
        client.get(mine.manage_path),
    ):
        kept = [response[name] for name in ("Cache-Control", "X-Robots-Tag", "Referrer-Policy")]
        assert kept == ["no-store", "noindex", "no-referrer"]


def test_problem_report_from_a_token_page_contains_no_token(client, alert):
    mine = alert()

    text = client.get(mine.manage_path).content.decode()

    assert "about=%2Falerts%2F" in text
    assert f"about=%2Falerts%2F{mine.token}" not in text


@pytest.mark.parametrize("token", ["1-" + "0" * 64, "x", "999999-abc", "1", "new-"])
def test_unknown_token_is_404(client, alert, token):
    alert()

    assert client.get(f"/alerts/{token}/").status_code == 404
    assert client.post(f"/alerts/{token}/stop/").status_code == 404


def test_tokens_are_not_stored_in_the_database(client, send_mail_now):
    ask(client)
    send_mail_now()

    stored = str(list(Alert.objects.values())) + str(list(MailMessage.objects.values()))
    assert Alert.objects.get().token.partition("-")[2] not in stored


def test_unconfirmed_unusable_and_stopped_alerts_are_deleted_after_30_days(alert):
    now = timezone.now()
    old, young = now - timedelta(days=31), now - timedelta(days=29)
    kept = []
    for number, at in enumerate((old, young)):
        made = [
            alert(f"q={number}", status="unconfirmed", confirmed_at=None, asked_at=at),
            alert(f"q=u{number}", unusable_since=at),
            alert(f"q=s{number}", status="stopped", email="", stopped_at=at),
            alert(f"q=a{number}", asked_at=at, confirmed_at=at),
        ]
        kept += made[3:] if at == old else made

    assert delete_old_alerts_and_results() == 3
    assert set(Alert.objects.all()) == set(kept)


@pytest.mark.parametrize(
    ("group", "status"), [("Access officers", 200), ("Publishers", 403), ("Editors", 403)]
)
def test_only_access_officers_see_alerts(staff_client, alert, group, status):
    mine = alert("q=sea")
    client = staff_client(group)

    pages = [
        client.get("/admin/alerts_app/alert/"),
        client.get(f"/admin/alerts_app/alert/{mine.pk}/change/"),
    ]

    assert [page.status_code for page in pages] == [status, status]
    for page in pages:
        text = page.content.decode()
        assert ("ada@reader.example" in text) == (status == 200)
        for secret in (mine.token, mine.nonce):
            assert secret not in text


def test_access_officers_can_only_delete_alerts(staff_client, alert):
    mine = alert("q=sea")
    queue_message("alert-digest", mine.email, alert=mine.pk)
    client = staff_client("Access officers")

    assert client.get("/admin/alerts_app/alert/add/").status_code == 403
    client.post(f"/admin/alerts_app/alert/{mine.pk}/change/", {"note": "x"})
    mine.refresh_from_db()
    assert mine.note == ""
    client.post(f"/admin/alerts_app/alert/{mine.pk}/delete/", {"post": "yes"})
    assert not Alert.objects.exists()
    assert not MailMessage.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_admin_list_query_count(admin_client, alert, count, django_assert_num_queries):
    for number in range(count):
        alert(f"q={number}")

    with django_assert_num_queries(8):
        assert admin_client.get("/admin/alerts_app/alert/").status_code == 200
