"""Directories and entry pages: speakers, organisations, topics, series, regions."""

import string
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from django.core.cache import cache
from django.core.paginator import Paginator
from django.db.models.functions import Substr
from django.http import Http404
from django.views.generic import TemplateView

from sessions_app.catalogue import portraits
from sessions_app.catalogue.authorities import (
    AUTHORITIES,
    public,
    public_count,
    session_counts,
    with_name,
)
from sessions_app.catalogue.filters import SessionFilter
from sessions_app.catalogue.list_kinds import SESSIONS
from sessions_app.formats.authority_head import authority_head
from sessions_app.topic_tree import DEEPEST, above, nested
from sessions_app.views.paging import step_links
from sessions_app.visibility import mark_preview_for_staff
from site_app.models import SiteSettings
from site_app.text.name_search import MAX_WORDS, typed_words

ENTRIES_A_PAGE = 100


@dataclass
class DirectoryRow:
    record: object
    name: str
    url: str
    session_count: int
    depth: int = 0  # in the tree of topics


@dataclass
class LetterLink:
    letter: str
    url: str
    is_current: bool


class DirectoryView(TemplateView):
    """All public entries of one kind: alphabetical, by letter, searchable."""

    template_name = "sessions_app/entry_list.html"
    query_parameters = frozenset({"find", "letter", "page"})
    parameter = ""
    is_by_letter = False

    def get_context_data(self, **kwargs):
        kind = AUTHORITIES[self.parameter]
        find = typed_words(self.request.GET.get("find", ""))
        letter = self.request.GET.get("letter", "").lower()
        entries = with_name(self.parameter, public(kind.model), find)
        if letter in string.ascii_lowercase and letter and not find.text:
            entries = entries.filter(sort_key__startswith=letter)
        paginator = Paginator(entries, ENTRIES_A_PAGE)
        if not (find.text or letter) and (count := public_count(self.parameter)) is not None:
            paginator.count = count
        page = paginator.get_page(self.request.GET.get("page"))
        counts = session_counts(self.parameter, [entry.slug for entry in page.object_list])
        return super().get_context_data(
            heading=kind.plural,
            kind=kind,
            entries=self.arranged(
                [
                    DirectoryRow(
                        record=entry,
                        name=self.name_of(entry),
                        url=entry.get_absolute_url(),
                        session_count=counts.get(entry.slug, 0),
                    )
                    for entry in page.object_list
                ]
            ),
            page=page,
            **step_links(page, partial(self.page_url, find.text, letter)),
            find=find.text,
            find_is_cut=find.is_cut,
            max_words=MAX_WORDS,
            letter=letter,
            letters=[
                LetterLink(
                    first_letter.upper(),
                    f"{self.request.path}?letter={first_letter}",
                    first_letter == letter,
                )
                for first_letter in self.first_letters()
            ],
            is_filtered=bool(self.request.GET),
            **kwargs,
        )

    def page_url(self, find: str, letter: str, number: int) -> str:
        query = {"page": number, "find": find, "letter": letter}
        return "?" + urlencode({name: value for name, value in query.items() if value})

    def first_letters(self) -> list[str]:
        """Return the letters that the names of public entries begin with.

        To look at each entry takes a while, so the answer is kept for one state of the archive.
        """
        if not self.is_by_letter:
            return []
        model = AUTHORITIES[self.parameter].model
        state = getattr(self.request, "state_to_keep_for", None)
        key = f"letters:{self.parameter}:{state}"
        letters = cache.get(key) if state else None
        if letters is None:
            firsts = public(model).order_by().values_list(Substr("sort_key", 1, 1)).distinct()
            letters = sorted({first for (first,) in firsts} & set(string.ascii_lowercase))
            if state:
                cache.set(key, letters)
        return letters

    def name_of(self, entry):
        return str(entry)

    def arranged(self, entries):
        return entries


class SpeakerDirectoryView(DirectoryView):
    parameter = "speaker"
    is_by_letter = True

    def name_of(self, entry):
        return entry.sort_name


class OrganisationDirectoryView(DirectoryView):
    parameter = "organisation"
    is_by_letter = True


class SeriesDirectoryView(DirectoryView):
    parameter = "series"


class RegionDirectoryView(DirectoryView):
    parameter = "region"


