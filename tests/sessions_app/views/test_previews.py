"""Staff can see sessions that are not public; previews are not cached or indexed."""

import pytest

from tests.factories import (
    AppearanceFactory,
    DocumentFactory,
    RecommendationFactory,
    SessionFactory,
)

pytestmark = pytest.mark.django_db

ADDRESSES = [
    "/sessions/hidden/",
    *(f"/sessions/hidden/cite.{extension}" for extension in ("bib", "ris", "json", "txt")),
    "/sessions/hidden/session.ics",
    "/sessions/hidden/documents/1/{filename}",
    "/recommendations/hidden-1/",
    *(
        f"/recommendations/hidden-1/cite.{extension}"
        for extension in ("bib", "ris", "json", "txt")
    ),
]


@pytest.mark.parametrize("status", ["draft", "in_review", "withdrawn", "published"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_preview_response_is_not_cached(staff_client, address, status):
    session = SessionFactory(slug="hidden", status=status)
    AppearanceFactory(session=session)
    RecommendationFactory(session=session, number=1)
    document = DocumentFactory(session=session, number=1, as_file=True)

    response = staff_client("Editors").get(address.format(filename=document.filename))

    assert response.status_code == 200
    is_preview = status != "published"
    assert (response.get("Cache-Control") == "private, no-store") is is_preview
    if is_preview:
        assert response["X-Robots-Tag"] == "noindex"
