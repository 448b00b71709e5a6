"""Who appeared with whom: a network of speakers, and the pairs that were together most."""

from dataclasses import dataclass, replace

import numpy as np
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from search_app.api import shared_records, totals_by_kind
from sessions_app.catalogue import charts
from sessions_app.catalogue.result_list import ResultList
from site_app.text.numbers import with_separators

from .chart_data import NOT_CARRIED, ChartData, address_of, names_of
from .network import HEIGHT, WIDTH, Network, busiest, largest_component, layout

MAX_PEOPLE, MAX_NAMED, MAX_PAIRS = 60, 24, 25
LETTER_WIDTH, LINE_HEIGHT = 7, 16  # of a name in the network, to prevent overlap


@dataclass(frozen=True)
class Pair:
    """Two people and how many sessions they were in together; no address where names are shared."""

    first: str
    first_url: str
    second: str
    second_url: str
    together: int
    url: str


def people(found: ResultList) -> ChartData:
    """Return the network of who appeared with whom, and the pairs that did so most."""
    chosen = found.criteria.filters.get("speaker", ())
    others = {name: each for name, each in found.criteria.filters.items() if name != "speaker"}
    shared = shared_records(replace(found.criteria, filters=others), "speaker")
    if chosen:
        shared = shared.pairs_with_any(chosen)
    whole = Network(shared.first, shared.first, shared.second, shared.counts)
    part, size = largest_component(whole)
    part = busiest(part, shared.totals, MAX_PEOPLE)
    pairs = sorted(
        zip(shared.counts.tolist(), shared.first.tolist(), shared.second.tolist(), strict=True),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )[:MAX_PAIRS]
    numbers = {*part.people.tolist(), *(number for pair in pairs for number in pair[1:])}
    slugs = {number: shared.values[number] for number in sorted(numbers)}
    names = names_of(speaker=slugs.values())
    name = {number: names["speaker", slug] for number, slug in slugs.items()}
    rows = _pairs(found, pairs, slugs, name)
    return ChartData(
        columns=[_("Speaker"), _("With"), _("Sessions together")],
        rows=[[pair.first, pair.second, pair.together] for pair in rows],
        is_empty=not rows,
        notes=_notes_on_people(len(part.people), size, len(rows), len(shared.counts)),
        parts={
            "pairs": rows,
            "drawing": _drawing(found, part, shared, slugs, name),
            "shown": len(part.people),
        },
    )


def _notes_on_people(shown, size, pairs, all_pairs):
    notes = []
    if shown < size:
        notes.append(
            _(
                "Drawn: %(shown)s of the %(size)s people who are connected with each other, beginning "
                "with the two who were in most sessions together."
            )
            % {"shown": shown, "size": with_separators(size)}
        )
    if pairs < all_pairs:
        notes.append(
            _("Listed: the %(pairs)s of %(all)s pairs with the most sessions together.")
            % {"pairs": pairs, "all": with_separators(all_pairs)}
        )
    return notes


def _pairs(found, pairs, slugs, name) -> list[Pair]:
    """Return the pairs; each number is linked where a search by both names finds just that many."""
    criteria = [
        found.filterset.criteria(
            filters={**found.criteria.filters, "speaker": (slugs[first],)},
            text=_with_person(found, name[second]),
        )
        for _together, first, second in pairs
    ]
    totals = totals_by_kind(criteria)
    base = reverse("sessions:list")

    def url_of(together, first, second, total):
        if total != together:
            return ""  # two people with the same name: a search cannot distinguish them
        query = found.query_string(
            without=NOT_CARRIED, speaker=[slugs[first]], q=[_with_person(found, name[second])]
        )
        return f"{base}?{query}"

    return [
        Pair(
            name[first],
            address_of(found, speaker=slugs[first]),
            name[second],
            address_of(found, speaker=slugs[second]),
            together,
            url_of(together, first, second, total),
        )
        for (together, first, second), total in zip(pairs, totals, strict=True)
    ]


def _with_person(found, name):
    text = found.filterset.chosen("q") or ""
    return f'{text} speaker:"{name}"'.strip()


def _drawing(found, part, shared, slugs, name) -> SafeString | str:
    if not len(part.people):
        return ""
    order = {number: place for place, number in enumerate(part.people.tolist())}
    links = [
        (order[first], order[second], together)
        for first, second, together in zip(
            part.first.tolist(), part.second.tolist(), part.weights.tolist(), strict=True
        )
    ]
    pairs = np.array([link[:2] for link in links])
    places = layout(len(order), pairs, part.weights)
    radii = [min(4 + round(2 * int(shared.totals[number]) ** 0.5), 18) for number in order]
    named = _named(places, radii, [name[number] for number in order])
    nodes = [
        charts.Node(
            name=name[number],
            title=_("%(name)s: %(sessions)s")
            % {
                "name": name[number],
                "sessions": charts.counted("session", int(shared.totals[number])),
            },
            url=address_of(found, speaker=slugs[number]),
            x=int(places[place][0]),
            y=int(places[place][1]),
            radius=radii[place],
            is_named=place in named,
        )
        for number, place in order.items()
    ]
    return charts.network(
        _("Who appeared with whom: a network of speakers"), nodes, links, WIDTH, HEIGHT
    )


def _named(places, radii, names) -> set[int]:
    """Return whose names are written: the busiest first, none over another or over the edge."""
    circles = [
        (x - radius, y - radius, x + radius, y + radius)
        for (x, y), radius in zip(places.tolist(), radii, strict=True)
    ]
    boxes, named = [], set()
    for place, (x, y) in enumerate(places.tolist()):
        half = len(names[place]) * LETTER_WIDTH / 2
        bottom = y - radii[place] - 3
        box = (x - half, bottom - LINE_HEIGHT, x + half, bottom)
        is_free = all(
            box[2] < other[0] or other[2] < box[0] or box[3] < other[1] or other[3] < box[1]
            for other in (*boxes, *circles)
        )
        if is_free and box[0] > 0 and box[2] < WIDTH and len(named) < MAX_NAMED:
            boxes.append(box)
            named.add(place)
    return named
