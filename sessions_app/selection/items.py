"""Chosen sessions and recommendations: what `item=` in an address means.

An item is written `session:<slug>` or `recommendation:<session-slug>-<n>`. They are read and loaded
here and nowhere else, through `published()`: what is not public is as good as unknown.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.translation import gettext

from sessions_app.catalogue.quote_context import summary_sentence_with_advice
from sessions_app.formats import citations, exports
from sessions_app.models import Recommendation, Session
from sessions_app.models.recommendations import split_public_id
from site_app.models import OldAddress
from site_app.redirects.addresses import current_slugs_of_old_slugs
from site_app.text.single_line import capitalise_title

_ITEM_PATTERN = re.compile(r"(session|recommendation):([-\w]{1,120})", re.ASCII)


@dataclass(frozen=True)
class SelectedItem:
    """A session or a recommendation that a reader chose, with all that a page says of it."""

    session: Session
    recommendation: Recommendation | None = None

    @property
    def record(self):
        return self.recommendation or self.session

    @property
    def kind(self):
        return gettext("Recommendation") if self.recommendation else gettext("Session")

    @property
    def key(self) -> str:
        """The item as an address says it, with the present slug."""
        if self.recommendation:
            return f"recommendation:{self.recommendation.public_id}"
        return f"session:{self.session.slug}"

    @property
    def name(self):
        return (
            capitalise_title(self.recommendation.text)
            if self.recommendation
            else self.session.title
        )

    @property
    def url(self):
        return self.record.get_absolute_url()

    @cached_property
    def appearances(self):
        """Who spoke; of a recommendation those who gave it, if that is known."""
        everyone = list(self.session.appearances.all())
        if not self.recommendation:
            return everyone
        # The session's own appearances, because they are loaded with every affiliation.
        makers = {maker.pk for maker in self.recommendation.made_by.all()}
        return [appearance for appearance in everyone if appearance.pk in makers] or everyone

    @cached_property
    def organisations(self):
        organisations = [
            place for appearance in self.appearances for place in appearance.organisations
        ]
        return list(dict.fromkeys(organisations))

    @cached_property
    def topics(self):
        own = list(self.recommendation.topics.all()) if self.recommendation else []
        return own or list(self.session.topics.all())

    @property
    def regions(self):
        return list(self.session.regions.all())

    @cached_property
    def session_recommendations(self):
        """The recommendations of a session."""
        return [] if self.recommendation else list(self.session.recommendations.all())

    @cached_property
    def audiences(self) -> list[str]:
        given = [self.recommendation] if self.recommendation else self.session_recommendations
        return list(
            dict.fromkeys(
                recommendation.audience for recommendation in given if recommendation.audience
            )
        )

    @cached_property
    def source_sentence(self):
        """The sentence of the summary that a recommendation was taken from, if it says more."""
        return summary_sentence_with_advice(self.recommendation) if self.recommendation else ""

    def citation(self, publisher: str) -> citations.Citation:
        if self.recommendation:
            return citations.citation_of_recommendation(self.recommendation, publisher)
        return citations.citation_of_session(self.session, publisher)

    def export_row(self) -> dict[str, str]:
        """Return the item's row of the export of its kind."""
        if self.recommendation:
            return exports.recommendation_row(self.recommendation)
        return exports.session_row(self.session)


def parse_item(value: str) -> tuple[str, int | None] | None:
    """Return (session slug, number of the recommendation or None); None if it is not an item."""
    match = _ITEM_PATTERN.fullmatch(value)
    if match is None:
        return None
    kind, name = match.groups()
    return (name, None) if kind == "session" else split_public_id(name)


def load_items(values: Iterable[str]) -> dict[str, SelectedItem]:
    """Return {value: item} for those of `values` that are public now.

    An old slug means its successor. The number of queries does not depend on that of the values.
    """
    asked = {value: place for value in values if (place := parse_item(value))}
    if not asked:
        return {}
    asked = _follow_merges(asked)
    present = current_slugs_of_old_slugs("/sessions/", {slug for slug, _number in asked.values()})
    places = {value: (present.get(slug, slug), number) for value, (slug, number) in asked.items()}
    items = _load_sessions({place for place in places.values() if place[1] is None})
    items |= _load_recommendations({place for place in places.values() if place[1] is not None})
    return {value: items[place] for value, place in places.items() if place in items}


def _follow_merges(asked: dict[str, tuple]) -> dict[str, tuple]:
    """Return the places with the numbers that merges of sessions gave, without what was gone before."""
    prefix = "/recommendations/"
    paths = {
        value: f"{prefix}{slug}-{number}/"
        for value, (slug, number) in asked.items()
        if number is not None
    }
    entries = OldAddress.objects.filter(path__in=paths.values()).exclude(leads_to="")
    leads = dict(entries.values_list("path", "leads_to"))
    places = {}
    for value, place in asked.items():
        target = leads.get(paths.get(value))
        if target is None:
            places[value] = place
        elif target.startswith(prefix) and (
            moved := split_public_id(target.removeprefix(prefix).rstrip("/"))
        ):
            places[value] = moved
    return places


def _load_sessions(places):
    if not places:
        return {}
    public = Session.objects.published().filter(slug__in={slug for slug, _none in places})
    return {(session.slug, None): SelectedItem(session) for session in public.with_everything()}


def _load_recommendations(places):
    if not places:
        return {}
    wanted = reduce(or_, (Q(session__slug=slug, number=number) for slug, number in places))
    public = Recommendation.objects.published().filter(wanted)
    return {
        (recommendation.session.slug, recommendation.number): SelectedItem(
            recommendation.session, recommendation
        )
        for recommendation in public.with_everything()
    }


def selection_query_string(keys: Iterable[str], **others: str) -> str:
    """Return the query string that names these items."""
    pairs = [("item", key) for key in keys]
    return urlencode(
        [*pairs, *((name, value) for name, value in others.items() if value)], safe=":"
    )
