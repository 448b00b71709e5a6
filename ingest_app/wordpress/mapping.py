"""What each kind of thing of a WordPress becomes here: rules that staff edit, and first proposals."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ingest_app.wordpress_mapping_choices import MappingKind, MappingTarget

from .inventory import ExportSurvey
from .wxr import WxrItem

_TARGET_OF_TERMS_BELOW = {
    MappingTarget.TOPICS_BELOW: MappingTarget.TOPICS,
    MappingTarget.REGIONS_BELOW: MappingTarget.REGIONS,
    MappingTarget.SERIES_BELOW: MappingTarget.SERIES,
}
_NON_LETTERS = re.compile(r"[^a-z]+")
_PEOPLE_WORDS = {
    "speaker", "speakers", "people", "person", "persons", "team", "staff", "guests", "expert",
    "experts", "author", "authors", "presenter", "presenters", "panelist", "panelists",
    "panellist", "panellists", "moderator", "moderators", "contributor", "contributors", "bio",
    "bios", "biography", "biographies", "fellow", "fellows",
}  # fmt: skip
# "Speaker series", "guest registration", "expert reports" are not about people.
_NON_PEOPLE_WORDS = {
    "series", "session", "sessions", "event", "events", "talk", "talks", "briefing", "briefings",
    "request", "requests", "form", "archive", "archives", "news", "announcement", "announcements",
    "schedule", "agenda", "call", "program", "programs", "programme", "programmes", "project",
    "projects", "report", "reports", "paper", "papers", "publication", "publications",
    "registration", "guidelines", "resources", "policy", "info", "faq", "post", "posts",
    "calendar", "webinar", "webinars", "seminar", "seminars", "recording", "recordings",
    "summary", "summaries", "blog", "meeting", "meetings",
}  # fmt: skip
_REGION_WORDS = re.compile(
    r"region|area|countr|geograph|place|location|combatant|theat(?:er|re)", re.I
)
_SERIES_WORDS = re.compile(r"series|project|programme?", re.I)
# Names of parent terms that say what the terms below them are.
_TARGET_OF_HEADING_TERM = (
    (re.compile(r"(?:all |by |the |our )?(?:regions?|areas?|countr(?:y|ies)|geograph(?:y|ies)|"
                r"locations?|places?|theat(?:er|re)s?)(?: of interest)?", re.I), MappingTarget.REGIONS_BELOW),
    (re.compile(r"(?:all |by |the |our )?(?:series|projects?|programme?s?)", re.I), MappingTarget.SERIES_BELOW),
    (re.compile(r"(?:all |by |the |our )?(?:topics?|subjects?|themes?|issues?|keywords?)", re.I),
     MappingTarget.TOPICS_BELOW),
    (re.compile(r"(?:all |by |the )?(?:years?|dates?|months?|archives?)", re.I), MappingTarget.IGNORED),
)  # fmt: skip
_MONTH_NAMES = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_YEAR_OR_QUARTER_NAME = re.compile(
    rf"(?:(?:{_MONTH_NAMES})\.?,?\s+)?(?:fy\s?|year\s)?(?:19|20)\d\d"
    r"(?:\s?[-–/]\s?(?:(?:19|20)?\d\d))?|fy\s?\d\d|q[1-4]\s+(?:19|20)\d\d",
    re.I,
)
_IGNORED_TAXONOMIES = {
    "post_format",
    "nav_menu",
    "link_category",
    "wp_theme",
    "language",
    "layout_category",
    "layout_tag",
    "layout_type",
    "scope",
    "module_width",
}


@dataclass(frozen=True)
class TargetRule:
    """One rule; `source` is a post type, a page's slug, a taxonomy, "taxonomy/slug" or a login."""

    kind: str
    source: str
    target: str
    name: str = ""  # of the topic, region or series, if it differs from the term's


