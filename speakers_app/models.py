from django.db import models
from django.utils.translation import gettext_lazy

from search_app.models import IndexedModel
from site_app.pictures.renditions import PictureModel
from site_app.redirects.slugged_model import SluggedModel
from site_app.text.sort_keys import SortKeyField

MAX_ACRONYM_LETTERS = 5  # of an acronym shown instead of a logo


def organisation_label(name: str, abbreviation: str) -> str:
    """Return an organisation's name as lists show it: "Center for … Security (CNAS)"."""
    return f"{name} ({abbreviation})" if abbreviation else name


def given_and_family_name(given_name: str, family_name: str) -> str:
    """Return a person's name as read aloud: "Samuel Bendett"."""
    return f"{given_name} {family_name}".strip()


def portrait_path(instance, filename):
    return f"portraits/{filename}"


def logo_path(instance, filename):
    return f"logos/{filename}"


class Organisation(PictureModel, IndexedModel, SluggedModel):
    """A body that speakers belong to: an institute, a service, a company."""

    url_name = "sessions:organisation"
    picture_field = "logo"

    name = models.CharField(max_length=300, db_index=True)
    sort_key = SortKeyField()
    abbreviation = models.CharField(
        max_length=50,
        blank=True,
        db_index=True,
        help_text=gettext_lazy("Acronym in use, such as CNAS."),
    )
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="parts",
        help_text=gettext_lazy("The larger body this one is part of."),
    )
    website = models.URLField(blank=True)
    description = models.TextField(
        blank=True, help_text=gettext_lazy("Public. A few sentences of plain text.")
    )
    logo = models.ImageField(upload_to=logo_path, blank=True)
    ror_id = models.CharField(
        gettext_lazy("ROR ID"),
        max_length=9,
        blank=True,
        help_text=gettext_lazy("Identifier at ror.org, such as 02mhbdp94."),
    )

    class Meta:
        ordering = ["sort_key", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(name=""), name="organisation_name_not_empty"
            ),
            models.CheckConstraint(
                condition=models.Q(parent=None) | ~models.Q(parent=models.F("id")),
                name="organisation_not_its_own_parent",
            ),
            *PictureModel.Meta.constraints,
        ]

    def __str__(self):
        return organisation_label(self.name, self.abbreviation)

    @property
    def slug_source(self):
        return self.name

    @property
    def initials(self):
        if 0 < len(self.abbreviation) <= MAX_ACRONYM_LETTERS:
            return self.abbreviation
        return "".join(word[0] for word in self.name.split() if word[0].isupper())[:4]

    @property
    def sort_name(self):
        return self.name.removeprefix("The ")

    def is_part_of_itself(self) -> bool:
        """Return whether its chain of parents leads back to it; one query per step."""
        ancestor, seen = self.parent, set()
        while ancestor is not None and ancestor.pk not in seen:
            if ancestor.pk == self.pk:
                return True
            seen.add(ancestor.pk)
            ancestor = ancestor.parent
        return False


class OrganisationAlias(IndexedModel):
    """Another name under which an organisation is written; search and import know it."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="aliases"
    )
    name = models.CharField(max_length=300, db_index=True)

    class Meta:
        verbose_name_plural = gettext_lazy("organisation aliases")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"], name="organisation_alias_once"
            ),
        ]

    def __str__(self):
        return self.name


class Speaker(PictureModel, IndexedModel, SluggedModel):
    """A person who appeared at a session. Affiliations belong to the appearance, not here."""

    url_name = "sessions:speaker"
    picture_field = "photo"
    always_square = True

    family_name = models.CharField(max_length=200, db_index=True)
    given_name = models.CharField(
        max_length=200,
        blank=True,
        help_text=gettext_lazy("In full, or an initial where no more is known."),
    )
    sort_key = SortKeyField()
    honorific = models.CharField(
        max_length=60,
        blank=True,
        help_text=gettext_lazy("Title or rank, such as “Dr.” or “RADM (Ret.)”."),
    )
    suffix = models.CharField(
        max_length=60, blank=True, help_text=gettext_lazy("Such as “Jr.” or “PhD”.")
    )
    biography = models.TextField(
        blank=True, help_text=gettext_lazy("Public. Plain text, blank line between paragraphs.")
    )
    photo = models.ImageField(upload_to=portrait_path, blank=True)
    orcid = models.CharField(
        "ORCID", max_length=19, blank=True, help_text=gettext_lazy("Such as 0000-0002-1825-0097.")
    )
    website = models.URLField(blank=True)

    class Meta:
        ordering = ["sort_key", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(family_name=""), name="speaker_family_name_not_empty"
            ),
            *PictureModel.Meta.constraints,
        ]

    def __str__(self):
        return self.full_name

    @property
    def name(self):
        return given_and_family_name(self.given_name, self.family_name)

    @property
    def full_name(self):
        """The name with honorific and suffix: "Dr. José Núñez-Ibarra", "William Fitzgerald, Jr."."""
        name = " ".join(
            part for part in (self.honorific, self.given_name, self.family_name) if part
        )
        return f"{name}, {self.suffix}" if self.suffix else name

    @property
    def sort_name(self):
        """The name as in an index: "Bendett, Samuel"."""
        return ", ".join(part for part in (self.family_name, self.given_name) if part)

    @property
    def slug_source(self):
        return self.name

    @property
    def initials(self):
        return (self.given_name[:1] + self.family_name[:1]).upper()


class SpeakerAlias(IndexedModel):
    """Another name under which a speaker is written; search and import know it."""

    speaker = models.ForeignKey(Speaker, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(
        max_length=400,
        db_index=True,
        help_text=gettext_lazy("As written there: “Bendett, S.” or a maiden name."),
    )

    class Meta:
        verbose_name_plural = gettext_lazy("speaker aliases")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["speaker", "name"], name="speaker_alias_once"),
        ]

    def __str__(self):
        return self.name
