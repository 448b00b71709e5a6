import csv
import io
import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from recordings_app.models import (
    AccessLog,
    Grant,
    RecordingRequest,
    RequestedRecording,
    RequestSettings,
    Sitting,
)
from recordings_app.requests.decisions import approve_requests
from site_app.models import MailMessage
from site_app.text.dates import moment_in_words
from tests.factories import RecordingFactory, RecordingRequestFactory, UserFactory
from tests.recordings_app.conftest import rows_of

pytestmark = pytest.mark.django_db
QUEUE = "/admin/recordings_app/recordingrequest/"
DECIDE = f"{QUEUE}decide/"
REPORT = "/admin/recordings_app/accesslog/report/"


@pytest.fixture
def officer_client(client):
    client.force_login(UserFactory(group="Access officers", username="officer"))
    return client


def granted(request):
    approve_requests(rows_of(request), user=None, days=14, plays=5)
    return Grant.objects.latest("pk")


@pytest.mark.parametrize("group", ["Editors", "Publishers"])
def test_only_access_officers_see_requests(client, heard, group):
    request = RecordingRequestFactory(recordings=[heard])
    grant = granted(RecordingRequestFactory(recordings=[heard], email="b@reader.example"))
    client.force_login(UserFactory(group=group))
    read = [
        QUEUE,
        f"{QUEUE}{request.pk}/change/",
        f"{QUEUE}{request.pk}/history/",
        f"{QUEUE}{request.pk}/delete/",
        f"{DECIDE}?request={request.pk}",
        REPORT,
        f"{REPORT}?csv=requests",
        "/admin/recordings_app/accesslog/",
        "/admin/recordings_app/requestsettings/1/change/",
        "/admin/site_app/mailmessage/",
    ]
    written = [
        (f"{QUEUE}{request.pk}/change/", {"staff_note": "mine"}),
        (QUEUE, {"action": "decide_on_chosen", "_selected_action": request.pk}),
        (DECIDE, {"row": rows_of(request), "days": 14, "plays": 5, "approve": "Approve"}),
        *(
            (f"{QUEUE}grants/{grant.pk}/{what}/", {"days": 1, "plays": 1})
            for what in ("revoke", "extend", "resend")
        ),
        (f"{QUEUE}{request.pk}/ask-to-confirm/", {}),
        ("/admin/recordings_app/requestsettings/1/change/", {"days": 1}),
    ]
    mails = MailMessage.objects.count()

    answers = {address: client.get(address).status_code for address in read}
    answers |= {address: client.post(address, typed).status_code for address, typed in written}

    assert set(answers.values()) == {403}, answers
    request.refresh_from_db()
    assert (request.status, request.staff_note) == ("open", "")
    assert (Grant.objects.filter(revoked_at=None).count(), MailMessage.objects.count()) == (
        1,
        mails,
    )
    assert "recordingrequest" not in client.get("/admin/").content.decode()


def test_visitors_are_redirected_to_the_log_in(client, heard):
    request = RecordingRequestFactory(recordings=[heard])

    for address in (QUEUE, f"{DECIDE}?request={request.pk}", REPORT):
        assert client.get(address).status_code == 302


@pytest.mark.parametrize("count", [1, 3])
def test_queue_query_count(officer_client, count, django_assert_num_queries):
    for _ in range(count):
        RecordingRequestFactory(recordings=[RecordingFactory(), RecordingFactory()])

    with django_assert_num_queries(13):
        response = officer_client.get(QUEUE)

    assert response.content.decode().count(">Decide</a>") == count


def test_queue_starts_with_the_oldest_request(officer_client):
    now = timezone.now()
    made = [
        RecordingRequestFactory(
            status=status,
            created_at=now - timedelta(days=days),
            confirmed_at=None if status == "unconfirmed" else now,
        )
        for status, days in (
            ("decided", 9),
            ("unconfirmed", 8),
            ("open", 1),
            ("open", 2),
            ("decided", 3),
        )
    ]

    listed = officer_client.get(QUEUE).context["cl"].result_list

    assert [each.pk for each in listed] == [made[place].pk for place in (3, 2, 4, 1, 0)]


