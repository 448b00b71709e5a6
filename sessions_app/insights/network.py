"""Who appeared with whom: the largest connected part of a network, and where to draw it."""

from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

LAYOUT_RANDOM_SEED = 7  # of the layout, so that it is the same each time
LAYOUT_STEPS = 250
DRAWING_WIDTH, DRAWING_HEIGHT, DRAWING_MARGIN = 960, 640, 60


@dataclass(frozen=True)
class Network:
    """People by number, and links between them: `first[i]`–`second[i]`, weighing `weights[i]`."""

    people: np.ndarray
    first: np.ndarray
    second: np.ndarray
    weights: np.ndarray


def component_labels(first: np.ndarray, second: np.ndarray, size: int) -> np.ndarray:
    """Return for each of `size` people the smallest number among those connected with them."""
    label = np.arange(size)
    while True:
        before = label.copy()
        lower = np.minimum(label[first], label[second])
        np.minimum.at(label, first, lower)
        np.minimum.at(label, second, lower)
        label = label[label]  # jump ahead, so that long chains need few rounds
        if np.array_equal(before, label):
            return label


def largest_component(network: Network) -> tuple[Network, int]:
    """Return the part with the most people (of equals the one of the lowest number), and its size."""
    if not len(network.first):
        return network, 0
    size = int(max(network.first.max(), network.second.max())) + 1
    label = component_labels(network.first, network.second, size)
    connected = np.unique(np.concatenate([network.first, network.second]))
    names, sizes = np.unique(label[connected], return_counts=True)
    chosen = names[np.argmax(sizes)]
    within = label[network.first] == chosen
    people = connected[label[connected] == chosen]
    part = Network(people, network.first[within], network.second[within], network.weights[within])
    return part, len(people)


def busiest_subnetwork(network: Network, totals: np.ndarray, limit: int) -> Network:
    """Return the network of at most `limit` people, connected like the whole.

    It starts with the pair with most sessions together and adds the person with most sessions with somebody
    in it; ties are decided by the total of sessions (`totals`, by number). So a single session of forty
    people does not fill it.
    """
    if not len(network.first):
        return network
    ends = np.concatenate([network.first, network.second])
    others = np.concatenate([network.second, network.first])
    weights = np.concatenate([network.weights, network.weights])
    order = np.argsort(ends, kind="stable")
    ends, others, weights = ends[order], others[order], weights[order]
    waiting = [(0, 0, int(network.first[np.argmax(network.weights)]))]
    drawn: dict[int, None] = {}
    while waiting and len(drawn) < limit:
        _weight, _total, person = heappop(waiting)
        if person in drawn:
            continue
        drawn[person] = None
        for place in range(*np.searchsorted(ends, [person, person + 1])):
            other = int(others[place])
            if other not in drawn:
                heappush(waiting, (-int(weights[place]), -int(totals[other]), other))
    kept = np.fromiter(drawn, np.int64)
    within = np.isin(network.first, kept) & np.isin(network.second, kept)
    kept = kept[np.lexsort((kept, -totals[kept]))]
    return Network(kept, network.first[within], network.second[within], network.weights[within])


def force_directed_layout(count: int, links: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return positions (x, y) of `count` people, with linked ones close to each other.

    `links`: pairs of places in that order. Forces as in Fruchterman and Reingold: all push each other
    away, links pull, and the steps grow smaller; the start is random of one seed.
    """
    if count == 0:
        return np.zeros((0, 2), int)
    places = np.random.default_rng(LAYOUT_RANDOM_SEED).uniform(-1, 1, (count, 2))
    ideal = 1.6 / np.sqrt(count)
    pull = np.zeros((count, count))
    if len(links):
        pull[links[:, 0], links[:, 1]] = np.sqrt(weights)
        pull += pull.T
    x, y = places.T.copy()
    for step in range(LAYOUT_STEPS):
        across, down = np.subtract.outer(x, x), np.subtract.outer(y, y)
        distance = np.maximum(np.sqrt(across**2 + down**2), 0.01)
        force = ideal**2 / distance**2 - pull * distance / ideal
        move = (across * force).sum(axis=1) - 0.4 * x, (down * force).sum(axis=1) - 0.4 * y
        length = np.maximum(np.hypot(*move), 0.01)
        part = np.minimum(length, 0.12 * (1 - step / LAYOUT_STEPS)) / length
        x, y = x + move[0] * part, y + move[1] * part
    return _scale_to_drawing(np.column_stack([x, y]))


def _scale_to_drawing(places: np.ndarray) -> np.ndarray:
    """Scale the positions to fill the drawing."""
    low, high = places.min(axis=0), places.max(axis=0)
    size = np.array([DRAWING_WIDTH - 2 * DRAWING_MARGIN, DRAWING_HEIGHT - 2 * DRAWING_MARGIN])
    return np.round((places - low) / np.maximum(high - low, 0.01) * size + DRAWING_MARGIN).astype(
        int
    )
