"""Parts of a session that addresses cite by a number."""

from django.db import models, transaction

from search_app.models import IndexedModel

from .sessions import Session


class NumberedPart(IndexedModel):
    """A part with a number given once within its session, apart from its position."""

    counter_field = None

    number = models.PositiveIntegerField(editable=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if self.number is None:
            with transaction.atomic():
                # The row lock makes sure that two editors of a session get different numbers.
                session = Session.objects.select_for_update().get(pk=self.session_id)
                self.number = getattr(session, self.counter_field) + 1
                Session.objects.filter(pk=session.pk).update(**{self.counter_field: self.number})
                return super().save(*args, **kwargs)
        return super().save(*args, **kwargs)
