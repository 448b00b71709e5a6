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
    entries_matching_name,
    public_entries,
    public_entry_count,
    public_session_counts,
)
from sessions_app.catalogue.list_kinds import SESSIONS
from sessions_app.catalogue.profiles import latest_affiliations
from sessions_app.catalogue.topic_tree import MAX_INDENTATION, depths_in_tree
from sessions_app.formats.list_head import list_head
from sessions_app.insights.chart_data import names_by_filter_and_slug
from sessions_app.insights.matrices import build_matrix
from sessions_app.views.paging import previous_and_next_urls
from sessions_app.views.state_cache import cached_for_archive_state
from site_app.models import SiteSettings
from site_app.text.name_search import MAX_SEARCH_WORDS, parse_typed_words

ENTRIES_PER_PAGE = 100
OTHER_LETTER = "other"  # for names that do not begin with a letter from A to Z
ORDER_BY_SESSION_COUNT = "sessions"
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
        order = (
            ORDER_BY_SESSION_COUNT
            if self.request.GET.get("order") == ORDER_BY_SESSION_COUNT
            else ""
        )
        firsts = self.first_letters()
        entries = entries_matching_name(self.parameter, public_entries(kind.model), find)
        if letter:
            entries = self.filter_by_first_letter(entries, letter, firsts)
        page = self.paginate_entries(entries, order, is_whole=not (find.text or letter))
        slugs = [entry.slug for entry in page.object_list]
        counts = public_session_counts(self.parameter, slugs)
        years = last_year_by_value("session", self.parameter, slugs)
        affiliations = self.affiliations_by_key(page.object_list)
        rows = [
            DirectoryRow(
                record=entry,
                name=self.displayed_name(entry),
                url=entry.get_absolute_url(),
                session_count=counts.get(entry.slug, 0),
                last_year=years.get(entry.slug),
                affiliation=affiliations.get(entry.pk, ""),
            )
            for entry in page.object_list
        ]
        shown = rows if order else self.arrange_rows(rows)
        address = partial(self.directory_url, find=find.text, letter=letter, order=order)
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
            **previous_and_next_urls(page, lambda number: address(page=number)),
            find=find.text,
            find_is_cut=find.is_cut,
            max_words=MAX_SEARCH_WORDS,
            suggestion="" if rows else self.spelling_suggestion(find),
            letter=letter,
            letters=self.letter_links(letter, order, firsts),
            order=order,
            by_name_url=address(order=""),
            by_count_url=address(order=ORDER_BY_SESSION_COUNT),
            jump_hidden=[("find", find.text), ("letter", letter), ("order", order)],
            is_filtered=bool(self.request.GET),
            **kwargs,
        )

    def directory_url(self, **query) -> str:
        """Return this directory's address with these parameters, empty ones left out."""
        given = urlencode({name: value for name, value in query.items() if value})
        return f"{self.request.path}?{given}" if given else self.request.path

    def paginate_entries(self, entries, order, *, is_whole):
        number = self.request.GET.get("page")
        if not order:
            paginator = Paginator(entries, ENTRIES_PER_PAGE)
            if is_whole and (count := public_entry_count(self.parameter)) is not None:
                paginator.count = count
            return paginator.get_page(number)
        slugs = values_by_frequency("session", self.parameter)
        if not is_whole:
            wanted = set(entries.order_by().values_list("slug", flat=True))
            slugs = [slug for slug in slugs if slug in wanted]
        page = Paginator(slugs, ENTRIES_PER_PAGE).get_page(number)
        found = {entry.slug: entry for entry in entries.filter(slug__in=page.object_list)}
        page.object_list = [found[slug] for slug in page.object_list if slug in found]
        return page

    def filter_by_first_letter(self, entries, letter, firsts):
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
            firsts = (
                public_entries(model).order_by().values_list(Substr("sort_key", 1, 1)).distinct()
            )
            return sorted(first for (first,) in firsts if first)

        return cached_for_archive_state(self.request, f"letters:{self.parameter}", letters)

    def letter_links(self, current, order, firsts) -> list[LetterLink]:
        """Return A to Z, of which those with entries are links, and one for all other beginnings."""
        links = [
            LetterLink(
                letter.upper(),
                self.directory_url(letter=letter, order=order) if letter in firsts else "",
                letter == current,
            )
            for letter in string.ascii_lowercase
        ]
        if any(first not in string.ascii_lowercase for first in firsts):
            url = self.directory_url(letter=OTHER_LETTER, order=order)
            links.append(LetterLink(_("Other"), url, current == OTHER_LETTER))
        return links

    def spelling_suggestion(self, find) -> str:
        """Return what was typed, spelled as some entry here is; empty if nothing is like it."""
        if not find.text:
            return ""
        asked = Criteria(text=find.text, suggests=True, per_page=1, excerpts=False)
        spelled = search(asked).suggestion
        if not spelled:
            return ""
        model = AUTHORITIES[self.parameter].model
        finds = entries_matching_name(
            self.parameter, public_entries(model), parse_typed_words(spelled)
        ).exists()
        return spelled if finds else ""

    def displayed_name(self, entry):
        return str(entry)

    def affiliations_by_key(self, entries) -> dict[int, str]:
        return {}

    def arrange_rows(self, rows):
        return rows


class SpeakerDirectoryView(DirectoryView):
    parameter = "speaker"

    def displayed_name(self, entry):
        return entry.sort_name

    def affiliations_by_key(self, entries):
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
            context["matrices"] = self.region_by_year_matrices()
        return context

    def region_by_year_matrices(self):
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

    def arrange_rows(self, rows):
        """Indent topics below those above them, as far as both are on the page."""
        by_slug = {row.record.slug: row for row in rows}
        depths = depths_in_tree(list(by_slug))
        for slug, depth in depths.items():
            by_slug[slug].depth = min(depth, MAX_INDENTATION)
        return [by_slug[slug] for slug in depths]
