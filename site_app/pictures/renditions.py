"""Pictures as readers get them: cut around the point that matters, small, with known sizes.

The picture itself stays as it was uploaded (re-encoded, see images.py); renditions are made of it when
it or its focus changes, and go when it does.
"""

import hashlib
import io
import logging
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy
from PIL import Image, UnidentifiedImageError

from .images import WEBP_QUALITY

logger = logging.getLogger(__name__)

DENSE_SCREEN_FACTOR = 2  # device pixels per CSS pixel on high-density screens
# CSS pixels of the longer side, or of both sides of a square crop
SIDE_PIXELS_OF_SIZES = {"small": 48, "large": 112}


@dataclass(frozen=True)
class Rendition:
    """One picture in one size: addresses for plain and dense screens, size in CSS pixels."""

    url: str
    dense_url: str
    width: int
    height: int


class PictureModel(models.Model):
    """A record with one public picture, in the field that `picture_field` names.

    Without a focus the picture is shown whole, or cut around its middle where `always_square`.
    """

    picture_field: str
    always_square = False

    picture_alt = models.CharField(
        gettext_lazy("what the picture shows"),
        max_length=300,
        blank=True,
        help_text=gettext_lazy(
            "Read aloud to those who do not see it, such as “Ada Reader at a desk”. "
            "Needed with a picture."
        ),
    )
    focus_x = models.PositiveSmallIntegerField(
        gettext_lazy("focus from the left"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(100)],
        help_text=gettext_lazy(
            "Percent. The picture is cut around this point; click on it, or type."
        ),
    )
    focus_y = models.PositiveSmallIntegerField(
        gettext_lazy("focus from the top"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(100)],
        help_text=gettext_lazy("Percent."),
    )
    renditions = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(focus_x=None, focus_y=None)
                | models.Q(
                    focus_x__isnull=False,
                    focus_y__isnull=False,
                    focus_x__lte=100,
                    focus_y__lte=100,
                ),
                name="%(class)s_focus_both_or_neither",
                violation_error_message=gettext_lazy("A focus needs both numbers, or neither."),
            ),
        ]

    @property
    def picture(self):
        return getattr(self, self.picture_field)

    @property
    def initials(self) -> str:
        """The letters shown instead of a picture."""
        raise NotImplementedError

    def rendition(self, size: str) -> Rendition | None:
        """Return the picture in one of SIZES, None if there is none (yet)."""
        made = self.renditions.get(size)
        if not made or not self.picture:
            return None
        (name, width, height), (dense, _width, _height) = made
        storage = self.picture.storage
        return Rendition(storage.url(name), storage.url(dense), width, height)

    def save(self, *args, **kwargs):
        with transaction.atomic():  # no page may be cached between the two
            super().save(*args, **kwargs)
            self.renew_renditions()

    def renew_renditions(self) -> bool:
        """Make the renditions if they are of another picture or focus; return whether they were."""
        before = self.renditions
        wanted = [self.picture.name, self.focus_x, self.focus_y] if self.picture else None
        if before.get("of") == wanted:
            return False
        self.renditions = {"of": wanted, **self._make_renditions()} if wanted else {}
        type(self)._base_manager.filter(pk=self.pk).update(renditions=self.renditions)
        gone = rendition_file_names(before) - rendition_file_names(self.renditions)
        transaction.on_commit(lambda: delete_public_files(gone))
        return True

    def _make_renditions(self) -> dict:
        """Return {size: [[name, width, height] plain, the same dense]} of files now stored."""
        storage = self.picture.storage
        try:
            with storage.open(self.picture.name) as file, Image.open(file) as picture:
                picture.load()
                cut = self._crop_around_focus(
                    picture.convert("RGBA" if "A" in picture.getbands() else "RGB")
                )
        except (OSError, UnidentifiedImageError, ValueError):
            logger.warning("could not make renditions of %s: it cannot be read", self.picture.name)
            return {}
        return {
            size: self._store_scaled_files(cut, side, storage)
            for size, side in SIDE_PIXELS_OF_SIZES.items()
        }

    def _crop_around_focus(self, picture: Image.Image) -> Image.Image:
        """Return the largest square around the focus, or the whole picture."""
        if self.focus_x is None and not self.always_square:
            return picture
        x, y = (50, 50) if self.focus_x is None else (self.focus_x, self.focus_y)
        side = min(picture.size)
        left, top = (
            round(min(max(length * at / 100 - side / 2, 0), length - side))
            for length, at in zip(picture.size, (x, y), strict=True)
        )
        return picture.crop((left, top, left + side, top + side))

    def _store_scaled_files(self, cut: Image.Image, side: int, storage) -> list:
        scale = side / max(cut.size)
        width, height = (max(1, round(length * scale)) for length in cut.size)
        stored = []
        for factor in (1, DENSE_SCREEN_FACTOR):
            small = cut.resize((width * factor, height * factor), Image.Resampling.LANCZOS)
            content = io.BytesIO()
            small.save(content, "WEBP", quality=WEBP_QUALITY, method=4)
            stem = self.picture.name.rsplit(".", 1)[0]
            focus = hashlib.blake2b(f"{self.focus_x},{self.focus_y}".encode(), digest_size=4)
            name = f"{stem}-{focus.hexdigest()}-{side * factor}.webp"
            stored.append([storage.save(name, ContentFile(content.getvalue())), width, height])
        return stored


def rendition_file_names(renditions: dict) -> set[str]:
    return {
        name for size in SIDE_PIXELS_OF_SIZES for name, _width, _height in renditions.get(size, ())
    }


def delete_public_files(names) -> None:
    for name in names:
        default_storage.delete(name)
