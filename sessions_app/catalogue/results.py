"""The sessions and recommendations of a list, each with what was found in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from html import unescape

from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from search_app.criteria_and_hits import Excerpt
from sessions_app.models import Recommendation, Session
from site_app.text.shortening import shorten_at_word

from .quote_context import sentence_around

NAMES = ("speaker", "organisation", "series")  # parts of a session that its card shows
ABOUT = ("topic", "region")  # parts in the last line of the card
LEAD_SHOWN = 220  # characters of a summary on a card


@dataclass
class SessionResult:
    session: Session
    excerpt: Excerpt | None

    @property
    def path(self) -> str:
        return self.session.get_absolute_url()

    @property
    def title(self):
        """The title, with what matched in it marked."""
        return (self.excerpt and self.excerpt.title_html) or self.session.title

    @property
    def shows_lead(self):
        """Whether only a name or the title matched, which the card shows anyway."""
        return not (self.excerpt and self.excerpt.html) or self.excerpt.field in (*NAMES, *ABOUT)

    @cached_property
    def matched_about(self) -> SafeString | None:
        """The topic or region that matched, marked; None where the excerpt has to say it itself."""
        excerpt = self.excerpt
        if excerpt and excerpt.field in ABOUT and not excerpt.other_name:
            return excerpt.html
        return None

    @property
    def about(self) -> list[str]:
        """The names of topics and regions; one that matched is marked, and first if it is above them."""
        names = [topic.name for topic in self.session.listed_topics]
        names += [region.name for region in self.session.listed_regions]
        if self.matched_about:
            matched = unescape(strip_tags(self.matched_about))
            if matched in names:
                names[names.index(matched)] = self.matched_about
            else:
                names.insert(0, self.matched_about)
        return names

    @property
    def lead(self):
        """How the summary begins."""
        return shorten_at_word(self.session.lead, LEAD_SHOWN)


@dataclass
class RecommendationResult:
    recommendation: Recommendation
    excerpt: Excerpt | None

    @property
    def path(self) -> str:
        return self.recommendation.get_absolute_url()

    @property
    def session_title(self):
        """The title of the session, with what matched in it marked."""
        return (self.excerpt and self.excerpt.title_html) or self.recommendation.session.title

    @property
    def sentence(self):
        """The sentence of the summary that contains the advice, if it says more than the advice."""
        return sentence_around(self.recommendation)


def in_order(records: Iterable, keys: list[int]) -> list:
    """Return the records in the order of their keys; keys without a record are left out.

    The records come through `published()` again, so that a stale index never shows a draft.
    """
    by_key = {record.pk: record for record in records}
    return [by_key[key] for key in keys if key in by_key]
