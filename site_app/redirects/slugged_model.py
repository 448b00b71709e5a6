"""Records with an address made of a slug: unique, stable once given, followed by redirects."""

from collections.abc import Iterable, Iterator
from functools import cache

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy

from site_app.redirects.addresses import (
    add_redirect,
    current_slugs_of_old_slugs,
    retarget_redirects,
)
from site_app.text.slugs import MAX_SLUG_LENGTH, slug_from_text


def unique_slugs(model: type[models.Model], bases: Iterable[str]) -> list[str]:
    """Return a free slug of `model` for each base, in order: the base, or base-2, base-3, …

    Two queries for 500 bases, and two for each that is taken: numbers are looked up by exact slugs,
    ten, a hundred, a thousand at a time, because SQLite finds no beginnings by its index.
    """
    bases = list(bases)
    taken = set()
    distinct = sorted(set(bases))
    for start in range(0, len(distinct), 500):
        chunk = distinct[start : start + 500]
        taken.update(_slugs_in_use(model, chunk))
    given: list[str] = []
    numbers: dict[str, Iterator[int]] = {}
    for base in bases:
        slug = base
        if slug in taken:
            if base not in numbers:
                numbers[base] = _free_numbers(model, base, taken)
            slug = _slug_with_number(base, next(numbers[base]))
        taken.add(slug)
        given.append(slug)
    return given


def _slugs_in_use(model, slugs: list[str]) -> set[str]:
    """Return slugs in use, now or formerly: an old address keeps leading to its successor."""
    found = model._base_manager.filter(slug__in=slugs).values_list("slug", flat=True)
    return {
        *found,
        *current_slugs_of_old_slugs(_address_parts_around_slug(model.url_name)[0], slugs),
    }


def _slug_with_number(base: str, number: int) -> str:
    return f"{base[: MAX_SLUG_LENGTH - len(str(number)) - 1]}-{number}"


def _free_numbers(model, base: str, taken: set[str]) -> Iterator[int]:
    """Yield the numbers from 2 that make a free slug of `base`; `taken` may grow meanwhile."""
    start = 2
    while True:
        block = range(start, 10 * 10 ** (len(str(start)) - 1))
        slugs = [_slug_with_number(base, number) for number in block]
        for chunk in range(0, len(slugs), 500):
            taken.update(_slugs_in_use(model, slugs[chunk : chunk + 500]))
        yield from (number for number in block if _slug_with_number(base, number) not in taken)
        start = block.stop


@cache
def _address_parts_around_slug(url_name: str) -> tuple[str, str]:
    """Return the parts before and after the slug, because a list has a hundred links."""
    before, _, after = reverse(url_name, args=["slug-"]).rpartition("slug-")
    return before, after


class SluggedModel(models.Model):
    """A record with a page at a permanent address.

    Subclasses say where the page is (`url_name`), what the slug is made of (`slug_source`) and
    whether visitors may know the address already (`has_public_address`): then a changed slug
    leaves a redirect behind.
    """

    url_name: str

    slug = models.SlugField(
        max_length=MAX_SLUG_LENGTH,
        unique=True,
        blank=True,
        help_text=gettext_lazy(
            "The last part of the page's address. Made from the name when left empty; "
            "after a change the old address leads to the new one."
        ),
    )

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db, field_names, values):
        instance = super().from_db(db, field_names, values)
        instance._stored_slug = instance.__dict__.get("slug", "")
        return instance

    @property
    def slug_source(self):
        return str(self)

    @property
    def has_public_address(self):
        return True

    def get_absolute_url(self):
        return self.slug.join(_address_parts_around_slug(self.url_name))

    def save(self, *args, **kwargs):
        if not self.slug:
            base = slug_from_text(self.slug_source, fallback=self._meta.model_name)
            self.slug = unique_slugs(type(self), [base])[0]
            if (update_fields := kwargs.get("update_fields")) is not None:
                kwargs["update_fields"] = {*update_fields, "slug"}
        old_slug = getattr(self, "_stored_slug", "")
        super().save(*args, **kwargs)
        if old_slug and old_slug != self.slug:
            new_address = self.get_absolute_url()
            old_address = new_address.replace(f"/{self.slug}/", f"/{old_slug}/")
            # Redirects from the old site may also lead to drafts, and must follow them.
            (add_redirect if self.has_public_address else retarget_redirects)(
                old_address, new_address
            )
        self._stored_slug = self.slug
