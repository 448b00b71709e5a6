"""The sets of the repository: series, topics and regions; `topic:china` is within the set `topic`.

As in every list, a session with a topic also belongs to that topic's ancestors. The name of a set is
shown only while it contains a public session; withdrawn sessions must not reveal others.
"""

import re
from collections.abc import Iterable
from functools import reduce
from itertools import islice
from operator import or_

from django.db.models import Exists, OuterRef, Q

from sessions_app.catalogue.authorities import AUTHORITIES, public_entries
from sessions_app.catalogue.topic_tree import self_and_descendant_keys
from sessions_app.models import Session, Topic
from site_app.redirects.addresses import current_slugs_of_old_slugs, old_slugs_of_current_slug

SET_KINDS = ("region", "series", "topic")  # in the order of the list
SET_SPEC_PATTERN = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(?::[A-Za-z0-9\-_.!~*'()]+)*")


class UnknownSetError(Exception):
    """There is nothing by this name; no record can be in it."""


def public_sets_after(after: str, limit: int) -> list[tuple[str, str]]:
    """Return [(setSpec, name)] of the sets that visitors may know of, `limit` after one of them."""
    listed: list[tuple[str, str]] = []
    last_kind, _, last_slug = after.partition(":")
    for kind in SET_KINDS[SET_KINDS.index(last_kind) if after else 0 :]:
        entries = public_entries(AUTHORITIES[kind].model).order_by("slug")
        if kind == last_kind:
            entries = entries.filter(slug__gt=last_slug)
        else:
            listed.append((kind, str(AUTHORITIES[kind].plural)))
        rows = entries.values_list("slug", "name")[: limit - len(listed)]
        listed += [(f"{kind}:{slug}", name) for slug, name in rows]
        if len(listed) >= limit:
            break
    return list(islice(listed, limit))


def session_in_set_condition(spec: str) -> Q:
    """Return the condition that a session is in a set; an old slug means its successor.

    Raises UnknownSetError.
    """
    kind, entry = _kind_and_key_of_spec(spec)
    through = {
        "region": Session.regions.through.objects,
        "topic": Session.topics.through.objects,
    }
    if entry is None:
        if kind == "series":
            return Q(series__isnull=False)
        return Q(Exists(through[kind].filter(session=OuterRef("pk"))))
    if kind == "series":
        return Q(series=entry)
    if kind == "region":
        return Q(Exists(through[kind].filter(session=OuterRef("pk"), region=entry)))
    below = self_and_descendant_keys([entry])
    return Q(Exists(through[kind].filter(session=OuterRef("pk"), topic__in=below)))


def _kind_and_key_of_spec(spec: str) -> tuple[str, int | None]:
    kind, _, slug = spec.partition(":")
    if kind not in SET_KINDS:
        raise UnknownSetError
    if not slug:
        return kind, None
    entries = AUTHORITIES[kind].model.objects.order_by()
    slugs = [slug, *current_slugs_of_old_slugs(AUTHORITIES[kind].prefix, [slug]).values()]
    keys = dict(entries.filter(slug__in=slugs).values_list("slug", "pk"))
    for candidate in slugs:
        if candidate in keys:
            return kind, keys[candidate]
    raise UnknownSetError


def deleted_session_in_set_condition(spec: str) -> Q:
    """Return the condition that a DeletedSession was in a set, or in one that has become it."""
    kind, _, slug = spec.partition(":")
    if not slug:
        return Q(set_specs__contains=f" {kind}:")
    prefix = AUTHORITIES[kind].prefix
    current = current_slugs_of_old_slugs(prefix, [slug]).get(slug, slug)
    names = {slug, current, *old_slugs_of_current_slug(prefix, current)}
    conditions = (Q(set_specs__contains=f" {kind}:{name} ") for name in sorted(names))
    return reduce(or_, conditions)


def set_specs_by_session(sessions: Iterable[Session]) -> dict[int, list[str]]:
    """Return {session: the sets it is in} for sessions with series, topics and regions at hand."""
    parents = dict(
        Topic.objects.order_by().filter(parent__isnull=False).values_list("slug", "parent__slug")
    )
    specs_of = {}
    for session in sessions:
        specs = [f"series:{session.series.slug}"] if session.series else []
        specs += [f"region:{region.slug}" for region in session.regions.all()]
        slugs: dict[str, None] = {}
        for topic in session.topics.all():
            slug = topic.slug
            while slug is not None and slug not in slugs:
                slugs[slug] = None
                slug = parents.get(slug)
        specs_of[session.pk] = [*specs, *(f"topic:{slug}" for slug in slugs)]
    return specs_of


def public_set_specs(specs: Iterable[str]) -> dict[str, str]:
    """Return {spec: its current name} of those that visitors may know of.

    A set of a topic that was renamed or merged is known by the name it has now. Two queries for each
    kind among the sets.
    """
    slugs: dict[str, set[str]] = {}
    for spec in specs:
        kind, _, slug = spec.partition(":")
        slugs.setdefault(kind, set()).add(slug)
    public = {}
    for kind, wanted in slugs.items():
        current = current_slugs_of_old_slugs(AUTHORITIES[kind].prefix, wanted)
        entries = public_entries(AUTHORITIES[kind].model).order_by()
        known = set(
            entries.filter(slug__in={*wanted, *current.values()}).values_list("slug", flat=True)
        )
        for slug in wanted:
            name = slug if slug in known else current.get(slug)
            if name in known:
                public[f"{kind}:{slug}"] = f"{kind}:{name}"
    return public
