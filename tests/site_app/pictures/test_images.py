import io
import struct
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from site_app.pictures import images


def upload(picture, form, **options):
    content = io.BytesIO()
    picture.save(content, form, **options)
    return SimpleUploadedFile("IMG_0001.jpg", content.getvalue())


def with_camera_data(width, height):
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: rotated by a quarter turn
    exif[0x010F] = "Camera of Ada"
    return upload(Image.new("RGB", (width, height), "red"), "JPEG", exif=exif, comment=b"secret")


def png_header(width, height):
    """Return a PNG that declares a size but contains almost nothing: a decompression bomb."""

    def chunk(kind, content):
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def test_picture_is_re_encoded_upright_and_without_metadata():
    encoded = images.reencode_upload_as_webp(with_camera_data(40, 20))

    with Image.open(encoded) as picture:
        assert (picture.format, picture.size) == ("WEBP", (20, 40))
        assert not picture.getexif()
        assert not {"exif", "icc_profile", "xmp", "comment"} & set(picture.info)
    content = encoded.read()
    assert b"Ada" not in content and b"secret" not in content
    assert encoded.name.endswith(".webp")
    assert "IMG" not in encoded.name


def test_picture_is_scaled_and_keeps_its_transparency():
    encoded = images.reencode_upload_as_webp(
        upload(Image.new("RGBA", (1600, 400), (0, 0, 0, 0)), "PNG")
    )

    with Image.open(encoded) as picture:
        assert (picture.mode, picture.size) == ("RGBA", (800, 200))


@pytest.mark.parametrize("size", [(6000, 7000), (20_000, 20_000), (60_000, 60_000)])
def test_picture_with_too_many_pixels_is_rejected_without_decoding(size):
    bomb = SimpleUploadedFile("a.png", png_header(*size))

    with pytest.raises(ValidationError, match="at most 40,000,000 pixels are allowed"):
        images.reencode_upload_as_webp(bomb)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a PNG, JPEG or WebP"),
        (b"", "not a PNG, JPEG or WebP"),
        (png_header(30, 30), "damaged"),
    ],
)
def test_file_that_is_not_a_picture_is_rejected(content, message):
    with pytest.raises(ValidationError, match=message):
        images.reencode_upload_as_webp(SimpleUploadedFile("a.png", content))


def test_too_large_a_picture_file_is_rejected(monkeypatch):
    monkeypatch.setattr(images, "MAX_PICTURE_BYTES", 100)

    with pytest.raises(ValidationError, match="at most 100"):
        images.reencode_upload_as_webp(with_camera_data(40, 20))
