"""Entry pages: what may be shown of speakers, organisations, topics, series and regions.

An entry is public as soon as one public session refers to it; the rule is only here, for
directories, entry pages, facets, sitemaps and the API.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Concat, Trim
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from search_app.api import number_of_values_in_use, record_counts_of_values
from sessions_app.models import Appearance, Region, Series, Session, Topic
from sessions_app.querysets import public_condition
from site_app.redirects.addresses import current_slugs_of_old_slugs
from site_app.text.name_search import TypedWords, any_field_contains, filter_by_each_word
from site_app.text.sort_keys import sort_key
from speakers_app.models import Organisation, Speaker

from .topic_tree import ancestor_keys

NO_VALUE_LIMIT = 1_000_000  # more than any archive has; the engine requires a number


@dataclass(frozen=True)
class AuthorityType:
    """One kind of entry: its query parameter, its words, its address, its model."""

    parameter: str  # also the name of the facet
    label: str
    plural: str
    prefix: str  # common prefix of the record pages
    model: type[models.Model]
    name_fields: tuple[str, ...] = ("name",)
    other_names: tuple[str, ...] = ()  # further fields with names of the record

    def name_expression(self, path: str = "") -> models.expressions.Combinable:
        """Return the name for a query; `path` leads to the entry, such as "speaker__"."""
        fields = [F(f"{path}{field}") for field in self.name_fields]
        if len(fields) == 1:
            return fields[0]
        return Trim(Concat(fields[0], Value(" "), *fields[1:]))


AUTHORITIES = {
    kind.parameter: kind
    for kind in (
        AuthorityType(
            "topic", _("Topic"), _("Topics"), "/topics/", Topic, other_names=("aliases__name",)
        ),
        AuthorityType(
            "series", pgettext_lazy("one series", "Series"), _("Series"), "/series/", Series
        ),
        AuthorityType("region", _("Region"), _("Regions"), "/regions/", Region),
        AuthorityType(
            "speaker",
            _("Speaker"),
            _("Speakers"),
            "/speakers/",
            Speaker,
            ("given_name", "family_name"),
            ("aliases__name",),
        ),
        AuthorityType(
            "organisation",
            _("Organisation"),
            _("Organisations"),
            "/organisations/",
            Organisation,
            other_names=("abbreviation", "aliases__name"),
        ),
    )
}


def names_by_slug(values: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], str]:
    """Return {(parameter, slug): name} for the slugs of each parameter; one query for all.

    Slugs that do not exist are missing from the result. Slugs from a visitor may belong to entries
    that only drafts use: filter them with `slugs_of_public_entries` first.
    """
    queries = [
        AUTHORITIES[parameter]
        .model.objects.order_by()
        .filter(slug__in=list(slugs))
        .annotate(parameter=Value(parameter), label=AUTHORITIES[parameter].name_expression())
        .values_list("parameter", "slug", "label")
        for parameter, slugs in values.items()
        if parameter in AUTHORITIES and slugs
    ]
    if not queries:
        return {}
    rows = queries[0].union(*queries[1:], all=True) if len(queries) > 1 else queries[0]
    return {(parameter, slug): label for parameter, slug, label in rows}


def current_slugs_of_renamed(chosen: Mapping[str, Iterable[str]]) -> dict[str, dict[str, str]]:
    """Return {parameter: {old slug: current slug}} for selected slugs that are old ones.

    Only for records that visitors may see: links and stored alerts contain the current slug.
    """
    known = names_by_slug(chosen)
    renamed_slugs = {}
    for parameter, slugs in chosen.items():
        missing = [slug for slug in slugs if (parameter, slug) not in known]
        if parameter in AUTHORITIES and missing:
            kind = AUTHORITIES[parameter]
            if present := current_slugs_of_old_slugs(kind.prefix, missing):
                shown = public_entries(kind.model).order_by().filter(slug__in=present.values())
                shown = set(shown.values_list("slug", flat=True))
                renamed_slugs[parameter] = {
                    old: new for old, new in present.items() if new in shown
                }
    return renamed_slugs


def public_entries(model: type[models.Model]) -> models.QuerySet:
    """Return the entries of `model` that visitors may see, in alphabetical order."""
    return model.objects.filter(_has_public_session_condition(model))


def entries_matching_name(
    parameter: str, entries: models.QuerySet, typed: TypedWords
) -> models.QuerySet:
    """Return those of the entries whose name, or another name, contains every word typed.

    Letters of other alphabets are found in Latin ones, too: “ivanov” finds Иванов.
    """
    kind = AUTHORITIES[parameter]

    def condition(word):
        in_latin = Q(sort_key__contains=sort_key(word))
        return in_latin | any_field_contains(
            kind.model, (*kind.name_fields, *kind.other_names), word
        )

    return filter_by_each_word(
        entries, typed, condition, condition if kind.model is Speaker else None
    )


def public_session_counts(parameter: str, slugs: Iterable[str]) -> dict[str, int]:
    """Return {slug: number of public sessions} for some entries, a topic with those below it.

    Counted by the search engine, so that the number equals the total behind the entry's link.
    """
    return record_counts_of_values("session", parameter, slugs)


def public_entry_count(parameter: str) -> int | None:
    """Return how many entries of a kind visitors may see; None where the index lags behind.

    Counted by the search engine: a database would have to look at every entry.
    """
    return number_of_values_in_use("session", parameter)


def slugs_of_public_entries(parameter: str, slugs: Iterable[str]) -> list[str]:
    """Return those slugs whose entries visitors may see; one search, no query."""
    counts = public_session_counts(parameter, slugs)
    return [slug for slug in slugs if counts.get(slug)]


def _has_public_session_condition(model):
    if model is Topic:
        # A topic is also public through its child topics; in most trees these are few.
        links = Session.topics.through.objects.filter(public_condition("session__"))
        is_used = Exists(links.filter(topic=OuterRef("pk")))
        below = Topic.objects.order_by().filter(is_used, parent__isnull=False)
        return is_used | Q(pk__in=ancestor_keys(below.values_list("pk", flat=True)))
    # Correlated subqueries: a page shows few of very many records.
    if model is Series:
        return Exists(Session.objects.published().filter(series=OuterRef("pk")))
    if model is Region:
        links = Session.regions.through.objects.filter(public_condition("session__"))
        return Exists(links.filter(region=OuterRef("pk")))
    appearances = Appearance.objects.order_by().filter(public_condition("session__"))
    if model is Speaker:
        return Exists(appearances.filter(speaker=OuterRef("pk")))
    further = Appearance.further_organisations.through.objects.filter(
        public_condition("appearance__session__"), organisation=OuterRef("pk")
    )
    return Exists(appearances.filter(organisation=OuterRef("pk"))) | Exists(further)
