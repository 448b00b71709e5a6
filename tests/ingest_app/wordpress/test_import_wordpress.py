"""`manage.py import_wordpress`: an export becomes sessions, once, completely, without loss."""

import json
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from desk_app.merging.merge import merge_records
from ingest_app.models import ImportedRecord, ImportRun, MappingRule, RunItem
from ingest_app.wordpress import post_writer
from sessions_app.models import Comment, Document, Region, Series, Session, StatusChange, Topic
from site_app.models import OldAddress
from speakers_app.models import Organisation, Speaker
from tests.factories import RegionFactory, SessionFactory, TopicAliasFactory, TopicFactory
from tests.ingest_app.wordpress.exports import (
    EXPORT,
    SESSION,
    attachment,
    comment,
    export,
    filed,
    fill_uploads,
    item,
    pdf,
    png,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def place(tmp_path):
    (tmp_path / "media").mkdir()
    return tmp_path


def run(file, *arguments):
    """Return (last line of output, errors, reason of failure or None) of the command."""
    out, err = StringIO(), StringIO()
    failure = None
    try:
        call_command("import_wordpress", str(file), *map(str, arguments), stdout=out, stderr=err)
    except CommandError as error:
        failure = str(error)
    return out.getvalue().partition(";")[0], err.getvalue(), failure


def write(place, *pieces):
    file = place / "export.xml"
    file.write_bytes(export(*pieces))
    return file


def stored():
    """Return everything that an import can store, for comparison before and after."""
    models = (Session, Speaker, Organisation, Series, Topic, Region, Document, Comment, OldAddress, ImportedRecord)  # fmt: skip
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def counts(created=0, changed=0, unchanged=0, refused=0, left_out=0):
    return (
        f"{created} created, {changed} changed, {unchanged} unchanged, {refused} refused, "
        f"{left_out} left out"
    )


def test_dry_run_reports_the_same_and_stores_nothing(place):
    fill_uploads(place / "media")
    report = place / "dry.json"
    before = stored()

    said = run(EXPORT, "--media", place / "media", "--dry-run", "--report", report)
    told = json.loads(report.read_text("utf-8"))
    after = stored()
    run(EXPORT, "--media", place / "media")

    assert said == (counts(created=14, changed=11, left_out=6), "", None)
    assert after == before
    assert not ImportRun.objects.filter(options__dry_run=True).exists()
    assert [(each["ref"], each["status"], each["doubts"]) for each in told["items"]] == [
        (each.ref, each.status, each.doubts) for each in RunItem.objects.all()
    ]
    assert {
        "kind": "taxonomy",
        "source": "area",
        "label": "area",
        "becomes": "regions",
        "occurs": 13,
    } in told["mapping"]


def test_post_becomes_a_session_with_all_its_parts(place):
    (place / "media/2020").mkdir()
    (place / "media/2020/Bios.pdf").write_bytes(pdf("bios"))
    (place / "media/2020/map.png").write_bytes(png())
    address = "https://www.old.example/social/wp-content/uploads/2020/"
    file = write(
        place,
        attachment(8, "2020/Bios.pdf", title="Bios"),
        attachment(9, "2020/map.png", parent=7, title="The map"),
        item(
            7,
            SESSION + f'\n\nSee <a href="{address}Bios.pdf">the biographies</a>, '
            f'<a href="{address}map-300x200.png">the map</a>, '
            '<a href="http://old.example/2020/05/session-6/">the last</a> and '
            '<a href="https://other.example/paper">a paper</a>.\n\n'
            'Speaker Session Recording\n\n[audio mp3="https://www.old.example/a.mp3"]\n\n'
            "To access it email desk@archive.example.",
            title="Tides",
            inside=filed("category", "ports", "Ports")
            + filed("area", "north-sea", "North Sea")
            + comment(3)
            + comment(4, parent=3)
            + comment(5, approved="0")
            + "<wp:postmeta><wp:meta_key>_wp_old_slug</wp:meta_key>"
            + "<wp:meta_value>older</wp:meta_value></wp:postmeta>"
            + "<wp:postmeta><wp:meta_key>room</wp:meta_key>"
            + "<wp:meta_value>4</wp:meta_value></wp:postmeta>",
        ),
        item(6, title="The last"),
    )

    said = run(file, "--media", place / "media", "--publish")

    session = Session.objects.get(import_ref="wordpress:post:7")
    here = "/sessions/tides/"
    assert said == (counts(created=2), "", None)
    assert (session.title, session.held_on, session.status) == (
        "Tides",
        date(2020, 5, 4),
        "published",
    )
    assert session.published_at == datetime(2020, 5, 1, 9, 30, tzinfo=UTC)
    assert session.source_url == "https://www.old.example/social/2020/05/session-7/"
    assert session.series.name == "Harbour"
    assert [topic.name for topic in session.topics.all()] == ["Ports"]
    assert [region.name for region in session.regions.all()] == ["North Sea"]
    assert [(each.title, each.url, each.media_type) for each in session.documents.all()] == [
        ("the biographies", "", "application/pdf"),
        ("the map", "", "image/png"),
        ("Paper, other.example", "https://other.example/paper", ""),
    ]
    assert f'href="{here}documents/1/Bios.pdf"' in session.summary
    assert f'href="{here}documents/2/map.png"' in session.summary
    assert 'href="/2020/05/session-6/"' in session.summary
    assert 'href="https://other.example/paper"' in session.summary
    assert session.recordings.count() == 1
    assert session.recording_contact_email == "desk@archive.example"
    assert session.import_remains == [
        {"kind": "not understood", "text": "room: 4"},
        {"kind": "not understood", "text": "Recording: https://www.old.example/a.mp3"},
    ]
    assert [
        (each.name, each.email, each.body, each.reply_to and each.reply_to.name, each.created_at)
        for each in Comment.objects.order_by("pk")
    ] == [
        (
            "Reader 3",
            "reader3@readers.example",
            "Who waits longest?",
            None,
            datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC),
        ),
        (
            "Reader 4",
            "reader4@readers.example",
            "Who waits longest?",
            "Reader 3",
            datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC),
        ),
    ]
    led = dict(
        OldAddress.objects.filter(leads_to__startswith=here).values_list("path", "leads_to")
    )
    assert led == {
        "/2020/05/session-7/": here,
        "/2020/05/older/": here,
        "/?p=7": here,
        "/a.mp3": here,
        "/wp-content/uploads/2020/bios.pdf": f"{here}documents/1/Bios.pdf",
        "/file-8/": f"{here}documents/1/Bios.pdf",
        "/?p=8": f"{here}documents/1/Bios.pdf",
        "/wp-content/uploads/2020/map.png": f"{here}documents/2/map.png",
        "/file-9/": f"{here}documents/2/map.png",
        "/?p=9": f"{here}documents/2/map.png",
    }