class TopicDirectoryView(DirectoryView):
    parameter = "topic"

    def arranged(self, entries):
        """Indent topics below those above them, as far as both are on the page."""
        by_slug = {entry.record.slug: entry for entry in entries}
        depths = nested(list(by_slug))
        for slug, depth in depths.items():
            by_slug[slug].depth = min(depth, DEEPEST)
        return [by_slug[slug] for slug in depths]


class EntryDetailView(TemplateView):
    """One entry with its sessions; the rest of the query string narrows them."""

    template_name = "sessions_app/entry_detail.html"
    query_parameters = SessionFilter.parameters()
    parameter = ""
    narrowing = ("topic", "speaker")  # facets by which the page offers to narrow its sessions
    order = ""  # of the sessions, unless the visitor chooses one

    def get_context_data(self, **kwargs):
        kind = AUTHORITIES[self.parameter]
        entries = kind.model.objects.filter(slug=self.kwargs["slug"])
        if "aliases__name" in kind.other_names:
            entries = entries.prefetch_related("aliases")
        entry = entries.first()
        if entry is None:
            raise Http404
        sessions = SESSIONS.result_list(
            self.request.GET,
            path=self.request.path,
            fixed={self.parameter: entry.slug},
            facet_names=("year", *self.narrowing),
            overrides={"sort": self.order}
            if self.order and not self.request.GET.get("sort")
            else {},
        )
        # A session shown makes its entry public; only without one does the question cost a query.
        is_preview = not sessions.results and not public(kind.model).filter(pk=entry.pk).exists()
        if is_preview:
            mark_preview_for_staff(self.request, kind.model)
        context = self.entry_context(entry)
        site = SiteSettings.load()
        head = None
        if not is_preview:
            head = authority_head(kind, entry, context.get("ancestors", ()), site)
        advice = portraits.advice_of(self.parameter, entry.slug)
        listed = sessions.context()
        return super().get_context_data(
            entry=entry,
            kind=kind,
            site=site,
            head=head,
            is_preview=is_preview,
            sessions=sessions.results,
            advice=advice,
            is_narrowed=(sessions.filterset.is_narrowed and len(sessions.active_filters) > 1)
            or bool(sessions.filterset.chosen("q")),
            first_year=listed["histogram"][0].value if listed["histogram"] else "",
            last_year=listed["histogram"][-1].value if listed["histogram"] else "",
            **listed,
            **context,
            **kwargs,
        )

    def entry_context(self, entry):
        return {}


class SeriesDetailView(EntryDetailView):
    parameter = "series"
    order = "oldest"  # parts are read from the first on

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        hits = context["hits"]
        is_whole = not context["is_narrowed"] and context["chosen_order"] == self.order
        size = context["chosen_per_page"]
        return context | {"first_number": (hits.page - 1) * size + 1 if is_whole else None}

    def entry_context(self, series):
        return {"chosen_order": self.request.GET.get("sort") or self.order}


class RegionDetailView(EntryDetailView):
    parameter = "region"


class TopicDetailView(EntryDetailView):
    parameter = "topic"
    narrowing = ("speaker", "organisation")

    def entry_context(self, topic):
        children = list(topic.children.all())
        broader = list(reversed(above(topic)))
        near = [other.slug for other in (*children, *broader)]
        return {
            "ancestors": broader,
            "broader": portraits.counted_topics(broader),
            "narrower": portraits.counted_topics(children),
            "related": portraits.related_topics(topic, near),
            "aliases": topic.aliases.all(),
        }


class SpeakerDetailView(EntryDetailView):
    template_name = "sessions_app/speaker_detail.html"
    parameter = "speaker"
    narrowing = ("topic",)

    def entry_context(self, speaker):
        companions, has_more_companions = portraits.companions(speaker)
        return {
            "speaker": speaker,
            "career": portraits.career(speaker),
            "companions": companions,
            "has_more_companions": has_more_companions,
            "aliases": speaker.aliases.all(),
        }


class OrganisationDetailView(EntryDetailView):
    template_name = "sessions_app/organisation_detail.html"
    parameter = "organisation"
    narrowing = ("topic",)

    def entry_context(self, organisation):
        return {
            "organisation": organisation,
            "people": portraits.people_by_year(organisation),
            "aliases": organisation.aliases.all(),
        }
