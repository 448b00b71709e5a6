from django.urls import path, re_path

from sessions_app.catalogue.authorities import AUTHORITIES
from sessions_app.catalogue.list_kinds import RECOMMENDATIONS, SESSIONS
from sessions_app.formats.feeds import CommentFeedView, RecommendationFeedView, SessionFeedView
from sessions_app.formats.views import LinksetView, OEmbedView, SessionCardView
from sessions_app.oai.views import OAIView

from .views import (
    advanced_search,
    calendars,
    comments,
    compare,
    directories,
    documents,
    entries,
    exports,
    home,
    insights,
    pack,
    recommendations,
    recurring,
    search_help,
    sessions,
    suggest,
    unapi,
)

app_name = "sessions"

urlpatterns = [
    path("", home.HomeView.as_view(), name="home"),
    path("sessions/", sessions.SessionListView.as_view(), name="list"),
    path("sessions/facets/<slug:parameter>/", sessions.SessionFacetView.as_view(), name="facet"),
    re_path(
        r"^sessions/export\.(?P<extension>csv|xlsx|json|bib|ris)$",
        exports.ExportView.as_view(kind=SESSIONS),
        name="export",
    ),
    re_path(r"^sessions/feed\.(?P<extension>rss|atom)$", SessionFeedView.as_view(), name="feed"),
    path("search/advanced/", advanced_search.AdvancedSearchView.as_view(), name="advanced"),
    path("sessions/upcoming.ics", calendars.CalendarView.as_view(), name="upcoming-calendar"),
    path("sessions/<slug:slug>/session.ics", calendars.CalendarView.as_view(), name="calendar"),
    re_path(
        r"^sessions/(?P<slug>[-\w]+)/cite\.(?P<extension>bib|ris|json|txt)$",
        exports.SessionCiteView.as_view(),
        name="cite",
    ),
    path("sessions/<slug:slug>/card.png", SessionCardView.as_view(), name="card"),
    path("sessions/<slug:slug>/linkset.json", LinksetView.as_view(), name="linkset"),
    path("sessions/<slug:slug>/", sessions.SessionDetailView.as_view(), name="detail"),
    path("sessions/<slug:slug>/comment/", comments.CommentView.as_view(), name="comment"),
    path(
        "sessions/<slug:slug>/comment/thanks/",
        comments.CommentThanksView.as_view(),
        name="comment-thanks",
    ),
    re_path(
        r"^sessions/(?P<slug>[-\w]+)/comments/feed\.(?P<extension>rss|atom)$",
        CommentFeedView.as_view(),
        name="session-comments-feed",
    ),
    re_path(
        r"^comments/feed\.(?P<extension>rss|atom)$",
        CommentFeedView.as_view(),
        name="comments-feed",
    ),
    path(
        "sessions/<slug:slug>/documents/<int:number>/<str:filename>",
        documents.DocumentView.as_view(),
        name="document",
    ),
    path(
        "recommendations/",
        recommendations.RecommendationListView.as_view(),
        name="recommendations",
    ),
    path(
        "recommendations/facets/<slug:parameter>/",
        recommendations.RecommendationFacetView.as_view(),
        name="recommendation-facet",
    ),
    re_path(
        r"^recommendations/export\.(?P<extension>csv|xlsx|json|bib|ris)$",
        exports.ExportView.as_view(kind=RECOMMENDATIONS),
        name="recommendation-export",
    ),
    re_path(
        r"^recommendations/feed\.(?P<extension>rss|atom)$",
        RecommendationFeedView.as_view(),
        name="recommendation-feed",
    ),
    re_path(
        r"^recommendations/(?P<public_id>[-\w]+)/cite\.(?P<extension>bib|ris|json|txt)$",
        exports.RecommendationCiteView.as_view(),
        name="recommendation-cite",
    ),
    path("recommendations/recurring/", recurring.RecurringView.as_view(), name="recurring"),
    path(
        "recommendations/recurring/export.csv",
        recurring.RecurringExportView.as_view(),
        name="recurring-export",
    ),
    path(
        "recommendations/<slug:public_id>/",
        recommendations.RecommendationDetailView.as_view(),
        name="recommendation",
    ),
    path("insights/", insights.InsightsView.as_view(), name="insights"),
    path("insights/<slug:chart>/", insights.InsightView.as_view(), name="insight"),
    re_path(
        r"^insights/(?P<chart>[-\w]+)\.csv$",
        insights.InsightTableView.as_view(),
        name="insight-table",
    ),
    path("compare/", compare.CompareView.as_view(), name="compare"),
    path("pack/", pack.PackView.as_view(), name="pack"),
    path("pack/document.html", pack.PackDocumentView.as_view(), name="pack-document"),
    path("pack/document.docx", pack.PackWordView.as_view(), name="pack-word"),
    path("pack/document.md", pack.PackMarkdownView.as_view(), name="pack-markdown"),
    path("pack/references.ris", pack.PackReferencesView.as_view(), name="pack-references"),
    path("pack/items.csv", pack.PackItemsView.as_view(), name="pack-items"),
    path("help/search/", search_help.SearchHelpView.as_view(), name="search-help"),
    path("oembed", OEmbedView.as_view(), name="oembed"),
    path("unapi", unapi.UnapiView.as_view(), name="unapi"),
    path("oai", OAIView.as_view(), name="oai"),
    path("suggest/", suggest.SuggestView.as_view(), name="suggest"),
    path("speakers/", directories.SpeakerDirectoryView.as_view(), name="speakers"),
    path("speakers/<slug:slug>/", entries.SpeakerDetailView.as_view(), name="speaker"),
    path("organisations/", directories.OrganisationDirectoryView.as_view(), name="organisations"),
    path(
        "organisations/<slug:slug>/", entries.OrganisationDetailView.as_view(), name="organisation"
    ),
    path("topics/", directories.TopicDirectoryView.as_view(), name="topics"),
    path("topics/<slug:slug>/", entries.TopicDetailView.as_view(), name="topic"),
    path("series/", directories.SeriesDirectoryView.as_view(), name="series-list"),
    path("series/<slug:slug>/", entries.SeriesDetailView.as_view(), name="series"),
    path("regions/", directories.RegionDirectoryView.as_view(), name="regions"),
    path("regions/<slug:slug>/", entries.RegionDetailView.as_view(), name="region"),
]
urlpatterns += [
    re_path(
        rf"^{kind.prefix[1:]}(?P<slug>[-\w]+)/feed\.(?P<extension>rss|atom)$",
        SessionFeedView.as_view(parameter=kind.parameter),
        name=f"{kind.parameter}-feed",
    )
    for kind in AUTHORITIES.values()
]
