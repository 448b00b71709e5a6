"""Which advice recurs, by whom, and over which years."""

from dataclasses import dataclass

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from search_app.api import matching_ids
from sessions_app.catalogue import charts
from sessions_app.catalogue.recurring import groups_by_session_count
from sessions_app.catalogue.result_list import ResultList
from sessions_app.models import Recurrence
from sessions_app.querysets import public_condition
from speakers_app.models import given_and_family_name

from .chart_data import PARAMETERS_LEFT_OUT_OF_LINKS, ChartData, year_axis_context

MAX_ADVICE_GROUPS, MAX_ADVISERS_NAMED = 10, 5


@dataclass(frozen=True)
class AdviceTrend:
    text: str
    url: str
    sessions: int
    first_year: int | None
    last_year: int | None
    advisers: list[tuple[str, str]]  # (name, URL)
    more_advisers: int
    drawing: SafeString


def recurring_advice_chart(result_list: ResultList) -> ChartData:
    """Return the advice that most sessions gave, within the filters, with who gave it and when."""
    members = Recurrence.objects.filter(public_condition("recommendation__session__"))
    if result_list.filterset.is_narrowed:
        members = members.filter(recommendation__in=list(matching_ids(result_list.criteria)))
    groups = list(groups_by_session_count(members)[: MAX_ADVICE_GROUPS + 1])
    has_more, groups = len(groups) > MAX_ADVICE_GROUPS, groups[:MAX_ADVICE_GROUPS]
    within = members.filter(group__in=[group["group"] for group in groups]).order_by()
    years, advisers = {}, {}
    nearest = Window(
        RowNumber(), partition_by=F("group"), order_by=[F("likeness").desc(), F("pk").asc()]
    )
    headings = within.annotate(nearness=nearest).filter(nearness=1)
    texts = dict(headings.values_list("group", "recommendation__text"))
    dated = within.values_list(
        "group", "recommendation__session__held_on", "recommendation__session"
    ).distinct()
    for group, day, _session in dated:
        if day:
            by_year = years.setdefault(group, {})
            by_year[day.year] = by_year.get(day.year, 0) + 1
    speaker = "recommendation__made_by__speaker"
    made = (
        within.filter(recommendation__made_by__isnull=False)
        .values("group", f"{speaker}__slug", f"{speaker}__given_name", f"{speaker}__family_name")
        .annotate(times=Count("pk"))
        .order_by("-times", f"{speaker}__slug")
    )
    for row in made:
        name = given_and_family_name(row[f"{speaker}__given_name"], row[f"{speaker}__family_name"])
        advisers.setdefault(row["group"], {})[row[f"{speaker}__slug"]] = name
    known = [year for found_years in years.values() for year in found_years]
    first, last = min(known, default=0), max(known, default=0)
    highest = max((n for by_year in years.values() for n in by_year.values()), default=1)
    trends = [
        _build_advice_trend(result_list, group, texts, years, advisers, (first, last, highest))
        for group in groups
    ]
    return ChartData(
        columns=[
            _("Advice"),
            _("Sessions"),
            _("First year"),
            _("Last year"),
            _("By whom"),
            *map(str, sorted(set(known))),
        ],
        rows=[
            [
                trend.text,
                trend.sessions,
                str(trend.first_year or ""),
                str(trend.last_year or ""),
                "; ".join(advisers.get(group["group"], {}).values()),
                *(years.get(group["group"], {}).get(year, 0) for year in sorted(set(known))),
            ]
            for group, trend in zip(groups, trends, strict=True)
        ],
        is_empty=not trends,
        notes=[_("The advice of the most sessions; the page of recurring advice has all of it.")]
        if has_more
        else [],
        parts={
            "trends": trends,
            **year_axis_context(first, last, highest),
            "is_dated": bool(known),
        },
    )


def _build_advice_trend(result_list, group, texts, years, advisers, axis) -> AdviceTrend:
    number = group["group"]
    base = reverse("sessions:recurring")

    def url_of(**values):
        changes = {name: [value] for name, value in values.items()}
        return f"{base}?{result_list.query_string(without=PARAMETERS_LEFT_OUT_OF_LINKS, group=[str(number)], **changes)}"

    marks = [
        charts.YearMark(year, count, url_of(year=f"{year:04}"))
        for year, count in sorted(years.get(number, {}).items())
    ]
    made = list(advisers.get(number, {}).items())
    return AdviceTrend(
        text=texts.get(number, ""),
        url=url_of(),
        sessions=group["sessions"],
        first_year=group["first"] and group["first"].year,
        last_year=group["last"] and group["last"].year,
        advisers=[
            (name, reverse("sessions:speaker", args=[slug]))
            for slug, name in made[:MAX_ADVISERS_NAMED]
        ],
        more_advisers=max(0, len(made) - MAX_ADVISERS_NAMED),
        drawing=charts.year_row_svg(
            _("%(name)s: sessions by year") % {"name": texts.get(number, "")}, marks, *axis
        ),
    )
