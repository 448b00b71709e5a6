import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app.models import Session
from site_app.sqlite_statistics import refresh_sqlite_statistics

pytestmark = pytest.mark.django_db

PUBLISHED, DRAFTS = 3000, 10


def add_sessions():
    statuses = ["published"] * PUBLISHED + ["draft"] * DRAFTS
    Session.objects.bulk_create(
        Session(title="Talk", slug=f"talk-{n}", status=status, published_at="2024-01-01T00:00Z")
        for n, status in enumerate(statuses)
    )


def statistics_of(index):
    """Return the rows of an index, and the rows that SQLite expects for one value of its first column."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE idx = %s", [index])
        rows, rows_of_a_value, *_others = cursor.fetchone()[0].split()
    return int(rows), int(rows_of_a_value)


def test_sqlite_learns_that_most_sessions_have_one_status():
    add_sessions()

    with CaptureQueriesContext(connection) as asked:
        done = refresh_sqlite_statistics()

    if connection.vendor != "sqlite":  # PostgreSQL updates its statistics itself
        assert (done, list(asked)) == (0, [])
        return
    assert done == 1
    assert statistics_of("session_public_idx") == (
        PUBLISHED + DRAFTS,
        (PUBLISHED + DRAFTS) // 2,  # of two values
    )
