"""The list of recommendations and one recommendation."""

from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from sessions_app.catalogue.filters import RecommendationFilter
from sessions_app.catalogue.list_kinds import RECOMMENDATIONS
from sessions_app.catalogue.quote_context import summary_sentence_with_advice
from sessions_app.catalogue.recurring import recurrence_summary
from sessions_app.catalogue.related import similar_recommendations
from sessions_app.formats import citations, reference_styles
from sessions_app.formats.advice_head import advice_head
from sessions_app.formats.list_head import result_list_head
from sessions_app.selection import items
from sessions_app.visibility import TombstoneMixin, changed_public_id, visible_session
from site_app.models import SiteSettings

from ..models import Recommendation
from .facets import FacetValuesView


class RecommendationListView(TemplateView):
    template_name = "sessions_app/recommendation_list.html"
    query_parameters = RecommendationFilter.parameter_names() | {"group"}

    def get_context_data(self, **kwargs):
        result_list = RECOMMENDATIONS.result_list(self.request.GET)
        is_grouped = self.request.GET.get("group") == "session"
        site = SiteSettings.load()
        return super().get_context_data(
            list=result_list,
            site=site,  # loaded once for the page and its metadata
            head=result_list_head(result_list, site),
            is_grouped=is_grouped,
            groups=group_results_by_session(result_list.results) if is_grouped else [],
            groupings=[
                (_("nothing"), result_list.url(group=[]), not is_grouped),
                (_("session"), result_list.url(group=["session"]), is_grouped),
            ],
            **kwargs,
        )


def group_results_by_session(results):
    """Return [(session, its results)], in the order of each session's first result."""
    groups = {}
    for result in results:
        session = result.recommendation.session
        groups.setdefault(session.pk, (session, []))[1].append(result)
    return list(groups.values())


class RecommendationFacetView(FacetValuesView):
    kind = RECOMMENDATIONS
    query_parameters = RecommendationFilter.parameter_names() | FacetValuesView.own_parameters


def split_public_id_or_404(public_id: str) -> tuple[str, int]:
    """Return (session slug, number) of "<slug>-<number>"; raise Http404 for anything else."""
    if place := items.split_public_id(public_id):
        return place
    raise Http404


class RecommendationAddressMixin(TombstoneMixin):
    """Redirect URLs with the old slug of a session to the current ones."""

    def dispatch(self, request, *args, **kwargs):
        slug, number = split_public_id_or_404(kwargs["public_id"])
        if present := changed_public_id(slug, number):
            place = kwargs | {"public_id": present}
            address = reverse(request.resolver_match.view_name, kwargs=place)
            query = request.META.get("QUERY_STRING")
            return redirect(f"{address}?{query}" if query else address, permanent=True)
        return super().dispatch(request, *args, **kwargs)


class RecommendationDetailView(RecommendationAddressMixin, TemplateView):
    template_name = "sessions_app/recommendation_detail.html"

    def get_context_data(self, **kwargs):
        slug, number = split_public_id_or_404(self.kwargs["public_id"])
        session = visible_session(self.request, slug)
        of_number = Recommendation.objects.filter(session=session, number=number).with_everything()
        recommendation = of_number.first()
        if recommendation is None:
            raise Http404
        site = SiteSettings.load()
        citation = citations.citation_of_recommendation(recommendation, site.name)
        return super().get_context_data(
            recommendation=recommendation,
            session=recommendation.session,
            site=site,
            head=advice_head(recommendation, citation, site) if session.is_public else None,
            references=reference_styles.references_in_all_styles(citation),
            context_sentence=summary_sentence_with_advice(recommendation),
            is_preview=not session.is_public,
            recurs=recurrence_summary(recommendation),
            similar=similar_recommendations(recommendation) if session.is_public else [],
            follows=self.lists_to_follow(recommendation),
            **kwargs,
        )

    def lists_to_follow(self, recommendation) -> list[tuple[str, str]]:
        """Return (what is followed, query string) of the lists in which such advice appears."""
        session = recommendation.session
        found = [
            (
                _("Advice by %(name)s") % {"name": maker.speaker.full_name},
                {"speaker": maker.speaker.slug},
            )
            for maker in recommendation.made_by.all()
        ]
        if recommendation.audience:
            words = {"audience": recommendation.audience}
            found.append((_("Advice for %(audience)s") % words, words))
        topics = list(recommendation.topics.all()) or list(session.topics.all())
        found += [
            (_("Advice on %(topic)s") % {"topic": topic.name}, {"topic": topic.slug})
            for topic in topics
        ]
        return [(words, urlencode(query | {"list": "recommendations"})) for words, query in found]
