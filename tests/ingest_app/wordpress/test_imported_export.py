"""The result of importing a complete WordPress export, imported once for all tests of this module."""

import json

import pytest

from ingest_app.models import ImportRun, RunItem
from sessions_app.models import Comment, Series, Session
from site_app.models import OldAddress
from speakers_app.models import Speaker
from tests.ingest_app.wordpress.exports import EXPORT, fill_uploads
from tests.ingest_app.wordpress.test_import_wordpress import counts, run, stored
from tests.places import one_archive, own_places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module", autouse=True)
def clean_places(tmp_path_factory):
    """Replaces the folders and index of each test by those of the one archive."""
    with own_places(tmp_path_factory.mktemp("wordpress")):
        yield


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = tmp_path_factory.mktemp("export")
    (place / "media").mkdir()
    fill_uploads(place / "media")
    return place


@pytest.fixture(scope="module", autouse=True)
def imported(place, clean_places, django_db_setup, django_db_blocker):
    report = place / "report.json"
    with one_archive(django_db_blocker):
        said = run(EXPORT, "--media", place / "media", "--publish", "--report", report)
        yield said, json.loads(report.read_text("utf-8"))


def test_complete_export_is_imported(imported):
    said, report = imported

    assert said == (counts(created=14, changed=11, left_out=6), "", None)
    assert Session.objects.filter(status="published").count() == 10
    assert sorted(Session.objects.filter(status="draft").values_list("title", flat=True)) == [
        "Border Markets After the Border",
        "Influence After the Border",
        "Satellite Images in Plain Words",
    ]
    # Grace Abe may or may not be the “Abe, G.” of another organisation
    assert Speaker.objects.count() == 13
    assert Speaker.objects.exclude(photo="").exclude(biography="").count() == 12
    assert Speaker.objects.get(slug="thomas-greer").picture_alt == "Portrait of Thomas Greer"
    assert set(Series.objects.values_list("name", flat=True)) == {
        "CENTCOM",
        "Future of Quiet Rivers",
        "General",
        "Harbour",
        "Listening",
    }
    assert Comment.objects.filter(status="approved").count() == Comment.objects.count() == 8
    assert report["counts"] == ImportRun.objects.get().counts
    assert [each["ref"] for each in report["items"]] == [
        each.ref for each in RunItem.objects.all()
    ]


def test_second_run_changes_nothing(place):
    before = stored()

    said = run(EXPORT, "--media", place / "media", "--publish")

    assert said == (counts(unchanged=25, left_out=6), "", None)
    assert stored() == before


def test_no_page_shows_a_shortcode(client):
    for session in Session.objects.published():
        page = client.get(session.get_absolute_url()).content.decode()
        for leftover in (
            "[et_pb",
            "[/",
            "[caption",
            "[audio",
            "[gallery",
            "[vc_",
            "wp:",
            "[embed",
        ):
            assert leftover not in page, (session, leftover)


def test_every_public_old_url_redirects(client):
    tried = 0
    for entry in OldAddress.objects.all():
        response = client.get(f"/social{entry.path}" if "?" not in entry.path else entry.path)
        if response.status_code != 301:  # by number: the front page, as for any unknown number
            assert response.status_code == (200 if "?" in entry.path else 404)
            assert client.get(entry.leads_to).status_code == 404, entry
            continue
        assert client.get(response["Location"]).status_code == 200, entry
        tried += 1

    assert tried > 100
