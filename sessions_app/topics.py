"""The tree of topics, read as a whole: it is small, and every question is about paths in it."""

from collections.abc import Iterable

from .models import Topic


def ancestors_by_topic() -> dict[int, list[int]]:
    """Return {topic: [itself, parent, grandparent, …]} as primary keys; one query."""
    parents = dict(Topic.objects.order_by().values_list("pk", "parent_id"))
    return {topic: _path(topic, parents) for topic in parents}


def descendants(topics: Iterable[int]) -> set[int]:
    """Return the keys of `topics` and of all topics below them; one query."""
    wanted = set(topics)
    return {
        topic for topic, path in ancestors_by_topic().items() if not wanted.isdisjoint(path)
    } | wanted


def _path(topic, parents):
    path = []
    while topic is not None and topic not in path:  # a loop made by hand must not hang a page
        path.append(topic)
        topic = parents.get(topic)
    return path
