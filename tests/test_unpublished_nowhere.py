"""What is not public is nowhere: every address is read for words that only hidden records hold."""

import io
import re
import zipfile
from collections import Counter
from datetime import timedelta
from itertools import product
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse
from django.utils import timezone

from alerts_app.digests import send_due_alerts
from alerts_app.models import Alert
from recordings_app.models import STATUS, Recording
from sessions_app.models import Session
from sessions_app.recurring import regroup
from tests import hidden_world
from tests.factories import GrantFactory, RecommendationFactory, SessionFactory, UserFactory

pytestmark = pytest.mark.django_db

WORD = re.compile(r"zq[a-z]{6}")
FACETS = ("topic", "series", "region", "speaker", "organisation")
ENTRIES = {"topics": "topic", "series": "series", "regions": "region", "speakers": "speaker",
           "organisations": "organisation"}  # fmt: skip
WRITE_ONLY = {"alerts:stop"}  # answers to POST alone
NUMBERS = ("1", "2", "3", "4", "5", "6")


@pytest.fixture
def world():
    made = hidden_world.build()
    regroup()
    return made


def test_every_text_field_of_every_model_is_hidden_or_decided_about(world):
    fields = hidden_world.text_fields()

    decided = world.marked | hidden_world.NOT_MARKED.keys()
    assert fields - decided == set(), "a new field: mark it in hidden_world, or say why not"
    assert decided - fields == set()
    assert world.marked & hidden_world.NOT_MARKED.keys() == set()
    for state in hidden_world.NOT_PUBLIC:
        assert any(label.startswith(f"{state}: ") for label in world.labels.values())


@pytest.mark.parametrize("role", ["visitor", "requester"])
def test_no_address_tells_what_is_hidden(world, role):
    client = client_of(role)
    leaks, answers = walk(client, world, addresses(world) + own_addresses(role))

    assert leaks == []
    assert answers[200] > 150
    assert not [status for status in answers if status >= 500]


@pytest.mark.parametrize("role", ["Editors", "Access officers"])
def test_staff_see_hidden_sessions_at_their_own_addresses_alone(world, role):
    """Lists, files, feeds and the API are those of visitors for everybody."""
    client = client_of(role)
    slugs = [slug for kind in ("session",) for slug in world.slugs[kind]]
    own = re.compile("|".join(rf"/(?:sessions|recommendations)/{slug}[-/]" for slug in slugs))
    lists = [address for address in addresses(world) if not own.match(address)]
    if role == "Access officers":  # they hear what is closed, at the address of the recording
        lists = [address for address in lists if "/recordings/" not in address]

    leaks, _answers = walk(client, world, lists)

    assert leaks == []


def test_searches_beside_a_hidden_word_do_not_lead_to_it(client, world):
    """Slips and beginnings of each marker, in the search, its suggestions and autocomplete."""
    leaks = []
    for word, label in world.labels.items():
        if not label.partition(": ")[2].startswith(("sessions_app", "speakers_app", "recordings")):
            continue  # nothing else is near an index
        slip = word[:-1] + ("x" if word[-1] != "x" else "z")
        for address in (f"/suggest/?q={word[:6]}", f"/api/v1/sessions/?q={slip}"):
            leaks += [
                (address, label, world.labels[told]) for told in words_at(client, address)[1]
            ]
        if client.get("/api/v1/sessions/", {"q": word}).json()["count"]:
            leaks.append((word, label, "counted"))

    assert leaks == []


def test_alerts_mail_nothing_hidden(world, send_mail_now):
    before = timezone.now() - timedelta(hours=1)
    for kind in ("sessions", "recommendations"):
        Alert.objects.create(
            kind=kind, email=f"{kind}@reader.example", status=Alert.Status.ACTIVE,
            asked_at=before, confirmed_at=before, looked_at=before,
        )  # fmt: skip
    session = SessionFactory(published_at=timezone.now())
    RecommendationFactory(session=session)

    send_due_alerts()
    mails = send_mail_now()

    assert len(mails) == 2
    text = " ".join(str(mail.message()) for mail in mails).casefold()
    assert {world.labels.get(word) for word in WORD.findall(text)} == set()


