"""Which parts of a response scripts of other sites may read."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "policy"),
    [
        ("/", "same-origin"),
        ("/contact/", "same-origin"),
        ("/nothing/", "same-origin"),
        ("/api/docs/", "same-origin"),
        ("/api/v1/sessions/", None),
        ("/sessions/feed.atom", None),
    ],
)
def test_pages_are_not_readable_by_other_origins(client, address, policy):
    assert client.get(address).get("Cross-Origin-Resource-Policy") == policy
