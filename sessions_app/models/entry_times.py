"""Times of entries in feeds and calendars: they move when something changed that the entry shows."""

from django.db import models
from django.db.models import F
from django.utils import timezone


class KeptUnlessMovedMixin:
    """A field that a save writes only where that save moved it.

    Statements of their own move it too; a record that was loaded before must not put it back.
    """

    def pre_save(self, model_instance, add):
        # Historical models in migrations do not have this method.
        moved = getattr(model_instance, "moved_times", {self.attname})
        if add or self.attname in moved:
            return super().pre_save(model_instance, add)
        return F(self.attname)


class EntryTimeField(KeptUnlessMovedMixin, models.DateTimeField):
    def __init__(self, *args, default=timezone.now, editable=False, **kwargs):
        super().__init__(*args, default=default, editable=editable, **kwargs)


class SequenceField(KeptUnlessMovedMixin, models.PositiveIntegerField):
    """How often something changed, from 0."""

    def __init__(self, *args, default=0, editable=False, **kwargs):
        super().__init__(*args, default=default, editable=editable, **kwargs)


class ShownInEntries(models.Model):
    """A record with values shown in entries of feeds or calendars.

    `entry_fields`: {name of what shows them, or of the field with their last change: names of fields}.
    """

    entry_fields: dict[str, tuple[str, ...]] = {}

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db, field_names, values):
        instance = super().from_db(db, field_names, values)
        instance._stored_entry = instance._values_shown_in_entries()
        return instance

    def save(self, *args, **kwargs):
        self.update_changed_entry_times()
        super().save(*args, **kwargs)
        self._stored_entry = self._values_shown_in_entries()
        self.moved_times = frozenset()

    moved_times: frozenset[str] = frozenset()  # names of `entry_fields` that this save changed

    def update_changed_entry_times(self) -> None:
        """Set the times of those entries that show something else than what is stored."""
        stored, done = getattr(self, "_stored_entry", None), self.moved_times
        self.moved_times = frozenset(
            entry
            for entry, names in self.entry_fields.items()
            if self._state.adding
            or stored is None
            or any(name in stored and getattr(self, name) != stored[name] for name in names)
        )
        for field in self._meta.concrete_fields:
            if field.attname not in self.moved_times - done or self._state.adding:
                continue
            if isinstance(field, SequenceField):
                setattr(self, field.attname, getattr(self, field.attname) + 1)
            elif isinstance(field, EntryTimeField):
                setattr(self, field.attname, timezone.now())

    def _values_shown_in_entries(self):
        names = {name for names in self.entry_fields.values() for name in names}
        return {name: self.__dict__[name] for name in names if name in self.__dict__}