@dataclass
class Mapping:
    """The rules in force: those given, and a proposal for everything that has none."""

    rules: dict[tuple[str, str], TargetRule] = field(default_factory=dict)

    @classmethod
    def from_rules(
        cls, rules: Iterable[TargetRule], survey: ExportSurvey | None = None
    ) -> "Mapping":
        """Return `rules`, and proposals for everything else in an export."""
        proposed = [rule for rule, _label, _occurs in proposed_rules(survey)] if survey else []
        return cls({(rule.kind, rule.source): rule for rule in [*proposed, *rules]})

    def target_of_source(self, kind: str, source: str) -> str:
        rule = self.rules.get((kind, source))
        return rule.target if rule else proposed_target(kind, source)

    def target_of_item(self, item: WxrItem, survey: ExportSurvey) -> tuple[str, str]:
        """Return (what an item becomes, why it is left out if it is)."""
        if item.type == "page":
            target = self.target_of_page(item.number, survey)
        else:
            target = self.target_of_source(MappingKind.POST_TYPE, item.type)
        if target == MappingTarget.IGNORED:
            return MappingTarget.IGNORED, f"The mapping leaves out {item.type}."
        only = (
            self._terms_required_of_sessions(item, survey)
            if target == MappingTarget.SESSIONS
            else {}
        )
        branches = [
            (taxonomy, slug, name, survey.term_and_ancestors(taxonomy, slug))
            for taxonomy, slug, name in item.terms
        ]
        # A post with both terms is a session.
        if any((taxonomy, above) in only for taxonomy, _, _, slugs in branches for above in slugs):
            return target, ""
        for taxonomy, _slug, name, slugs in branches:
            if self._target_of_nearest_rule(taxonomy, slugs) == MappingTarget.NO_SESSIONS:
                return (
                    MappingTarget.IGNORED,
                    f"The mapping leaves out what is filed under “{name}”.",
                )
        if only:
            names = " or ".join(f"“{name}”" for name in only.values())
            return MappingTarget.IGNORED, f"The mapping takes only what is filed under {names}."
        return target, ""

    def _terms_required_of_sessions(self, item, survey):
        """Return {(taxonomy, slug): name} of the terms of this export that sessions must have.

        A type of posts that is never filed in their taxonomies is not measured by them.
        """
        names = {}
        for rule in self.rules.values():
            taxonomy, _, slug = rule.source.partition("/")
            is_here = (MappingKind.TERM, rule.source) in survey.counts
            if (
                rule.kind == MappingKind.TERM
                and rule.target == MappingTarget.ONLY_SESSIONS
                and is_here
            ):
                names[taxonomy, slug] = survey.labels.get((MappingKind.TERM, rule.source), slug)
        return names if any((item.type, taxonomy) in survey.filed for taxonomy, _ in names) else {}

    def _target_of_nearest_rule(self, taxonomy, slugs):
        """Return the target of the first rule on the way up from a term, MappingTarget.AS_TAXONOMY for none."""
        for place, slug in enumerate(slugs):
            target = self.target_of_source(MappingKind.TERM, f"{taxonomy}/{slug}")
            if target in _TARGET_OF_TERMS_BELOW:
                return _TARGET_OF_TERMS_BELOW[target] if place else MappingTarget.IGNORED
            if target != MappingTarget.AS_TAXONOMY:
                return target
        return MappingTarget.AS_TAXONOMY

    def target_of_page(self, number: int, survey: ExportSurvey) -> str:
        """Return what a page becomes: what its rule, or that of the pages it is among, says."""
        target = self.target_of_source(MappingKind.POST_TYPE, "page")
        above = survey.pages.get(survey.above.get(number, 0), "")
        if above and (
            target == MappingTarget.IGNORED or (MappingKind.PAGES_BELOW, above) in self.rules
        ):
            return self.target_of_source(MappingKind.PAGES_BELOW, above)
        return target

    def target_of_term(
        self, taxonomy: str, slug: str, name: str, survey: ExportSurvey
    ) -> tuple[str, str]:
        """Return (topics, regions, series or ignored; the name it has there).

        A term without a rule of its own is what those above it are, then what its taxonomy is.
        """
        rule = self.rules.get((MappingKind.TERM, f"{taxonomy}/{slug}"))
        target = self._target_of_nearest_rule(taxonomy, survey.term_and_ancestors(taxonomy, slug))
        if target == MappingTarget.AS_TAXONOMY:
            target = self.target_of_source(MappingKind.TAXONOMY, taxonomy)
        elif target in (MappingTarget.ONLY_SESSIONS, MappingTarget.NO_SESSIONS):
            target = MappingTarget.IGNORED
        return target, (rule.name if rule else "") or name


def is_named_for_people(source: str) -> bool:
    """Return whether a post type or page is named after people: "speakers", "our-team"."""
    words = set(_NON_LETTERS.split(source.lower()))
    return bool(words & _PEOPLE_WORDS) and not words & _NON_PEOPLE_WORDS


def proposed_target(kind: str, source: str) -> str:
    """Return what a thing without a rule becomes."""
    match kind:
        case MappingKind.POST_TYPE:
            if source == "post":
                return MappingTarget.SESSIONS
            return MappingTarget.SPEAKERS if is_named_for_people(source) else MappingTarget.IGNORED
        case MappingKind.PAGES_BELOW:
            return MappingTarget.SPEAKERS if is_named_for_people(source) else MappingTarget.IGNORED
        case MappingKind.TAXONOMY:
            if source in _IGNORED_TAXONOMIES:
                return MappingTarget.IGNORED
            if _REGION_WORDS.search(source):
                return MappingTarget.REGIONS
            return MappingTarget.SERIES if _SERIES_WORDS.search(source) else MappingTarget.TOPICS
        case MappingKind.TERM:
            return (
                MappingTarget.IGNORED
                if source == "category/uncategorized"
                else MappingTarget.AS_TAXONOMY
            )
    return MappingTarget.IGNORED


def _proposed_term_targets(survey):
    """Return {source: target} of terms whose name, and place in the tree, say what they are."""
    parents = {(term.taxonomy, term.parent) for term in survey.terms.values() if term.parent}
    targets = {}
    for kind, source in survey.counts:
        if kind != MappingKind.TERM:
            continue
        taxonomy, _, slug = source.partition("/")
        name = survey.labels.get((MappingKind.TERM, source), slug.replace("-", " ")).strip()
        if _YEAR_OR_QUARTER_NAME.fullmatch(name):
            targets[source] = MappingTarget.IGNORED
        elif (taxonomy, slug) in parents:
            for pattern, target in _TARGET_OF_HEADING_TERM:
                if pattern.fullmatch(name):
                    targets[source] = target
    return targets


def proposed_rules(survey: ExportSurvey) -> list[tuple[TargetRule, str, int]]:
    """Return (proposed rule, label, number of occurrences) for everything in an export."""
    of_terms = _proposed_term_targets(survey)
    return [
        (
            TargetRule(
                kind,
                source,
                (kind == MappingKind.TERM and of_terms.get(source))
                or proposed_target(kind, source),
            ),
            survey.labels.get((kind, source), source.rpartition("/")[2]),
            occurs,
        )
        for (kind, source), occurs in sorted(survey.counts.items())
        if not (kind == MappingKind.POST_TYPE and source == "attachment")
    ]
