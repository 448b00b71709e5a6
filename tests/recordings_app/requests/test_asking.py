"""What the request form knows about the requester, and does not reveal to anybody else."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recordings_app.models import (
    CONFIRM_LINK_PURPOSE,
    STATUS_LINK_PURPOSE,
    Grant,
    RecordingRequest,
    RequestedRecording,
    RequestSettings,
)
from recordings_app.requests.decisions import approve_requests
from recordings_app.requests.requester_cookie import REQUESTER_COOKIE
from site_app.models import MailMessage
from tests.factories import (
    RecommendationFactory,
    RecordingFactory,
    RecordingRequestFactory,
    SessionFactory,
)
from tests.recordings_app.conftest import answers, status_page

pytestmark = pytest.mark.django_db
FORM = "/sessions/sea-lanes/request-recording/"


def decisions_of(request):
    return list(request.requested_recordings.values_list("decision", flat=True))


def confirm(client, request):
    return client.post(f"/requests/confirm/{request.token(CONFIRM_LINK_PURPOSE)}/", follow=True)


def test_repeat_is_recognised_when_the_address_is_confirmed_and_not_before(
    client, session, send_mail_now
):
    first = RecordingRequestFactory(
        recordings=[session.recordings.get()], email="ADA@reader.example"
    )
    unknown = client.post(FORM, answers(email="other@reader.example"))
    repeat = client.post(FORM, answers())
    request = RecordingRequest.objects.latest("pk")

    said = [client.get(each["Location"]).content for each in (unknown, repeat)]
    references = [each.reference.encode() for each in RecordingRequest.objects.all()[1:]]
    assert (
        len({page.replace(references[0], b"").replace(references[1], b"") for page in said}) <= 2
    )
    assert decisions_of(request) == ["pending"]

    page = confirm(client, request)

    request.refresh_from_db()
    assert (decisions_of(request), request.status) == (["repeated"], "decided")
    assert "Already requested" in page.content.decode()
    assert first.reference in page.content.decode()
    mails = send_mail_now()
    assert [mail.to for mail in mails[1:]] == [["ada@reader.example"]]  # none for staff
    assert "You had already requested these" in mails[1].body
    assert "You requested:" not in mails[1].body


def test_only_new_recordings_of_a_repeated_request_are_requested(client, session, send_mail_now):
    RecordingRequestFactory(recordings=[session.recordings.get()])
    RecordingFactory(session__slug="grain", session__title="Grain")
    client.post("/request-recordings/", answers(session=["sea-lanes", "grain"]))
    request = RecordingRequest.objects.latest("pk")

    confirm(client, request)

    request.refresh_from_db()
    assert (sorted(decisions_of(request)), request.status) == (["pending", "repeated"], "open")


@pytest.mark.parametrize("ended", [{"decision": "declined"}, {"decision": "withdrawn"}])
def test_ended_access_can_be_requested_again(client, session, ended):
    first = RecordingRequestFactory(recordings=[session.recordings.get()])
    first.requested_recordings.update(**ended)
    client.post(FORM, answers())
    request = RecordingRequest.objects.latest("pk")

    confirm(client, request)

    assert decisions_of(request) == ["pending"]


def test_form_is_prefilled_after_opening_a_private_link(client, session):
    request = RecordingRequestFactory(organisation="Reading Room")
    before = client.get(FORM).content.decode()

    client.get(f"/requests/{request.token(STATUS_LINK_PURPOSE)}/")
    filled = client.get(FORM)
    emptied = client.get(FORM, {"fresh": "1"})
    after = client.get(FORM)

    for typed in ("ada@reader.example", "Ada Reader", "Reading Room", "A study of ports"):
        shown = [typed in each.content.decode() for each in (filled, emptied, after)]
        assert (typed in before, shown) == (False, [True, False, False])
    assert filled["Cache-Control"] == "private, no-store"
    assert REQUESTER_COOKIE not in client.cookies or client.cookies[REQUESTER_COOKIE].value == ""


def test_entering_an_address_prefills_nothing(client, session):
    RecordingRequestFactory(name="Ada Lovelace", organisation="Secret Office")

    page = client.post(FORM, answers(name="", organisation="")).content.decode()

    assert "Lovelace" not in page + client.get(FORM).content.decode()
    assert "Secret Office" not in page


@pytest.mark.parametrize("value", ["1", "1:x:y", "", "x" * 5000, '"\\000"'])
def test_forged_cookie_prefills_nothing(client, session, value):
    RecordingRequestFactory(name="Ada Lovelace")

    page = client.get(FORM, headers={"Cookie": f"{REQUESTER_COOKIE}={value}"})

    assert "Lovelace" not in page.content.decode()


def test_unconfirmed_request_prefills_nothing(client, session):
    request = RecordingRequestFactory(status="unconfirmed", confirmed_at=None)

    client.get(f"/requests/{request.token(STATUS_LINK_PURPOSE)}/")
    client.get(f"/requests/confirm/{request.token(CONFIRM_LINK_PURPOSE)}/")

    assert REQUESTER_COOKIE not in client.cookies


def test_repeat_is_reported_to_a_known_requester_and_not_stored(client, session):
    request = RecordingRequestFactory(recordings=[session.recordings.get()])
    client.get(f"/requests/{request.token(STATUS_LINK_PURPOSE)}/")

    page = client.get(FORM).content.decode()
    response = client.post(FORM, answers(), follow=True)

    assert "You have already asked for the following" in page
    assert request.reference in page
    assert response.redirect_chain == [(f"/requests/{request.token(STATUS_LINK_PURPOSE)}/", 303)]
    assert "nothing new was sent" in response.content.decode()
    assert RecordingRequest.objects.count() == 1


def test_automatic_recording_is_granted_when_the_address_is_confirmed(client, send_mail_now):
    RequestSettings.objects.create(pk=1, days=3, plays=2)
    session = RecordingFactory(with_audio=True, access="automatic", session__slug="sea-lanes")
    client.post(FORM, answers())
    request = RecordingRequest.objects.get()
    before = Grant.objects.count()

    page = confirm(client, request)

    grant = Grant.objects.get()
    assert (before, grant.plays_allowed, grant.created_by) == (0, 2, None)
    assert grant.expires_at < timezone.now() + timedelta(days=3)
    request.refresh_from_db()
    assert request.status == "decided"
    assert grant.url in page.content.decode()
    # One mail is enough: no decision is left.
    to_staff, to_requester = send_mail_now()
    assert (to_staff.to, to_requester.to) == (["archive@localhost"], ["ada@reader.example"])
    assert "Nothing is waiting for a decision" in to_staff.body
    assert grant.url in to_requester.body
    assert session.requests.get().decided_by is None


def test_closed_recording_is_not_offered(client):
    RecordingFactory(access="closed", session__slug="sea-lanes")

    assert client.get(FORM).status_code == 404
    assert client.post("/request-recordings/", answers()).status_code == 200
    assert not RecordingRequest.objects.exists()


def test_session_without_recording_looks_like_one_with_a_closed_recording(client):
    RecordingFactory(access="closed", session=SessionFactory(slug="closed", title="Ports"))
    SessionFactory(slug="silent", title="Ports")

    pages = {
        slug: client.get(f"/sessions/{slug}/request-recording/") for slug in ("closed", "silent")
    }

    texts = {slug: page.content.decode().replace(slug, "") for slug, page in pages.items()}
    assert [page.status_code for page in pages.values()] == [404, 404]
    assert texts["closed"] == texts["silent"]
    assert "mailto:archive@localhost" in texts["closed"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_form_of_an_open_recording_links_to_it(client, method):
    recording = RecordingFactory(access="open", with_audio=True, session__slug="sea-lanes")
    address = recording.get_absolute_url()

    one = getattr(client, method)(FORM)
    RecordingFactory(access="open", with_audio=True, session=recording.session)
    two = getattr(client, method)(FORM)

    assert (one.status_code, one["Location"]) == (303, address)
    assert (two.status_code, two["Location"]) == (303, "/sessions/sea-lanes/#recordings")
    assert client.get(address).status_code == 200


def test_form_names_open_and_unavailable_recordings(client, session):
    heard = RecordingFactory(access="open", with_audio=True, session=session, title="Part 2")
    other = RecordingFactory(access="open", with_audio=True)
    silent = SessionFactory(slug="silent", title="Nothing heard")

    one = client.get(FORM).content.decode()
    slugs = ["sea-lanes", other.session.slug, silent.slug]
    several = client.get("/request-recordings/", {"session": slugs}).content.decode()

    assert 'name="email"' in one
    assert f'href="{heard.get_absolute_url()}">listen' in one
    assert all(f'href="{row.get_absolute_url()}">listen' in several for row in (heard, other))
    assert 'No recording of <a href="/sessions/silent/">Nothing heard</a>' in several


def test_sealed_recording_shows_the_end_of_the_seal(client):
    day = timezone.localdate() + timedelta(days=400)
    RecordingFactory(sealed_until=day, session__slug="sea-lanes")
    RecordingFactory(sealed_until=day, access="closed", session=SessionFactory(slug="secret"))

    page = client.get(FORM)
    client.post(FORM, answers())

    assert f"sealed until {day.day} {day:%B %Y}" in page.content.decode()
    assert 'name="email"' not in page.content.decode()
    assert client.get("/sessions/secret/request-recording/").status_code == 404
    assert not RecordingRequest.objects.exists()


def test_ended_seal_has_no_effect(client):
    RecordingFactory(sealed_until=date(2024, 1, 1), session__slug="sea-lanes")

    assert "sealed" not in client.get(FORM).content.decode()


def test_all_recordings_of_a_session_are_requested(client, session):
    RecordingFactory(session=session, title="Part 2")
    RecordingFactory(session=session, access="closed")

    client.post(FORM, answers())

    assert RequestedRecording.objects.count() == 2


def test_recordings_of_an_evidence_pack_are_requested_together(client, session):
    advice = RecommendationFactory(session=RecordingFactory(session__slug="grain").session)
    silent = SessionFactory(slug="silent")
    query = {"item": ["session:sea-lanes", f"recommendation:{advice.public_id}", "x"]}

    pack = client.get("/pack/", query).content.decode()
    without = client.get("/pack/", {"item": f"session:{silent.slug}"}).content.decode()
    form = client.get("/request-recordings/", query)

    address = "/request-recordings/?item=session:sea-lanes"
    assert (address in pack, "/request-recordings/" in without) == (True, False)
    assert {each.slug for each in form.context["form"].offered} == {"sea-lanes", "grain"}


def test_too_many_sessions_are_rejected_before_a_query(
    client, session, django_assert_max_num_queries
):
    with django_assert_max_num_queries(13):
        response = client.post("/request-recordings/", answers(session=["sea-lanes"] * 900))

    assert response.context["form"].errors["session"]


@pytest.mark.parametrize("count", [1, 3])
def test_status_page_query_count(client, count, django_assert_num_queries):
    requests = [RecordingRequestFactory(recordings=[RecordingFactory()]) for _ in range(count)]

    with django_assert_num_queries(7):
        response = status_page(client, requests[0])

    assert response.content.decode().count("Waiting for a decision") == count


def test_status_page_shows_no_other_address(client):
    RecordingRequestFactory(email="bob@reader.example", purpose="Of another")
    RecordingRequestFactory(status="unconfirmed", confirmed_at=None, purpose="Typed by anybody")
    request = RecordingRequestFactory(purpose="Mine")

    page = status_page(client, request).content.decode()

    assert ("Mine" in page, "Of another" in page, "Typed by anybody" in page) == (
        True,
        False,
        False,
    )


def test_opening_any_link_changes_nothing(client, session):
    """Mail scanners open every link; only buttons act."""
    client.post(FORM, answers())
    unconfirmed = RecordingRequest.objects.get()
    request = RecordingRequestFactory(recordings=[RecordingFactory(with_audio=True)])
    request.requested_recordings.update(
        decision="approved", decided_at=timezone.now(), granted_days=1, granted_plays=1
    )
    grant = Grant.objects.create(
        requested=request.requested_recordings.get(),
        expires_at=timezone.now() + timedelta(days=1),
        plays_allowed=1,
    )
    links = [
        f"/requests/confirm/{unconfirmed.token(CONFIRM_LINK_PURPOSE)}/",
        f"/requests/{unconfirmed.token(STATUS_LINK_PURPOSE)}/",
        f"/requests/{request.token(STATUS_LINK_PURPOSE)}/",
        f"/recordings/{grant.token}/",
    ]
    tables = (RecordingRequest, RequestedRecording, Grant)
    before = [list(model.objects.order_by("pk").values()) for model in tables]

    for address in links:
        for method in ("get", "head", "options"):
            getattr(client, method)(address)

    assert [list(model.objects.order_by("pk").values()) for model in tables] == before


def test_lost_link_form_behaves_the_same_for_any_address(client):
    """Otherwise the response time would reveal who has requested recordings."""
    RecordingRequestFactory(email="ada@reader.example")
    statements = {}
    for email in ("ada@reader.example", "nobody@reader.example"):
        with CaptureQueriesContext(connection) as captured:
            client.post("/requests/", {"email": email})
        statements[email] = [re.sub(r"[\d'].*", "", query["sql"]) for query in captured]

    known, unknown = statements.values()
    assert known == unknown
    assert MailMessage.objects.count() == 2


def test_unknown_address_is_not_in_the_mail_queue(client, send_mail_now):
    client.post("/requests/", {"email": "nobody@reader.example"})

    assert send_mail_now() == []
    assert not MailMessage.objects.exists()


def test_lost_link_is_mailed_only_to_the_address(client, send_mail_now):
    request = RecordingRequestFactory(email="Ada@reader.example")

    known = client.post("/requests/", {"email": "ada@READER.example"}, follow=True)
    unknown = client.post("/requests/", {"email": "nobody@reader.example"}, follow=True)

    (mail,) = send_mail_now()
    assert mail.to == ["ada@reader.example"]
    assert request.status_url in mail.body
    assert known.redirect_chain == unknown.redirect_chain == [("/requests/link-sent/", 303)]
    assert known.content == unknown.content


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "unconfirmed", "confirmed_at": None},
        {"anonymised_at": timezone.now(), "name": "", "email": "", "purpose": ""},
    ],
)
def test_no_link_is_mailed_if_there_is_nothing_to_show(client, send_mail_now, fields):
    RecordingRequestFactory(**fields)

    client.post("/requests/", {"email": "ada@reader.example"})

    assert send_mail_now() == []


def test_form_explains_the_next_step_and_links_back(client):
    session = RecordingFactory(session__title="Sea lanes").session
    address = f"/sessions/{session.slug}/request-recording/"

    page = client.get(address).text
    assert "decide as soon as they can" in page
    assert page.count(f'href="{session.get_absolute_url()}"') == 2  # above and next to the button

    RequestSettings.objects.create(pk=1, decision_days=3)
    assert "usually within 3 days" in client.get(address).text


def test_errors_are_associated_with_their_fields(client):
    session = RecordingFactory().session
    page = client.post(
        f"/sessions/{session.slug}/request-recording/", {"purpose": "A thesis"}
    ).text

    assert "<title>Error: " in page
    assert 'tabindex="-1" autofocus' in page
    assert re.search(r'<input[^>]* name="name"[^>]* aria-describedby="id_name_error"', page)
    assert 'id="id_name_error"' in page
    assert '<a href="#id_name">Enter your name.</a>' in page
    assert "A thesis</textarea>" in page


def test_mails_are_in_the_language_in_which_the_request_was_made(client, send_mail_now):
    RecordingFactory(session__title="Sea lanes", session__slug="sea-lanes", with_audio=True)
    client.post(FORM, answers(), headers={"Accept-Language": "fr"})
    request = RecordingRequest.objects.get()
    assert request.language == "fr"
    send_mail_now()
    confirm(client, request)  # with a browser set to English
    send_mail_now()
    rows = [row.pk for row in request.requested_recordings.all()]
    approve_requests(rows, user=None, days=14, plays=1)

    asked, received, staff, approved = send_mail_now()

    assert [
        mail.extra_headers["Content-Language"] for mail in (asked, received, staff, approved)
    ] == [
        "fr",
        "fr",
        "en-GB",
        "fr",
    ]
    assert asked.subject == f"Veuillez confirmer votre demande {request.reference}"
    assert "Nous avons reçu votre demande" in received.subject
    assert staff.subject == f"Recording request {request.reference}"
    assert re.search(r"Jusqu’au \d+(er)? \w+ \d{4} à \d\d:\d\d UTC, 1 écoute\b", approved.body)
    assert '<html lang="fr" dir="ltr">' in approved.alternatives[0][0]


def test_usual_decision_time_can_be_set(staff_client):
    client = staff_client("Access officers")
    address = "/admin/recordings_app/requestsettings/"
    page = client.get(address, follow=True)
    assert 'name="decision_days"' in page.text
