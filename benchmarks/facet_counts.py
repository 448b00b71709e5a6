"""Check the counts of random facet combinations against SQL over the same records.

    python -m benchmarks.facet_counts --talks talks.jsonl.gz
    python -m benchmarks.facet_counts --var DIR         (an existing database)

Draws combinations of topics, series, speakers, years, dates and contents with a fixed seed. Compares
the total and the count of every facet value in the site's list with plain SQL conditions, which
share no code with the search. Then selects one value of each facet, and the total must equal its
count. The exit status is 1 at the first difference. DATABASE_URL selects PostgreSQL.
"""

import argparse
import random
import sys
from datetime import date, timedelta

from benchmarks.archive import add_archive_options, open_archive

FACETS = ("topic", "series", "region", "speaker", "organisation", "year", "has")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_archive_options(parser)
    parser.add_argument("--combinations", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with open_archive(options):
        from django.db import connection

        from sessions_app.models import Session

        print(f"{Session.objects.published().count()} sessions, {connection.vendor}")
        sys.exit(0 if compare(options.combinations, options.seed) else 1)


class Sql:
    """Totals of a query string, computed with conditions on the tables."""

    def __init__(self):
        from sessions_app.models import Session, Topic

        self.sessions = Session.objects.published()
        self.children: dict[int, list[int]] = {}
        self.topic_keys: dict[str, int] = {}
        for key, slug, parent in Topic.objects.values_list("pk", "slug", "parent"):
            self.topic_keys[slug] = key
            self.children.setdefault(parent, []).append(key)

    def below(self, slug: str) -> set[int]:
        """Return the keys of a topic and all its descendants."""
        found, waiting = set(), [self.topic_keys[slug]]
        while waiting:
            found.add(key := waiting.pop())
            waiting += self.children.get(key, ())
        return found

    def total(self, query: dict[str, list[str]]) -> int:
        from django.db.models import Q  # needs the settings

        found = self.sessions
        if topics := query.get("topic"):
            found = found.filter(topics__in=set().union(*map(self.below, topics)))
        for name, lookup in (
            ("series", "series__slug__in"),
            ("region", "regions__slug__in"),
            ("speaker", "appearances__speaker__slug__in"),
        ):
            if query.get(name):
                found = found.filter(**{lookup: query[name]})
        if slugs := query.get("organisation"):
            found = found.filter(
                Q(appearances__organisation__slug__in=slugs)
                | Q(appearances__further_organisations__slug__in=slugs)
            )
        spans = [(date(int(y), 1, 1), date(int(y), 12, 31)) for y in query.get("year", ())]
        if spans:
            condition = Q()
            for first, last in spans:
                condition |= self.held_within(first, last)
            found = found.filter(condition)
        first = date.fromisoformat(query.get("date_after", ["0001-01-01"])[0])
        last = date.fromisoformat(query.get("date_before", ["9999-12-31"])[0])
        if "date_after" in query or "date_before" in query:
            found = found.filter(self.held_within(first, last))
        for value in query.get("has", ()):
            found = found.filter(
                {
                    "recording": Q(has_recording=True),
                    "recommendations": Q(recommendations__isnull=False),
                    "documents": Q(documents__isnull=False),
                    "transcript": Q(recordings__transcript__access="public"),
                }[value]
            )
        return found.order_by().values("pk").distinct().count()

    @staticmethod
    def held_within(first: date, last: date):
        from django.db.models import Q  # needs the settings

        ends = Q(ends_on__gte=first) | Q(ends_on=None, held_on__gte=first)
        return Q(held_on__lte=last) & ends


def combinations(count: int, seed: int):
    """Yield query strings as dictionaries, each with values that occur together."""
    chance = random.Random(seed)
    names = [name for name, counts in counts_of({}).items() if counts]
    for _ in range(count):
        query: dict[str, list[str]] = {}
        for name in chance.sample(names, chance.randint(1, 3)):
            offered = [value for value, number in counts_of(query)[name] if number > 1]
            if offered:
                query[name] = chance.sample(offered, min(len(offered), chance.randint(1, 3)))
        if chance.random() < 0.4:
            day = date(2010, 1, 1) + timedelta(days=chance.randrange(4000))
            query["date_after"] = [day.isoformat()]
            query["date_before"] = [(day + timedelta(days=chance.randrange(1500))).isoformat()]
        yield query


def listed(query: dict[str, list[str]]):
    from django.http import QueryDict  # needs the settings

    from sessions_app.catalogue.list_kinds import SESSIONS

    asked = QueryDict(mutable=True)
    for name, values in query.items():
        asked.setlist(name, values)
    return SESSIONS.result_list(asked).hits


def counts_of(query) -> dict[str, list[tuple[str, int]]]:
    found = listed(query).facets
    return {name: [(each.value, each.count) for each in found[name]] for name in FACETS}


def with_only(query, name, value) -> dict[str, list[str]]:
    """Return the query with this value as the only one of its facet; `has` is added to existing values."""
    if name == "has":
        return query | {"has": list(dict.fromkeys([*query.get("has", ()), value]))}
    own = ("year", "date_after", "date_before") if name == "year" else (name,)
    return {each: values for each, values in query.items() if each not in own} | {name: [value]}


def compare(count: int, seed: int) -> bool:
    sql = Sql()
    checked = 0
    for query in combinations(count, seed):
        hits = listed(query)
        told = [("total", hits.total, sql.total(query))]
        for name, counts in counts_of(query).items():
            for value, number in counts:
                told.append((f"{name}={value}", number, sql.total(with_only(query, name, value))))
            if counts:
                value, number = counts[len(counts) // 2]
                told.append(
                    (
                        f"{name}={value} followed",
                        number,
                        listed(with_only(query, name, value)).total,
                    )
                )
        wrong = [each for each in told if each[1] != each[2]]
        checked += len(told)
        print(f"{hits.total:6} sessions, {len(told):3} counts  {query}", flush=True)
        for name, shown, counted in wrong:
            print(f"       {name}: the list says {shown}, SQL {counted}")
        if wrong:
            return False
    print(f"{checked} counts of {count} combinations agree with SQL")
    return True


if __name__ == "__main__":
    main()
