"""The static copy: every public page, nothing else, identical bytes, searchable without a network."""

import io
import json
import re
import signal
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from PIL import Image

from preservation_app.static_site import export, folder
from preservation_app.static_site.export import export_static
from preservation_app.static_site.search_index import shard_name_of_word
from search_app import api
from search_app.criteria_and_hits import Criteria
from sessions_app.catalogue.authorities import AUTHORITIES, public_entries
from sessions_app.models import Session
from tests import hidden_world
from tests.factories import (
    AppearanceFactory,
    DocumentFactory,
    RecommendationFactory,
    RecordingFactory,
    SessionFactory,
    TopicFactory,
    TranscriptFactory,
)
from tests.waiting import eventually


def _picture():
    made = io.BytesIO()
    Image.new("RGB", (300, 300), "teal").save(made, "PNG")
    return made.getvalue()


PICTURE = _picture()


@pytest.fixture
def archive(transactional_db):
    """Three public sessions, the newest with everything a page can show, and a draft."""
    ports = SessionFactory(
        title="Ports & <b>power</b> </script>",
        held_on="2024-05-01",
        summary='<p>Harbours of the Baltic. <a href="/sessions/cables/">Cables</a></p>',
    )
    muller = AppearanceFactory(session=ports, speaker__family_name="Müller").speaker
    muller.photo.save("muller.png", ContentFile(PICTURE))
    RecommendationFactory(session=ports, text="Deepen every channel")
    ports.topics.add(TopicFactory(name="Maritime security"))
    DocumentFactory(session=ports, as_file=True, title="The paper")
    recording = RecordingFactory(session=ports, has_audio=True, access="open")
    TranscriptFactory(recording=recording, cues=[(0, 1500, "Dr. Abara", "Good morning.")])
    cables = SessionFactory(title="Cables", held_on="2020-02-01", summary="<p>Harbours again</p>")
    cables.topics.add(TopicFactory(name="Wires \x0b \ufffe", slug="wires"))  # not allowed in XML
    SessionFactory(title="海洋安全", held_on=None)
    SessionFactory(title="A draft of harbours", status=Session.Status.DRAFT)
    return ports


def contents(path):
    return {
        file.relative_to(path).as_posix(): file.read_bytes()
        for file in path.rglob("*")
        if file.is_file()
    }


def test_static_copy_has_every_public_page_and_no_broken_link(archive, tmp_path):
    result = export_static(tmp_path / "copy")

    found = contents(tmp_path / "copy")
    wanted = {
        f"sessions/{slug}/index.html"
        for slug in Session.objects.published().values_list("slug", flat=True)
    }
    for kind in AUTHORITIES.values():
        slugs = public_entries(kind.model).values_list("slug", flat=True)
        wanted |= {f"{kind.prefix[1:]}{slug}/index.html" for slug in slugs}
    wanted |= {f"recommendations/{archive.slug}-1/{name}" for name in ("index.html", "cite.ris")}
    wanted |= {"recommendations/index.html", "recommendations/years/2024/index.html"}
    assert wanted <= found.keys()
    (person,) = (name for name in found if name.startswith("speakers/") and "/picture." in name)
    assert b'<img src="picture.webp"' in found[person.replace("picture.webp", "index.html")]
    facets = found["data/meta.js"].decode()
    assert '"speaker":[[' in facets
    assert '"organisation":[[' in facets
    assert result.session_count == 3
    assert result.unsaved == {}
    for name, content in found.items():
        if name.endswith(".html"):
            for link in re.findall(r'(?:href|src)="([^"#]+)', content.decode()):
                if not link.startswith(("http://", "https://")):
                    target = (tmp_path / "copy" / name).parent / unquote(link)
                    assert target.resolve().is_file(), (name, link)
            assert b"<form" not in content
            assert not re.search(rb"<script(?![^>]* src=)|<style| style=", content)
    page = found[f"sessions/{archive.slug}/index.html"].decode()
    assert 'href="../../sessions/cables/index.html"' in page
    assert "Ports &amp; &lt;b&gt;power&lt;/b&gt;" in page
    assert f"sessions/{archive.slug}/cite.ris" in found
    assert b"Good morning." in found[f"sessions/{archive.slug}/recordings/1/transcript.vtt"]
    assert any(name.endswith("recordings/1/audio.wav") for name in found)
    assert b"</script" not in b"".join(
        text for name, text in found.items() if name.endswith(".js")
    )


def test_static_copy_contains_only_public_data(transactional_db, tmp_path):
    world = hidden_world.build()

    export_static(tmp_path / "copy")

    text = b"\n".join(
        name.encode() + content for name, content in contents(tmp_path / "copy").items()
    ).lower()
    told = {label for marker, label in world.labels.items() if marker.lower().encode() in text}
    assert told == set()


def test_unchanged_files_are_identical_and_not_rewritten(archive, tmp_path):
    export_static(tmp_path / "copy")
    first = contents(tmp_path / "copy")
    export_static(tmp_path / "other")

    again = export_static(tmp_path / "copy")

    assert contents(tmp_path / "copy") == first == contents(tmp_path / "other")
    assert again.changed == 0
    assert again.removed == 0


def test_withdrawn_sessions_are_removed_from_the_copy(archive, tmp_path):
    export_static(tmp_path / "copy")
    Session.objects.filter(pk=archive.pk).update(status=Session.Status.WITHDRAWN)

    result = export_static(tmp_path / "copy")

    found = contents(tmp_path / "copy")
    assert result.removed > 0
    assert not [name for name in found if archive.slug in name]
    assert b"Deepen every" not in b"".join(found.values())


