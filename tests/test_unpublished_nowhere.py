"""Nothing reveals what is not public: every URL is searched for words of hidden records."""

import io
import re
import sys
import zipfile
from collections import Counter
from datetime import timedelta
from itertools import product
from urllib.parse import quote

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, resolve, reverse
from django.utils import timezone

from alerts_app.mail.digests import queue_digests_of_due_alerts
from alerts_app.models import Alert
from recordings_app.models import CONFIRM_LINK_PURPOSE, STATUS_LINK_PURPOSE, Recording
from search_app import api
from sessions_app.catalogue.recurring import update_groups
from sessions_app.insights.definitions import INSIGHTS
from sessions_app.models import Session
from sma_archive.cache import page_cache
from sma_archive.groups import GROUPS
from tests import hidden_world
from tests.factories import (
    GrantFactory,
    RecommendationFactory,
    RecordingRequestFactory,
    SessionFactory,
    UserFactory,
)
from tests.places import one_archive, own_places

pytestmark = [pytest.mark.django_db, pytest.mark.walk]

WORD = re.compile(r"zq[a-z]{6}")
FACETS = ("topic", "series", "region", "speaker", "organisation")
ENTRIES = {
    "topics": "topic",
    "series": "series",
    "regions": "region",
    "speakers": "speaker",
    "organisations": "organisation",
}
WRITE_ONLY = {"alerts:stop"}  # respond only to POST
# Lists in the admin that not all staff may see, and the groups with the permission.
PRIVATE = {
    "recordings_app.RecordingRequest": {"Access officers"},
    "recordings_app.AccessLog": {"Access officers"},  # including its reports
    "recordings_app.RequestSettings": {"Access officers"},
    "alerts_app.Alert": {"Access officers"},
    "site_app.MailMessage": {"Access officers"},
    "site_app.MailText": {"Access officers"},
    "site_app.ContactMessage": {"Publishers"},
    "desk_app.MergeRecord": {"Publishers"},
    "ingest_app.ImportRun": {"Editors", "Publishers"},
    "search_app.SearchCount": {"Editors", "Publishers"},
    "auth.User": set(),
    "auth.Group": set(),
}
# What each group may view before it is public, at its own URL; the first part of the URL.
PREVIEWS = {
    "Editors": {"sessions", "recommendations", *ENTRIES},
    "Publishers": {"sessions", "recommendations", *ENTRIES},
    "Access officers": {"sessions", "recommendations"},  # to know what is requested
}
# Kinds of URL whose responses contain no word of a record while all of them are public.
TELLS_NOTHING = {
    # No advice in that archive recurs; test_recurring.py covers recurring advice.
    "sessions:recurring-export",
    # Compressed files, whose content test_bulk.py reads.
    "api:bulk", "api:bulk-checksums", "api:bulk-file",
    "alerts:sent", "api:docs", "api:index", "api:schema", "recordings:confirm",
    "recordings:granted-audio", "recordings:link-sent", "recordings:lost-link",
    "recordings:received", "sessions:advanced", "sessions:search-help", "site:about",
    "site:contact", "site:contact-thanks", "site:language", "sitemap-index",
    "sma_archive.server.health.healthz",
    "sma_archive.server.health.readyz", "sma_archive.server.well_known.favicon",
    "sma_archive.server.well_known.opensearch", "sma_archive.server.well_known.robots",
    "sma_archive.server.well_known.security",
}  # fmt: skip
NUMBERS = ("1", "2", "3", "4", "5", "6")


@pytest.fixture(scope="module", autouse=True)
def clean_places(tmp_path_factory):
    """Replaces the folders and index of each test by those of the one archive."""
    with own_places(tmp_path_factory.mktemp("nowhere")):
        yield


@pytest.fixture(scope="module")
def world(clean_places, django_db_setup, django_db_blocker):
    """One archive for all tests; each test's changes are rolled back, and the archive at the end."""
    with one_archive(django_db_blocker):
        made = hidden_world.build()
        update_groups()
        yield made


@pytest.fixture
def writes():
    """For a test that writes: the index then forgets what is rolled back."""
    yield
    api.discard_indexes()
    page_cache.cached_pages.clear()


@pytest.fixture
def look(world):
    """Return a function: (client, URLs) → ([(URL, marker found)], number of responses with
    each status). `-s` shows how many cells (marker × response) were checked.
    """

    def read(client, chosen):
        leaks, statuses = walk(client, world, chosen)
        cells = len(world.labels) * len(chosen)
        sys.stdout.write(f" {len(world.labels)} markers × {len(chosen)} answers: {cells} cells ")
        return leaks, statuses

    return read


