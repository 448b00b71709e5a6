"""What sessions are grouped by: series, topics and regions."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from search_app.models import IndexedModel
from site_app.redirects.slugged_model import SluggedModel
from site_app.text.sort_keys import SortKeyField


class Entry(IndexedModel, SluggedModel):
    """A named heading with a page that lists its sessions."""

    name = models.CharField(max_length=200, unique=True)
    sort_key = SortKeyField()
    description = models.TextField(
        blank=True, help_text=gettext_lazy("Public. A few sentences of plain text.")
    )

    class Meta:
        abstract = True
        ordering = ["sort_key", "name"]

    def __str__(self):
        return self.name

    @property
    def sort_name(self):
        return self.name


class Series(Entry):
    url_name = "sessions:series"

    class Meta(Entry.Meta):
        verbose_name_plural = pgettext_lazy("several records", "series")
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="series_name_not_empty"),
        ]


class Region(Entry):
    url_name = "sessions:region"

    class Meta(Entry.Meta):
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="region_name_not_empty"),
        ]


class Topic(Entry):
    """A subject; topics form a tree, and a session of a topic belongs to those above it too."""

    url_name = "sessions:topic"

    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="children",
        help_text=gettext_lazy(
            "The wider topic. Searching for it finds the sessions of this one too."
        ),
    )

    class Meta(Entry.Meta):
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="topic_name_not_empty"),
            models.CheckConstraint(
                condition=models.Q(parent=None) | ~models.Q(parent=models.F("id")),
                name="topic_not_its_own_parent",
            ),
        ]

    def clean(self):
        ancestor = self.parent
        while ancestor is not None:
            if ancestor.pk == self.pk:
                raise ValidationError({"parent": gettext("A topic cannot be below itself.")})
            ancestor = ancestor.parent


class TopicAlias(IndexedModel):
    """Another name of a topic, such as an acronym; search knows it."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=200, db_index=True)

    class Meta:
        verbose_name_plural = gettext_lazy("topic aliases")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["topic", "name"], name="topic_alias_once"),
        ]

    def __str__(self):
        return self.name
