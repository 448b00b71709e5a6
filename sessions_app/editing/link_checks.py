"""Find dead links of documents: a few hosts at a time, with pauses; results stored at once."""

import queue
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from sessions_app.models import Document, LinkCheck, Session
from site_app.http.outbound_requests import (
    FinalResponse,
    HostThrottle,
    RefusedAddressError,
    UnreachableError,
    request_url,
)

Outcome = LinkCheck.Outcome
RECHECK_INTERVAL = timedelta(days=30)
RECHECK_INTERVAL_AFTER_FAILURE = timedelta(days=2)
FAILURES_UNTIL_DEAD = 3  # consecutive checks without a response; a server may be down for a day
MAX_HOSTS_AT_A_TIME = 4
SECONDS_BETWEEN_REQUESTS_TO_HOST = 1.0  # seconds between two requests to the same host
_STATUS_CODES_OF_MISSING_PAGE = {404, 410}
# The document exists, but not for programs: a paywall, a bot filter, a rate limit.
_STATUS_CODES_OF_REFUSED_PROGRAM = {401, 402, 403, 405, 406, 429, 451}

RequestFunction = Callable[[str], FinalResponse]


def documents_due_for_link_check(
    now: datetime | None = None, *, everything: bool = False
) -> QuerySet[Document]:
    """Return the linked documents whose check is missing, of another address, or old."""
    links = Document.objects.filter(session__in=Session.objects.outside_bin()).exclude(url="")
    if everything:
        return links.order_by("pk")
    now = now or timezone.now()
    settled = Q(link_check__outcome=Outcome.OK, link_check__checked_at__gt=now - RECHECK_INTERVAL)
    failed = ~Q(link_check__outcome=Outcome.OK) & Q(
        link_check__checked_at__gt=now - RECHECK_INTERVAL_AFTER_FAILURE
    )
    fresh = Q(link_check__url=F("url")) & (settled | failed)
    return links.exclude(pk__in=Document.objects.filter(fresh).values("pk")).order_by("pk")


def user_agent() -> str:
    return f"ArchiveLinkCheck/1.0 (+{settings.SITE_URL})"


def throttled_request_function(pause: float = SECONDS_BETWEEN_REQUESTS_TO_HOST) -> RequestFunction:
    """Return the function that asks one address; its requests to a host wait for each other."""
    turns = HostThrottle(pause)
    return lambda url: request_url(url, agent=user_agent(), turns=turns)


def check_links(
    documents: Iterable[Document],
    asked: RequestFunction,
    told: Callable[[LinkCheck], None] = lambda result: None,
    hosts_at_a_time: int = MAX_HOSTS_AT_A_TIME,
) -> Counter:
    """Check the links of documents and store each result as it arrives; return {outcome: how many}.

    A URL that several documents have is requested once.
    """
    of_url: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        of_url[document.url].append(document)
    of_host: dict[str, list[str]] = defaultdict(list)
    for url in of_url:
        of_host[_host_of_url(url)].append(url)
    answers: queue.SimpleQueue = queue.SimpleQueue()
    results: Counter = Counter()

    def ask_host(urls: Sequence[str]):
        for url in urls:
            try:
                answers.put((url, asked(url)))
            except Exception as error:  # whatever a server does, check the remaining links
                answers.put((url, error))

    pool = ThreadPoolExecutor(hosts_at_a_time)
    try:
        for urls in of_host.values():
            pool.submit(ask_host, urls)
        for _ in of_url:
            url, answer = answers.get()
            for document in of_url[url]:
                result = store_link_check(document, answer)
                results[result.outcome] += 1
                told(result)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return results


def _host_of_url(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def store_link_check(document: Document, answer: FinalResponse | Exception) -> LinkCheck:
    """Store the result of checking a document's link."""
    before = LinkCheck.objects.filter(document=document, url=document.url).first()
    failures = before.failures if before else 0
    outcome, detail = outcome_and_reason(answer, failures)
    values = {
        "url": document.url,
        "outcome": outcome,
        "detail": detail[:200],
        "status_code": answer.status if isinstance(answer, FinalResponse) else None,
        "moved_to": (answer.moved_to if isinstance(answer, FinalResponse) else "")[:1000],
        "failures": 0 if outcome in (Outcome.OK, Outcome.REFUSED) else failures + 1,
        "checked_at": timezone.now(),
    }
    return LinkCheck.objects.update_or_create(document=document, defaults=values)[0]


def outcome_and_reason(answer: FinalResponse | Exception, failures: int) -> tuple[Outcome, str]:
    """Return (outcome, reason) for an answer after this many consecutive failures."""
    match answer:
        case FinalResponse(status=status) if status in _STATUS_CODES_OF_MISSING_PAGE:
            return Outcome.DEAD, f"the page does not exist ({status})"
        case FinalResponse(status=status) if status < 400:
            return Outcome.OK, ""
        case FinalResponse(status=status) if status in _STATUS_CODES_OF_REFUSED_PROGRAM:
            return Outcome.OK, f"it refuses automatic requests ({status})"
        case FinalResponse(status=status):
            why = f"a server error ({status})"
        case RefusedAddressError():
            return Outcome.REFUSED, str(answer)
        case UnreachableError(is_gone=True):
            return Outcome.DEAD, str(answer)
        case UnreachableError():
            why = str(answer)
        case _:
            why = f"could not be reached ({type(answer).__name__})"
    return (Outcome.DEAD if failures + 1 >= FAILURES_UNTIL_DEAD else Outcome.UNCLEAR), why
