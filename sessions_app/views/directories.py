"""Directories: every public speaker, organisation, topic, series or region."""

import string
from dataclasses import dataclass
from functools import partial, reduce
from operator import or_
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Q
from django.db.models.functions import Substr
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from search_app.api import (
    last_year_by_value,
    search,
    value_combination_counts,
    values_by_frequency,
)
from search_app.criteria_and_hits import Criteria
from search_app.index.cross_counts import FacetAxis
from sessions_app.catalogue.authorities import (
    AUTHORITIES,
    public,
    public_count,
    session_counts,
    with_name,
)
from sessions_app.catalogue.list_kinds import SESSIONS
from sessions_app.catalogue.profiles import latest_affiliations
from sessions_app.catalogue.topic_tree import DEEPEST, nested
from sessions_app.formats.list_head import list_head
from sessions_app.insights.chart_data import names_by_filter_and_slug
from sessions_app.insights.matrices import build_matrix
from sessions_app.views.kept import kept_for_state
from sessions_app.views.paging import step_links
from site_app.models import SiteSettings
from site_app.text.name_search import MAX_SEARCH_WORDS, parse_typed_words

ENTRIES_A_PAGE = 100
OTHER_LETTER = "other"  # for names that do not begin with a letter from A to Z
BY_COUNT = "sessions"
MAX_REGIONS, MAX_REGION_YEARS = 30, 12


@dataclass
class DirectoryRow:
    record: object
    name: str
    url: str
    session_count: int
    last_year: int | None
    affiliation: str = ""  # the latest of a speaker
    depth: int = 0  # in the topic tree


@dataclass
class LetterLink:
    letter: str
    url: str  # empty if no name begins with it
    is_current: bool


class DirectoryView(TemplateView):
    """All public entries of one kind: by name or by number of sessions, by letter, searchable."""

    template_name = "sessions_app/entry_list.html"
    query_parameters = frozenset({"find", "letter", "order", "page"})
    parameter = ""

    def get_context_data(self, **kwargs):
        kind = AUTHORITIES[self.parameter]
        find = parse_typed_words(self.request.GET.get("find", ""))
        letter = "" if find.text else self.request.GET.get("letter", "").lower()[:5]
        order = BY_COUNT if self.request.GET.get("order") == BY_COUNT else ""
        firsts = self.first_letters()
        entries = with_name(self.parameter, public(kind.model), find)
        if letter:
            entries = self.beginning_with(entries, letter, firsts)
        page = self.page_of(entries, order, is_whole=not (find.text or letter))
        slugs = [entry.slug for entry in page.object_list]
        counts = session_counts(self.parameter, slugs)
        years = last_year_by_value("session", self.parameter, slugs)
        affiliations = self.affiliations(page.object_list)
        rows = [
            DirectoryRow(
                record=entry,
                name=self.name_of(entry),
                url=entry.get_absolute_url(),
                session_count=counts.get(entry.slug, 0),
                last_year=years.get(entry.slug),
                affiliation=affiliations.get(entry.pk, ""),
            )
            for entry in page.object_list
        ]
        shown = rows if order else self.arranged(rows)
        address = partial(self.address, find=find.text, letter=letter, order=order)
        site = SiteSettings.load()
        return super().get_context_data(
            site=site,  # loaded once for the page and its metadata
            head=list_head(
                str(kind.plural),
                kind.prefix,
                None if self.request.GET else [row.url for row in shown],
                page.paginator.count,
                site,
            ),
            heading=kind.plural,
            kind=kind,
            entries=shown,
            page=page,
            **step_links(page, lambda number: address(page=number)),
            find=find.text,
            find_is_cut=find.is_cut,
            max_words=MAX_SEARCH_WORDS,
            suggestion="" if rows else self.suggestion(find),
            letter=letter,
            letters=self.letter_links(letter, order, firsts),
            order=order,
            by_name_url=address(order=""),
            by_count_url=address(order=BY_COUNT),
            jump_hidden=[("find", find.text), ("letter", letter), ("order", order)],
            is_filtered=bool(self.request.GET),
            **kwargs,
        )

    def address(self, **query) -> str:
        """Return this directory's address with these parameters, empty ones left out."""
        given = urlencode({name: value for name, value in query.items() if value})
        return f"{self.request.path}?{given}" if given else self.request.path

    def page_of(self, entries, order, *, is_whole):
        number = self.request.GET.get("page")
        if not order:
            paginator = Paginator(entries, ENTRIES_A_PAGE)
            if is_whole and (count := public_count(self.parameter)) is not None:
                paginator.count = count
            return paginator.get_page(number)
        slugs = values_by_frequency("session", self.parameter)
        if not is_whole:
            wanted = set(entries.order_by().values_list("slug", flat=True))
            slugs = [slug for slug in slugs if slug in wanted]
        page = Paginator(slugs, ENTRIES_A_PAGE).get_page(number)
        found = {entry.slug: entry for entry in entries.filter(slug__in=page.object_list)}
        page.object_list = [found[slug] for slug in page.object_list if slug in found]
        return page

    def beginning_with(self, entries, letter, firsts):
        if letter == OTHER_LETTER:
            others = [first for first in firsts if first not in string.ascii_lowercase]
            begins = [Q(sort_key__startswith=first) for first in others]
            return entries.filter(reduce(or_, begins)) if begins else entries.none()
        return entries.filter(sort_key__startswith=letter)

    def first_letters(self) -> list[str]:
        """Return the letters that the names of public entries begin with.

        To look at each entry takes a while, so the answer is kept for one state of the archive.
        """
        model = AUTHORITIES[self.parameter].model

        def letters():
            firsts = public(model).order_by().values_list(Substr("sort_key", 1, 1)).distinct()
            return sorted(first for (first,) in firsts if first)

        return kept_for_state(self.request, f"letters:{self.parameter}", letters)

    def letter_links(self, current, order, firsts) -> list[LetterLink]:
        """Return A to Z, of which those with entries are links, and one for all other beginnings."""
        links = [
            LetterLink(
                letter.upper(),
                self.address(letter=letter, order=order) if letter in firsts else "",
                letter == current,
            )
            for letter in string.ascii_lowercase
        ]
        if any(first not in string.ascii_lowercase for first in firsts):
            url = self.address(letter=OTHER_LETTER, order=order)
            links.append(LetterLink(_("Other"), url, current == OTHER_LETTER))
        return links

    def suggestion(self, find) -> str:
        """Return what was typed, spelled as some entry here is; empty if nothing is like it."""
        if not find.text:
            return ""
        asked = Criteria(text=find.text, suggests=True, per_page=1, excerpts=False)
        spelled = search(asked).suggestion
        if not spelled:
            return ""
        model = AUTHORITIES[self.parameter].model
        finds = with_name(self.parameter, public(model), parse_typed_words(spelled)).exists()
        return spelled if finds else ""

    def name_of(self, entry):
        return str(entry)

    def affiliations(self, entries) -> dict[int, str]:
        return {}

    def arranged(self, rows):
        return rows


