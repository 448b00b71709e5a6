"""`manage.py import_talks`: JSON lines become complete sessions, once; an error affects only its line."""

import gzip
import hashlib
import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from desk_app.merging.merge import merge_records
from ingest_app.fingerprints import session_fingerprints
from ingest_app.management.commands import import_talks
from ingest_app.models import ImportedRecord, ImportRun
from ingest_app.talks import talk_writer
from sessions_app.editing.trash import put_into_bin
from sessions_app.models import Region, Series, Session, StatusChange, Topic
from speakers_app.models import Organisation, Speaker
from tests.factories import (
    OrganisationAliasFactory,
    OrganisationFactory,
    RegionFactory,
    SessionFactory,
    SpeakerAliasFactory,
    SpeakerFactory,
    TopicAliasFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db

TIDES = {
    "id": "coast/tides",
    "title": "Tides of Trade",
    "date": "2024-03-14",
    "series": "Coast Days 2024",
    "topics": ["Sea", "Machine-Learning"],
    "regions": ["North Sea"],
    "speakers": [
        {"name": "Karin Lund", "affiliation": "Harbour Institute (HI)", "role": "Pilot"},
        "Thomas van Greer",
    ],
    "recommendations": ["Dredge.", {"text": "Wait.", "audience": "Ports"}],
    "summary": "Water & <wind>.\n\nAnd goes.",
    "language": "nor",
    "source_url": "https://example.org/tides",
    "slug": "tides-2024",
}
WINDS = {"id": "coast/winds", "title": "Winds", "speakers": ["Karin Lund"]}
WAVES = {"id": "coast/waves", "title": "Waves"}
MODELS = (Session, Speaker, Organisation, Series, Topic, Region, ImportedRecord)


@pytest.fixture
def talks_file(tmp_path):
    """Return a function: talks, or lines as bytes → a file with them."""

    def write(*lines):
        path = tmp_path / "talks.jsonl"
        path.write_bytes(
            b"".join(
                (line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n"
                for line in lines
            )
        )
        return path

    return write


def run(path, *options):
    """Return (standard output, standard error, reason of failure or None) of the command."""
    out, err = StringIO(), StringIO()
    try:
        call_command("import_talks", str(path), *options, stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue(), err.getvalue(), str(error)
    return out.getvalue(), err.getvalue(), None


def summary(created=0, updated=0, unchanged=0, failed=0, remarks=0):
    return (
        f"{created} created, {updated} updated, {unchanged} unchanged, {failed} failed;"
        f" {remarks} remarks\n"
    )


def stored():
    """Return the stored data of sessions and related records, for comparison before and after."""
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in MODELS}


def refs():
    return sorted(Session.objects.values_list("import_ref", flat=True))


def test_talk_becomes_a_draft_with_all_its_parts(talks_file):
    out, err, failure = run(talks_file(TIDES))

    session = Session.objects.get()
    assert (out, err, failure) == (summary(created=1), "", None)
    assert (session.import_ref, session.slug) == ("talks:coast/tides", "tides-2024")
    assert (session.title, session.held_on) == ("Tides of Trade", date(2024, 3, 14))
    assert session.status == Session.Status.DRAFT
    assert session.series.name == "Coast Days 2024"
    assert (session.language, session.source_url) == ("no", "https://example.org/tides")
    assert session.summary == "<p>Water &amp; &lt;wind&gt;.</p><p>And goes.</p>"
    assert [topic.name for topic in session.topics.all()] == ["Machine-Learning", "Sea"]
    assert [region.name for region in session.regions.all()] == ["North Sea"]
    assert [
        (
            each.speaker.given_name,
            each.speaker.family_name,
            str(each.organisation),
            each.role_title,
        )
        for each in session.appearances.all()
    ] == [
        ("Karin", "Lund", "Harbour Institute (HI)", "Pilot"),
        ("Thomas", "van Greer", "None", ""),
    ]
    assert [(each.number, each.text, each.audience) for each in session.recommendations.all()] == [
        (1, "Dredge.", ""),
        (2, "Wait.", "Ports"),
    ]


def test_publish_option_publishes(talks_file):
    run(talks_file(TIDES, WINDS), "--publish")

    assert Session.objects.published().count() == 2


def test_publication_is_logged_once(talks_file):
    run(talks_file(WAVES))
    assert not StatusChange.objects.exists()

    run(talks_file(TIDES, {**WAVES, "title": "Waves again"}), "--publish")
    run(talks_file(TIDES, {**WAVES, "title": "Waves once more"}), "--publish")

    assert [
        (each.session.import_ref, each.was, each.status, each.by)
        for each in StatusChange.objects.order_by("session__import_ref")
    ] == [
        ("talks:coast/tides", "draft", "published", None),
        ("talks:coast/waves", "draft", "published", None),
    ]


def test_many_log_entries_take_one_query(talks_file):
    with CaptureQueriesContext(connection) as queries:
        run(talks_file(TIDES, WINDS, WAVES), "--publish")

    assert StatusChange.objects.count() == 3
    into_log = f'INSERT INTO "{StatusChange._meta.db_table}"'
    assert sum(query["sql"].startswith(into_log) for query in queries) == 1


def test_publish_does_not_republish_withdrawn_sessions(talks_file):
    run(talks_file(WINDS), "--publish")
    Session.objects.update(status=Session.Status.WITHDRAWN)

    run(talks_file({**WINDS, "title": "Winds again"}), "--publish")

    session = Session.objects.get()
    assert (session.title, session.status) == ("Winds again", Session.Status.WITHDRAWN)


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_equal_names_are_one_record_across_lines_and_batches(talks_file, monkeypatch, batch):
    monkeypatch.setattr(import_talks, "TALKS_PER_BATCH", batch)
    first = {
        **WINDS,
        "topics": ["Machine Learning"],
        "regions": ["North Sea"],
        "series": "Coast Days",
        "speakers": [{"name": "José Lund", "affiliation": "Harbour Institute"}],
    }
    second = {
        **WAVES,
        "topics": ["machine-learning"],
        "regions": ["NORTH\u00a0SEA"],
        "series": "coast  days",
        "speakers": [{"name": "Jose\u0301  Lund", "affiliation": "The Harbour Institute (HI)"}],
    }

    run(
        talks_file(
            first,
            second,
            {**TIDES, "speakers": [], "series": None, "topics": ["MACHINE LEARNING"]},
        )
    )

    assert Session.objects.count() == 3
    assert [str(each) for each in Speaker.objects.all()] == ["José Lund"]
    assert [each.name for each in Organisation.objects.all()] == ["Harbour Institute"]
    assert [each.name for each in Topic.objects.all()] == ["Machine Learning"]
    assert [each.name for each in Region.objects.all()] == ["North Sea"]
    assert [each.name for each in Series.objects.all()] == ["Coast Days"]


def test_known_names_are_used_again(talks_file):
    speaker = SpeakerFactory(given_name="Karin", family_name="Lund")
    organisation = OrganisationFactory(name="Harbour Institute")
    topic = TopicFactory(name="SEA")

    run(talks_file(TIDES))

    appearance = Session.objects.get().appearances.first()
    assert (appearance.speaker, appearance.organisation) == (speaker, organisation)
    assert topic in Session.objects.get().topics.all()


def test_aliases_are_used_unless_ambiguous(talks_file):
    speaker = SpeakerAliasFactory(name="Karin Lund").speaker
    organisation = OrganisationAliasFactory(name="Harbour Institute").organisation
    topic = TopicAliasFactory(name="sea").topic
    for _ in range(2):
        SpeakerAliasFactory(name="Thomas van Greer")

    run(talks_file(TIDES))

    session = Session.objects.get()
    first, second = session.appearances.all()
    assert (first.speaker, first.organisation) == (speaker, organisation)
    assert second.speaker.full_name == "Thomas van Greer"
    assert second.speaker.aliases.count() == 0
    assert topic in session.topics.all()


@pytest.fixture
def one_record_of_two_names():
    """Make two names of each kind refer to one record, by another name or a merge."""
    TopicAliasFactory(topic=TopicFactory(name="Artificial intelligence"), name="AI")
    speaker = SpeakerFactory(given_name="Karin", family_name="Lund")
    SpeakerAliasFactory(speaker=speaker, name="K. Lund")
    organisation = OrganisationFactory(name="Harbour Institute")
    OrganisationAliasFactory(organisation=organisation, name="Port Institute")
    kept, other = RegionFactory(name="Arctic"), RegionFactory(name="Far North")
    merge_records(kept, [other], user=None)


UNITED = {
    **WAVES,
    "topics": ["AI", "Artificial intelligence", "Sea"],
    "regions": ["Far North", "Arctic"],
    "speakers": [
        {"name": "K. Lund", "affiliation": "Port Institute"},
        {"name": "Karin Lund", "affiliation": "Harbour Institute"},
    ],
}


@pytest.mark.parametrize("before", [None, WAVES], ids=["created", "updated"])
def test_two_names_of_one_record_are_stored_once_and_reported(
    talks_file, one_record_of_two_names, before
):
    if before:
        run(talks_file(before))

    out, err = run(talks_file(UNITED, WINDS))[:2]

    session = Session.objects.get(import_ref="talks:coast/waves")
    assert [topic.name for topic in session.topics.all()] == ["Artificial intelligence", "Sea"]
    assert [region.name for region in session.regions.all()] == ["Arctic"]
    assert [str(each) for each in session.appearances.all()] == ["Karin Lund at Waves"]
    assert Organisation.objects.count() == 1
    assert err == ""
    assert out.splitlines()[:3] == [
        f"{talks_file(UNITED, WINDS)}, line 1: coast/waves: {said}"
        for said in (
            "“Artificial intelligence” is the same topic as “AI”",
            "“Arctic” is the same region as “Far North”",
            "“Karin Lund” is the same speaker as “K. Lund”",
        )
    ]
    assert run(talks_file(UNITED, WINDS))[0].splitlines()[-1].startswith("0 created, 0 updated")


def test_data_without_a_field_is_stored_on_the_record_and_reported(talks_file):
    line = {
        **WAVES,
        "venue": "Hall 3",
        "tags": {"x": ["é", 1]},
        "source_url": "ftp://x",
        "y": None,
    }

    out, _err, failure = run(talks_file(line))

    assert failure is None
    assert "waves: kept on the record: venue: Hall 3" in out
    assert Session.objects.get().import_remains == [
        {"kind": "no such field", "text": "venue: Hall 3"},
        {"kind": "no such field", "text": 'tags: {"x": ["é", 1]}'},
        {"kind": "no such field", "text": "source_url: ftp://x"},
    ]
    assert run(talks_file(line))[0].endswith(summary(unchanged=1, remarks=1))


def test_different_names_are_different_people(talks_file):
    names = [
        "Karin Lund",
        "K. Lund",
        "Karin Maria Lund",
        "Karin Lunde",
        "karin lund",
        "Dr. Karin Lund",
    ]

    run(talks_file({**WINDS, "speakers": names}))

    assert Speaker.objects.count() == Session.objects.get().appearances.count() == len(names)


@pytest.mark.parametrize(
    ("name", "given", "family"),
    [
        ("Karin Lund", "Karin", "Lund"),
        ("Ludwig van der Berg", "Ludwig", "van der Berg"),
        ("Madonna", "", "Madonna"),
        ("海洋太郎", "", "海洋太郎"),
        ("!?", "", "!?"),
        ("Dr. Karin Lund", "Dr. Karin", "Lund"),
    ],
)
def test_name_is_parsed_without_loss(talks_file, name, given, family):
    talk = {**WINDS, "speakers": [name]}
    run(talks_file(talk))
    run(talks_file({**talk, "title": "Another"}, {**WAVES, "speakers": [name]}))

    speaker = Speaker.objects.get()
    assert (speaker.given_name, speaker.family_name, speaker.name) == (given, family, name)


def test_various_speakers_is_not_a_person_and_is_reported(talks_file):
    path = talks_file(WAVES, {**WINDS, "speakers": ["Various speakers", "Karin Lund"]})

    out, err, failure = run(path)

    remark = f"{path}, line 2: coast/winds: “Various speakers” names nobody\n"
    assert (out, err, failure) == (remark + summary(created=2, remarks=1), "", None)
    assert [speaker.name for speaker in Speaker.objects.all()] == ["Karin Lund"]


def test_slug_is_used_and_a_duplicate_gets_a_number(talks_file):
    SessionFactory(title="Winds")

    run(
        talks_file(
            {**WAVES, "slug": "winds"},
            {**WINDS, "slug": "winds"},
            TIDES,
            {"id": "x", "title": "海"},
        )
    )

    assert list(Session.objects.order_by("pk").values_list("slug", flat=True)[:4]) == [
        "winds",
        "winds-2",
        "winds-3",
        "tides-2024",
    ]
    assert Session.objects.get(import_ref="talks:x").slug


@pytest.mark.parametrize(
    "pack",
    [
        lambda text: text,
        gzip.compress,
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: b"\n  \n" + text.replace(b"\n", b"\n\n"),
        lambda text: text.rstrip(b"\n"),
        lambda text: gzip.compress(text[:50]) + gzip.compress(text[50:]),
    ],
    ids=["plain", "gzip", "BOM", "CRLF", "blank lines", "no last line end", "two gzip members"],
)
def test_file_is_read_compressed_or_not(talks_file, pack):
    path = talks_file(TIDES, WINDS)
    path.write_bytes(pack(path.read_bytes()))

    out, err, failure = run(path)

    assert (out, err, failure) == (summary(created=2), "", None)
    assert refs() == ["talks:coast/tides", "talks:coast/winds"]


def test_empty_file_has_no_talks(talks_file):
    assert run(talks_file()) == (summary(), "", None)


@pytest.mark.parametrize("options", [[], ["--publish"]])
def test_second_run_changes_nothing_and_reports_it(talks_file, options):
    path = talks_file(TIDES, WINDS, {**WAVES, "speakers": ["Various speakers"]})
    run(path, *options)
    before = stored()

    out, _, failure = run(path, *options)

    assert out.endswith(summary(unchanged=3, remarks=1))
    assert failure is None
    assert stored() == before


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("title", "Ebb", lambda session: session.title),
        ("date", "2024-03-15", lambda session: session.held_on.isoformat()),
        ("series", "Other Days", lambda session: session.series.name),
        ("summary", "Gone", lambda session: session.summary.strip("</p>")),
        ("language", "sv", lambda session: session.language),
        ("source_url", "https://example.org/ebb", lambda session: session.source_url),
        ("topics", ["Ebb"], lambda session: [each.name for each in session.topics.all()]),
        ("regions", ["Skagerrak"], lambda session: [each.name for each in session.regions.all()]),
        ("speakers", ["Nils Holm"], lambda session: [str(each.speaker) for each in session.appearances.all()]),
        ("recommendations", ["Leave."], lambda session: [each.text for each in session.recommendations.all()]),
        ("topics", [], lambda session: list(session.topics.all())),
        ("speakers", [], lambda session: list(session.appearances.all())),
    ],
)  # fmt: skip
def test_changed_field_is_updated(talks_file, field, value, read):
    run(talks_file(TIDES, WINDS))
    before = Session.objects.get(import_ref="talks:coast/tides")

    out, _, _ = run(talks_file({**TIDES, field: value}, WINDS))

    session = Session.objects.get(import_ref="talks:coast/tides")
    assert out == summary(updated=1, unchanged=1)
    assert read(session) == value
    assert (session.pk, session.slug) == (before.pk, before.slug)


