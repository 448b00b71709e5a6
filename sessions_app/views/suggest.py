"""Autocomplete: names and titles that begin like what is being typed."""

from django.http import JsonResponse
from django.utils.translation import gettext
from django.views import View

from search_app.api import search
from search_app.criteria_and_hits import Criteria
from search_app.tokenizer import words_keeping_compounds
from sessions_app.catalogue.authorities import AUTHORITIES, public_session_counts
from sessions_app.catalogue.results import sort_by_keys
from sessions_app.indexing.authorities import AUTOCOMPLETED_KINDS

from ..models import Session

MAX_SUGGESTIONS_PER_KIND = 4  # suggestions per kind
MIN_CHARACTERS = 2
MAX_WORDS_SEARCHED = 8


def prefix_search_text(typed: str) -> str:
    """Return the search text for words of which the last may be unfinished: "sino rus*"."""
    words = words_keeping_compounds(typed[:200].replace("\x00", " "))[-MAX_WORDS_SEARCHED:]
    return " ".join(words) + "*" if words else ""


class SuggestView(View):
    query_parameters = frozenset({"q"})

    def get(self, request):
        typed = request.GET.get("q", "")
        text = prefix_search_text(typed)
        groups = []
        if len(typed.strip()) >= MIN_CHARACTERS and text:
            groups = [self.entry_suggestions(kind, text) for kind in AUTOCOMPLETED_KINDS]
            groups.append(self.session_suggestions(text))
        return JsonResponse(
            {"query": typed, "groups": [group for group in groups if group["items"]]}
        )

    def entry_suggestions(self, kind, text):
        authority = AUTHORITIES[kind]
        # Fetch more than are shown: some may be used only by drafts, and their order dates from
        # when they were indexed.
        asked = Criteria(
            kind=kind,
            text=text,
            sort="title",
            per_page=5 * MAX_SUGGESTIONS_PER_KIND,
            excerpts=False,
        )
        keys = search(asked).keys
        records = sort_by_keys(authority.model.objects.filter(pk__in=keys), keys)
        counts = public_session_counts(kind, [entry.slug for entry in records])
        shown = [entry for entry in records if counts[entry.slug]]
        shown.sort(key=lambda entry: -counts[entry.slug])
        return {
            "kind": kind,
            "label": str(authority.plural),
            "items": [
                {
                    "label": getattr(entry, "name", str(entry)),
                    "url": entry.get_absolute_url(),
                    "session_count": counts[entry.slug],
                }
                for entry in shown[:MAX_SUGGESTIONS_PER_KIND]
            ],
        }

    def session_suggestions(self, text):
        words = text.split()
        titled = " ".join(f"title:{word}" for word in words)
        asked = Criteria(
            text=titled, sort="newest", per_page=MAX_SUGGESTIONS_PER_KIND, excerpts=False
        )
        keys = search(asked).keys
        titled_sessions = Session.objects.published().filter(pk__in=keys).only("slug", "title")
        records = sort_by_keys(titled_sessions, keys)
        return {
            "kind": "session",
            "label": gettext("Sessions"),
            "items": [
                {"label": session.title, "url": session.get_absolute_url()} for session in records
            ],
        }