def test_queue_shows_exact_times_and_earlier_requests(officer_client, heard):
    at = timezone.now().replace(microsecond=0)
    before = RecordingRequestFactory(
        recordings=[heard], email="ADA@reader.example", created_at=at - timedelta(days=1)
    )
    granted(before)
    RecordingRequestFactory(email="bob@reader.example")
    request = RecordingRequestFactory(recordings=[RecordingFactory()], created_at=at)

    page = officer_client.get(QUEUE).content.decode()
    detail = officer_client.get(f"{QUEUE}{request.pk}/change/").content.decode()

    assert moment_in_words(at) in page
    assert "1 asked, 1 approved, 0 declined" in page
    assert page.count("first request") == 2
    assert before.reference in detail
    assert "Sea lanes: Ready to play" in detail


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("status__exact=open", [0]),
        ("standing=waiting", [1]),
        ("standing=running", [2]),
        ("standing=declined", [3]),
        ("standing=approved", [1, 2]),
        ("standing=automatic", [1, 2]),
        ("q=Grain", [1]),
        ("q=R-", [0, 1, 2, 3]),
    ],
)
def test_queue_is_filtered(officer_client, heard, query, places):
    requests = [
        RecordingRequestFactory(),
        RecordingRequestFactory(recordings=[RecordingFactory(session__title="Grain")]),
        RecordingRequestFactory(recordings=[heard]),
        RecordingRequestFactory(),
    ]
    approve_requests(rows_of(*requests[1:3]), user=None, days=1, plays=1)
    requests[3].requested_recordings.update(decision="declined")
    RecordingRequest.objects.filter(pk=requests[3].pk).update(status="decided")

    listed = officer_client.get(f"{QUEUE}?{query}").context["cl"].result_list

    assert {each.pk for each in listed} == {requests[place].pk for place in places}


def test_undelivered_mail_is_shown(officer_client, heard):
    request = RecordingRequestFactory(recordings=[heard])
    granted(request)
    MailMessage.objects.update(state="failed", last_error="550 No such user")

    assert "1 mail about requests could not be delivered" in (
        officer_client.get(QUEUE).content.decode()
    )
    assert "550 No such user" in (
        officer_client.get(f"{QUEUE}{request.pk}/change/").content.decode()
    )


def test_request_is_approved_in_two_clicks_from_the_queue(officer_client, heard, send_mail_now):
    request = RecordingRequestFactory(recordings=[heard])
    assert f"{DECIDE}?request={request.pk}" in officer_client.get(QUEUE).content.decode()

    page = officer_client.get(f"{DECIDE}?request={request.pk}")
    form = page.context["form"]
    typed = {
        "row": rows_of(request),
        "days": form["days"].value(),
        "plays": form["plays"].value(),
        "note": "",
    }
    done = officer_client.post(DECIDE, typed | {"approve": "Approve"}, follow=True)

    assert (typed["days"], typed["plays"]) == (14, 5)
    assert "Approved, and the link queued: 1." in done.content.decode()
    row = RequestedRecording.objects.get()
    assert (row.decision, row.decided_by.username) == ("approved", "officer")
    assert Grant.objects.get().url in send_mail_now()[0].body
    assert LogEntry.objects.get().object_repr == request.reference


def test_requests_can_be_declined_in_bulk(officer_client, send_mail_now):
    requests = [RecordingRequestFactory(email=f"{n}@reader.example") for n in range(3)]
    chosen = [each.pk for each in requests]

    led = officer_client.post(QUEUE, {"action": "decide_on_chosen", "_selected_action": chosen})
    page = officer_client.get(led["Location"]).content.decode()
    officer_client.post(
        DECIDE,
        {"row": rows_of(*requests), "days": 14, "plays": 5, "note": "Not yet.", "decline": "x"},
    )

    assert page.count('name="row"') == 3
    assert {each.decision for each in RequestedRecording.objects.all()} == {"declined"}
    assert sorted(mail.to[0] for mail in send_mail_now()) == [
        f"{n}@reader.example" for n in range(3)
    ]


