import secrets

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext, gettext_lazy

from .tokenizer import folded_words


def random_change_mark():
    """Return a random number that distinguishes a row from one with the same id in another database."""
    return secrets.randbits(62)


class IndexedModel(models.Model):
    """Saves a record and the change-log rows of its signals in one transaction.

    Django sends `post_save` after the row is committed unless somebody opened a transaction; a
    search in between would take the index for complete, and a crash would lose the change.
    """

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        with transaction.atomic():
            super().save(*args, **kwargs)


class Synonym(IndexedModel):
    """Two terms that also find each other, such as PRC and China. Maintained by staff."""

    term = models.CharField(
        max_length=100, help_text=gettext_lazy("A word, an acronym or a few words: PRC.")
    )
    equivalent = models.CharField(
        max_length=100,
        help_text=gettext_lazy("What it means: China. Each of the two finds the other."),
    )

    class Meta:
        ordering = ["term", "equivalent"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "equivalent"],
                name="search_synonym_once",
                violation_error_message=gettext_lazy("This pair is in the list already."),
            )
        ]

    def __str__(self):
        return f"{self.term} ↔ {self.equivalent}"

    def clean(self):
        for name in ("term", "equivalent"):
            if not folded_words(getattr(self, name) or ""):
                raise ValidationError({name: gettext("Write at least one letter or digit.")})
        if folded_words(self.term) == folded_words(self.equivalent):
            raise ValidationError(
                {"equivalent": gettext("To the search these two are the same already.")}
            )


class SearchCount(models.Model):
    """A search that found little or nothing, and how often it was made.

    The text is kept from the third time on; before that the row knows a keyed hash of it alone.
    """

    digest = models.CharField(max_length=64, unique=True, editable=False)
    text = models.CharField(
        gettext_lazy("searched for"), max_length=100, blank=True, editable=False
    )
    count = models.PositiveIntegerField(gettext_lazy("times"), default=1, editable=False)
    hits = models.PositiveIntegerField(gettext_lazy("found last time"), default=0, editable=False)
    last_on = models.DateField(gettext_lazy("last searched"), editable=False, db_index=True)

    class Meta:
        ordering = ["-count", "text"]

    def __str__(self):
        return self.text or gettext("(not asked for three times yet)")


class Change(models.Model):
    """A record whose public text changed. Ids are in the order in which changes become visible."""

    EVERYTHING = "*"  # as kind: more records changed than are listed

    kind = models.CharField(max_length=30)
    key = models.BigIntegerField()
    # After a restore the ids start again; the mark is always different, so that an index of the
    # earlier database is not used for this one.
    mark = models.BigIntegerField(default=random_change_mark)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["kind", "id"], name="search_change_kind_id")]

    def __str__(self):
        return f"{self.id}: {self.kind} {self.key}"