def test_post_without_headings_is_text_with_a_doubt(place):
    report = place / "report.json"

    run(write(place, item(1, "Only this.\n\nAnd that.")), "--report", report)

    session = Session.objects.get()
    assert session.summary == "<p>Only this.</p><p>And that.</p>"
    (entry,) = json.loads(report.read_text())["items"]
    assert entry["doubts"] == ["Neither speakers nor a date were found: is this a session?"]


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({}, "published"),
        ({"status": "draft"}, "draft"),
        ({"status": "private"}, "draft"),
        ({"status": "pending"}, "draft"),
        ({"post_password": "secret"}, "draft"),
        ({"status": "future", "post_date_gmt": "2099-01-02 03:04:05"}, "published"),
        ({"status": "trash"}, None),
    ],
)
def test_only_public_posts_are_published(place, client, values, status):
    run(write(place, item(1, **values)), "--publish")

    found = Session.objects.first()
    assert (found and found.status) == status
    steps = list(StatusChange.objects.values_list("was", "status", "by"))
    assert steps == ([("draft", "published", None)] if status == "published" else [])
    is_public_now = status == "published" and "post_date_gmt" not in values
    assert client.get("/2020/05/session-1/").status_code == (301 if is_public_now else 404)


def test_without_publish_option_all_are_drafts(place, client):
    run(write(place, item(1)))

    assert Session.objects.get().status == "draft"
    assert client.get("/?p=1").status_code == 200  # the front page, as for any unknown number