def test_every_text_field_has_a_marker_or_an_exception(world):
    fields = hidden_world.text_fields()

    decided = world.marked | hidden_world.NOT_MARKED.keys()
    assert fields - decided == set(), "a new field: mark it in hidden_world, or say why not"
    assert decided - fields == set()
    assert world.marked & hidden_world.NOT_MARKED.keys() == set()
    for state in hidden_world.NOT_PUBLIC:
        assert any(label.startswith(f"{state}: ") for label in world.labels.values())


@pytest.mark.parametrize("role", ["visitor", "requester", "staff without rights"])
def test_no_url_reveals_hidden_text(world, look, role):
    client = client_of(role)
    granted = Recording.objects.get(session__slug="in-public", number=2)
    own = own_addresses(client, world, granted) if role == "requester" else []

    leaks, answers = look(client, addresses(world) + own)

    assert leaks == []
    assert answers[200] > 100
    assert not [status for status in answers if status >= 500]


@pytest.mark.parametrize("role", ["Editors", "Publishers", "Access officers"])
def test_staff_see_hidden_sessions_only_at_their_own_urls(world, look, role):
    """Lists, files, feeds and the API are the same for staff and visitors. Staff with the view permission
    for a session or authority record see it at its own URL before it is public, to check it.
    """
    slugs = [f"(?:sessions|recommendations)/{slug}[-/]" for slug in world.slugs["session"]]
    slugs += [f"{kind}/{slug}/$" for kind in ENTRIES for slug in world.slugs[ENTRIES[kind]]]
    if role == "Access officers":  # they may play closed recordings, at the URL of the recording
        slugs.append("sessions/in-public/recordings/")
    own = re.compile(rf"/(?:{'|'.join(slugs)})")
    everywhere, client = addresses(world), client_of(role)

    leaks, answers = look(client, [address for address in everywhere if not own.match(address)])
    previews, shown = look(client, [address for address in everywhere if own.match(address)])

    assert leaks == []
    assert {address.split("/")[1] for address, _label in previews} == PREVIEWS[role]
    answers += shown
    assert leaks == []
    assert answers[200] > 100
    assert not [status for status in answers if status >= 500]


def test_same_text_is_visible_while_its_records_are_public(world, look, writes):
    """What the other tests do not find can be found."""
    hidden_world.publish_everything()
    requester = client_of("requester")
    once_hidden = Recording.objects.get(session__slug=world.slugs["session"][1], number=1)
    chosen = addresses(world) + own_addresses(requester, world, once_hidden)

    told, answers = look(requester, chosen)

    seen = {label.partition(": ")[2] for _address, label in told}
    untold = {name for name in world.marked - seen if not never_told(name)}
    assert untold == set(), "public, and yet nowhere: or it belongs into NEVER_TOLD"
    assert {name for name in seen if never_told(name)} == set()
    assert not [status for status in answers if status >= 500]
    telling = {kind_of(address) for address, _label in told}
    silent = {kind_of(address) for address in chosen} - telling
    assert silent == TELLS_NOTHING, (
        "where nothing is told of what is public, silence proves nothing"
    )


@pytest.mark.parametrize("role", ["staff without rights", *GROUPS])
def test_private_data_in_the_admin_requires_the_permission(world, look, role):
    client = client_of(role)
    pages = [
        f"/{route}"
        for _name, _pattern, route in patterns("admin")
        if not re.search("[<(^]|logout", route)
    ]
    pages += [
        f"/admin/{label.lower().replace('.', '/')}/{record.pk}/change/"
        for label in PRIVATE
        if (record := apps.get_model(label)._base_manager.first())
    ]

    told, answers = look(client, pages)

    refused = {label for label, roles in PRIVATE.items() if role not in roles}
    assert [
        label for _page, label in told if label.partition(": ")[2].rpartition(".")[0] in refused
    ] == []
    for page in pages:
        app_and_model = ".".join(page.split("/")[2:4])
        for label, roles in PRIVATE.items():
            if app_and_model == label.lower() and "/add/" not in page:
                assert (client.get(page).status_code == 403) == (role not in roles), page
    if role == "staff without rights":
        assert told == []
    else:
        assert told != []
    assert not [status for status in answers if status >= 500]


