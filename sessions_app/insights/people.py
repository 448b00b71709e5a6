"""Who appeared with whom: a network of speakers, and the pairs that were together most."""

from dataclasses import dataclass, replace

import numpy as np
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from search_app.api import count_matches, value_pair_counts
from sessions_app.catalogue import charts
from sessions_app.catalogue.result_list import ResultList
from site_app.text.numbers import with_separators

from .chart_data import (
    PARAMETERS_LEFT_OUT_OF_LINKS,
    ChartData,
    filtered_list_url,
    names_by_filter_and_slug,
)
from .network import (
    DRAWING_HEIGHT,
    DRAWING_WIDTH,
    Network,
    busiest_subnetwork,
    force_directed_layout,
    largest_component,
)

MAX_PEOPLE_DRAWN, MAX_NAMES_DRAWN, MAX_PAIRS = 60, 24, 25
LETTER_WIDTH, LINE_HEIGHT = 7, 16  # of a name in the network, to prevent overlap


@dataclass(frozen=True)
class SpeakerPair:
    """Two people and how many sessions they were in together; no address where names are shared."""

    first: str
    first_url: str
    second: str
    second_url: str
    together: int
    url: str


def speaker_network_chart(result_list: ResultList) -> ChartData:
    """Return the network of who appeared with whom, and the pairs that did so most."""
    chosen = result_list.criteria.filters.get("speaker", ())
    others = {
        name: each for name, each in result_list.criteria.filters.items() if name != "speaker"
    }
    shared = value_pair_counts(replace(result_list.criteria, filters=others), "speaker")
    if chosen:
        shared = shared.pairs_with_any(chosen)
    whole = Network(shared.first, shared.first, shared.second, shared.counts)
    part, size = largest_component(whole)
    part = busiest_subnetwork(part, shared.totals, MAX_PEOPLE_DRAWN)
    pairs = sorted(
        zip(shared.counts.tolist(), shared.first.tolist(), shared.second.tolist(), strict=True),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )[:MAX_PAIRS]
    numbers = {*part.people.tolist(), *(number for pair in pairs for number in pair[1:])}
    slugs = {number: shared.values[number] for number in sorted(numbers)}
    names = names_by_filter_and_slug(speaker=slugs.values())
    name = {number: names["speaker", slug] for number, slug in slugs.items()}
    rows = _build_speaker_pairs(result_list, pairs, slugs, name)
    return ChartData(
        columns=[_("Speaker"), _("With"), _("Sessions together")],
        rows=[[pair.first, pair.second, pair.together] for pair in rows],
        is_empty=not rows,
        notes=_notes_on_people(len(part.people), size, len(rows), len(shared.counts)),
        parts={
            "pairs": rows,
            "drawing": _draw_network(result_list, part, shared, slugs, name),
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


def _build_speaker_pairs(result_list, pairs, slugs, name) -> list[SpeakerPair]:
    """Return the pairs; each number is linked where a search by both names finds just that many."""
    criteria = [
        result_list.filterset.criteria(
            filters={**result_list.criteria.filters, "speaker": (slugs[first],)},
            text=_search_text_with_speaker(result_list, name[second]),
        )
        for _together, first, second in pairs
    ]
    totals = count_matches(criteria)
    base = reverse("sessions:list")

    def url_of(together, first, second, total):
        if total != together:
            return ""  # two people with the same name: a search cannot distinguish them
        query = result_list.query_string(
            without=PARAMETERS_LEFT_OUT_OF_LINKS,
            speaker=[slugs[first]],
            q=[_search_text_with_speaker(result_list, name[second])],
        )
        return f"{base}?{query}"

    return [
        SpeakerPair(
            name[first],
            filtered_list_url(result_list, speaker=slugs[first]),
            name[second],
            filtered_list_url(result_list, speaker=slugs[second]),
            together,
            url_of(together, first, second, total),
        )
        for (together, first, second), total in zip(pairs, totals, strict=True)
    ]


def _search_text_with_speaker(result_list, name):
    text = result_list.filterset.chosen_value("q") or ""
    return f'{text} speaker:"{name}"'.strip()


def _draw_network(result_list, part, shared, slugs, name) -> SafeString | str:
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
    places = force_directed_layout(len(order), pairs, part.weights)
    radii = [min(4 + round(2 * int(shared.totals[number]) ** 0.5), 18) for number in order]
    named = _people_with_space_for_name(places, radii, [name[number] for number in order])
    nodes = [
        charts.NetworkNode(
            name=name[number],
            title=_("%(name)s: %(sessions)s")
            % {
                "name": name[number],
                "sessions": charts.count_in_words("session", int(shared.totals[number])),
            },
            url=filtered_list_url(result_list, speaker=slugs[number]),
            x=int(places[place][0]),
            y=int(places[place][1]),
            radius=radii[place],
            is_named=place in named,
        )
        for number, place in order.items()
    ]
    return charts.network_svg(
        _("Who appeared with whom: a network of speakers"),
        nodes,
        links,
        DRAWING_WIDTH,
        DRAWING_HEIGHT,
    )


def _people_with_space_for_name(places, radii, names) -> set[int]:
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
        if is_free and box[0] > 0 and box[2] < DRAWING_WIDTH and len(named) < MAX_NAMES_DRAWN:
            boxes.append(box)
            named.add(place)
    return named
