"""The old site's files are found in a folder or ZIP archive, and nothing else is read."""

import io
import zipfile

import pytest

from ingest_app.wordpress.media import MediaError, MediaFolder, MediaZip
from tests.ingest_app.wordpress.exports import pdf

OUTSIDE = ["../secret.pdf", "2019/../../secret.pdf", "/etc/passwd", "..\\secret.pdf", "C:/x.pdf", "a\x00b", ""]  # fmt: skip


def packed(members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return MediaZip(content)


def read(media, path):
    with media.open(path) as file:
        return file.read()


@pytest.mark.parametrize("root", ["", "uploads", "wp-content/uploads"])
def test_folder_may_be_the_uploads_folder_or_a_parent_of_it(tmp_path, root):
    place = tmp_path / root / "2019/11"
    place.mkdir(parents=True)
    (place / "a.pdf").write_bytes(b"x")
    media = MediaFolder(tmp_path)

    assert (media.size("2019/11/a.pdf"), read(media, "2019/11/a.pdf")) == (1, b"x")
    assert media.size("2019/11/b.pdf") is None


@pytest.mark.parametrize("path", OUTSIDE)
def test_nothing_outside_the_folder_is_read(tmp_path, path):
    (tmp_path / "secret.pdf").write_bytes(b"secret")
    folder = tmp_path / "uploads"
    folder.mkdir()

    for media in (MediaFolder(folder), packed({"../secret.pdf": "x", "/etc/passwd": "x"})):
        with pytest.raises(MediaError):
            media.size(path)
        with pytest.raises(MediaError):
            read(media, path)


def test_symbolic_link_out_of_the_folder_is_not_followed(tmp_path):
    (tmp_path / "secret.pdf").write_bytes(b"secret")
    folder = tmp_path / "uploads"
    folder.mkdir()
    (folder / "a.pdf").symlink_to(tmp_path / "secret.pdf")

    with pytest.raises(MediaError, match="outside the media folder"):
        MediaFolder(folder).size("a.pdf")


def test_zip_may_contain_any_parent_of_the_uploads_folder():
    media = packed({"site/wp-content/uploads/2019/11/a.pdf": pdf("a"), "../evil": "x"})

    assert media.size("2019/11/a.pdf") == len(pdf("a"))
    assert read(media, "2019/11/a.pdf") == pdf("a")
    assert list(media.members) == ["2019/11/a.pdf"]


def test_zip_bomb_is_rejected(settings):
    settings.DOCUMENT_MAX_BYTES = 1024 * 1024
    media = packed({"uploads/bomb.pdf": b"\0" * 5_000_000})

    with pytest.raises(MediaError, match="unpacks to more than 1 MB"):
        read(media, "bomb.pdf")


def test_damaged_zips_are_refused():
    with pytest.raises(MediaError, match="not a ZIP archive"):
        MediaZip(io.BytesIO(b"no zip at all"))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("uploads/a.pdf", pdf("a"))
    damaged = io.BytesIO(content.getvalue().replace(b"%PDF-1.4", b"%PDF-9.9", 1))

    with pytest.raises(MediaError, match="cannot be unpacked"):
        read(MediaZip(damaged), "a.pdf")
