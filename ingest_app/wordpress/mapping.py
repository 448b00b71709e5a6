"""What each kind of thing of a WordPress becomes here: rules that staff edit, and first proposals."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from .survey import Survey
from .wxr import Item

# Kinds of a rule.
POST_TYPE, PAGES_BELOW, TAXONOMY, TERM, AUTHOR = (
    "post type", "pages below", "taxonomy", "term", "author",
)  # fmt: skip
# What it may become.
SESSIONS, SPEAKERS, TOPICS, REGIONS, SERIES = "sessions", "speakers", "topics", "regions", "series"
IGNORED, AS_TAXONOMY, NO_SESSIONS = "ignored", "as its taxonomy", "no sessions"
TARGETS = {
    POST_TYPE: (SESSIONS, SPEAKERS, IGNORED),
    PAGES_BELOW: (SPEAKERS, SESSIONS, IGNORED),
    TAXONOMY: (TOPICS, REGIONS, SERIES, IGNORED),
    TERM: (AS_TAXONOMY, TOPICS, REGIONS, SERIES, IGNORED, NO_SESSIONS),
    AUTHOR: (IGNORED, SPEAKERS),
}
_PEOPLE = re.compile(r"speaker|people|person|team|guest|expert|author|presenter|panelist", re.I)
_AREAS = re.compile(r"region|area|countr|geograph|place|location|combatant|theat(?:er|re)", re.I)
_SERIES = re.compile(r"series|project|programme?", re.I)
_NOTHING = {"post_format", "nav_menu", "link_category", "wp_theme", "language", "layout_category",
            "layout_tag", "layout_type", "scope", "module_width"}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One rule; `source` is a post type, a page's slug, a taxonomy, "taxonomy/slug" or a login."""

    kind: str
    source: str
    target: str
    name: str = ""  # of the topic, region or series, where it is not the term's own


@dataclass
class Mapping:
    """The rules in force: those given, and a proposal for everything that has none."""

    rules: dict[tuple[str, str], Rule] = field(default_factory=dict)

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> "Mapping":
        return cls({(rule.kind, rule.source): rule for rule in rules})

    def target(self, kind: str, source: str) -> str:
        rule = self.rules.get((kind, source))
        return rule.target if rule else proposal(kind, source)

    def of_item(self, item: Item, survey: Survey) -> tuple[str, str]:
        """Return (what an item becomes, why it is left out if it is)."""
        if item.type == "page":
            target = self.of_page(item.number, survey)
        else:
            target = self.target(POST_TYPE, item.type)
        if target == IGNORED:
            return IGNORED, f"The mapping leaves out {item.type}."
        for taxonomy, slug, name in item.terms:
            if self.target(TERM, f"{taxonomy}/{slug}") == NO_SESSIONS:
                return IGNORED, f"The mapping leaves out what is filed under “{name}”."
        return target, ""

    def of_page(self, number: int, survey: Survey) -> str:
        """Return what a page becomes: what its rule, or that of the pages it is among, says."""
        target = self.target(POST_TYPE, "page")
        above = survey.pages.get(survey.above.get(number, 0), "")
        if above and (target == IGNORED or (PAGES_BELOW, above) in self.rules):
            return self.target(PAGES_BELOW, above)
        return target

    def of_term(self, taxonomy: str, slug: str, name: str) -> tuple[str, str]:
        """Return (topics, regions, series or ignored; the name it has there)."""
        rule = self.rules.get((TERM, f"{taxonomy}/{slug}"))
        target = self.target(TERM, f"{taxonomy}/{slug}")
        if target == AS_TAXONOMY:
            target = self.target(TAXONOMY, taxonomy)
        return target, (rule.name if rule else "") or name


def proposal(kind: str, source: str) -> str:
    """Return what a thing without a rule becomes."""
    match kind:
        case "post type":
            if source == "post":
                return SESSIONS
            return SPEAKERS if _PEOPLE.search(source) else IGNORED
        case "pages below":
            return SPEAKERS if _PEOPLE.search(source) else IGNORED
        case "taxonomy":
            if source in _NOTHING:
                return IGNORED
            if _AREAS.search(source):
                return REGIONS
            return SERIES if _SERIES.search(source) else TOPICS
        case "term":
            return IGNORED if source == "category/uncategorized" else AS_TAXONOMY
    return IGNORED


def needed(survey: Survey) -> list[tuple[Rule, str, int]]:
    """Return (proposed rule, label, how often it occurs) for all that an export holds."""
    return [
        (Rule(kind, source, proposal(kind, source)), survey.labels.get((kind, source), source), n)
        for (kind, source), n in sorted(survey.counts.items())
        if not (kind == POST_TYPE and source == "attachment")
    ]