def test_folder_without_the_marker_file_is_not_changed(archive, tmp_path):
    (tmp_path / "others").mkdir()
    (tmp_path / "others/mine").write_text("mine")

    with pytest.raises(CommandError, match="not of a static archive"):
        call_command("export_static", tmp_path / "others")

    assert contents(tmp_path / "others") == {"mine": b"mine"}


@pytest.mark.parametrize(
    ("owner", "name", "nth"),
    [(folder.StaticFolder, "copy", 12), (export.StaticExport, "_write_feed", 1), (folder.StaticFolder, "finish", 1)],
)  # fmt: skip
def test_interrupted_copy_is_incomplete_and_can_be_continued(
    archive, killed, tmp_path, owner, name, nth
):
    export_static(tmp_path / "other")

    ended = killed(lambda: export_static(tmp_path / "copy"), owner, name, nth)

    assert ended == -signal.SIGKILL
    assert not (tmp_path / "copy/index.html").exists()
    assert (
        json.loads((tmp_path / "copy" / folder.MARKER_FILE_NAME).read_text())["is_complete"]
        is False
    )
    export_static(tmp_path / "copy")
    assert contents(tmp_path / "copy") == contents(tmp_path / "other")


def test_command_shows_the_size_first(archive, tmp_path, capsys):
    call_command("export_static", tmp_path / "copy")

    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("3 sessions; about ")
    assert said[-1].startswith(f"{tmp_path / 'copy'}: 3 sessions, ")


def test_shards_contain_words_with_the_same_prefix():
    assert [shard_name_of_word(word) for word in ("harbour", "ha", "h", "5g", "海洋")] == [
        "t-ha",
        "t-ha",
        "t-h_",
        "t-5g",
        f"t-u{ord('海') % 256:02x}",
    ]


@pytest.mark.browser
def test_it_is_searched_from_disk_without_a_network(archive, tmp_path, browser):
    odd = SessionFactory(
        title="O’Brien’s U.S.–Ærøskøbing Straße",
        held_on="2018-01-01",
        summary="<p>Economic wires.</p>",
    )
    Session.objects.filter(slug="cables").update(title="Cables and wire")
    export_static(tmp_path / "copy")
    context = browser.new_context(offline=True)
    page = context.new_page()
    problems = []
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))

    page.goto((Path(tmp_path) / "copy/index.html").as_uri())
    results = page.locator("article[data-session]")
    total = page.locator("[data-total]")
    assert eventually(lambda: total.get_attribute("data-total") == "4", lambda _: page.wait_for_timeout(50))  # fmt: skip

    def on_site(text):
        keys = api.search(Criteria(text=text, sort="relevance")).keys
        slugs = dict(Session.objects.values_list("pk", "slug"))
        return [slugs[key] for key in keys]

    def search(text, expected):
        page.get_by_label("Search sessions").fill(text)
        return eventually(
            lambda: results.evaluate_all("all => all.map(one => one.dataset.session)") == expected,
            lambda _: page.wait_for_timeout(50),
        )

    assert search("muller channels", [archive.slug])
    assert search("HARBOUR", on_site("harbour"))
    assert search("harbour -ports", ["cables"])
    assert search("洋安", [Session.objects.get(title="海洋安全").slug])
    assert search("draft", [])
    assert search("obrien us aeroskobing strasse", [odd.slug])
    assert search("O’Brien’s U.S. ÆRØSKØBING", [odd.slug])
    assert search("econom", [odd.slug])  # while typing
    assert search("economics", [odd.slug])
    assert search("wire", on_site("wire"))
    assert search("harbour", on_site("harbour"))
    year = page.locator("[data-facet=year][data-value='2020']")
    assert year.get_attribute("data-count") == "1"
    year.click()
    assert eventually(
        lambda: total.get_attribute("data-total") == "1", lambda _: page.wait_for_timeout(50)
    )
    page.get_by_role("link", name="Cables").click()
    page.wait_for_url("**/sessions/cables/index.html")
    assert page.locator("h1").inner_text() == "Cables and wire"
    assert problems == []
    context.close()


@pytest.mark.django_db(transaction=True)
def test_text_in_another_language_says_so_as_on_the_site(client, tmp_path):
    session = SessionFactory(
        title="ميناء", slug="port", language="ar", held_on="2024-05-01", summary="<p>نص</p>"
    )
    RecommendationFactory(session=session, number=1, text="نصيحة")
    SessionFactory(title="Harbours", slug="harbours", language="en", held_on="2024-05-02")

    export_static(tmp_path / "copy")

    def marked(page):
        return sorted(re.findall(r'lang="ar" dir="rtl">([^<]+)<', page.replace("<p>", "")))

    found = contents(tmp_path / "copy")
    page = found["sessions/port/index.html"].decode()
    assert marked(page) == marked(client.get("/sessions/port/").text) == ["ميناء", "نص", "نصيحة"]
    assert page.count('lang="en"') == 0
    for name, text in [
        ("years/2024", "ميناء"), ("recommendations/years/2024", "نصيحة"),
    ]:  # fmt: skip
        page = found[f"{name}/index.html"].decode()
        assert marked(page) == [text]
        assert page.count(' lang="') == 2  # that of the page
    results = found["data/docs-0.js"].decode()
    assert results.count('{"lang":"ar","dir":"rtl"}') == 1
    assert results.count("{}") == 1
