"""Advice given again and again: groups of recommendations with their sessions over time."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Count, F, Max, Min, Window
from django.db.models.functions import RowNumber
from django.views.generic import TemplateView

from search_app.api import matching_ids
from sessions_app.catalogue.filters import RecommendationFilter
from sessions_app.catalogue.list_kinds import RECOMMENDATIONS
from sessions_app.catalogue.recurring import is_complete
from sessions_app.querysets import public_condition
from sessions_app.views.paging import step_links
from site_app.text.numbers import whole_number

from ..models import Recommendation, Recurrence

GROUPS_A_PAGE = 10
MEMBERS_SHOWN = 6
MEMBERS_A_PAGE = 100
MIN_SESSIONS = 2


@dataclass
class RecurringGroup:
    number: int
    text: str  # of the public recommendation nearest to the centre
    session_count: int
    first_year: int | None
    last_year: int | None
    members: list[Recommendation]
    years: list[tuple[int, int]]  # (year, sessions)
    url: str

    @property
    def more(self):
        return self.session_count - len(self.members)


class RecurringView(TemplateView):
    """All groups of at least two sessions, or one of them; filters as for recommendations."""

    template_name = "sessions_app/recurring.html"
    query_parameters = RecommendationFilter.parameters() | {"group"}

    def get_context_data(self, **kwargs):
        result_list = RECOMMENDATIONS.result_list(self.request.GET, path=self.request.path)
        members = Recurrence.objects.filter(public_condition("recommendation__session__"))
        if result_list.filterset.is_narrowed:
            meeting = members.filter(recommendation__in=set(matching_ids(result_list.criteria)))
            members = members.filter(group__in=meeting.order_by().values("group"))
        one = self.request.GET.get("group", "")
        if number := whole_number(one):
            members = members.filter(group=number)
        sessions = Count("recommendation__session", distinct=True)
        counted = (
            members.order_by()
            .values("group")
            .annotate(
                sessions=sessions,
                first=Min("recommendation__session__held_on"),
                last=Max("recommendation__session__held_on"),
            )
            .filter(sessions__gte=MIN_SESSIONS)
            .order_by("-sessions", "-last", "group")
        )
        page = Paginator(counted, GROUPS_A_PAGE).get_page(self.request.GET.get("page"))
        shown = MEMBERS_A_PAGE if one else MEMBERS_SHOWN
        groups = self.groups(list(page.object_list), result_list, shown)
        years = [year for group in groups for year, _sessions in group.years]
        return super().get_context_data(
            # One axis for all groups of the page, so that they can be compared.
            first_year=min(years, default=0),
            last_year=max(years, default=0),
            **result_list.context()
            | {"pages": []}
            | step_links(page, lambda number: result_list.url(page=[str(number)])),
            groups=groups,
            page=page,
            is_one=bool(one),
            is_partial=not is_complete(),
            **kwargs,
        )

    def groups(self, rows, result_list, shown) -> list[RecurringGroup]:
        """Return the groups of a page, each with its newest members."""
        numbers = [row["group"] for row in rows]
        public = Recommendation.objects.published().filter(recurrence__group__in=numbers)
        # The centre itself may have been withdrawn a moment ago: the group is headed by what of
        # it is public now.
        nearest = Window(
            RowNumber(),
            partition_by=F("recurrence__group"),
            order_by=[F("recurrence__likeness").desc(), F("pk").asc()],
        )
        headings = public.order_by().annotate(nearness=nearest).filter(nearness=1)
        texts = dict(headings.values_list("recurrence__group", "text"))
        newest = [
            F("session__held_on").desc(nulls_last=True),
            F("session__slug").asc(),
            F("number").asc(),
        ]
        place = Window(RowNumber(), partition_by=F("recurrence__group"), order_by=newest)
        members = public.annotate(place=place, group=F("recurrence__group"))
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
                first_year=row["first"] and row["first"].year,
                last_year=row["last"] and row["last"].year,
                members=members_of[number],
                years=sorted(years_of[number].items()),
                url=result_list.url(group=[str(number)]),
            )
            for number, row in zip(numbers, rows, strict=True)
        ]
