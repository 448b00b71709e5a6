"""Pairs that look alike are worked out before the database is locked."""

import pytest
from django.db import connection

from desk_app.findings import keep_pairs
from desk_app.models import LookAlike


@pytest.mark.django_db(transaction=True)
def test_pairs_are_worked_out_outside_any_transaction():
    locked = []

    def pairs():
        for other in (2, 3):
            locked.append(connection.in_atomic_block)
            yield (1, other, "the same name", 100)

    assert keep_pairs("speakers_app.speaker", pairs(), {1, 2, 3}) == 2
    assert locked == [False, False]
    assert LookAlike.objects.count() == 2
