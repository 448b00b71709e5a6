"""The parts that `make test` runs in parallel, one for each database.

The first case of a test shows whether it works on a database, so each test that uses a database runs
on both; its additional cases run on one. Those of a walk (hundreds of pages) run on SQLite, which is
faster, and all others on PostgreSQL, which is stricter. Tests without a database run once, together
with those on PostgreSQL: SQLite has the browser tests, so that both parts take about as long.
"""

PARTS = ("all", "sqlite", "postgresql", "fast")
ASKS_DATABASE = {"db", "transactional_db", "live_server"}


def touches_database(item) -> bool:
    """Return whether a collected test uses the database, directly or through a fixture."""
    return bool(item.get_closest_marker("django_db")) or not ASKS_DATABASE.isdisjoint(
        item.fixturenames
    )


def of_part(items, part: str) -> list:
    """Return the collected tests that belong to a part, in their order."""
    rule = {"all": _any, "sqlite": _on_sqlite, "postgresql": _on_postgresql, "fast": _fast}[part]
    seen, chosen = set(), []
    for item in items:
        test = (item.parent.nodeid, getattr(item, "originalname", item.name))
        if rule(item, test not in seen):
            chosen.append(item)
        seen.add(test)
    return chosen


def _any(item, is_first_case):
    return True


def _on_sqlite(item, is_first_case):
    if _is(item, "browser"):  # a browser does not depend on the database
        return True
    return touches_database(item) and (is_first_case or _is(item, "walk"))


def _on_postgresql(item, is_first_case):
    if _is(item, "browser"):
        return False
    return not touches_database(item) or is_first_case or not _is(item, "walk")


def _fast(item, is_first_case):
    if any(_is(item, name) for name in ("browser", "walk", "slow")):
        return False
    return is_first_case or not touches_database(item)


def _is(item, name):
    return item.get_closest_marker(name) is not None
