import io

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from desk_app.models import MergeRecord
from sessions_app.models import Series, Topic
from speakers_app.models import Organisation, Speaker
from tests.desk_app.states import everything
from tests.factories import (
    AppearanceFactory,
    OrganisationFactory,
    SeriesFactory,
    SpeakerFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


def said(*args):
    out = io.StringIO()
    call_command(*args, stdout=out)
    return out.getvalue().splitlines()


def test_merge_speakers_reports_what_it_did(client):
    keep = SpeakerFactory(slug="a")
    others = [SpeakerFactory(slug=slug, given_name="", family_name=slug) for slug in "bc"]
    AppearanceFactory(speaker=others[0])

    lines = said("merge_speakers", "a", "b", "c")

    record = MergeRecord.objects.get()
    assert lines == [
        "1 appearance",
        "other name: b",
        "other name: c",
        "/speakers/b/ → /speakers/a/",
        "/speakers/c/ → /speakers/a/",
        f"2 merged into {keep}; 1 session changed",
        f"undo it: manage.py undo_merge {record.pk}",
    ]
    assert client.get(reverse("sessions:speaker", args=["c"]))["Location"] == "/speakers/a/"
    assert Speaker.objects.count() == 1


@pytest.mark.parametrize(
    ("command", "factory", "model"),
    [
        ("merge_organisations", OrganisationFactory, Organisation),
        ("merge_topics", TopicFactory, Topic),
        ("merge_series", SeriesFactory, Series),
    ],
)
def test_each_kind_is_merged_and_undone_by_commands(command, factory, model):
    keep, other = factory(), factory()
    before = everything()

    dry = said(command, keep.slug, other.slug, "--dry-run")
    unchanged = everything() == before
    said(command, keep.slug, other.slug)
    merged = list(model.objects.all())
    number = MergeRecord.objects.get().pk
    said("undo_merge", str(number), "--dry-run")
    said("undo_merge", str(number))

    assert unchanged and merged == [keep]
    assert dry[-1].startswith("1 would be merged into")
    assert everything() == before


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("merge_speakers", "a", "nobody"), "nobody: there is no speaker with this slug."),
        (("merge_speakers", "a", "a"), "A record cannot be merged into itself."),
        (("merge_speakers", "a", "old"), "old: this speaker is a by now."),
        (("undo_merge", "999999"), "there is no merge or split with this number"),
    ],
)
def test_records_that_cannot_be_merged_are_reported(args, message):
    keep = SpeakerFactory(slug="old")
    keep.slug = "a"
    keep.save()

    with pytest.raises(CommandError, match=message):
        said(*args)
