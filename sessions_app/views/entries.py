"""The page of one speaker, organisation, topic, series or region."""

from django.http import Http404
from django.views.generic import TemplateView

from sessions_app.catalogue import entry_page_content
from sessions_app.catalogue.authorities import AUTHORITIES, public_entries
from sessions_app.catalogue.filters import SessionFilter
from sessions_app.catalogue.list_kinds import SESSIONS
from sessions_app.catalogue.topic_tree import ancestors_of
from sessions_app.formats.authority_head import authority_head
from sessions_app.visibility import allow_preview_for_staff
from site_app.models import SiteSettings


class EntryDetailView(TemplateView):
    """One entry with its sessions; the rest of the query string narrows them."""

    template_name = "sessions_app/entry_detail.html"
    query_parameters = SessionFilter.parameter_names()
    parameter = ""
    narrowing = ("topic", "speaker")  # facets offered on the page to narrow its sessions
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
        # A listed session makes its record public; only without one is a query needed.
        is_preview = (
            not sessions.results and not public_entries(kind.model).filter(pk=entry.pk).exists()
        )
        if is_preview:
            allow_preview_for_staff(self.request, kind.model)
        context = self.entry_context(entry)
        site = SiteSettings.load()
        head = None
        if not is_preview:
            head = authority_head(kind, entry, context.get("ancestors", ()), sessions, site)
        advice = entry_page_content.newest_advice_of_entry(self.parameter, entry.slug)
        return super().get_context_data(
            entry=entry,
            kind=kind,
            site=site,
            head=head,
            is_preview=is_preview,
            advice=advice,
            is_narrowed=(sessions.filterset.is_narrowed and len(sessions.active_filters) > 1)
            or bool(sessions.filterset.chosen_value("q")),
            list=sessions,
            first_year=sessions.year_values[0].value if sessions.year_values else "",
            last_year=sessions.year_values[-1].value if sessions.year_values else "",
            **context,
            **kwargs,
        )

    def entry_context(self, entry):
        return {}


class SeriesDetailView(EntryDetailView):
    parameter = "series"
    order = "oldest"  # parts of a series are read from the first one on

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        sessions = context["list"]
        is_whole = not context["is_narrowed"] and context["chosen_order"] == self.order
        return context | {"first_number": sessions.earlier_result_count + 1 if is_whole else None}

    def entry_context(self, series):
        return {"chosen_order": self.request.GET.get("sort") or self.order}


class RegionDetailView(EntryDetailView):
    parameter = "region"


class TopicDetailView(EntryDetailView):
    parameter = "topic"
    narrowing = ("speaker", "organisation")

    def entry_context(self, topic):
        children = list(topic.children.all())
        broader = list(reversed(ancestors_of(topic)))
        near = [other.slug for other in (*children, *broader)]
        return {
            "ancestors": broader,
            "broader": entry_page_content.topics_with_session_counts(broader),
            "narrower": entry_page_content.topics_with_session_counts(children),
            "related": entry_page_content.related_topics(topic, near),
            "aliases": topic.aliases.all(),
        }


class SpeakerDetailView(EntryDetailView):
    template_name = "sessions_app/speaker_detail.html"
    parameter = "speaker"
    narrowing = ("topic",)

    def entry_context(self, speaker):
        companions, has_more_companions = entry_page_content.top_co_speakers(speaker)
        return {
            "speaker": speaker,
            "career": entry_page_content.speaker_career(speaker),
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
            "people": entry_page_content.people_by_year(organisation),
            "aliases": organisation.aliases.all(),
        }