def test_defaults_come_from_the_settings(officer_client):
    officer_client.post(
        "/admin/recordings_app/requestsettings/1/change/",
        {"days": 30, "plays": 3, "reminder_days": 5, "decision_days": 0, "kept_days": 100},
    )
    request = RecordingRequestFactory()

    form = officer_client.get(f"{DECIDE}?request={request.pk}").context["form"]

    assert (form["days"].value(), form["plays"].value()) == (30, 3)
    assert RequestSettings.load().kept_days == 100


@pytest.mark.parametrize(
    "changes",
    [
        {"days": ""}, {"days": 0}, {"days": 366}, {"plays": 0}, {"plays": "x"}, {"row": []},
        {"row": ["x"]}, {"row": ["999999"]}, {"note": "x" * 2001},
    ],
)  # fmt: skip
def test_invalid_decision_is_rejected_and_the_input_preserved(officer_client, changes):
    request = RecordingRequestFactory()
    rows = rows_of(request)
    typed = {"row": rows, "shown": rows, "days": 14, "plays": 5, "note": "My note", "approve": "x"}

    page = officer_client.post(DECIDE, typed | changes)

    assert page.status_code == 200
    assert page.context["form"].errors.keys() == changes.keys()
    assert changes.get("note", "My note") in page.content.decode()
    assert RequestedRecording.objects.get().decision == "pending"


def test_decision_by_another_officer_is_reported(officer_client, heard):
    request = RecordingRequestFactory(recordings=[heard])
    granted(request)

    page = officer_client.post(
        DECIDE,
        {"row": rows_of(request), "days": 14, "plays": 5, "decline": "x"},
        follow=True,
    )

    assert "Skipped, because decided in the meantime: 1." in page.content.decode()
    assert RequestedRecording.objects.get().decision == "approved"


def test_decision_page_says_that_an_approval_waits_for_audio(officer_client, heard):
    waiting = RecordingRequestFactory(recordings=[RecordingFactory()])
    page = officer_client.get(f"{DECIDE}?request={waiting.pk}").content.decode()
    done = officer_client.post(
        DECIDE, {"row": rows_of(waiting), "days": 14, "plays": 5, "approve": "x"}, follow=True
    )

    assert "No audio is attached yet: an approval waits for it." in page
    assert "Approved and waiting: 1. There is no audio to hear yet" in done.content.decode()


@pytest.mark.parametrize("what", ["revoke", "extend", "resend"])
def test_grant_is_changed_by_a_button(officer_client, heard, what):
    grant = granted(RecordingRequestFactory(recordings=[heard]))
    address = f"{QUEUE}grants/{grant.pk}/{what}/"
    mails = MailMessage.objects.count()

    refused = officer_client.get(address).status_code
    officer_client.post(address, {"days": 3, "plays": 1})
    after = Grant.objects.get()

    assert refused == 405
    assert (after.revoked_at is not None) == (what == "revoke")
    assert (after.expires_at - grant.expires_at).days == (3 if what == "extend" else 0)
    assert after.plays_allowed == (6 if what == "extend" else 5)
    assert MailMessage.objects.count() == mails + 1


@pytest.mark.parametrize("typed", [{}, {"days": 0, "plays": 0}, {"days": "x", "plays": -1}])
def test_empty_extension_is_refused(officer_client, heard, typed):
    grant = granted(RecordingRequestFactory(recordings=[heard]))

    page = officer_client.post(f"{QUEUE}grants/{grant.pk}/extend/", typed, follow=True)

    assert page.context["messages"]
    assert Grant.objects.get().plays_allowed == 5


def test_page_of_a_request_shows_every_play(officer_client, heard):
    request = RecordingRequestFactory(recordings=[heard])
    grant = granted(request)
    sitting = Sitting.objects.create(grant=grant, key_hash="x")

    page = officer_client.get(f"{QUEUE}{request.pk}/change/").content.decode()

    assert moment_in_words(sitting.started_at) in page
    assert "Revoke" in page


@pytest.mark.parametrize("count", [1, 3])
def test_page_of_a_request_query_count(officer_client, count, django_assert_num_queries):
    request = RecordingRequestFactory(recordings=[RecordingFactory() for _ in range(count)])
    for _ in range(count):
        RecordingRequestFactory(recordings=[RecordingFactory() for _ in range(count)])
    # Cached by the process after the first query.
    ContentType.objects.get_for_model(RecordingRequest)

    with django_assert_num_queries(18):
        officer_client.get(f"{QUEUE}{request.pk}/change/")


