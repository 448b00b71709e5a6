"""Metadata of the page of a recommendation."""

from django.urls import reverse
from django.utils.translation import gettext

from sessions_app.formats.citations import Citation, date_with_slashes
from sessions_app.formats.json import absolute_url
from sessions_app.models import Recommendation

from . import json_ld
from .head import Head, Link, Meta, breadcrumb_json_ld, open_graph_tags
from .session_head import CITATION_MEDIA_TYPES


def advice_head(recommendation: Recommendation, citation: Citation, site) -> Head:
    """Return the head of a public recommendation that comes `with_everything()`."""
    session, path = recommendation.session, recommendation.get_absolute_url()
    return Head(
        meta=[
            Meta("citation_title", citation.title),
            *(Meta("citation_author", author.family_name_first) for author in citation.authors),
            Meta("citation_publication_date", date_with_slashes(citation.held_on)),
            Meta("citation_conference_title", citation.container),
            Meta("citation_publisher", citation.publisher),
            Meta("citation_language", citation.language),
            Meta("citation_public_url", citation.url),
            Meta("z.itemType", "presentation"),
            Meta("bib.presentedAt", citation.container),
            Meta("DC.type", citation.genre),
            *open_graph_tags(
                title=citation.title,
                path=path,
                description=gettext("Recommendation from “%(title)s”.") % {"title": session.title},
                site_name=site.name,
                kind="article",
            ),
        ],
        links=[
            Link("cite-as", absolute_url(path)),
            *(
                Link(
                    "describedby",
                    absolute_url(
                        reverse(
                            "sessions:recommendation-cite",
                            args=[recommendation.public_id, extension],
                        )
                    ),
                    media_type,
                )
                for extension, media_type in CITATION_MEDIA_TYPES.items()
            ),
        ],
        json_ld=[
            json_ld.recommendation_with_session(recommendation, site),
            breadcrumb_json_ld(
                [
                    (gettext("Recommendations"), reverse("sessions:recommendations")),
                    (session.title, session.get_absolute_url()),
                    (citation.title, path),
                ]
            ),
        ],
    )
