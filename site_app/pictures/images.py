"""Pictures that become public: decoded, rotated upright and re-encoded, without metadata."""

import io
import secrets
import warnings

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from PIL import Image, ImageOps, UnidentifiedImageError

from site_app.text.numbers import with_separators

ALLOWED_FORMATS = ("PNG", "JPEG", "WEBP")
MAX_PICTURE_BYTES = 20 * 1024 * 1024
MAX_SIDE_PIXELS = 800  # pixels; twice the largest displayed size, for high-density screens
WEBP_QUALITY = 85


def reencode_upload_as_webp(upload) -> ContentFile:
    """Return an uploaded picture as WebP of at most 800 pixels a side, under a name of its own.

    `upload` is a file object with `size` in bytes. Orientation is applied; camera data, place and
    comments are left out. Raises ValidationError, worded for the uploader, for what is not a PNG,
    JPEG or WebP, is damaged, or is larger than IMAGE_MAX_PIXELS or 20 MB.
    """
    if upload.size > MAX_PICTURE_BYTES:
        raise ValidationError(
            gettext("The picture has %(size)s; at most %(limit)s are allowed.")
            % {"size": filesizeformat(upload.size), "limit": filesizeformat(MAX_PICTURE_BYTES)}
        )
    try:
        with warnings.catch_warnings():
            # Pillow warns below the size at which it refuses; the limit here is lower than both.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(upload, formats=ALLOWED_FORMATS) as picture:
                check_picture_size(*picture.size)
                return encode_as_webp(picture)
    except Image.DecompressionBombError as error:
        raise ValidationError(too_large_message()) from error
    except UnidentifiedImageError as error:
        raise ValidationError(gettext("This is not a PNG, JPEG or WebP picture.")) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise ValidationError(gettext("This picture is damaged and cannot be read.")) from error


def check_picture_size(width: int, height: int) -> None:
    """Raise ValidationError for more pixels than decoding may cost; the header is enough."""
    if width * height > settings.IMAGE_MAX_PIXELS:
        raise ValidationError(too_large_message(width, height))


def too_large_message(width: int = 0, height: int = 0) -> str:
    """Return what is said of a picture with too many pixels; its size where that is known."""
    values = {
        "width": width,
        "height": height,
        "limit": with_separators(settings.IMAGE_MAX_PIXELS),
    }
    if width:
        return (
            gettext(
                "This picture of %(width)s × %(height)s pixels is too large: at most %(limit)s "
                "pixels are allowed."
            )
            % values
        )
    return gettext("This picture is too large: at most %(limit)s pixels are allowed.") % values


def encode_as_webp(picture: Image.Image) -> ContentFile:
    picture = ImageOps.exif_transpose(picture)
    has_alpha = "A" in picture.getbands() or "transparency" in picture.info
    picture = picture.convert("RGBA" if has_alpha else "RGB")
    picture.thumbnail((MAX_SIDE_PIXELS, MAX_SIDE_PIXELS), Image.Resampling.LANCZOS)
    content = io.BytesIO()
    # A profile or comment in `info` would be copied from the original.
    picture.info = {}
    picture.save(content, "WEBP", quality=WEBP_QUALITY, method=4)
    return ContentFile(content.getvalue(), name=f"{secrets.token_hex(8)}.webp")


class PictureField(forms.FileField):
    """Form field of a public picture; its cleaned value is the encoded file."""

    def to_python(self, data):
        upload = super().to_python(data)
        return reencode_upload_as_webp(upload) if upload else upload

    def widget_attrs(self, widget):
        return {**super().widget_attrs(widget), "accept": "image/png,image/jpeg,image/webp"}
