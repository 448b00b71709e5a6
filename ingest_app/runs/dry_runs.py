"""Dry runs: each step is done as usual and rolled back at its end."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def rolled_back_if_dry(*, stores: bool) -> Iterator[None]:
    """A transaction that is rolled back in the end unless it `stores`; steps are short.

    Foreign keys are checked where a transaction is committed, so a step of a dry run may name
    records that a step before it made and rolled back.
    """
    with transaction.atomic():
        yield
        if not stores:
            transaction.set_rollback(True)
