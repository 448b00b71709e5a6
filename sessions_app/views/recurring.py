"""Advice given again and again: groups of recommendations with their sessions over time."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Case, Count, F, Max, Min, When, Window
from django.db.models.functions import RowNumber
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.generic import TemplateView

from search_app.api import matching_ids
from sessions_app.catalogue.filters import RecommendationFilter
from sessions_app.catalogue.list_kinds import RECOMMENDATIONS
from sessions_app.catalogue.recurring import is_grouping_complete
from sessions_app.catalogue.result_list import ResultList
from sessions_app.formats.exports import CSV_MEDIA_TYPE, csv_lines
from sessions_app.formats.json import absolute_url, day_json
from sessions_app.querysets import public_condition
from sessions_app.views.paging import previous_and_next_urls
from site_app.http.generated_files import limit_concurrent_files
from site_app.http.problem_details import invalid_parameters_response
from site_app.text.numbers import parse_whole_number
from site_app.text.single_line import capitalise_title

from ..models import Recommendation, Recurrence

GROUPS_PER_PAGE = 10
MAX_MEMBERS_SHOWN_PER_GROUP = 6
MAX_MEMBERS_OF_SINGLE_GROUP = 100
MIN_SESSIONS_PER_GROUP = 2
EXPORTED_GROUPS_PER_SLICE = 50  # groups of an export read at once
NO_MEMBER_LIMIT = 2**31 - 1  # more than a group can have
EXPORT_COLUMNS = [
    "group",
    "advice",
    "sessions",
    "first_year",
    "last_year",
    "within_filters",
    "recommendation",
    "audience",
    "made_by",
    "session",
    "held_on",
    "url",
    "session_url",
]


@dataclass
class RecurringGroup:
    number: int
    text: str  # the public recommendation nearest to the centre
    session_count: int
    count_within: int | None  # sessions that match the filters; None without filters
    first_year: int | None
    last_year: int | None
    members: list[Recommendation]
    years: list[tuple[int, int]]  # (year, sessions)
    url: str

    @property
    def sessions_not_shown(self):
        return self.session_count - len(self.members)


class RecurringGroups:
    """All groups of at least two sessions, or one of them; filters as for recommendations."""

    def __init__(self, result_list: ResultList, number: str = ""):
        self.result_list = result_list
        self.matching = None  # keys of the recommendations that match the filters
        members = Recurrence.objects.filter(public_condition("recommendation__session__"))
        if result_list.filterset.is_narrowed:
            self.matching = set(matching_ids(result_list.criteria))
            meeting = members.filter(recommendation__in=self.matching)
            members = members.filter(group__in=meeting.order_by().values("group"))
        if one := parse_whole_number(number):
            members = members.filter(group=one)
        sessions = Count("recommendation__session", distinct=True)
        self.rows = (
            members.order_by()
            .values("group")
            .annotate(
                sessions=sessions,
                first=Min("recommendation__session__held_on"),
                last=Max("recommendation__session__held_on"),
            )
            .filter(sessions__gte=MIN_SESSIONS_PER_GROUP)
            .order_by("-sessions", "-last", "group")
        )

    def load_groups(self, rows, shown: int) -> list[RecurringGroup]:
        """Return the groups of some `rows`, each with its newest members, those within the filters first."""
        numbers = [row["group"] for row in rows]
        public = Recommendation.objects.published().filter(recurrence__group__in=numbers)
        # The centre itself may have been withdrawn just now: the group then shows one that is still
        # public.
        nearest = Window(
            RowNumber(),
            partition_by=F("recurrence__group"),
            order_by=[F("recurrence__likeness").desc(), F("pk").asc()],
        )
        headings = public.order_by().annotate(nearness=nearest).filter(nearness=1)
        texts = dict(headings.values_list("recurrence__group", "text"))
        within, sessions_within = self.matching_keys_and_sessions(public)
        newest = [
            Case(When(pk__in=within, then=0), default=1),
            F("session__held_on").desc(nulls_last=True),
            F("session__slug").asc(),
            F("number").asc(),
        ]
        place = Window(RowNumber(), partition_by=F("recurrence__group"), order_by=newest)
        members = public.annotate(
            place=place,
            group=F("recurrence__group"),
            is_within=Case(When(pk__in=within, then=True), default=False),
        )
        members_of, years_of = defaultdict(list), defaultdict(Counter)
        for member in members.filter(place__lte=shown).order_by("place").for_cards():
            members_of[member.group].append(member)
        days = public.order_by().values_list("recurrence__group", "session__held_on", "session")
        for number, day, _session in days.distinct():
            if day:
                years_of[number][day.year] += 1
        return [
            RecurringGroup(
                number=number,
                text=texts.get(number, ""),
                session_count=row["sessions"],
                count_within=None if self.matching is None else len(sessions_within[number]),
                first_year=row["first"] and row["first"].year,
                last_year=row["last"] and row["last"].year,
                members=members_of[number],
                years=sorted(years_of[number].items()),
                url=self.result_list.url(group=[str(number)]),
            )
            for number, row in zip(numbers, rows, strict=True)
        ]

    def matching_keys_and_sessions(self, public) -> tuple[list[int], dict[int, set[int]]]:
        """Return the keys of what is within the filters, and {group: the sessions of these}."""
        if self.matching is None:
            return [], {}
        rows = public.order_by().values_list("pk", "recurrence__group", "session")
        within = [row for row in rows if row[0] in self.matching]
        sessions = defaultdict(set)
        for _key, group, session in within:
            sessions[group].add(session)
        return [key for key, _group, _session in within], sessions


class RecurringView(TemplateView):
    template_name = "sessions_app/recurring.html"
    query_parameters = RecommendationFilter.parameter_names() | {"group"}

    def get_context_data(self, **kwargs):
        result_list = RECOMMENDATIONS.result_list(self.request.GET, path=self.request.path)
        one = self.request.GET.get("group", "")
        recurring = RecurringGroups(result_list, one)
        page = Paginator(recurring.rows, GROUPS_PER_PAGE).get_page(self.request.GET.get("page"))
        groups = recurring.load_groups(
            list(page.object_list),
            MAX_MEMBERS_OF_SINGLE_GROUP if one else MAX_MEMBERS_SHOWN_PER_GROUP,
        )
        years = [year for group in groups for year, _sessions in group.years]
        return super().get_context_data(
            # One axis for all groups on the page, so that they can be compared.
            first_year=min(years, default=0),
            last_year=max(years, default=0),
            list=result_list,
            **previous_and_next_urls(page, lambda number: result_list.url(page=[str(number)])),
            groups=groups,
            page=page,
            is_one=bool(one),
            is_partial=not is_grouping_complete(),
            **kwargs,
        )


class RecurringExportView(View):
    """Every group of the page's query string with every recommendation in it, as CSV."""

    query_parameters = RecurringView.query_parameters

    @method_decorator(limit_concurrent_files)
    def get(self, request):
        result_list = RECOMMENDATIONS.result_list(
            request.GET, with_facets=False, only_iso_dates=True
        )
        if not result_list.filterset.is_valid():
            return invalid_parameters_response(result_list.filterset.errors)
        recurring = RecurringGroups(result_list, request.GET.get("group", ""))
        lines = csv_lines(self.csv_rows(recurring), EXPORT_COLUMNS)
        response = StreamingHttpResponse(lines, content_type=CSV_MEDIA_TYPE)
        name = f"recurring-advice-{timezone.localdate()}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["X-Robots-Tag"] = "noindex"
        return response

    def csv_rows(self, recurring: RecurringGroups) -> Iterator[dict[str, str]]:
        counted = list(recurring.rows)
        for start in range(0, len(counted), EXPORTED_GROUPS_PER_SLICE):
            for group in recurring.load_groups(
                counted[start : start + EXPORTED_GROUPS_PER_SLICE], NO_MEMBER_LIMIT
            ):
                for advice in group.members:
                    session = advice.session
                    yield {
                        "group": str(group.number),
                        "advice": capitalise_title(group.text),
                        "sessions": str(group.session_count),
                        "first_year": str(group.first_year or ""),
                        "last_year": str(group.last_year or ""),
                        "within_filters": "yes" if advice.is_within else "no",
                        "recommendation": advice.text,
                        "audience": advice.audience,
                        "made_by": "; ".join(maker.speaker.name for maker in advice.made_by.all()),
                        "session": session.title,
                        "held_on": day_json(session.held_on) or "",
                        "url": absolute_url(advice.get_absolute_url()),
                        "session_url": absolute_url(session.get_absolute_url()),
                    }
