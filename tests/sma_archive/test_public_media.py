import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages

pytestmark = pytest.mark.django_db


def test_image_is_cached_for_long(client):
    name = storages["default"].save("portraits/x.webp", ContentFile(b"image"))

    response = client.get(f"/media/{name}")

    assert b"".join(response) == b"image"
    assert response["Content-Type"] == "image/webp"
    assert "immutable" in response["Cache-Control"]
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["portraits/x.html", "portraits/x.svg", "documents/x.webp"])
def test_other_files_are_not_served(client, name):
    storages["default"].save(name, ContentFile(b"<script>"))

    assert client.get(f"/media/{name}").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["portraits/none.webp", "portraits/", "portraits/%2e%2e/%2e%2e/x.png", "logos/a%00.png"],
)
def test_missing_file_is_404(client, path):
    assert client.get(f"/media/{path}").status_code in (400, 404)
