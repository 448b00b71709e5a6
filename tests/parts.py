"""The parts that `make test` runs beside each other, one for each database.

What a test proves of a database it proves with its first case, so each test that touches a
database runs on both; its further cases run on one. Those of a walk (hundreds of pages) run on
SQLite, which is quicker, and all others on PostgreSQL, which is stricter. What touches no database
runs once, beside PostgreSQL: SQLite has the browser tests, and so both take about as long.
"""

PARTS = ("all", "sqlite", "postgresql", "fast")
ASKS_DATABASE = {"db", "transactional_db", "live_server"}


def touches_database(item) -> bool:
    """Tell of a collected test whether it asks for the database, itself or by a fixture."""
    return bool(item.get_closest_marker("django_db")) or not ASKS_DATABASE.isdisjoint(
        item.fixturenames
    )


def of_part(items, part: str) -> list:
    """Return those of the collected tests that belong to a part, in their order."""
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
    if _is(item, "browser"):  # a browser sees no difference between the databases
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
