"""How large a request may be, and who may send files, for every URL."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver, resolve, reverse

from sma_archive.server import body_limits
from sma_archive.server.body_limits import (
    LIMIT_HEADER,
    MAX_BODY_BYTES,
    MAX_TEXT_BYTES,
    PREFLIGHT,
    UPLOADS,
)

pytestmark = pytest.mark.django_db


def addresses(resolver, prefix="/"):
    """Yield a URL for each route, with "1" for every argument."""
    for pattern in resolver.url_patterns:
        route = re.sub(
            r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)|\([^()?]*\)|<[^>]+>", "1", str(pattern.pattern)
        )
        route = prefix + route.lstrip("^").rstrip("$").replace("\\", "")
        if hasattr(pattern, "url_patterns"):
            yield from addresses(pattern, route)
        else:
            yield route


ADDRESSES = sorted(set(addresses(get_resolver())))


class Unread:
    """A body that must not be read."""

    def read(self, *size):
        raise AssertionError("The body was read.")

    readline = __iter__ = read


def announce(client, address, size, method="POST", **more):
    """Send the head of a request whose body has `size` bytes, and fail if the body is read."""
    sent = {"CONTENT_LENGTH": str(size), "wsgi.input": Unread(), **more}
    return client.generic(method, address, content_type="multipart/form-data; boundary=b", **sent)


def staff(*rights):
    user = User.objects.create_user("staff", is_staff=True)
    for right in rights:
        app, codename = right.split(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return user


def test_walk_finds_urls_of_each_kind():
    assert {"/contact/", "/admin/login/", "/api/v1/sessions/"} <= set(ADDRESSES)
    assert len(ADDRESSES) > 250


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "GET"])
def test_large_bodies_require_a_login(client, method):
    allowed = [
        address
        for address in ADDRESSES
        if announce(client, address, MAX_BODY_BYTES + 1, method).status_code not in (403, 413)
    ]

    assert allowed == []


def test_staff_can_send_files_only_with_permission(client):
    client.force_login(staff())

    allowed = [
        address
        for address in ADDRESSES
        if announce(client, address, MAX_TEXT_BYTES + 1).status_code not in (403, 413)
    ]

    assert allowed == []


def path_of(name):
    """Return a URL by name."""
    for arguments in ([], [1], [1, "key"]):
        try:
            return reverse(name, args=arguments)
        except LookupError:
            continue
        except Exception as error:
            if type(error).__name__ != "NoReverseMatch":
                raise
    raise LookupError(name)


@pytest.mark.parametrize("name", UPLOADS)
def test_each_permission_opens_its_own_url(client, name):
    upload, address = UPLOADS[name], path_of(name)
    assert resolve(address).view_name == name
    client.force_login(staff(*upload.permissions))
    limit = upload.max_bytes + MAX_TEXT_BYTES

    within = client.post(address, headers={}, **{PREFLIGHT: limit})
    beyond = announce(client, address, limit + 1)

    assert (within.status_code, within[LIMIT_HEADER]) == (204, str(limit))
    assert beyond.status_code == 413


def test_undeclared_length_is_rejected_or_limited(client):
    unknown = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}

    assert client.generic("POST", "/contact/", **unknown).status_code == 411
    asked = client.generic("POST", "/contact/", **unknown, **{PREFLIGHT: None})
    assert (asked.status_code, asked[LIMIT_HEADER]) == (204, str(MAX_BODY_BYTES))


@pytest.mark.parametrize("is_staff", [False, True])
def test_forms_without_a_file_field_accept_no_files(client, is_staff):
    if is_staff:
        client.force_login(staff())
    page = SimpleUploadedFile("page.txt", b"text")

    response = client.post("/contact/", {"message": "Hello", "file": page})

    assert response.status_code == 400


def test_public_forms_accept_text(client):
    response = client.post("/contact/", {"message": "€" * 10_000, "name": "", "email": ""})

    assert response.status_code == 200
    assert "€" * 100 in response.content.decode()


def test_browsers_get_an_error_page(client):
    page = announce(client, "/contact/", 10**9, HTTP_ACCEPT="text/html,*/*")
    line = announce(client, "/contact/", 10**9)

    assert page["Content-Type"].startswith("text/html")
    assert "150.0\xa0KB" in page.content.decode()
    assert line["Content-Type"].startswith("text/plain")


def test_body_limit_is_checked_before_csrf(settings):
    csrf = settings.MIDDLEWARE.index("django.middleware.csrf.CsrfViewMiddleware")

    assert settings.MIDDLEWARE.index(f"{body_limits.__name__}.BodyLimitMiddleware") < csrf