def test_scheduled_session_becomes_public_with_time(client, world):
    session = Session.objects.get(status="published", published_at__gt=timezone.now())
    Session.objects.filter(pk=session.pk).update(
        published_at=timezone.now() - timedelta(minutes=1)
    )

    assert client.get(session.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("state", hidden_world.NOT_PUBLIC)
def test_own_addresses_answer_404_or_410(client, world, state):
    (slug,) = [
        slug
        for slug in world.slugs["session"]
        if world.labels.get(slug, "").startswith(f"{state}: sessions_app.")
    ]
    expected = 410 if state in hidden_world.ONCE_PUBLIC else 404

    for address in (
        f"/sessions/{slug}/",
        f"/sessions/{slug}/cite.bib",
        f"/sessions/{slug}/session.ics",
        f"/sessions/{slug}/documents/1/x.pdf",
        f"/sessions/{slug}/request-recording/",
        f"/sessions/{slug}/recordings/1/",
        f"/recommendations/{slug}-1/",
        f"/recommendations/{slug}-1/cite.txt",
        f"/api/v1/sessions/{slug}/",
        f"/api/v1/recommendations/{slug}-1/",
    ):
        assert client.get(address).status_code == expected, address


# --- who looks ------------------------------------------------------------------------------------


def client_of(role: str) -> Client:
    client = Client(raise_request_exception=False)
    if role == "staff":
        client.force_login(UserFactory(), backend=BACKEND)
    elif role not in ("visitor", "requester"):
        client.force_login(UserFactory(group=role), backend=BACKEND)
    return client


BACKEND = "django.contrib.auth.backends.ModelBackend"


def own_addresses(role: str) -> list[str]:
    """Return the addresses behind a requester's own links."""
    if role != "requester":
        return []
    grant = GrantFactory(recording=Recording.objects.get(session__slug="in-public", number=2))
    token = grant.token
    request = grant.requested.request.token(STATUS)
    return [
        f"/requests/{request}/",
        f"/recordings/{token}/",
        f"/recordings/{token}/transcript.txt",
        f"/recordings/{token}/cite.bib",
    ]


# --- where to look --------------------------------------------------------------------------------


def patterns(resolver=None, above="", namespaces=()):
    """Yield (name with namespaces, pattern, the whole route) of every public address."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = f"{above}{entry.pattern}"
        if route.startswith(("admin/", "__debug__")):
            continue
        if isinstance(entry, URLPattern):
            yield ":".join([*namespaces, entry.name or ""]), entry, route
        else:
            within = [*namespaces, entry.namespace] if entry.namespace else namespaces
            yield from patterns(entry, route, within)


def addresses(world) -> list[str]:
    """Return every address of the site, with the slugs, numbers and queries there are."""
    found = []
    for name, pattern, route in patterns():
        if name in WRITE_ONLY:
            continue
        if not name.rpartition(":")[2]:
            if "(" not in route:
                found.append(f"/{route}")
            continue
        names = list(pattern.pattern.regex.groupindex)
        choices = [values_of(argument, name, route, world) for argument in names]
        for values in product(*choices):
            if values[:1] != ("in-public",) and set(values) & set(NUMBERS[1:]):
                continue  # hidden sessions have one of each part
            try:
                found.append(reverse(name, kwargs=dict(zip(names, values, strict=True))))
            except NoReverseMatch:
                continue
    found = list(dict.fromkeys(found))
    return found + [address + query for address in found for query in queries(address, world)]


def values_of(argument: str, name: str, route: str, world) -> list[str]:
    """Return the values to try; a new kind of argument fails here, so that somebody thinks of it."""
    sessions = ["in-public", *world.slugs["session"]]
    match argument:
        case "slug":
            kind = next((ENTRIES[part] for part in ENTRIES if part in route.split("/")), None)
            kind = kind or next((ENTRIES[part] for part in ENTRIES if f"^{part}/" in route), None)
            return ["public", *world.slugs[kind]] if kind else sessions
        case "public_id":
            return [f"{slug}-1" for slug in sessions]
        case "extension":
            return re.search(r"\(\?P<extension>([\w|]+)\)", route)[1].split("|")
        case "parameter":
            return [*FACETS, "year", "has", "audience"]
        case "number":
            return list(NUMBERS)
        case "filename":
            return world.filenames
        case "section":
            return ["sessions", "recommendations", *ENTRIES, "pages"]
        case "token" | "signed":
            return ["x" * 43]
        case "path":
            return ["portraits/x.png"]
    raise AssertionError(f"{name}: say in values_of what to try for {argument!r}")


def queries(address: str, world) -> list[str]:
    """Return query strings to add to the address of a list."""
    if address in ("/sessions/", "/recommendations/", "/api/v1/sessions/", "/sessions/feed.rss"):
        facets = [f"?{name}={slug}" for name in FACETS for slug in world.slugs[name]]
        return [*facets, "?facets=1", "?per_page=100&sort=oldest", "?has=recording&has=transcript"]
    if address.startswith(("/compare/", "/pack/", "/request-recordings/")):
        items = [f"item=session:{slug}" for slug in world.slugs["session"]]
        items += [f"item=recommendation:{slug}-1" for slug in world.slugs["session"]]
        items += [f"session={slug}" for slug in world.slugs["session"]]
        return [f"?{'&'.join(items[start : start + 10])}" for start in range(0, len(items), 10)]
    if address in ("/alerts/new/", "/contact/"):
        facets = [f"?{name}={slug}" for name in FACETS for slug in world.slugs[name]]
        return [*facets, f"?about={quote('/sessions/' + world.slugs['session'][1] + '/')}"]
    return []


# --- what is there --------------------------------------------------------------------------------


def walk(client, world, chosen):
    """Return ([(address, what was told)], how many answers of each status there were)."""
    leaks, statuses = [], Counter()
    for address in chosen:
        status, told = words_at(client, address)
        if address != "/readyz":  # 503: nothing else runs here
            statuses[status] += 1
        leaks += [(address, world.labels[word]) for word in told if word in world.labels]
    return leaks, statuses


def words_at(client, address):
    """Return the status of an answer and the markers in it that the address itself did not hold."""
    response = client.get(address)
    body = b"".join(response) if response.streaming else response.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body = b" ".join(archive.read(name) for name in archive.namelist())
    headers = " ".join(f"{name}: {value}" for name, value in response.items())
    text = f"{headers} {body.decode(errors='replace')}".casefold()
    return response.status_code, set(WORD.findall(text)) - set(WORD.findall(address.casefold()))