def test_confirmation_mail_can_be_sent_again(officer_client, send_mail_now):
    request = RecordingRequestFactory(status="unconfirmed", confirmed_at=None)
    confirmed = RecordingRequestFactory()
    page = officer_client.get(f"{QUEUE}{request.pk}/change/").content.decode()

    officer_client.post(f"{QUEUE}{request.pk}/ask-to-confirm/")

    assert "ask-to-confirm" in page
    assert request.confirm_url in send_mail_now()[0].body
    assert officer_client.post(f"{QUEUE}{confirmed.pk}/ask-to-confirm/").status_code == 404


def csv_of(client, name, **period):
    response = client.get(REPORT, {"csv": name, **period})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_report_covers_a_period(officer_client, heard):
    old = RecordingRequestFactory(created_at=timezone.now() - timedelta(days=40))
    request = RecordingRequestFactory(recordings=[heard], name="=HYPERLINK()")
    grant = granted(request)
    AccessLog.objects.create(recording=heard, grant=grant, what="play")
    AccessLog.objects.create(recording=heard, grant=grant, what="audio", byte_count=700)
    since = str(timezone.localdate() - timedelta(days=7))

    everything = csv_of(officer_client, "requests")
    (asked,) = csv_of(officer_client, "requests", since=since)
    (recording,) = csv_of(officer_client, "recordings", since=since)
    (given,) = csv_of(officer_client, "grants", since=since)
    page = officer_client.get(REPORT, {"since": since}).content.decode()

    assert {row["reference"] for row in everything} == {old.reference, request.reference}
    assert (asked["reference"], asked["name"]) == (request.reference, "'=HYPERLINK()")
    assert (asked["standing"], asked["plays_allowed"]) == ("Ready to play", "5")
    assert (recording["session"], recording["plays"], recording["bytes"]) == (
        "Sea lanes",
        "1",
        "700",
    )
    assert (given["reference"], given["bytes"]) == (request.reference, "700")
    assert "Sea lanes" in page
    assert re.search(r"Together</th>(<td>\d</td>){4}<td>1</td><td>700\xa0bytes</td>", page)


@pytest.mark.parametrize(
    "period", [{"since": "x"}, {"since": "2024-02-01", "until": "2024-01-01"}]
)
def test_invalid_period_of_a_report_is_reported(officer_client, period):
    page = officer_client.get(REPORT, {"csv": "requests", **period})

    assert page.status_code == 200
    assert page.context["form"].errors


def test_access_log_is_read_only(officer_client, heard):
    grant = granted(RecordingRequestFactory(recordings=[heard]))
    access = AccessLog.objects.create(recording=heard, grant=grant, what="play")
    AccessLog.objects.create(recording=heard, what="audio")

    AccessLog.objects.create(recording=heard, what="staff", user_name="Grace Hopper")

    page = officer_client.get("/admin/recordings_app/accesslog/").content.decode()
    deleted = officer_client.post(
        f"/admin/recordings_app/accesslog/{access.pk}/delete/", {"post": "yes"}
    )

    assert grant.requested.request.reference in page
    assert "anybody" in page
    assert "Grace Hopper" in page
    assert (deleted.status_code, AccessLog.objects.count()) == (403, 3)


def test_access_log_of_a_period_is_exported_as_csv(officer_client, heard):
    grant = granted(RecordingRequestFactory(recordings=[heard]))
    AccessLog.objects.create(recording=heard, grant=grant, what="play")
    AccessLog.objects.create(recording=heard, what="audio", byte_count=700)
    AccessLog.objects.create(recording=heard, what="staff", user_name="=Grace Hopper")

    rows = csv_of(officer_client, "accesses")

    assert [(row["what"], row["by"], row["bytes"]) for row in rows] == [
        ("Terms accepted", grant.requested.request.reference, "0"),
        ("Audio", "anybody", "700"),
        ("Heard by staff", "'=Grace Hopper", "0"),
    ]