def test_update_changes_no_other_field(talks_file):
    run(talks_file(TIDES))
    before = ImportedRecord.objects.get().fields

    run(talks_file({**TIDES, "title": "Ebb"}))

    after = ImportedRecord.objects.get().fields
    assert {name for name in after if after[name] != before[name]} == {"title"}


def test_session_of_a_talk_missing_from_the_file_remains(talks_file):
    run(talks_file(TIDES, WINDS))

    run(talks_file(WINDS))

    assert refs() == ["talks:coast/tides", "talks:coast/winds"]


def test_edited_fields_are_not_overwritten_by_imports(talks_file):
    run(talks_file(TIDES))
    session = Session.objects.get()
    session.title = "Edited"
    session.save()
    session.topics.set([TopicFactory(name="Chosen")])

    for language in ("sv", "da"):
        path = talks_file({**TIDES, "title": f"In {language}", "topics": [], "language": language})
        out, _, _ = run(path)
        session.refresh_from_db()
        assert (session.title, session.language) == ("Edited", language)
        assert [topic.name for topic in session.topics.all()] == ["Chosen"]
        assert f"{path}, line 1: coast/tides: kept as edited: title\n" in out
        assert f"{path}, line 1: coast/tides: kept as edited: topics\n" in out


def test_dry_run_stores_nothing(talks_file):
    out, err, failure = run(talks_file(TIDES, WINDS), "--dry-run", "--publish")

    assert (out, err, failure) == (
        "2 created, 0 updated, 0 unchanged, 0 failed; 0 remarks; nothing stored\n",
        "",
        None,
    )
    assert not any(stored().values())
    assert not ImportRun.objects.exists()


