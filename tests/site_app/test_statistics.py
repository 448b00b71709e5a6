import pytest
from django.db import connection

from site_app.statistics import SMALLEST, refresh_statistics
from speakers_app.models import Organisation

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        connection.vendor != "sqlite", reason="PostgreSQL keeps its statistics itself"
    ),
]


def add_organisations(count):
    start = Organisation.objects.count()
    Organisation.objects.bulk_create(
        Organisation(name=f"Institute {n}", slug=f"institute-{n}", sort_key=str(n))
        for n in range(start, start + count)
    )


def test_tables_are_counted_when_they_have_grown_much():
    refresh_statistics()
    add_organisations(2 * SMALLEST)

    assert refresh_statistics() == 1
    assert refresh_statistics() == 0


def test_little_growth_is_no_reason_to_count_again():
    add_organisations(2 * SMALLEST)
    refresh_statistics()
    add_organisations(SMALLEST // 2)

    assert refresh_statistics() == 0
