"""The two lists that can be searched: of sessions and of recommendations.

Pages, facets, exports, feeds, the API and alerts read from here how the two lists differ.
"""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .filters import ListFilter, RecommendationFilter, SessionFilter
from .result_list import ResultList
from .results import RecommendationResult, SessionResult


@dataclass(frozen=True)
class ListKind:
    name: str  # in URLs and stored alerts
    noun: str
    heading: str
    filter_class: type[ListFilter]
    result_class: type  # class of a result on a page: a record with its excerpt
    path_to_session: str  # lookup prefix from the record to its session
    # Names of URLs:
    list_url: str
    facet_url: str
    export_url: str

    def published(self) -> QuerySet:
        """Return the records that visitors may see."""
        return self.filter_class.Meta.model.objects.published()

    def result_list(
        self,
        query: QueryDict,
        path: str = "",
        *,
        fixed: dict[str, str] | None = None,
        only_iso_dates: bool = False,
        any_page_size: bool = False,
        **options,
    ) -> ResultList:
        """Return the list for the query string, as a page at `path` shows it.

        `fixed` contains parameters implied by the URL, such as the topic on a topic's page:
        {"topic": "deterrence"}. `options` are further fields of ResultList.
        """
        asked = query
        if fixed:
            asked = query.copy()
            for name, value in fixed.items():
                asked[name] = value
        return ResultList(
            kind=self,
            query=query,
            path=path or reverse(self.list_url),
            filterset=self.filter_class(
                asked, only_iso_dates=only_iso_dates, any_page_size=any_page_size
            ),
            **options,
        )


SESSIONS = ListKind(
    "sessions",
    "session",
    _("Sessions"),
    SessionFilter,
    SessionResult,
    path_to_session="",
    list_url="sessions:list",
    facet_url="sessions:facet",
    export_url="sessions:export",
)
RECOMMENDATIONS = ListKind(
    "recommendations",
    "recommendation",
    _("Recommendations"),
    RecommendationFilter,
    RecommendationResult,
    path_to_session="session__",
    list_url="sessions:recommendations",
    facet_url="sessions:recommendation-facet",
    export_url="sessions:recommendation-export",
)
LIST_KINDS_BY_NAME = {kind.name: kind for kind in (SESSIONS, RECOMMENDATIONS)}
