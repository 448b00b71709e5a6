"""The number of sessions and their dates, for the page about the archive."""

from dataclasses import dataclass
from datetime import date

from django import template
from django.http import QueryDict
from django.utils import timezone

from sessions_app.catalogue.front_page import archive_extent
from sessions_app.catalogue.list_kinds import RECOMMENDATIONS, SESSIONS
from sessions_app.models import Session

register = template.Library()


@dataclass(frozen=True)
class Coverage:
    sessions: int
    recommendations: int
    speakers: int
    organisations: int
    having: dict[str, int]  # {"recording": number of sessions with one, …}
    first: date | None  # of the past sessions
    last: date | None
    to_come: int
    changed_on: date | None  # the last change to any public session
    as_of: date


@register.simple_tag
def archive_coverage():
    """Return the Coverage of what is public now; two searches and 3 queries."""
    names = ("speaker", "organisation", "has")
    found = SESSIONS.result_list(QueryDict(), facet_names=names, overrides={"per_page": 1})
    advice = RECOMMENDATIONS.result_list(QueryDict(), with_facets=False)
    span = archive_extent()
    changed = (
        Session.objects.published().order_by("-updated_at").values_list("updated_at", flat=True)
    )
    changed_at = changed.first()
    return Coverage(
        sessions=found.hits.total,
        recommendations=advice.hits.total,
        speakers=found.hits.facet_totals["speaker"],
        organisations=found.hits.facet_totals["organisation"],
        having={count.value: count.count for count in found.hits.facets["has"]},
        first=span.first,
        last=span.last,
        to_come=span.to_come,
        changed_on=changed_at and timezone.localdate(changed_at),
        as_of=timezone.localdate(),
    )
