"""`manage.py import_pages`: saved pages become sessions, once, completely, without loss."""

import hashlib
import json
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from ingest_app.models import ImportedRecord, ImportRun
from ingest_app.pages import page_writer
from sessions_app.editing import import_remains
from sessions_app.editing.trash import put_into_bin
from sessions_app.models import Series, Session, StatusChange
from speakers_app.models import Organisation, Speaker
from tests.factories import OrganisationAliasFactory, OrganisationFactory, SessionFactory

pytestmark = pytest.mark.django_db

TIDES = """\
Tides of Trade
May 2020 No Comments
Speakers: Dr. Karin Lund (Harbour Institute; Coast Desk); Greer, T. (Director, Coast Desk)
Moderator: Haddad, L.
Date: 4–5 May 2020
A stray line
Speaker Session Preview
SMA hosted a session with Dr. Karin Lund & guests as a part of its SMA Harbour Speaker Series.
Lund recommended that ports 1) dredge and 2) wait. Read the report at https://example.org/report.
Speaker Session Recording
To access the recording, email desk@example.org.
Download the slides
"""
WINDS = "Winds\nSpeakers: Greer, T. (Coast Desk)\nDate: 6 May 2020\nSpeaker Session Summary\nAir."
NO_PAGE = "Contact us\nWrite to the desk."


@pytest.fixture
def folder(tmp_path):
    """Return a function: texts by file name → the folder that contains them."""

    def write(**pages):
        place = tmp_path / "pages"
        place.mkdir(exist_ok=True)
        for name, text in pages.items():
            (place / f"{name}.txt").write_text(text, encoding="utf-8")
        return place

    return write


