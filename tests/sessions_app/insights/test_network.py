"""Which people a network shows, and their positions."""

import numpy as np

from sessions_app.insights.network import (
    DRAWING_HEIGHT,
    DRAWING_WIDTH,
    Network,
    busiest_subnetwork,
    component_labels,
    force_directed_layout,
    largest_component,
)


def network_of(*links):
    first, second, weights = (np.array(side) for side in zip(*links, strict=True))
    return Network(np.array([]), first, second, weights)


def test_long_chain_is_one_component():
    first = np.arange(0, 999)

    assert set(component_labels(first, first + 1, 1002)) == {0, 1000, 1001}


def test_largest_component_has_most_people():
    part, size = largest_component(network_of((0, 1, 9), (2, 3, 1), (3, 5, 1)))

    assert size == 3
    assert part.people.tolist() == [2, 3, 5]
    assert part.weights.tolist() == [1, 1]


def test_first_of_equal_components_is_used():
    part, _size = largest_component(network_of((4, 5, 1), (0, 2, 1)))

    assert part.people.tolist() == [0, 2]


def test_drawing_grows_by_the_neighbours_with_most_sessions():
    whole = network_of((0, 1, 2), (1, 2, 1), (2, 3, 4), (3, 4, 1), (3, 5, 1))
    totals = np.array([9, 7, 4, 6, 1, 8])

    drawn = busiest_subnetwork(whole, totals, 3)

    assert drawn.people.tolist() == [5, 3, 2]
    assert (drawn.first.tolist(), drawn.second.tolist()) == ([2, 3], [3, 5])


def test_layout_is_reproducible_within_the_drawing_with_distinct_places():
    links = np.array([(0, other) for other in range(1, 20)] + [(3, 4), (5, 6)])
    weights = np.ones(len(links))

    places = force_directed_layout(20, links, weights)

    assert (places == force_directed_layout(20, links, weights)).all()
    assert (places >= 0).all()
    assert (places <= [DRAWING_WIDTH, DRAWING_HEIGHT]).all()
    assert len({tuple(place) for place in places.tolist()}) == 20


def test_empty_network_has_no_layout():
    assert force_directed_layout(0, np.zeros((0, 2), int), np.zeros(0)).tolist() == []
    assert largest_component(network_of((0, 1, 1)))[1] == 2
