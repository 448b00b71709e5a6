import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from site_app.sqlite_statistics import ANALYSIS_LIMIT, refresh_statistics
from speakers_app.models import Organisation

pytestmark = pytest.mark.django_db


def add_organisations(count):
    Organisation.objects.bulk_create(
        Organisation(name=f"Institute {n}", slug=f"institute-{n}", sort_key=str(n))
        for n in range(count)
    )


def known_rows(table):
    """Return SQLite's estimate of the number of rows in a table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = %s", [table]
        )
        return cursor.fetchone()[0]


def test_statistics_are_updated_without_full_table_scans():
    add_organisations(3 * ANALYSIS_LIMIT)

    with CaptureQueriesContext(connection) as asked:
        done = refresh_statistics()

    if connection.vendor != "sqlite":  # PostgreSQL updates its statistics itself
        assert (done, list(asked)) == (0, [])
        return
    assert done == 1
    assert [query["sql"] for query in asked] == [
        f"PRAGMA analysis_limit = {ANALYSIS_LIMIT}",
        "ANALYZE",
    ]
    assert known_rows("speakers_app_organisation") > ANALYSIS_LIMIT