def link(path):
    return f'<a href="https://old.example/wp-content/uploads/{path}">{path}</a>'


def test_same_content_is_one_document_and_stored_once(place):
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        (place / "media" / name).write_bytes(pdf("same"))
    file = write(
        place,
        item(1, f"{SESSION} {link('a.pdf')} {link('b.pdf')}"),
        item(2, f"{SESSION} {link('c.pdf')}"),
    )

    run(file, "--media", place / "media", "--publish")

    assert Document.objects.count() == 2
    assert len(set(Document.objects.values_list("file", flat=True))) == 1
    assert set(
        OldAddress.objects.filter(path__endswith=".pdf").values_list("path", "leads_to")
    ) == {
        ("/wp-content/uploads/a.pdf", "/sessions/a-session/documents/1/a.pdf"),
        ("/wp-content/uploads/b.pdf", "/sessions/a-session/documents/1/a.pdf"),
        ("/wp-content/uploads/c.pdf", "/sessions/a-session-2/documents/1/a.pdf"),
    }


def test_rejected_files_are_reported_and_the_session_is_imported(place):
    (place / "secret.pdf").write_bytes(pdf("secret"))
    (place / "media/page.pdf").write_bytes(b"<html><script>alert(1)</script></html>")
    report = place / "report.json"
    file = write(
        place,
        item(1, f"{SESSION} {link('../secret.pdf')} {link('page.pdf')} {link('lost.pdf')}"),
    )

    said = run(file, "--media", place / "media", "--report", report)

    assert said == (counts(created=1), "", None)
    assert not Document.objects.exists()
    (entry,) = json.loads(report.read_text())["items"]
    assert sorted(entry["doubts"])[0:2] == [
        "File not found: ../secret.pdf",
        "File not found: lost.pdf",
    ]
    assert any(
        "page.pdf was refused: This type of file cannot be published" in each
        for each in entry["doubts"]
    )
    assert any("is not a path below the uploads folder" in each for each in entry["doubts"])
    assert {"kind": "missing file", "text": "lost.pdf"} in Session.objects.get().import_remains


def test_files_added_later_become_documents(place):
    file = write(place, item(1, f"{SESSION} {link('a.pdf')}"))
    run(file, "--media", place / "media")
    (place / "media/a.pdf").write_bytes(pdf("a"))

    said = run(file, "--media", place / "media")

    assert said[0] == counts(changed=1)
    assert [each.title for each in Session.objects.get().documents.all()] == ["a.pdf"]
    assert Session.objects.get().import_remains == []


def test_failed_post_leaves_no_rows_or_files(place, monkeypatch):
    (place / "media/a.pdf").write_bytes(pdf("a"))
    file = write(
        place, item(1, f"{SESSION} {link('a.pdf')}", title="First"), item(2, title="Second")
    )
    real = post_writer._add_new_comments
    kept = []

    def fail_once(session, post, user):
        if post.number == 1:
            kept.append(session.documents.get().file)
            raise DatabaseError("the disk is full")
        return real(session, post, user)

    monkeypatch.setattr(post_writer, "_add_new_comments", fail_once)

    said, err, failure = run(file, "--media", place / "media")

    assert said == counts(created=1, refused=1)
    assert "wordpress:post:1 First: DatabaseError: the disk is full" in err
    assert failure == "1 items were refused."
    assert [session.title for session in Session.objects.all()] == ["Second"]
    assert not OldAddress.objects.filter(path="/?p=1").exists()
    assert not kept[0].storage.exists(kept[0].name)


