"""No cached response is out of date: every public URL, before and after each kind of change.

Each kind of URL is requested, the archive changes, and each is requested again: the response must
equal that of a process without a cache. URLs of sessions are those of the sessions that the changes
affect. Changes follow one another on one archive, so the responses after one change are the cached
ones before the next: two responses for each URL and change. A new URL fails until it is listed here.
"""

import re
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from desk_app.merging.merge import merge_records
from desk_app.merging.undo import undo_merge
from recordings_app.availability import end_seals
from search_app import api
from search_app.models import Synonym
from sessions_app.catalogue.recurring import update_groups
from sessions_app.editing.scheduled import publish_due
from sessions_app.insights.definitions import INSIGHTS
from sessions_app.models import Comment
from site_app.models import OldAddress, SiteSettings
from sma_archive.cache import page_cache
from tests.factories import (
    AppearanceFactory,
    CommentFactory,
    DocumentFactory,
    RecommendationFactory,
    RecordingFactory,
    RegionFactory,
    SeriesFactory,
    SessionFactory,
    SpeakerAliasFactory,
    TopicFactory,
    TranscriptFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.walk]

LATER = timezone.now() + timedelta(hours=1)
# Longer than a day: a publication two hours from now may be after midnight, and no seal ends by then.
SEALED_FOR = timedelta(days=2)
SESSIONS = ("rivers", "deserts", "scheduled")
ENTRIES = {
    "speaker": "speakers",
    "organisation": "organisations",
    "topic": "topics",
    "series": "series",
    "region": "regions",
}
# Specific to a person or a machine: sent with no-store, or never cached. And pages for staff only.
NOT_PUBLIC = {
    "worklists:index", "worklists:worklist", "healthz", "readyz", "alerts:alert", "alerts:stop", "site:language",
    "recordings:received", "recordings:confirm", "recordings:status", "recordings:granted",
    "recordings:granted-audio", "recordings:granted-transcript", "recordings:granted-cite",
}  # fmt: skip
# URLs without a name, identified by their pattern. Pictures get a new name when they change.
UNNAMED = {
    "robots.txt": "/robots.txt",
    "favicon.ico": "/favicon.ico",
    "opensearch.xml": "/opensearch.xml",
    ".well-known/security.txt": "/.well-known/security.txt",
    r"^media/(?P<path>(?:portraits|logos)/.*)$": "/media/portraits/none.webp",
}
QUERIES = {
    "sessions:list": [{}, {"q": "rivers"}, {"topic": "old-topic"}, {"speaker": "s"}],
    "sessions:recommendations": [{}, {"group": "session"}],
    "sessions:suggest": [{"q": "ri"}],
    "sessions:oembed": [{"url": f"{settings.SITE_URL}/sessions/rivers/"}],
    "sessions:unapi": [{"id": "session:rivers", "format": "ris"}],
    "sessions:oai": [
        {"verb": "Identify"},
        {"verb": "ListSets"},
        {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc"},
        {"verb": "ListRecords", "metadataPrefix": "oai_datacite"},
    ],
    "sessions:compare": [{"item": "session:rivers"}],
    "sessions:pack": [{"item": "session:rivers"}],
    "sessions:pack-document": [{"item": "session:rivers"}],
    "sessions:pack-word": [{"item": "session:rivers"}],
    "sessions:pack-markdown": [{"item": "session:rivers"}],
    "sessions:pack-references": [{"item": "session:rivers"}],
    "sessions:pack-items": [{"item": "session:rivers"}],
    "sessions:home": [{}, {"p": "4711"}],
    "api:sessions": [{}, {"q": "rivers", "facets": "1"}],
    "recordings:request-many": [{"session": "rivers"}],
}


def routes(resolver=None, namespace=""):
    """Yield the names of all URLs except the admin's; for one without a name its pattern."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if not isinstance(pattern, URLResolver):
            yield namespace + (pattern.name or str(pattern.pattern))
        # for staff; this prefix is never cached
        elif not str(pattern.pattern).startswith("admin/"):
            yield from routes(
                pattern, namespace + (f"{pattern.namespace}:" * bool(pattern.namespace))
            )


def arguments(name, archive, sessions, *, renamed) -> list[dict]:
    """Return the arguments of a URL, for each record it can be requested for."""
    kind = name.rpartition(":")[2]
    slugs = [{"slug": slug} for slug in sessions]
    advice = [{"public_id": f"{each['slug']}-1"} for each in slugs]
    kind = kind.removesuffix("-feed")
    if kind in ENTRIES:
        found = [{"slug": archive[kind].slug}, *([{"slug": f"renamed-{kind}"}] * renamed)]
    elif (
        kind == "session"
        or (kind in ("detail", "calendar", "card", "linkset", "comment", "comment-thanks"))
        or (kind in ("cite", "request", "session-comments"))
    ):
        found = slugs
    elif kind in ("recommendation", "recommendation-cite"):
        found = [{}] if name == "sessions:recommendation-feed" else advice
    elif name.startswith("recordings:recording"):
        found = [{"slug": "rivers", "number": number} for number in (1, 2)]
    elif kind in ("insight", "insight-table"):
        found = [{"chart": slug} for slug in INSIGHTS]
    elif kind == "bulk-file":
        found = [{"name": "sessions.jsonl.gz"}]
    elif kind == "document":
        found = [{"slug": "rivers", "number": 1, "filename": archive["document"].filename}]
    elif kind in ("facet", "recommendation-facet"):
        found = [{"parameter": parameter} for parameter in ("topic", "speaker", "year")]
    elif kind == "sitemap":
        found = [{"section": section} for section in ("pages", "sessions", "speakers")]
    else:
        found = [{}]
    ending = {
        "cite": "bib",
        "recommendation-cite": "ris",
        "recording-cite": "txt",
        "recording-transcript": "vtt",
        "export": "csv",
        "recommendation-export": "json",
    }.get(kind)
    if ending is None and name.endswith("feed") and not name.startswith("api:"):
        ending = "atom"
    return [each | ({"extension": ending} if ending else {}) for each in found]


def addresses(archive, sessions=SESSIONS, *, renamed=True) -> list[str]:
    """Return every kind of URL for the sessions named; `renamed`: with new slugs as well."""
    found = []
    for name in routes():
        if name in NOT_PUBLIC:
            continue
        if name in UNNAMED:
            found.append(UNNAMED[name])
            continue
        for place in arguments(name, archive, sessions, renamed=renamed):
            path = reverse("sitemap" if name == "sitemap" else name, kwargs=place)
            found += [
                f"{path}?{urlencode(query)}" if query else path
                for query in QUERIES.get(name, [{}])
            ]
    return found


@pytest.fixture
def archive():
    """A small archive with something of every kind; the last session is scheduled."""
    topic, series, region = TopicFactory(), SeriesFactory(), RegionFactory()
    records = {"topic": topic, "series": series, "region": region}
    for slug in ("rivers", "deserts", "scheduled"):
        session = SessionFactory(title=f"{slug.title()} of the world", slug=slug, series=series)
        session.topics.add(topic)
        session.regions.add(region)
        if slug == "rivers":
            appearance = AppearanceFactory(session=session)
        else:
            AppearanceFactory(
                session=session, speaker=appearance.speaker, organisation=appearance.organisation
            )
        RecommendationFactory(session=session, text="Count every river and every desert twice")
        records[f"session {slug}"] = session
    # With a first letter of its own in the directories, which appears when it is published.
    AppearanceFactory(session=session, speaker__family_name="Zulu", organisation__name="Zulu")
    session.first_public_at, session.published_at = None, LATER
    session.save()
    rivers = records["session rivers"]
    records |= {
        "speaker": appearance.speaker,
        "organisation": appearance.organisation,
        "appearance": appearance,
        "document": DocumentFactory(session=rivers, as_file=True),
        "comment": CommentFactory(session=rivers, status="pending"),
        "open": RecordingFactory(session=rivers, access="open"),
        "sealed": RecordingFactory(
            session=rivers, access="open", sealed_until=timezone.localdate() + SEALED_FOR
        ),
    }
    for name in ("open", "sealed"):
        TranscriptFactory(recording=records[name], access="public")
    records["other topic"] = TopicFactory(name="Another one")
    records["session deserts"].topics.add(records["other topic"])
    update_groups()
    return records


def changed(record, /, **values):
    def change(archive):
        for field, value in values.items():
            setattr(archive[record], field, value)
        archive[record].save()

    return change


def merged(archive):
    archive["merge"] = merge_records(archive["topic"], [archive["other topic"]], user=None).record


def settings_set(archive):
    site = SiteSettings.objects.filter(pk=1).first() or SiteSettings(pk=1)
    site.name, site.about, site.contact_email = "Another name", "Another text", "new@example.org"
    site.save()


# Groups of changes, each on an archive of its own; within a group they follow one another.
CHANGES = {
    "texts": {
        "title": changed("session rivers", title="Mountains"),
        "summary": changed("session rivers", summary="<p>Of mountains.</p>"),
        "role": changed("appearance", role_title="Envoy"),
        "recording renamed": changed("open", title="Second half"),
        "other name": lambda archive: SpeakerAliasFactory(speaker=archive["speaker"], name="Ri"),
        "synonym": lambda archive: Synonym.objects.create(term="rivers", equivalent="deserts"),
        **{
            f"name of a {kind}": changed(kind, name="Renamed")
            for kind in ENTRIES
            if kind != "speaker"
        },
        "name of a speaker": changed("speaker", family_name="Renamed"),
        "site settings": settings_set,
    },
    "addresses": {
        "old address": lambda archive: [
            OldAddress.objects.update_or_create(
                path=path, defaults={"leads_to": leads_to, "origin": "staff"}
            )
            for path, leads_to in (
                ("/topics/old-topic/", archive["topic"].get_absolute_url()),
                ("/?p=4711", "/sessions/rivers/"),
            )
        ],
        "merge": merged,
        "merge undone": lambda archive: undo_merge(archive["merge"], user=None),
        **{f"new slug of a {kind}": changed(kind, slug=f"renamed-{kind}") for kind in ENTRIES},
        "new slug of a session": changed("session rivers", slug="mountains"),
    },
    "parts": {
        "comment approved": changed("comment", status=Comment.Status.APPROVED),
        "no comments": changed("session rivers", commenting="off"),
        "topic below another": lambda archive: changed("topic", parent=archive["other topic"])(
            archive
        ),
        "topic taken away": lambda archive: archive["session rivers"].topics.clear(),
        "recording closed": changed("open", access="closed"),
        "document": lambda archive: archive["document"].delete(),
        "recommendation": lambda archive: archive["session rivers"].recommendations.all().delete(),
        "appearance": lambda archive: archive["appearance"].delete(),
    },
    "visibility": {
        "back to draft": changed("session deserts", status="draft"),
        "public again": changed("session deserts", status="published"),
        "deleted": lambda archive: archive["session deserts"].delete(),
        "published later": changed("session rivers", published_at=LATER),
        "published now": changed("session rivers", published_at=timezone.now()),
        "withdrawn": changed("session rivers", status="withdrawn"),
    },
}
PASSED_TIME = {
    "publication is due": (timedelta(hours=2), lambda: None),
    "publication is noted": (timedelta(hours=2), publish_due),
    "seal is over": (SEALED_FOR + timedelta(hours=2), lambda: None),
    "seal ends": (SEALED_FOR + timedelta(hours=2), end_seals),
}
# The sessions whose own URLs are requested: those affected by the changes.
ABOUT = dict.fromkeys(CHANGES, ("rivers",)) | {"visibility": ("rivers", "deserts")}
_UPDATED = re.compile(rb"<(updated|lastBuildDate)>[^<]*</\1>")
_ANSWERED_AT = re.compile(rb"<responseDate>[^<]*</responseDate>")
_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')


# Nearly equal scores may be ordered differently in an updated index and a rebuilt one.
_RELATED = re.compile(rb"(?<=>Related sessions</h2>).*?(?=</section>)", re.DOTALL)


def seen(content: bytes) -> bytes:
    """Return a response without what always differs: CSRF tokens, times of harvests and empty feeds."""
    content = _ANSWERED_AT.sub(b"", _TOKEN.sub(b"", content))
    content = _RELATED.sub(lambda related: b"".join(sorted(related[0].split(b"<li>"))), content)
    is_empty_feed = b"<entry>" not in content and b"<item>" not in content
    return _UPDATED.sub(b"", content) if is_empty_feed else content


def answers(asked):
    """Return {URL: what a reader sees of the response}; None if it is marked as out of date.

    Calls the site's handler directly: Django's test client copies each template's context.
    """
    site, requests, found = WSGIHandler(), RequestFactory(), {}
    for address in asked:
        response = site.get_response(requests.get(address))
        found[address] = (
            None
            if response.has_header("X-Index-Lag")
            else (
                response.status_code,
                response.get("Location"),
                seen(b"".join(response)),
            )
        )
    return found


def forget():
    """Make this process one with empty caches."""
    page_cache.cached_pages.clear()
    cache.clear()
    api.discard_indexes()


def differing(before, after) -> list[str]:
    # Only the URLs: pytest would take minutes to compare pages of many lines.
    return [address for address in before if before[address] != after[address]]


def test_every_url_is_covered(archive):
    unknown = {name for name in routes() if ":" not in name} - NOT_PUBLIC - set(UNNAMED)

    assert unknown == {"sitemap-index", "sitemap"}
    assert len(addresses(archive)) == len(set(addresses(archive))) > 130


@pytest.mark.parametrize("group", CHANGES)
def test_no_cached_response_is_outdated_after_a_change(archive, group):
    asked = addresses(archive, ABOUT[group], renamed=group == "addresses")
    truth, outlived, unseen = answers(asked), [], []

    for name, change in CHANGES[group].items():
        assert len(page_cache.cached_pages) > 40
        before = truth
        change(archive)
        kept = answers(asked)
        forget()
        truth = answers(asked)
        outlived += [(name, address) for address in differing(kept, truth)]
        if not differing(before, truth):  # a change without a visible effect would prove nothing
            unseen.append(name)

    assert (outlived, unseen) == ([], [])


@pytest.mark.parametrize("name", PASSED_TIME)
def test_no_cached_response_is_outdated_after_a_scheduled_time(archive, name):
    passed, noticed = PASSED_TIME[name]
    asked = addresses(archive, ("rivers" if "seal" in name else "scheduled",), renamed=False)
    before = answers(asked)
    now = timezone.now() + passed

    with patch.object(timezone, "now", lambda: now):
        if "seal" in name:
            publish_due()
        noticed()
        kept = answers(asked)
        forget()
        truth = answers(asked)

    assert differing(kept, truth) == []
    assert differing(before, truth) != []
    assert (None in truth.values()) == (noticed not in (publish_due, end_seals))
