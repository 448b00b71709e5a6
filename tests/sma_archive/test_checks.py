import pytest

from sma_archive import checks


def found(check):
    return [message.id for message in check(None)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://archive.example.org", []),
        ("http://127.0.0.1:8000", []),
        ("archive.example.org", ["sma_archive.E001"]),
        ("https://example.org/archive", ["sma_archive.E001"]),
        ("", ["sma_archive.E001"]),
    ],
)
def test_site_url(settings, value, expected):
    settings.SITE_URL = value

    assert found(checks.check_addresses) == expected


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("private", []),
        ("media", ["sma_archive.E002"]),
        ("media/private", ["sma_archive.E002"]),
        ("static/../media/private", ["sma_archive.E002"]),
        ("static/private", ["sma_archive.E002"]),
    ],
)
def test_private_storage(settings, tmp_path, folder, expected):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STATIC_ROOT = tmp_path / "static"
    settings.PRIVATE_ROOT = tmp_path / folder

    assert found(checks.check_private_storage) == expected


@pytest.mark.parametrize(
    ("proxies", "expected"),
    [
        ([], []),
        (["10.0.0.1", "192.168.0.0/24", "::1"], []),
        (["nginx", "10.0.0.1"], ["sma_archive.E003"]),
    ],
)
def test_trusted_proxies(settings, proxies, expected):
    settings.TRUSTED_PROXIES = proxies

    assert found(checks.check_proxies) == expected


def test_deployment_without_addresses(settings):
    settings.EMBEDDED = settings.TESTING = False
    settings.SITE_URL = "http://127.0.0.1:8000"
    settings.ARCHIVE_CONTACT_EMAIL = "archive@localhost"

    assert found(checks.check_deployment) == ["sma_archive.W001", "sma_archive.W002"]


def test_deployment_with_addresses(settings):
    settings.EMBEDDED = settings.TESTING = False
    settings.SITE_URL = "https://archive.example.org"
    settings.ARCHIVE_CONTACT_EMAIL = "archive@example.org"

    assert found(checks.check_deployment) == []


def test_embedded_site_needs_no_addresses(settings):
    settings.EMBEDDED, settings.TESTING = True, False
    settings.SITE_URL = "http://127.0.0.1:8000"

    assert found(checks.check_deployment) == []
