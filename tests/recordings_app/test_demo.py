"""The demonstration has a recording of each kind, and takes all of them away again."""

import pytest
from django.core.files.storage import storages
from django.core.management import call_command

from recordings_app.models import Recording, TranscriptCue
from sessions_app.models import Session

pytestmark = pytest.mark.django_db


def seed(**options):
    call_command("seed_demo", sessions=30, verbosity=0, **options)


def attached():
    return Recording.objects.exclude(file="").order_by("session__import_ref")


def test_one_of_each_kind_is_there_and_taken_away(client, django_capture_on_commit_callbacks):
    seed()
    kinds = sorted(
        (each.access, each.is_sealed, each.transcript.access, max(each.peaks))
        for each in attached()
    )
    assert kinds == [
        ("automatic", False, "public", 100),
        ("closed", False, "closed", 100),
        ("on_request", False, "findable", 100),
        ("open", False, "public", 100),
        ("open", True, "public", 100),
    ]
    heard = attached().get(access="open", is_sealed=False)
    page = client.get(heard.get_absolute_url()).content.decode()
    assert "Tones stand for the voices." in page
    assert heard.duration_seconds > 20
    assert Session.objects.filter(has_recording=True).count() > 5

    with django_capture_on_commit_callbacks(execute=True):
        call_command("seed_demo", remove=True)
    assert (Recording.objects.count(), TranscriptCue.objects.count()) == (0, 0)
    assert storages["private"].listdir("recordings") == ([], [])


def test_same_seed_same_audio():
    seed()
    first = list(attached().values_list("sha256", "session__import_ref"))
    call_command("seed_demo", remove=True)
    seed()

    assert list(attached().values_list("sha256", "session__import_ref")) == first
    seed()  # once more changes nothing
    assert attached().count() == 5