def test_edits_by_staff_are_kept_and_reported(place):
    run(write(place, item(1, title="Before"), attachment(2, "x.pdf")))
    session = Session.objects.get()
    session.title = "By hand"
    session.save()
    report = place / "report.json"

    said = run(write(place, item(1, SESSION + "\n\nMore.", title="After")), "--report", report)

    session.refresh_from_db()
    assert said[0] == counts(changed=1)
    assert (session.title, "More." in session.summary) == ("By hand", True)
    (entry,) = json.loads(report.read_text())["items"]
    assert "Kept as edited: title" in entry["remarks"]


def test_comments_are_imported_once_and_not_changed_again(place):
    run(write(place, item(1, inside=comment(3) + comment(4))))
    Comment.objects.filter(import_ref="wordpress:comment:3").delete()
    Comment.objects.update(status=Comment.Status.REJECTED)

    run(write(place, item(1, inside=comment(3) + comment(4) + comment(5))))

    assert list(Comment.objects.order_by("pk").values_list("import_ref", "status")) == [
        ("wordpress:comment:4", "rejected"),
        ("wordpress:comment:5", "approved"),
    ]


def test_redirect_changed_by_staff_is_kept(place):
    SessionFactory(slug="other")
    OldAddress.objects.create(path="/?p=1", leads_to="/sessions/other/", origin="staff")

    run(write(place, item(1)), "--publish")

    assert OldAddress.objects.get(path="/?p=1").leads_to == "/sessions/other/"


def rule(kind, source, target, name=""):
    MappingRule.objects.create(kind=kind, source=source, target=target, name=name)


def test_mapping_decides_about_terms_and_post_types(place):
    rule("post type", "lecture", "sessions")
    rule("post type", "post", "ignored")
    rule("taxonomy", "category", "series")
    rule("term", "post_tag/prc", "topics", "China")
    rule("term", "post_tag/asia", "regions", "Asia")
    rule("term", "post_tag/news", "no sessions")
    tags = filed("post_tag", "prc", "PRC") + filed("post_tag", "asia", "asia")
    file = write(
        place,
        item(1, post_type="lecture", inside=tags + filed("category", "sdf", "SDF")),
        item(2, post_type="lecture", inside=filed("post_tag", "news", "News")),
        item(3),
    )

    said = run(file)

    session = Session.objects.get()
    assert said[0] == counts(created=1, left_out=2)
    assert session.series.name == "SDF"
    assert [topic.name for topic in session.topics.all()] == ["China"]
    assert [region.name for region in session.regions.all()] == ["Asia"]


def test_first_import_stores_rules_that_staff_can_change(place):
    run(write(place, item(1, inside=filed("region", "levant", "Levant"))))

    assert set(MappingRule.objects.values_list("kind", "source", "label", "target", "occurs")) == {
        ("post type", "post", "post", "sessions", 1),
        ("taxonomy", "region", "region", "regions", 1),
        ("term", "region/levant", "Levant", "as its taxonomy", 1),
    }


def test_terms_keep_their_tree_and_their_urls(place, client):
    terms = (
        "<wp:category><wp:term_id>5</wp:term_id><wp:category_nicename>ports</wp:category_nicename>"
        "<wp:category_parent></wp:category_parent><wp:cat_name><![CDATA[Ports]]></wp:cat_name></wp:category>"
        "<wp:category><wp:term_id>6</wp:term_id><wp:category_nicename>quays</wp:category_nicename>"
        "<wp:category_parent>ports</wp:category_parent><wp:cat_name><![CDATA[Quays]]></wp:cat_name></wp:category>"
    )

    run(write(place, terms, item(1, inside=filed("category", "quays", "Quays"))), "--publish")

    assert Topic.objects.get(name="Quays").parent == Topic.objects.get(name="Ports")
    for address in ("/category/quays/", "/social/category/ports/quays", "/?cat=6"):
        response = client.get(address)
        assert (response.status_code, response["Location"]) == (301, "/topics/quays/")


