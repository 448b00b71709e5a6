import pytest

from sma_archive.configuration import checks


def found(check):
    return [message.id for message in check(None)]


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
def test_private_storage_is_configured(settings, tmp_path, folder, expected):
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
def test_trusted_proxies_are_checked(settings, proxies, expected):
    settings.TRUSTED_PROXIES = proxies

    assert found(checks.check_proxies) == expected


PUBLIC = {
    "EMBEDDED": False,
    "TESTING": False,
    "DEBUG": False,
    "SECRET_KEY": "k3y-" + "abcdefghij" * 5,
    "SITE_URL": "https://archive.example.org",
    "ALLOWED_HOSTS": ["archive.example.org"],
    "ARCHIVE_CONTACT_EMAIL": "archive@example.org",
    "EMAIL_BACKEND": "site_app.mail.backend.EmailBackend",
}
FILES = "django.core.mail.backends.filebased.EmailBackend"
UNSAFE = [
    ({"DEBUG": True}, "sma_archive.E005"),
    ({"SECRET_KEY": "short"}, "sma_archive.E006"),
    ({"SECRET_KEY": "a" * 80}, "sma_archive.E006"),
    ({"SECRET_KEY": "django-insecure-" + "abcdefghij" * 5}, "sma_archive.E006"),
    ({"SITE_URL": "http://archive.example.org"}, "sma_archive.E007"),
    ({"ALLOWED_HOSTS": ["archive.example.org", "*"]}, "sma_archive.E008"),
    ({"EMAIL_BACKEND": FILES}, "sma_archive.E009"),
]


def give(settings, values):
    for name, value in values.items():
        setattr(settings, name, value)


def test_complete_public_site_has_no_warnings(settings):
    give(settings, PUBLIC)

    assert found(checks.check_deployment) == []


@pytest.mark.parametrize(("unsafe", "error"), UNSAFE)
def test_unsafe_settings_of_a_public_site_are_errors(settings, unsafe, error):
    give(settings, PUBLIC | unsafe)

    (message,) = checks.check_deployment(None)
    assert (message.id, message.is_serious()) == (error, True)


@pytest.mark.parametrize(
    ("unsafe", "error"), [each for each in UNSAFE if "SITE_URL" not in each[0]]
)
@pytest.mark.parametrize(("command", "is_serious"), [("tick", False), ("check", True)])
def test_local_trial_gets_warnings_on_request(
    settings, monkeypatch, unsafe, error, command, is_serious
):
    give(settings, PUBLIC | {"SITE_URL": "http://127.0.0.1:8000"} | unsafe)
    monkeypatch.setattr("sys.argv", ["manage.py", command])

    messages = {message.id: message for message in checks.check_deployment(None)}

    assert set(messages) == {error, "sma_archive.W001"}
    assert messages[error].is_serious() == is_serious


def test_unusable_contact_address_is_reported(settings):
    give(settings, PUBLIC | {"ARCHIVE_CONTACT_EMAIL": "archive@localhost"})

    assert found(checks.check_deployment) == ["sma_archive.W002"]


def test_embedded_site_needs_no_host_names(settings):
    settings.EMBEDDED, settings.TESTING = True, False
    settings.SITE_URL = "http://127.0.0.1:8000"

    assert found(checks.check_deployment) == []
