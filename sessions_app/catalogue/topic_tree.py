"""The tree of topics, read as a whole: it is small, and every question is about paths in it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sessions_app.models import Topic

MAX_INDENTATION = 3  # maximum indentation on a page, however deep the tree is


def self_and_ancestor_keys_by_topic() -> dict[int, list[int]]:
    """Return {topic: [itself, parent, grandparent, …]} as primary keys; one query."""
    parents = dict(Topic.objects.order_by().values_list("pk", "parent_id"))
    return {topic: _path_to_root(topic, parents) for topic in parents}


def ancestor_keys(topics: Iterable[int]) -> set[int]:
    """Return the keys of all topics above some; one query."""
    parents = dict(
        Topic.objects.order_by().filter(parent__isnull=False).values_list("pk", "parent_id")
    )
    found: set[int] = set()
    for topic in topics:
        while (topic := parents.get(topic)) and topic not in found:
            found.add(topic)
    return found


def ancestors_of(topic: Topic) -> list[Topic]:
    """Return the topics above one, its parent first; a query for each step."""
    found: list[Topic] = []
    while (topic := topic.parent) and topic not in found:
        found.append(topic)
    return found


def depths_in_tree(slugs: Sequence[str]) -> dict[str, int]:
    """Return {slug: depth} of some topics as a tree: each below its parent, if that is among them.

    Topics of one parent keep their order. One query.
    """
    above = Topic.objects.order_by().filter(slug__in=slugs, parent__slug__in=slugs)
    parents = dict(above.values_list("slug", "parent__slug"))
    below = defaultdict(list)
    for slug in slugs:
        below[parents.get(slug)].append(slug)
    depths: dict[str, int] = {}
    waiting = [(slug, 0) for slug in reversed(below[None])]
    while waiting:
        slug, depth = waiting.pop()
        depths[slug] = depth
        waiting += [(child, depth + 1) for child in reversed(below[slug])]
    return depths | {slug: 0 for slug in slugs if slug not in depths}  # in a circular tree


def self_and_descendant_keys(topics: Iterable[int]) -> set[int]:
    """Return the keys of `topics` and of all topics below them; one query."""
    wanted = set(topics)
    return {
        topic
        for topic, path in self_and_ancestor_keys_by_topic().items()
        if not wanted.isdisjoint(path)
    } | wanted


def _path_to_root(topic, parents):
    path = []
    while topic is not None and topic not in path:  # a circular tree must not hang a page
        path.append(topic)
        topic = parents.get(topic)
    return path
