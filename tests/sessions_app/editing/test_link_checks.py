import io
from datetime import timedelta
from functools import partial

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from sessions_app.editing import link_checks
from sessions_app.editing.link_checks import (
    Outcome,
    check_links,
    documents_due_for_link_check,
    outcome_and_reason,
    store_link_check,
    throttled_request_function,
    user_agent,
)
from sessions_app.models import LinkCheck, Session
from site_app.http.outbound_requests import FinalResponse, RefusedAddressError, UnreachableError
from tests.factories import DocumentFactory
from tests.loopback_server import says, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def loopback(monkeypatch):
    """Resolve names ending in .test to the test's own server, as if it were public."""
    monkeypatch.setattr(
        link_checks,
        "request_url",
        partial(
            link_checks.request_url,
            resolve=lambda host, port: ["127.0.0.1"] if host.endswith(".test") else ["10.0.0.1"],
            allow=lambda address: address == "127.0.0.1",
        ),
    )


def run(*args):
    out = io.StringIO()
    call_command("check_links", "--pause", "0", *args, stdout=out)
    return out.getvalue()


def test_command_checks_each_link_once_and_stores_the_result(loopback):
    rules = {"/ok": says(200), "/gone": says(410), "/moved": says(301, Location="/ok")}
    rules["/shy"] = says(403)
    rules["/broken"] = says(500)
    with serving(rules) as server:
        base = f"http://a.test:{server.port}"
        for path in ("ok", "ok", "gone", "missing", "moved", "shy", "broken"):
            DocumentFactory(url=f"{base}/{path}")
        DocumentFactory(url="http://10.0.0.1/secret")
        DocumentFactory(as_file=True)
        said = run()
        again = run()

    found = {}
    for each in LinkCheck.objects.all():
        found.setdefault(each.url.removeprefix(f"{base}/"), []).append((each.outcome, each.detail))
    assert found == {
        "ok": [("ok", ""), ("ok", "")],
        "gone": [("dead", "the page does not exist (410)")],
        "missing": [("dead", "the page does not exist (404)")],
        "moved": [("ok", "")],
        "shy": [("ok", "it refuses automatic requests (403)")],
        "broken": [("unclear", "a server error (500)")],
        "http://10.0.0.1/secret": [("refused", "its host is not on the public internet")],
    }
    assert LinkCheck.objects.get(url=f"{base}/moved").moved_to == f"{base}/ok"
    assert said.splitlines()[-1] == "4 answers, 1 no clear answer, 2 dead, 1 not asked"
    assert f"dead: {base}/gone" in said
    assert again.splitlines() == ["0 answers, 0 no clear answer, 0 dead, 0 not asked"]
    # itself, and as a redirect target
    assert [path for _m, _h, path, _a in server.asked].count("/ok") == 2
    assert {told for *_rest, told in server.asked} == {user_agent()}
    assert user_agent().endswith("(+http://127.0.0.1:8000)")


def test_dry_run_sends_no_request(loopback):
    with serving({}) as server:
        DocumentFactory.create_batch(2, url=f"http://a.test:{server.port}/x")

        said = run("--dry-run")

    assert said.splitlines() == ["2 at a.test", "2 due"]
    assert server.asked == [] and not LinkCheck.objects.exists()


@pytest.mark.parametrize("args", [("--pause", "-1"), ("--limit", "0")])
def test_invalid_options_are_rejected(args):
    with pytest.raises(CommandError):
        call_command("check_links", *args)


def test_limit_checks_the_first_links(loopback):
    with serving({"/": says(200)}) as server:
        DocumentFactory.create_batch(3, url=f"http://a.test:{server.port}/")
        run("--limit", "2")

    assert LinkCheck.objects.count() == 2


@pytest.mark.parametrize(
    ("answer", "failures", "outcome"),
    [
        (FinalResponse(206, "x"), 0, Outcome.OK),
        (FinalResponse(429, "x"), 0, Outcome.OK),
        (FinalResponse(404, "x"), 0, Outcome.DEAD),
        (FinalResponse(503, "x"), 1, Outcome.UNCLEAR),
        (FinalResponse(503, "x"), 2, Outcome.DEAD),
        (UnreachableError("no answer in time"), 0, Outcome.UNCLEAR),
        (UnreachableError("no answer in time"), 2, Outcome.DEAD),
        (UnreachableError("no such host", is_gone=True), 0, Outcome.DEAD),
        (RefusedAddressError("only http and https addresses are checked"), 0, Outcome.REFUSED),
        (ValueError("odd"), 0, Outcome.UNCLEAR),
    ],
)
def test_responses_are_classified(answer, failures, outcome):
    assert outcome_and_reason(answer, failures)[0] == outcome


def test_failures_are_counted_until_a_success():
    document = DocumentFactory()
    down = UnreachableError("no answer in time")

    outcomes = [
        store_link_check(document, answer).outcome
        for answer in (down, down, down, FinalResponse(200, "x"))
    ]

    assert outcomes == ["unclear", "unclear", "dead", "ok"]
    assert LinkCheck.objects.get().failures == 0


def test_new_changed_old_and_failed_links_are_due():
    now = timezone.now()
    new, fresh, old, failed, waiting, changed, binned = DocumentFactory.create_batch(7)
    for document, answer in (
        (fresh, FinalResponse(200, "x")),
        (old, FinalResponse(200, "x")),
        (failed, FinalResponse(404, "x")),
        (waiting, FinalResponse(404, "x")),
        (changed, FinalResponse(200, "x")),
    ):
        store_link_check(document, answer)
    days = {old.pk: 31, failed.pk: 3, waiting.pk: 1}
    for key, age in days.items():
        LinkCheck.objects.filter(document=key).update(checked_at=now - timedelta(days=age))
    changed.url = "https://example.org/elsewhere"
    changed.save()
    Session.objects.filter(pk=binned.session_id).update(
        status="binned", binned_at=now, status_before_bin="published"
    )

    assert set(documents_due_for_link_check(now)) == {new, old, failed, changed}
    assert fresh in documents_due_for_link_check(
        everything=True
    ) and binned not in documents_due_for_link_check(everything=True)


def test_unexpected_failure_does_not_stop_the_others():
    first, second = (DocumentFactory(url=f"http://{name}.test/") for name in "ab")

    def asked(url):
        if "a.test" in url:
            raise RuntimeError(url)
        return FinalResponse(200, url)

    found = check_links([first, second], asked)

    assert found == {"unclear": 1, "ok": 1}


def test_requests_have_the_archive_as_user_agent(monkeypatch):
    seen = {}
    monkeypatch.setattr(link_checks, "request_url", lambda url, **options: seen.update(options))

    throttled_request_function(0)("https://example.org/")

    assert seen["agent"] == user_agent() and seen["turns"].pause == 0


def test_dead_links_are_in_a_worklist_until_repaired(staff_client):
    client = staff_client("Publishers")
    dead, repaired = DocumentFactory.create_batch(2)
    for document in (dead, repaired):
        store_link_check(document, FinalResponse(404, "x"))
    repaired.url = "https://example.org/new"
    repaired.save()
    address = reverse("worklists:worklist", args=["dead-links"])

    listed = [line.text for line, _ in client.get(address).context["lines"]]
    client.post(address, {"fix": "again", "line": [dead.link_check.pk]})

    assert listed == [dead.title]
    assert dead in documents_due_for_link_check()
