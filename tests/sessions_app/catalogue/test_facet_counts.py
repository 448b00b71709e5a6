"""Facet counts compared with SQL conditions, for an invented archive."""

import pytest
from django.core.management import call_command

from benchmarks.facet_counts import compare

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_counts_of_random_combinations_agree_with_sql(capsys):
    call_command("seed_demo", sessions=80, verbosity=0)

    assert compare(8, seed=1), capsys.readouterr().out