def test_similar_search_words_do_not_reveal_hidden_words(client, world):
    """Misspellings and prefixes of each marker, in the search, its suggestions and autocomplete."""
    near = [
        word
        for word, label in world.labels.items()
        if label.partition(": ")[2].startswith(("sessions_app", "speakers_app", "recordings"))
    ]
    beginnings = {word[:length] for word in near for length in (2, 3, 4)}
    slips = [word[:-1] + ("x" if word[-1] != "x" else "z") for word in near]
    leaks = [
        (address, world.labels[told])
        for address in [
            *(f"/suggest/?q={beginning}" for beginning in sorted(beginnings)),
            *(f"/api/v1/sessions/?q={slip}" for slip in slips),
        ]
        for told in words_at(client, address)[1]
    ]
    counted = [
        (words, count)
        for start in range(0, len(near), 10)
        for words in [" OR ".join(near[start : start + 10])]
        for kind in ("sessions", "recommendations")
        if (count := client.get(f"/api/v1/{kind}/", {"q": words}).json()["count"])
    ]

    assert leaks == []
    assert counted == []


def test_alerts_mail_no_hidden_data(world, writes, send_mail_now):
    before = timezone.now() - timedelta(hours=1)
    for kind in ("sessions", "recommendations"):
        Alert.objects.create(
            kind=kind,
            email=f"{kind}@reader.example",
            status=Alert.Status.ACTIVE,
            asked_at=before,
            confirmed_at=before,
            looked_at=before,
        )
    session = SessionFactory(published_at=timezone.now())
    RecommendationFactory(session=session)

    queue_digests_of_due_alerts()
    mails = send_mail_now()

    assert len(mails) == 2
    text = " ".join(str(mail.message()) for mail in mails).casefold()
    assert {world.labels.get(word) for word in WORD.findall(text)} == set()


