"""Private files have no public URL: every plausible path to them is tried."""

import itertools
from urllib.parse import quote

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern, RoutePattern

from tests.factories import DocumentFactory, GrantFactory, RecordingFactory, TranscriptFactory
from tests.sound import tone

pytestmark = pytest.mark.django_db

SECRET_WORDS = "Xanthippean bathymetry"
AUDIO = tone(10)


@pytest.fixture
def private():
    """A closed recording with a closed transcript, a grant for it, and a document of a draft."""
    recording = RecordingFactory(has_audio=True, access="closed", session__slug="sea-lanes")
    TranscriptFactory(recording=recording, access="closed", cues=[(0, 1, "", SECRET_WORDS)])
    grant = GrantFactory(recording=recording)
    document = DocumentFactory(as_file=True, session__slug="draft", session__status="draft")
    return recording, grant, document


def is_leak(response):
    content = b"".join(response) if response.streaming else response.content
    held = (
        (AUDIO[:2000] in content) or (SECRET_WORDS.encode() in content) or b"%PDF-1.4" in content
    )
    return held or "X-Accel-Redirect" in response


@pytest.mark.slow
def test_names_of_private_files_open_nothing(client, private):
    recording, _, document = private
    names = [recording.file.name, document.file.name, f"private/{recording.file.name}"]
    roots = ["/", "/media/", "/static/", "/private/", "/private-files/", "/documents/", "/recordings/",
             "/uploads/", "/var/", "/sessions/", "/sessions/sea-lanes/documents/1/",
             "/sessions/sea-lanes/recordings/1/", "/media/portraits/", "/media/logos/"]  # fmt: skip
    climbs = ["", "../", "../private/", "..%2f", "..%2fprivate%2f", "%2e%2e/private/", "....//",
              "..\\private\\", "portraits/../../private/", "logos/..%2f..%2fprivate%2f"]  # fmt: skip

    for root, climb, name in itertools.product(roots, climbs, names):
        for path in (f"{root}{climb}{name}", f"{root}{climb}{quote(name, safe='')}"):
            response = client.get(path)
            assert response.status_code in (301, 302, 400, 404, 410), path
            assert not is_leak(response), path


def every_address(patterns, prefix=""):
    """Yield every URL of the site, its parameters filled with values that could expose something."""
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from every_address(pattern.url_patterns, address)
        elif isinstance(pattern, URLPattern):
            yield pattern, address


FILLED = {
    "slug": "sea-lanes",
    "number": "1",
    "extension": "txt",
    "filename": "tone.wav",
    "parameter": "topic",
    "public_id": "sea-lanes-1",
    "path": "portraits/x.webp",
    "section": "sessions",
}


def fill(pattern, address, token):
    """Return the URL with its parameters filled in, in either syntax."""
    for name in pattern.pattern.converters if isinstance(pattern.pattern, RoutePattern) else ():
        converters = ("slug", "str", "int", "path", "uuid")
        value = FILLED.get(name, token)
        for converter in converters:
            address = address.replace(f"<{converter}:{name}>", value)
        address = address.replace(f"<{name}>", value)
    if isinstance(pattern.pattern, RegexPattern):
        for name in pattern.pattern.regex.groupindex:
            start = address.index(f"(?P<{name}>")
            depth, end = 0, start
            for end in range(start, len(address)):
                depth += {"(": 1, ")": -1}.get(address[end], 0)
                if depth == 0:
                    break
            address = address[:start] + FILLED.get(name, token) + address[end + 1 :]
    return "/" + address.replace("^", "").replace("$", "").replace("\\.", ".").replace("\\Z", "")


@pytest.mark.slow
def test_no_url_serves_private_files(client, private):
    recording, grant, _ = private
    addresses = [
        fill(pattern, address, grant.token)
        for pattern, address in every_address(get_resolver().url_patterns)
        if not address.startswith(("admin/", "readyz"))
    ]

    assert f"/recordings/{grant.token}/audio" in addresses
    assert recording.get_absolute_url() + "audio" in addresses
    assert len(addresses) > 60
    for address in addresses:
        for query in ("", "?q=Xanthippean", "?q=transcript:Xanthippean", "?format=json"):
            response = client.get(address + query)
            assert response.status_code < 500, address
            assert not is_leak(response), address
