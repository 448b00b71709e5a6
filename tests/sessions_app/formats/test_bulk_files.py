"""The files of the whole archive: their content, and that withdrawn records do not remain in them."""

import gzip
import hashlib
import json
import sqlite3
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.utils import timezone

from sessions_app.formats import bulk_files
from sessions_app.models import BulkFile, Session
from tests.factories import (
    AppearanceFactory,
    DocumentFactory,
    OrganisationFactory,
    RecommendationFactory,
    RegionFactory,
    SeriesFactory,
    SessionFactory,
    TopicFactory,
)

# Replaced files are deleted after the transaction.
pytestmark = pytest.mark.django_db(transaction=True)

INDEX = "/api/v1/bulk/"


@pytest.fixture
def session():
    session = SessionFactory(slug="rivers", series=SeriesFactory(name="Ports"))
    session.topics.add(TopicFactory(name="Deep sea", parent=TopicFactory(name="Seas")))
    session.regions.add(RegionFactory(name="Baltic"))
    appearance = AppearanceFactory(session=session)
    appearance.further_organisations.add(OrganisationFactory())
    RecommendationFactory(session=session, number=1).made_by.add(appearance)
    DocumentFactory(session=session, number=1)
    hidden = SessionFactory(status="draft", title="Hidden", series=SeriesFactory(name="Secret"))
    RecommendationFactory(session=hidden)
    return session


def got(client, name):
    """Return the unpacked content of a file."""
    response = client.get(f"{INDEX}{name}")
    assert response.status_code == 200
    return gzip.decompress(b"".join(response))


def rows(client, name):
    return [json.loads(line) for line in got(client, name).splitlines()]


def test_files_contain_all_public_data(client, session):
    assert bulk_files.rebuild_outdated_files() == 8

    index = client.get(INDEX).json()
    assert index["is_current"]
    assert {file["name"]: file["record_count"] for file in index["files"]} == {
        "archive.sqlite.gz": 1,
        "organisations.jsonl.gz": 2,
        "recommendations.jsonl.gz": 1,
        "regions.jsonl.gz": 1,
        "series.jsonl.gz": 1,
        "sessions.jsonl.gz": 1,
        "speakers.jsonl.gz": 1,
        "topics.jsonl.gz": 2,
    }
    assert rows(client, "sessions.jsonl.gz") == [client.get("/api/v1/sessions/rivers/").json()]
    assert rows(client, "recommendations.jsonl.gz") == [
        client.get("/api/v1/recommendations/rivers-1/").json()
    ]
    for kind in ("speakers", "organisations", "topics", "series", "regions"):
        listed = client.get(f"/api/v1/{kind}/?per_page=100").json()["results"]
        assert sorted(rows(client, f"{kind}.jsonl.gz"), key=str) == sorted(listed, key=str)


def test_checksums_match_the_files(client, session):
    bulk_files.rebuild_outdated_files()

    named = dict(
        reversed(line.split("  "))
        for line in client.get(f"{INDEX}SHA256SUMS").text.split("\n")
        if line
    )

    assert len(named) == 8
    for file in client.get(INDEX).json()["files"]:
        content = b"".join(client.get(file["url"].removeprefix("http://127.0.0.1:8000")))
        assert hashlib.sha256(content).hexdigest() == file["sha256"] == named[file["name"]]
        assert len(content) == file["byte_count"]


def test_database_is_consistent(client, session, tmp_path):
    bulk_files.rebuild_outdated_files()
    path = tmp_path / "archive.sqlite"
    path.write_bytes(got(client, "archive.sqlite.gz"))

    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        joined = database.execute(
            "SELECT s.title, p.name, o.name FROM sessions s JOIN appearances a ON a.session = s.slug"
            " JOIN speakers p ON p.slug = a.speaker JOIN organisations o ON o.slug = a.organisation"
        ).fetchall()
        found = database.execute(
            "SELECT count(*) FROM sessions_fts WHERE sessions_fts MATCH 'session'"
        ).fetchone()
    appearance = session.appearances.get()
    assert joined == [(session.title, appearance.speaker.name, appearance.organisation.name)]
    assert found == (1,)
    assert b"Hidden" not in path.read_bytes()
    assert b"Secret" not in path.read_bytes()


