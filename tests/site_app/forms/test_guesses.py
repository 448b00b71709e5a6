"""Links with an invalid token: the same response for all of them, and a limit on attempts."""

import pytest

from recordings_app.models import CONFIRM_LINK_PURPOSE, STATUS_LINK_PURPOSE, RecordingRequest
from site_app.forms import protection, tokens
from site_app.models import FormAttempt

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_(db):
    return RecordingRequest.objects.create(
        name="Ada", email="ada@reader.example", purpose="x", agreed_terms="y"
    )


def test_unknown_and_foreign_tokens_get_the_same_answer(client, request_):
    foreign = request_.token(CONFIRM_LINK_PURPOSE)
    known = request_.token(STATUS_LINK_PURPOSE)
    wrong = [
        foreign,
        "999-" + "0" * 64,
        f"{request_.pk}-" + "0" * 64,
        known[:-1],
        known + "0",
        "x",
    ]

    answers = [client.get(f"/requests/{token}/") for token in wrong]

    assert {answer.status_code for answer in answers} == {404}
    pages = {
        answer.content.decode().replace(f"/requests/{token}/", "")
        for answer, token in zip(answers, wrong, strict=True)
    }
    assert len(pages) == 1


@pytest.mark.parametrize("path", ["/requests/{}/", "/requests/confirm/{}/", "/alerts/{}/"])
def test_guessing_is_blocked_for_further_links(client, request_, monkeypatch, path):
    monkeypatch.setattr(protection, "MAX_HOURLY_INVALID_LINKS", 3)
    for number in range(3):
        assert client.get(path.format(f"{number}-0")).status_code == 404

    right = client.get(f"/requests/{request_.token(STATUS_LINK_PURPOSE)}/")
    wrong = client.get(path.format("9-0"))
    forged = client.get(path.format("9-0"), headers={"X-Forwarded-For": "203.0.113.9"})
    elsewhere = client.get(
        f"/requests/{request_.token(STATUS_LINK_PURPOSE)}/", REMOTE_ADDR="192.0.2.7"
    )

    assert [each.status_code for each in (right, wrong, forged, elsewhere)] == [429, 429, 429, 200]
    assert 3590 < int(right["Retry-After"]) <= 3600
    assert FormAttempt.objects.count() == 3


def test_valid_links_are_not_counted(client, request_):
    client.get(f"/requests/{request_.token(STATUS_LINK_PURPOSE)}/")

    assert not FormAttempt.objects.exists()


def test_tokens_are_compared_in_constant_time_whether_the_record_exists_or_not(
    request_, monkeypatch
):
    compared = []
    monkeypatch.setattr(
        tokens, "constant_time_compare", lambda one, other: compared.append(other) or one == other
    )
    known = request_.token(STATUS_LINK_PURPOSE)
    looked_up = [known, known[:-1], f"{request_.pk}-{'0' * 64}", f"999-{'0' * 64}"]

    found = [
        tokens.record_of_token(token, STATUS_LINK_PURPOSE, RecordingRequest.objects.all())
        for token in looked_up
    ]

    assert (found, compared) == ([request_, None, None, None], looked_up)