def run(*arguments):
    """Return (standard output, standard error, reason of failure or None) of the command."""
    out, err = StringIO(), StringIO()
    try:
        call_command("import_pages", *map(str, arguments), stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue(), err.getvalue(), str(error)
    return out.getvalue(), err.getvalue(), None


def stored():
    """Return the stored session data, for comparison before and after."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Session, Speaker, Organisation, Series, ImportedRecord)
    }


def edit(session, **fields):
    for name, value in fields.items():
        setattr(session, name, value)
    session.save()


def test_page_becomes_a_draft_with_all_its_parts(folder):
    out, err, failure = run(folder(tides=TIDES))

    session = Session.objects.get()
    people = [
        (str(each.speaker), str(each.organisation), each.role_title, each.function)
        for each in session.appearances.all()
    ]
    assert (out, err, failure) == ("1 created, 0 updated, 0 unchanged, 0 failed\n", "", None)
    assert session.import_ref == "page:tides"
    assert session.title == "Tides of Trade"
    assert session.status == Session.Status.DRAFT
    assert (session.held_on, session.ends_on) == (date(2020, 5, 4), date(2020, 5, 5))
    assert session.series.name == "Harbour"
    assert session.summary.startswith("<p>SMA hosted a session with Dr. Karin Lund &amp; guests")
    assert session.summary.count("<p>") == 2
    assert session.has_recording
    assert [each.access for each in session.recordings.all()] == ["on_request"]
    assert session.recording_contact_email == "desk@example.org"
    assert people == [
        ("Dr. Karin Lund", "Harbour Institute", "", "speaker"),
        ("T. Greer", "Coast Desk", "Director", "speaker"),
        ("L. Haddad", "None", "", "moderator"),
    ]
    assert [
        organisation.name
        for organisation in session.appearances.first().further_organisations.all()
    ] == ["Coast Desk"]
    assert [(each.text, each.audience) for each in session.recommendations.all()] == [
        ("dredge", "ports"),
        ("wait", "ports"),
    ]
    assert [
        [str(maker.speaker) for maker in each.made_by.all()]
        for each in session.recommendations.all()
    ] == [["Dr. Karin Lund"], ["Dr. Karin Lund"]]
    assert [(each.title, each.url) for each in session.documents.all()] == [
        ("Report, example.org", "https://example.org/report")
    ]
    assert session.import_remains == [
        {"kind": "not understood", "text": "A stray line"},
        {"kind": "missing file", "text": "Download the slides"},
    ]


def test_publish_uses_the_month_of_the_page(folder):
    run(folder(tides=TIDES, winds=WINDS), "--publish")

    tides, winds = Session.objects.order_by("import_ref")
    assert tides.published_at == datetime(2020, 5, 1, tzinfo=UTC)
    assert winds.published_at is not None
    assert set(Session.objects.published()) == {tides, winds}


def test_publication_is_logged_once(folder):
    place = folder(winds=WINDS)
    run(place)
    assert not StatusChange.objects.exists()

    for air in ("More air.", "Still more air."):
        run(folder(winds=WINDS.replace("Air.", air)), "--publish")

    step = StatusChange.objects.get()
    assert (step.was, step.status, step.by) == ("draft", "published", None)
    assert step.session.import_ref == "page:winds"


def test_publish_does_not_republish_withdrawn_sessions(folder):
    place = folder(winds=WINDS)
    run(place, "--publish")
    Session.objects.update(status=Session.Status.WITHDRAWN)

    run(folder(winds=WINDS.replace("Air.", "More air.")), "--publish")

    assert Session.objects.get().status == Session.Status.WITHDRAWN


def test_people_series_and_organisations_are_shared_between_pages(folder):
    lund = "Waves\nSpeakers: Lund, K. (Harbour Institute)\nDate: 7 May 2020\nSpeaker Session Summary\n"
    run(folder(tides=TIDES, waves=lund + "Part of its “Harbour” Speaker Series.", winds=WINDS))

    assert sorted(map(str, Speaker.objects.all())) == ["Dr. Karin Lund", "L. Haddad", "T. Greer"]
    assert sorted(map(str, Organisation.objects.all())) == ["Coast Desk", "Harbour Institute"]
    assert [series.name for series in Series.objects.all()] == ["Harbour"]


def test_doubt_is_reported_and_no_records_are_merged(folder, tmp_path):
    other = WINDS.replace("Coast Desk", "Hill Inn")

    out, _, failure = run(folder(a=WINDS, b=other), "--report", tmp_path / "report.json")

    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    doubt = "“Greer, T.” may be the same person as: T. Greer"
    assert failure is None
    assert f"b.txt: doubt: {doubt}\n" in out
    looks_like = "Looks like “Winds”: the same title and day."
    assert [entry["doubts"] for entry in report] == [[], [doubt, looks_like]]
    assert Speaker.objects.count() == 2


def test_report_in_a_missing_folder_is_refused_before_the_import(folder, tmp_path):
    _, _, failure = run(folder(a=WINDS), "--report", tmp_path / "none" / "report.json")

    assert "does not exist" in failure
    assert not Session.objects.exists()


def test_text_longer_than_its_field_is_stored_in_full(folder):
    title, address = "Tides " + "of trade " * 80, "https://example.org/" + "x" * 1200

    run(folder(a=f"{title}\n{WINDS.partition(chr(10))[2]}\n{address}\n"))

    remains = [each["text"] for each in Session.objects.get().import_remains]
    assert title.strip() in remains
    assert address in remains


def test_person_named_twice_is_stored_once_and_reported(folder, tmp_path):
    twice = WINDS.replace(
        "Greer, T. (Coast Desk)", "Thomas Greer (Coast Desk); Greer, T. (Coast Desk)"
    )

    run(folder(winds=twice), "--report", tmp_path / "report.json")

    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert Session.objects.get().appearances.count() == 1
    assert report[0]["remarks"] == ["Thomas Greer is named twice."]


@pytest.mark.parametrize("options", [[], ["--publish"]])
def test_second_run_changes_nothing_and_reports_it(folder, options):
    place = folder(tides=TIDES, winds=WINDS)
    run(place, *options)
    before = stored()

    out, _, failure = run(place, *options)

    assert (out, failure) == ("0 created, 0 updated, 2 unchanged, 0 failed\n", None)
    assert stored() == before


def test_changed_page_updates_its_session(folder):
    run(folder(tides=TIDES, winds=WINDS))
    before = Session.objects.get(import_ref="page:tides")

    changed = (
        TIDES.replace("4–5 May", "6 May").replace("1) dredge", "1) dig").replace("Greer", "Holm")
    )
    out, _, _ = run(folder(tides=changed))

    session = Session.objects.get(import_ref="page:tides")
    assert out == "0 created, 1 updated, 1 unchanged, 0 failed\n"
    assert (session.pk, session.slug) == (before.pk, before.slug)
    assert (session.held_on, session.ends_on) == (date(2020, 5, 6), None)
    assert [each.speaker.family_name for each in session.appearances.all()] == [
        "Lund",
        "Holm",
        "Haddad",
    ]
    assert [each.text for each in session.recommendations.all()] == ["dig", "wait"]


def test_change_of_the_text_alone_updates_the_session(folder):
    run(folder(winds=WINDS))

    out, _, _ = run(folder(winds=WINDS.replace("Air.", "More air.")))

    assert out == "0 created, 1 updated, 0 unchanged, 0 failed\n"
    assert Session.objects.get().summary == "<p>More air.</p>"


def test_session_in_the_bin_is_not_changed_and_is_reported(folder, tmp_path):
    run(folder(tides=TIDES))
    put_into_bin(Session.objects.all(), user=None)
    before = stored()

    changed, report = folder(tides=TIDES.replace("4–5 May", "6 May")), tmp_path / "report.json"
    out, _, _ = run(changed, "--publish", "--report", report)

    assert "1 unchanged" in out
    assert "It is in the bin and was left there." in json.loads(report.read_text())[0]["remarks"]
    assert stored() == before


def test_edited_fields_are_not_overwritten_by_imports(folder, tmp_path):
    run(folder(winds=WINDS))
    edit(Session.objects.get(), title="Winds, edited")

    for number, day in enumerate(("7 May 2020", "8 May 2020"), 7):
        run(folder(winds=WINDS.replace("6 May 2020", day)), "--report", tmp_path / "report.json")
        session = Session.objects.get()
        report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
        assert (session.title, session.held_on) == ("Winds, edited", date(2020, 5, number))
        assert report[0]["remarks"] == ["Kept as edited: title"]


def test_edited_people_and_recommendations_are_not_overwritten(folder):
    run(folder(tides=TIDES))
    session = Session.objects.get()
    session.appearances.last().delete()
    session.recommendations.first().delete()

    run(folder(tides=TIDES.replace("Tides of Trade", "Tides").replace("1) dredge", "1) dig")))

    session.refresh_from_db()
    assert session.title == "Tides"
    assert [each.speaker.family_name for each in session.appearances.all()] == ["Lund", "Greer"]
    assert [each.text for each in session.recommendations.all()] == ["wait"]


def test_person_without_affiliation_still_matches_after_a_change(folder):
    alone = WINDS.replace(" (Coast Desk)", "")
    run(folder(winds=alone))
    greer = Speaker.objects.get()

    run(folder(winds=alone.replace("Greer, T.", "Greer, T.; Greer, Tim")))

    kept, other = Session.objects.get().appearances.all()
    assert kept.speaker == greer
    assert (other.speaker != greer, other.speaker.given_name) == (True, "Tim")


def test_session_entered_by_hand_is_not_changed(folder):
    by_hand = SessionFactory(title="Winds", held_on=date(2020, 5, 6))

    run(folder(winds=WINDS))

    assert Session.objects.count() == 2
    assert Session.objects.get(pk=by_hand.pk).import_ref is None


def test_dry_run_stores_nothing(folder):
    out, _, failure = run(folder(tides=TIDES, winds=WINDS), "--dry-run", "--publish")

    assert (out, failure) == (
        "2 created, 0 updated, 0 unchanged, 0 failed; nothing stored\n",
        None,
    )
    assert not any(stored().values())
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize("options", [["--dry-run"], []])
def test_report_has_one_object_per_page_in_order(folder, tmp_path, options):
    place = folder(b=TIDES, c=NO_PAGE, a=WINDS)
    (place / "d.HTML").write_text("<h1>Foam</h1><p>Date: 7 May 2020</p>", encoding="utf-8")
    (place / "notes.md").write_text("no page", encoding="utf-8")
    first = tmp_path / "z.txt"
    first.write_text("Zero\nDate: 1 May 2020", encoding="utf-8")
    missing = tmp_path / "missing.txt"

    run(first, missing, place, "--report", tmp_path / "report.json", *options)

    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert [(entry["file"], entry.get("title"), entry.get("error")) for entry in report] == [
        ("z.txt", "Zero", None),
        ("missing.txt", None, "The file does not exist."),
        ("a.txt", "Winds", None),
        ("b.txt", "Tides of Trade", None),
        ("c.txt", None, "No speakers, date or summary were found: this is not a session page."),
        ("d.HTML", "Foam", None),
    ]
    assert all(("status" in entry) is ("title" in entry) for entry in report)


def test_report_contains_the_record_as_printed(folder, tmp_path):
    run(folder(tides=TIDES), "--dry-run", "--report", tmp_path / "report.json")

    text = (tmp_path / "report.json").read_text(encoding="utf-8")
    (entry,) = json.loads(text)
    assert "4–5" not in text  # these are read as days
    assert (entry["published"], entry["date"], entry["date_end"]) == (
        "2020-05",
        "2020-05-04",
        "2020-05-05",
    )
    assert entry["recommendations"] == ["dredge", "wait"]
    assert entry["remains"] == ["A stray line"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (NO_PAGE.encode(), "No speakers, date or summary were found: this is not a session page."),
        (b"", "The file is empty."),
        (b"<html><body></body></html>", "The file contains no text."),
        (b"\x00\x01\x02", "The file is not text: it contains NUL characters."),
    ],
)
@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_unreadable_file_is_reported_and_the_others_are_imported(folder, content, reason, options):
    place = folder(a=WINDS, c=TIDES)
    bad = place / "b.txt"
    bad.write_bytes(content)

    out, err, failure = run(place, *options)

    assert err == f"{bad}: {reason}\n"
    assert failure == "1 of 3 pages failed."
    if options:
        assert out == "2 created, 0 updated, 0 unchanged, 1 failed; nothing stored\n"
    else:
        assert out == "2 created, 0 updated, 0 unchanged, 1 failed\n"
        assert set(Session.objects.values_list("import_ref", flat=True)) == {"page:a", "page:c"}


def test_missing_file_is_reported_and_the_others_are_imported(folder, tmp_path):
    missing = tmp_path / "missing.txt"

    _, err, failure = run(missing, folder(winds=WINDS))

    assert err == f"{missing}: The file does not exist.\n"
    assert failure == "1 of 2 pages failed."
    assert Session.objects.get().import_ref == "page:winds"


def test_unreadable_path_is_reported_and_the_run_recorded(folder):
    place = folder(a=WINDS)
    (place / "b.txt").symlink_to(place / "gone.txt")
    (place / "c.html").mkdir()

    _, err, failure = run(place)

    assert f"{place / 'b.txt'}: The file does not exist.\n" in err
    assert f"{place / 'c.html'}: " in err
    assert failure == "2 of 3 pages failed."
    assert ImportRun.objects.get().source_sha256 == hashlib.sha256(WINDS.encode()).hexdigest()


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_second_file_with_the_same_name_is_rejected(folder, options):
    place = folder(tides=TIDES)
    (place / "tides.html").write_text("<h1>Foam</h1><p>Date: 7 May 2020</p>", encoding="utf-8")

    _, err, failure = run(place / "tides.txt", place / "tides.html", *options)

    assert (
        err
        == f"{place / 'tides.html'}: page:tides has already been read from {place / 'tides.txt'}.\n"
    )
    assert failure == "1 of 2 pages failed."
    assert [each.title for each in Session.objects.all()] == (
        [] if options else ["Tides of Trade"]
    )


def test_same_file_given_twice_is_read_twice(folder):
    place = folder(winds=WINDS)

    out, _, failure = run(place, place / "winds.txt")

    assert (out, failure) == ("1 created, 0 updated, 1 unchanged, 0 failed\n", None)


def test_record_that_cannot_be_stored_leaves_nothing_behind(folder, monkeypatch):
    def fail_for_tides(session, record):
        if session.title == "Tides of Trade":
            raise DatabaseError("disk full")

    monkeypatch.setattr(page_writer, "_replace_link_documents", fail_for_tides)
    place = folder(
        a=WINDS,
        b=TIDES,
        c=WINDS.replace("Greer, T. (Coast Desk)", "Lund, K. (Hill Inn)")
        .replace("Winds", "Air")
        .replace("6 May", "7 May"),
    )

    out, err, failure = run(place)

    assert out == "2 created, 0 updated, 0 unchanged, 1 failed\n"
    assert err == f"{place / 'b.txt'}: DatabaseError: disk full\n"
    assert failure == "1 of 3 pages failed."
    assert set(Session.objects.values_list("import_ref", flat=True)) == {"page:a", "page:c"}
    assert sorted(map(str, Speaker.objects.all())) == ["K. Lund", "T. Greer"]
    assert sorted(map(str, Organisation.objects.all())) == ["Coast Desk", "Hill Inn"]
    assert not Series.objects.exists()


def test_failed_page_can_be_imported_later(folder, monkeypatch):
    def fail(session, record):
        raise DatabaseError("disk full")

    place = folder(winds=WINDS)
    with monkeypatch.context() as patch:
        patch.setattr(page_writer, "_replace_link_documents", fail)
        run(place)

    out, _, failure = run(place)

    assert (out, failure) == ("1 created, 0 updated, 0 unchanged, 0 failed\n", None)


def test_command_requires_a_path():
    with pytest.raises(CommandError, match="PATH"):
        call_command("import_pages")


def test_each_run_is_recorded(folder):
    place = folder(a=WINDS, b=NO_PAGE)
    run(place)
    run(place / "a.txt")

    again, first = ImportRun.objects.all()
    assert (first.kind, first.source_name, first.counts) == (
        "pages",
        "pages",
        {"created": 1, "failed": 1},
    )
    assert first.source_sha256 == hashlib.sha256((WINDS + NO_PAGE).encode()).hexdigest()
    assert [entry["file"] for entry in first.report] == ["a.txt", "b.txt"]
    assert first.started_at <= first.finished_at
    assert (again.source_name, again.counts) == ("a.txt", {"unchanged": 1})
    assert again.source_sha256 == hashlib.sha256(WINDS.encode()).hexdigest()


def test_two_names_of_one_organisation_are_stored_once(folder):
    harbour = OrganisationFactory(name="Harbour Institute")
    OrganisationAliasFactory(organisation=harbour, name="Port Institute")
    page = "Winds\nSpeakers: Greer, T. (Harbour Institute; Port Institute; Coast Desk)\nDate: 6 May 2020\nSpeaker Session Summary\nAir."

    run(folder(winds=page))

    appearance = Session.objects.get().appearances.get()
    assert [str(each) for each in appearance.organisations] == ["Harbour Institute", "Coast Desk"]


def settle(session, kind):
    keys = [
        import_remains.key_of_remain(each)
        for each in session.import_remains
        if each["kind"] == kind
    ]
    import_remains.settle_remains(session, keys)
    import_remains.save_remain_fields(session)


def test_resolved_leftovers_stay_resolved_and_new_ones_appear(folder):
    run(folder(tides=TIDES))
    session = Session.objects.get()
    settle(session, "not understood")

    _out, _err, _failure = run(
        folder(tides=TIDES.replace("A stray line", "A stray line\nOne more"))
    )

    session.refresh_from_db()
    assert [(each["kind"], each["text"]) for each in session.import_remains] == [
        ("not understood", "One more"),
        ("missing file", "Download the slides"),
    ]
    assert [each["text"] for each in session.settled_remains] == ["A stray line"]
    assert not any("Kept as edited" in str(entry) for entry in ImportRun.objects.first().report)


def test_unchanged_page_reopens_nothing(folder):
    run(folder(tides=TIDES))
    settle(Session.objects.get(), "missing file")

    out, _err, _failure = run(folder(tides=TIDES))

    kinds = [each["kind"] for each in Session.objects.get().import_remains]
    assert (out, kinds) == ("0 created, 0 updated, 1 unchanged, 0 failed\n", ["not understood"])


def test_guesses_about_people_are_stored_until_resolved(folder):
    pages = folder(odd="Odd\nSpeakers: Sam Roe, Bluewater\nDate: 6 May 2020\n")

    run(pages)
    session = Session.objects.get()
    guesses = [each["text"] for each in session.import_remains if each["kind"] == "guessed"]
    settle(session, "guessed")
    run(folder(odd="Odd\nSpeakers: Sam Roe, Bluewater\nDate: 7 May 2020\n"))

    session.refresh_from_db()
    assert guesses == ["“Bluewater” was read as the affiliation of Sam Roe."]
    assert session.import_remains == []