def test_identical_archives_give_identical_files(client, session):
    bulk_files.rebuild_outdated_files()
    before = {file.name: file.sha256 for file in BulkFile.objects.all()}
    paths = set(BulkFile.objects.values_list("path", flat=True))
    BulkFile.objects.update(change_id=0)

    assert bulk_files.rebuild_outdated_files() == 8

    jsonl = {name: digest for name, digest in before.items() if "jsonl" in name}
    after = {file.name: file.sha256 for file in BulkFile.objects.all()}
    assert jsonl.items() <= after.items()
    assert not any(storages["private"].exists(path) for path in paths)


def test_files_are_built_once_per_state(session):
    bulk_files.rebuild_outdated_files()

    assert bulk_files.rebuild_outdated_files() == 0


def test_outdated_file_is_marked_and_rebuilt_later(client, session):
    bulk_files.rebuild_outdated_files()
    session.title = "Mountains"
    session.save()

    answer = client.get(f"{INDEX}sessions.jsonl.gz")

    assert (answer["X-Index-Lag"], answer["Cache-Control"]) == ("1", "no-store")
    assert not client.get(INDEX).json()["is_current"]
    assert bulk_files.rebuild_outdated_files() == 0
    BulkFile.objects.update(made_at=timezone.now() - timedelta(minutes=11))
    assert bulk_files.rebuild_outdated_files() == 8
    assert rows(client, "sessions.jsonl.gz")[0]["title"] == "Mountains"


@pytest.mark.parametrize("end", ["withdrawn", "draft", "later", "deleted"])
def test_withdrawn_data_is_not_served(client, session, end):
    other = SessionFactory()
    bulk_files.rebuild_outdated_files()
    if end == "deleted":
        session.appearances.all().delete()
        session.delete()
    else:
        session.status = "published" if end == "later" else end
        if end == "later":
            session.published_at = timezone.now() + timedelta(days=1)
        session.save()

    refused = client.get(f"{INDEX}sessions.jsonl.gz")

    assert (refused.status_code, refused["Retry-After"]) == (503, "60")
    assert refused["Content-Type"] == "application/problem+json"
    assert bulk_files.rebuild_outdated_files() == 8
    assert [row["slug"] for row in rows(client, "sessions.jsonl.gz")] == [other.slug]


def test_edited_draft_does_not_affect_the_files(client, session):
    bulk_files.rebuild_outdated_files()
    draft = Session.objects.get(status="draft")
    draft.title = "Still hidden"
    draft.save()

    assert client.get(f"{INDEX}sessions.jsonl.gz").status_code == 200


def test_unchanged_files_are_not_sent_again(client, session):
    bulk_files.rebuild_outdated_files()
    for address in (INDEX, f"{INDEX}SHA256SUMS", f"{INDEX}archive.sqlite.gz"):
        answer = client.get(address)
        answer.close()

        assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304


@pytest.mark.parametrize("name", ["SHA256SUMS", "archive.sqlite.gz"])
def test_files_are_sent_whatever_is_accepted(client, session, name):
    bulk_files.rebuild_outdated_files()
    address = f"{INDEX}{name}"

    for accepted in ("text/plain", "application/json", "application/gzip", "text/html"):
        answer = client.get(address, headers={"Accept": accepted})
        assert answer.status_code == 200
        answer.close()
    for header, value, status in [
        ("If-None-Match", "*", 304),
        ("If-None-Match", '"other"', 200),
        ("If-Match", '"other"', 412),
    ]:
        answer = client.get(address, headers={header: value})
        assert answer.status_code == status
        answer.close()
    assert "name" in client.options(address).json()


def test_file_is_not_sent_again_by_its_date(client, session):
    bulk_files.rebuild_outdated_files()
    address = f"{INDEX}sessions.jsonl.gz"
    answer = client.get(address)
    answer.close()

    again = client.get(address, headers={"If-Modified-Since": answer["Last-Modified"]})

    assert again.status_code == 304
    assert again["Repr-Digest"] == answer["Repr-Digest"]


def test_without_built_files_the_index_is_empty(client):
    assert client.get(INDEX).json()["files"] == []
    assert client.get(f"{INDEX}sessions.jsonl.gz").status_code == 404
    assert client.get(f"{INDEX}nothing").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_index_query_count(client, django_assert_num_queries, count):
    SessionFactory.create_batch(count)
    bulk_files.rebuild_outdated_files()

    # State, files, the newest change.
    with django_assert_num_queries(3):
        client.get(INDEX)
