"""Every error of the API is a problem document that names its cause."""

import pytest
from django.core.management import call_command
from django.urls import get_resolver

from sma_archive.api_problems import DETAIL_OF_STATUS
from tests.factories import SessionFactory

pytestmark = pytest.mark.django_db


def problem_of(response, status):
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    document = response.json()
    assert document["status"] == status
    assert set(document) == {"type", "title", "status", "detail", "invalid_params"}
    return document


@pytest.mark.parametrize(
    "path",
    [
        "/api/", "/api/nope", "/api/v1/nope/", "/api/v1/nope/?q=x", "/api/v2/sessions/",
        "/api/v1/sessions/not%20a%20slug/", "/api/v1/sessions/a.b/", "/api/v1/speakers/é/",
        "/api/v1/topics/%00/", "/api/v1/sessions/x/y/z/", "/api/v1/%2e%2e/", "/api//v1/sessions/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["get", "post"])
def test_unknown_api_url(client, path, method):
    document = problem_of(getattr(client, method)(path), 404)

    assert document["title"] == "Not Found"
    assert document["detail"] == DETAIL_OF_STATUS[404]
    assert document["invalid_params"] == []


@pytest.mark.parametrize(
    "name", ["sessions", "recommendations", "speakers", "organisations", "topics", "series", "regions"]
)  # fmt: skip
def test_unknown_record(client, name):
    document = problem_of(client.get(f"/api/v1/{name}/no-such-thing-1/"), 404)

    assert "detail" not in document["detail"]
    assert document["invalid_params"] == []


@pytest.mark.parametrize(
    "path", ["/api/v1/sessions/?page=99", "/api/v1/speakers/?page=99", "/api/v1/recommendations/?page=2"]
)  # fmt: skip
def test_page_beyond_the_end_is_reported(client, path):
    document = problem_of(client.get(path), 404)

    assert document["detail"] == "page: there is 1 page."
    assert document["invalid_params"] == [{"name": "page", "reason": "there is 1 page."}]


def test_number_of_pages_is_reported(client):
    SessionFactory.create_batch(11)

    document = problem_of(client.get("/api/v1/sessions/?page=99&per_page=10"), 404)

    assert document["detail"] == "page: there are 2 pages."


@pytest.mark.parametrize(
    "path", ["/api/v1/", "/api/v1/sessions/", "/api/v1/topics/", "/api/schema/"]
)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_writing_methods_are_rejected(client, path, method):
    response = getattr(client, method)(path, content_type="application/json")

    document = problem_of(response, 405)
    assert document["detail"] == DETAIL_OF_STATUS[405]
    assert {"GET", "HEAD"} <= set(response["Allow"].split(", "))


def test_other_representations_are_rejected(client):
    document = problem_of(client.get("/api/v1/sessions/", HTTP_ACCEPT="text/html"), 406)

    assert document["detail"] == DETAIL_OF_STATUS[406]
    assert document["invalid_params"] == []


def test_server_error_is_a_problem_document(client, monkeypatch, settings):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("sessions_app.api.views.SessionListAPIView.get", fail)
    client.raise_request_exception = False

    document = problem_of(client.get("/api/v1/sessions/"), 500)

    assert document["detail"] == DETAIL_OF_STATUS[500]
    settings.DEBUG = True
    assert client.get("/api/v1/sessions/")["Content-Type"].startswith("text/")


def test_unknown_host_is_a_problem_document(client, settings):
    settings.ALLOWED_HOSTS = ["archive.example"]

    problem_of(client.get("/api/v1/sessions/", HTTP_HOST="evil.example"), 400)


def test_other_pages_are_not_problem_documents(client):
    for path in ("/nope/", "/apix/", "/sessions/?x=1"):
        assert client.get(path)["Content-Type"].startswith("text/html")


def test_api_index_lists_every_endpoint(client):
    response = client.get("/api/v1/")

    index = response.json()
    assert response["Content-Type"] == "application/json"
    assert index["sessions"] == "http://127.0.0.1:8000/api/v1/sessions/"
    lists = {
        str(pattern.pattern).split("/")[1]
        for pattern in get_resolver("sma_archive.api").url_patterns
        if str(pattern.pattern).startswith("v1/") and str(pattern.pattern) != "v1/"
    }
    assert set(index) == lists | {"schema", "documentation"}
    for address in index.values():
        assert client.get(address.removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_missing_slash_is_added(client):
    for path in ("/api/v1", "/api/v1/sessions"):
        assert client.get(path)["Location"] == f"{path}/"


def test_schema_is_generated_without_warnings(tmp_path):
    call_command(
        "spectacular", file=str(tmp_path / "schema.yml"), validate=True, fail_on_warn=True
    )
