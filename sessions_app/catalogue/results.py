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

from .quote_context import summary_sentence_with_advice

CARD_NAME_FIELDS = ("speaker", "organisation", "series")  # parts of a session that its card shows
CARD_SUBJECT_FIELDS = ("topic", "region")  # parts in the last line of the card
MAX_LEAD_CHARACTERS = 220  # characters of a summary on a card


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
    def is_lead_shown(self):
        """Whether only a name or the title matched, which the card shows anyway."""
        return not (self.excerpt and self.excerpt.html) or self.excerpt.field in (
            *CARD_NAME_FIELDS,
            *CARD_SUBJECT_FIELDS,
        )

    @cached_property
    def matched_subject_html(self) -> SafeString | None:
        """The topic or region that matched, marked; None where the excerpt has to say it itself."""
        excerpt = self.excerpt
        if excerpt and excerpt.field in CARD_SUBJECT_FIELDS and not excerpt.other_name:
            return excerpt.html
        return None

    @property
    def subject_names(self) -> list[str]:
        """The names of topics and regions; one that matched is marked, and first if it is above them."""
        names = [topic.name for topic in self.session.listed_topics]
        names += [region.name for region in self.session.listed_regions]
        if self.matched_subject_html:
            matched = unescape(strip_tags(self.matched_subject_html))
            if matched in names:
                names[names.index(matched)] = self.matched_subject_html
            else:
                names.insert(0, self.matched_subject_html)
        return names

    @property
    def shortened_lead(self):
        """How the summary begins."""
        return shorten_at_word(self.session.lead, MAX_LEAD_CHARACTERS)


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
        return summary_sentence_with_advice(self.recommendation)


def sort_by_keys(records: Iterable, keys: list[int]) -> list:
    """Return the records in the order of their keys; keys without a record are left out.

    The records come through `published()` again, so that a stale index never shows a draft.
    """
    by_key = {record.pk: record for record in records}
    return [by_key[key] for key in keys if key in by_key]