class SpeakerDirectoryView(DirectoryView):
    parameter = "speaker"

    def name_of(self, entry):
        return entry.sort_name

    def affiliations(self, entries):
        return latest_affiliations([entry.pk for entry in entries])


class OrganisationDirectoryView(DirectoryView):
    parameter = "organisation"


class SeriesDirectoryView(DirectoryView):
    parameter = "series"


class RegionDirectoryView(DirectoryView):
    parameter = "region"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        if not self.request.GET:
            context["matrices"] = self.by_year()
        return context

    def by_year(self):
        """Return the table of the regions of most sessions by the latest years."""
        found = SESSIONS.result_list(QueryDict(), with_facets=False)
        crossed = value_combination_counts(
            found.criteria, (FacetAxis("region", MAX_REGIONS), FacetAxis("year"))
        )
        regions, years = crossed.axes
        if not crossed.counts.size:
            return []
        shown = years.values[-MAX_REGION_YEARS:]
        title = _("Sessions by region and year")
        if len(shown) < len(years.values):
            title = _("Sessions by region and year, from %(year)s on") % {"year": shown[0]}
        return [
            build_matrix(
                found,
                title,
                ("region", regions.values),
                ("year", shown),
                crossed.counts[:, -MAX_REGION_YEARS:],
                names_by_filter_and_slug(region=regions.values),
            )
        ]


class TopicDirectoryView(DirectoryView):
    parameter = "topic"

    def arranged(self, rows):
        """Indent topics below those above them, as far as both are on the page."""
        by_slug = {row.record.slug: row for row in rows}
        depths = nested(list(by_slug))
        for slug, depth in depths.items():
            by_slug[slug].depth = min(depth, DEEPEST)
        return [by_slug[slug] for slug in depths]