def test_dry_run_reports_invalid_lines(talks_file):
    path = talks_file(TIDES, {"id": "a"}, WINDS)

    out, err, failure = run(path, "--dry-run")

    assert out == "2 created, 0 updated, 0 unchanged, 1 failed; 0 remarks; nothing stored\n"
    assert (err, failure) == (f"{path}, line 2: title: missing\n", "1 lines failed.")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"id": "bad"}, "title: missing"),
        ({"title": "Bad"}, "id: missing"),
        ({**WAVES, "date": "yesterday"}, "date: “yesterday” is not a date. Write it as 2019-05-31 or 31 May 2019."),
        ({**WAVES, "speakers": [7]}, "speakers: write a name, not 7"),
        ({**WAVES, "slug": "a b"}, "slug: “a b” cannot be part of an address"),
        ({**WINDS, "title": "Winds again"}, "id: “coast/winds” is already used in line 1"),
        (b'{"id": "cut', "not JSON: "),
        (b"[" * 100_000, "not JSON that can be read: nested too deeply"),
        (b"null", "not a JSON object"),
        (b'{"id": "a", "title": "caf\xe9"}', "'utf-8' codec can't decode byte 0xe9"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_invalid_line_is_reported_and_the_others_are_imported(talks_file, line, reason, pack):
    path = talks_file(WINDS, b"", line, TIDES)
    path.write_bytes(pack(path.read_bytes()))

    out, err, failure = run(path)

    assert err.startswith(f"{path}, line 3: {reason}")
    assert (err.count("\n"), failure) == (1, "1 lines failed.")
    assert out == summary(created=2, failed=1)
    assert refs() == ["talks:coast/tides", "talks:coast/winds"]


def test_all_invalid_lines_are_reported(talks_file):
    path = talks_file({"id": "a"}, WINDS, {"id": "b"}, b"x", TIDES)

    _, err, failure = run(path)

    assert [line.removeprefix(f"{path}, ").split(":")[0] for line in err.splitlines()] == [
        "line 1",
        "line 3",
        "line 4",
    ]
    assert failure == "3 lines failed."
    assert Session.objects.count() == 2


@pytest.mark.parametrize("batch", [1, 500])
def test_talk_that_cannot_be_stored_leaves_nothing_behind(talks_file, monkeypatch, batch):
    def fail_for_tides(text):
        if text == TIDES["summary"]:
            raise DatabaseError("disk full")
        return text

    monkeypatch.setattr(import_talks, "TALKS_PER_BATCH", batch)
    monkeypatch.setattr(talk_writer, "paragraphs_of_plain_text", fail_for_tides)
    path = talks_file({**WAVES, "speakers": ["Nils Holm"]}, TIDES, WINDS)

    out, err, failure = run(path)

    assert out == summary(created=2, failed=1)
    assert err == f"{path}, line 2: coast/tides: DatabaseError: disk full\n"
    assert failure == "1 lines failed."
    assert refs() == ["talks:coast/waves", "talks:coast/winds"]
    assert sorted(map(str, Speaker.objects.all())) == ["Karin Lund", "Nils Holm"]
    assert not (Topic.objects.exists() or Organisation.objects.exists() or Series.objects.exists())


def test_failed_update_does_not_change_the_session(talks_file, monkeypatch):
    def fail(pks):
        raise DatabaseError("disk full")

    run(talks_file(TIDES))
    before = stored()
    monkeypatch.setattr(talk_writer, "touch_sessions", fail)

    out, _, failure = run(talks_file({**TIDES, "title": "Ebb", "speakers": []}))

    session = Session.objects.get()
    assert (out, failure) == (summary(failed=1), "1 lines failed.")
    assert stored() == before
    assert (session.appearances.count(), session.recommendations.count()) == (2, 2)


def test_truncated_gzip_is_imported_up_to_the_cut(talks_file):
    path = talks_file(*({"id": f"t{number}", "title": f"Talk {number}"} for number in range(300)))
    packed = gzip.compress(path.read_bytes())
    path.write_bytes(packed[: len(packed) * 2 // 3])

    out, err, failure = run(path)

    count = Session.objects.count()
    assert 0 < count < 300
    assert refs() == sorted(f"talks:t{number}" for number in range(count))
    assert err.startswith(f"{path}, line {count + 1}: the rest of the file cannot be read: ")
    assert (out, failure) == (summary(created=count, failed=1), "1 lines failed.")


@pytest.mark.parametrize("content", [b"\x1f\x8bno gzip at all", b"\x1f\x8b"])
def test_damaged_gzip_is_reported(tmp_path, content):
    path = tmp_path / "talks.jsonl.gz"
    path.write_bytes(content)

    _, err, failure = run(path)

    assert err.startswith(f"{path}, line 1: the rest of the file cannot be read: ")
    assert failure == "1 lines failed."


@pytest.mark.parametrize(
    "content",
    [b'<?xml version="1.0"?>\n', b"id,title\na,b\n", b'[{"id": "a"},\n', b"PK\x03\x04\xff\n"],
)
def test_file_of_another_type_is_rejected_at_once(tmp_path, content):
    path = tmp_path / "talks.jsonl"
    path.write_bytes(content * 3)

    _, err, failure = run(path)

    assert failure.startswith(f"{path}: this is not a JSON Lines file (line 1: ")
    assert "line 2" not in err


def test_missing_file_is_reported(tmp_path):
    path = tmp_path / "missing.jsonl"

    assert run(path) == ("", "", f"{path} does not exist.")
    assert run(tmp_path) == ("", "", f"{tmp_path} does not exist.")


def test_each_run_is_recorded(talks_file):
    path = talks_file(WINDS, {"id": "bad"}, {**WAVES, "speakers": ["Various speakers"]})
    path.write_bytes(gzip.compress(path.read_bytes()))
    run(path)
    run(path)

    again, first = ImportRun.objects.all()
    assert (first.kind, first.source_name) == ("talks", "talks.jsonl")
    assert first.source_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert first.counts == {"created": 2, "failed": 1}
    assert first.report == [
        {"line": 2, "text": "title: missing", "failed": True},
        {"line": 3, "text": "coast/waves: “Various speakers” names nobody", "failed": False},
    ]
    assert first.started_at <= first.finished_at
    assert again.counts == {"unchanged": 2, "failed": 1}


def test_session_in_the_bin_is_not_changed_and_is_reported(talks_file):
    run(talks_file(TIDES))
    put_into_bin(Session.objects.all(), user=None)
    before = stored()

    out, _, _ = run(talks_file({**TIDES, "title": "Other"}), "--publish")

    assert "it is in the bin and was left there" in out
    assert summary(unchanged=1, remarks=1) in out
    assert stored() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("dry_run", [False, True])
def test_database_is_unlocked_between_small_transactions(talks_file, monkeypatch, dry_run):
    held = []
    monkeypatch.setattr(import_talks, "TALKS_PER_BATCH", 2)
    monkeypatch.setattr(
        import_talks, "pause_for_other_writers", lambda: held.append(connection.in_atomic_block)
    )
    lines = [{"id": str(number), "title": f"Talk {number}"} for number in range(5)]

    call_command("import_talks", talks_file(*lines), dry_run=dry_run, stdout=StringIO())

    assert held == [False, False, False]


def test_fingerprints_of_new_sessions_are_those_of_what_is_stored(talks_file):
    """They are computed without reading the sessions again; two names for one record count once."""
    TopicAliasFactory(name="Ocean", topic=TopicFactory(name="Sea"))
    both = TIDES | {
        "topics": ["Sea", "Ocean", "Ports"],
        "regions": ["North Sea", "Baltic"],
        "speakers": [*TIDES["speakers"], "karin lund"],
        "unknown": "left over",
    }

    run(talks_file(both, WINDS, WAVES))

    records = ImportedRecord.objects.select_related("session")
    assert len(records) == 3
    assert {each.session.appearances.count() for each in records} == {3, 1, 0}
    assert [each.fields for each in records] == [
        session_fingerprints(each.session) for each in records
    ]