def test_scheduled_session_becomes_public_at_its_time(client, world, writes):
    session = Session.objects.get(status="published", published_at__gt=timezone.now())
    Session.objects.filter(pk=session.pk).update(
        published_at=timezone.now() - timedelta(minutes=1)
    )

    assert client.get(session.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("state", hidden_world.NOT_PUBLIC)
def test_own_urls_answer_404_or_410(client, world, state):
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


def client_of(role: str) -> Client:
    client = Client(raise_request_exception=False)
    if role not in ("visitor", "requester"):
        group = role if role in GROUPS else None
        client.force_login(UserFactory(group=group))
        assert client.get("/admin/").status_code == 200, "logged in"
    return client


def own_addresses(client, world, recording) -> list[str]:
    """Return the URLs linked for a requester who was granted a recording and accepts its terms."""
    grant = GrantFactory(recording=recording)
    unconfirmed = RecordingRequestFactory(status="unconfirmed", recordings=[recording])
    now = timezone.now()
    # By old slugs: the responses must not reveal the current ones either.
    query = "&".join(
        f"{name}={slug}" for name in FACETS for slug in world.slugs[name] if slug in world.former
    )
    alert = Alert.objects.create(
        kind="sessions",
        email="ada@reader.example",
        status=Alert.Status.ACTIVE,
        query=query,
        asked_at=now,
        confirmed_at=now,
        looked_at=now,
    )
    heard = f"/recordings/{grant.token}"
    client.post(f"{heard}/")
    return [
        f"/requests/{grant.requested.request.token(STATUS_LINK_PURPOSE)}/",
        f"/requests/confirm/{unconfirmed.token(CONFIRM_LINK_PURPOSE)}/",
        f"{heard}/",
        f"{heard}/audio",
        f"{heard}/transcript.txt",
        f"{heard}/cite.bib",
        alert.manage_path,
    ]


def kind_of(address: str) -> str:
    """Return the name of the view or file that serves a URL."""
    return resolve(address.partition("?")[0]).view_name


def never_told(field: str) -> bool:
    model = field.rpartition(".")[0]
    return field in hidden_world.NEVER_TOLD or model in hidden_world.NEVER_TOLD_MODELS


def patterns(part="public", resolver=None, above="", namespaces=()):
    """Yield (name with namespaces, pattern, the whole route) of each URL of a part of the
    site, "public" or "admin".
    """
    for entry in (resolver or get_resolver()).url_patterns:
        route = f"{above}{entry.pattern}"
        if route.startswith("__debug__") or (part == "admin") != route.startswith("admin/"):
            continue
        if isinstance(entry, URLPattern):
            yield ":".join([*namespaces, entry.name or ""]), entry, route
        else:
            within = [*namespaces, entry.namespace] if entry.namespace else namespaces
            yield from patterns(part, entry, route, within)


def addresses(world) -> list[str]:
    """Return every URL of the site, with all slugs, numbers and queries."""
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
        for values in combinations_of(choices, world):
            try:
                found.append(reverse(name, kwargs=dict(zip(names, values, strict=True))))
            except NoReverseMatch:
                continue
    found = list(dict.fromkeys(found))
    return found + [address + query for address in found for query in queries(address, world)]


def combinations_of(choices, world):
    """Yield the arguments of one URL each: all values for public records, and the record's own values
    for a hidden one. Old slugs redirect to where the new one leads, so one URL is enough.
    """
    firsts = [values[0] for values in choices]
    former = set(world.former)
    for values in product(*choices):
        first, *others = values or [""]
        if {first, first.rpartition("-")[0]} & former and others != firsts[1:]:
            continue
        if not first.startswith("in-public") and set(others) & set(NUMBERS[1:]):
            continue  # hidden sessions have one of each part
        yield values


def values_of(argument: str, name: str, route: str, world) -> list[str]:
    """Return the values to try; an unknown kind of argument fails here, so that somebody adds it."""
    sessions = ["in-public", *world.slugs["session"]]
    match argument:
        case "slug":
            kind = next((ENTRIES[part] for part in ENTRIES if part in route.split("/")), None)
            kind = kind or next((ENTRIES[part] for part in ENTRIES if f"^{part}/" in route), None)
            return ["public", *world.slugs[kind]] if kind else sessions
        case "chart":
            return list(INSIGHTS)
        case "public_id":
            return [f"{slug}-1" for slug in sessions]
        case "extension":
            return re.search(r"\(\?P<extension>([\w|]+)\)", route)[1].split("|")
        case "parameter":
            return [*FACETS, "year", "has", "audience"]
        case "number":
            return list(NUMBERS)
        case "name":
            return ["sessions.jsonl.gz", "archive.sqlite.gz"]
        case "filename":
            return world.filenames[:1]  # any name leads to the file
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
        facets = [facet_of(name, world) for name in FACETS]
        return [*facets, "?facets=1", "?per_page=100&sort=oldest", "?has=recording&has=transcript"]
    if address == "/insights/topics/":
        return [facet_of(name, world) for name in FACETS]
    if address == "/oembed":
        own = [f"{settings.SITE_URL}/sessions/{slug}/" for slug in world.slugs["session"]]
        return [f"?url={quote(each + part)}" for each in own for part in ("", "recordings/1/")]
    if address == "/unapi":
        items = [f"session:{slug}" for slug in world.slugs["session"]]
        items += [f"recommendation:{slug}-1" for slug in world.slugs["session"]]
        return [f"?id={item}{name}" for item in items for name in ("", "&format=ris")]
    if address == "/oai":
        verbs = ["Identify", "ListSets", "ListIdentifiers", "ListRecords"]
        asked = [f"?verb={verb}&metadataPrefix=oai_datacite" for verb in verbs[2:]]
        sets = [f"{asked[1]}&set=topic:{slug}" for slug in world.slugs["topic"]]
        return [*(f"?verb={verb}" for verb in verbs[:2]), *asked, *sets]
    if address.startswith(("/compare/", "/pack/", "/request-recordings/")):
        items = [f"item=session:{slug}" for slug in world.slugs["session"]]
        items += [f"item=recommendation:{slug}-1" for slug in world.slugs["session"]]
        items += [f"session={slug}" for slug in world.slugs["session"]]
        return [f"?{'&'.join(items[start : start + 10])}" for start in range(0, len(items), 10)]
    if address in ("/alerts/new/", "/contact/"):
        facets = [facet_of(name, world) for name in FACETS]
        return [*facets, f"?about={quote('/sessions/' + world.slugs['session'][1] + '/')}"]
    if address == "/suggest/":
        names = ("Session.title", "Speaker.name", "Organisation.name", "Topic.name", "Series.name")
        words = [word for word, label in world.labels.items() if label.endswith(names)]
        return [f"?q={word[:-1]}" for word in words]
    return []


def facet_of(name: str, world) -> str:
    """Return the query with all hidden values of a facet, any of which may match."""
    return "?" + "&".join(f"{name}={slug}" for slug in world.slugs[name])


def walk(client, world, chosen):
    """Return ([(URL, marker found)], number of responses with each status)."""
    leaks, statuses = [], Counter()
    for address in chosen:
        status, told = words_at(client, address)
        if address != "/readyz":  # 503: nothing else runs here
            statuses[status] += 1
        leaks += [(address, world.labels[word]) for word in told if word in world.labels]
    return leaks, statuses


def words_at(client, address):
    """Return the status of a response and the markers in it that are not in the URL."""
    response = client.get(address)
    body = b"".join(response) if response.streaming else response.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body = b" ".join(archive.read(name) for name in archive.namelist())
    headers = " ".join(f"{name}: {value}" for name, value in response.items())
    text = f"{headers} {body.decode(errors='replace')}".casefold()
    return response.status_code, set(WORD.findall(text)) - set(WORD.findall(address.casefold()))