def test_people_pages_match_the_speakers_of_sessions(place, client):
    file = write(
        place,
        item(1, "", title="People", post_type="page", post_name="people"),
        item(2, "Her life.", title="Dr. Karin Lund", post_type="page", post_parent=1),
        item(3),
        item(4, "", title="Nobody by name, at all (x)", post_type="page", post_parent=1),
    )

    said = run(file, "--publish")

    speaker = Speaker.objects.get(family_name="Lund")
    assert said[0].startswith("1 created, 1 changed")
    assert speaker.biography == "Her life."
    assert client.get("/social/2020/05/session-2/")["Location"] == speaker.get_absolute_url()


def test_author_becomes_a_speaker_if_mapped(place, client):
    author = (
        "<wp:author><wp:author_login>klund</wp:author_login>"
        "<wp:author_display_name><![CDATA[Karin Lund]]></wp:author_display_name></wp:author>"
    )
    rule("author", "klund", "speakers")

    run(write(place, author, item(1)), "--publish")

    assert client.get("/social/author/klund/")["Location"] == "/speakers/karin-lund/"


def test_invalid_item_is_reported_and_the_others_are_imported(place):
    file = write(place, item(1, title="One"), item(2).replace("</title>", "</titel>"), item(3))

    said, err, failure = run(file)

    assert said == counts(created=2, refused=1)
    assert "export.xml, line 31: Not well-formed: Opening and ending tag mismatch" in err
    assert failure == "1 items were refused."


def test_entity_bomb_stores_nothing(place):
    file = place / "bomb.xml"
    file.write_bytes(
        b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha">]>' + export(item(1))[40:]
    )
    before = stored()

    _, _, failure = run(file)

    assert "document type or entities" in failure
    assert stored() == before
    assert not ImportRun.objects.exists()


def test_declaration_after_the_items_stores_nothing(place):
    file = write(place, item(1), '<!DOCTYPE x [<!ENTITY y "z">]>')

    _, _, failure = run(file)

    assert "Line 29: the file declares" in failure
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["no.xml"], "does not exist"),
        ([EXPORT, "--media", "/no/folder"], "does not exist"),
        ([EXPORT, "--report", "/no/folder/r.json"], "does not exist"),
    ],
)
def test_wrong_arguments_are_rejected(arguments, reason):
    _, _, failure = run(*arguments)

    assert reason in failure


def test_terms_of_merged_records_use_their_successors(place):
    MappingRule.objects.create(kind="taxonomy", source="area", target="regions")
    MappingRule.objects.create(kind="taxonomy", source="post_tag", target="topics")
    TopicAliasFactory(topic=TopicFactory(name="Artificial intelligence"), name="AI")
    merge_records(RegionFactory(name="Arctic"), [RegionFactory(name="Far North")], user=None)
    terms = [
        filed("area", "far-north", "Far North"),
        filed("area", "arctic", "Arctic"),
        filed("post_tag", "ai", "AI"),
        filed("post_tag", "artificial", "Artificial intelligence"),
    ]

    said = run(write(place, item(1, inside="".join(terms))))

    session = Session.objects.get()
    assert said == (counts(created=1), "", None)
    assert [region.name for region in session.regions.all()] == ["Arctic"]
    assert [topic.name for topic in session.topics.all()] == ["Artificial intelligence"]


def test_dry_run_of_people_with_several_affiliations_equals_the_import(place):
    text = SESSION.replace("(Harbour Institute)", "(Harbour Institute; Coast Desk; Wave Office)")
    file = write(place, item(1, text), item(2, text, title="Another"))

    tried = run(file, "--dry-run", "--report", place / "tried.json")
    stored_by_the_try = stored()
    done = run(file, "--report", place / "done.json")

    assert tried == done == (counts(created=2), "", None)
    assert not any(stored_by_the_try.values())
    items = [
        json.loads((place / name).read_text("utf-8"))["items"]
        for name in ("tried.json", "done.json")
    ]
    for each in [*items[0], *items[1]]:
        each.pop("address", None)
    assert items[0] == items[1]
