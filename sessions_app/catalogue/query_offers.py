"""What a search text may mean besides its words: somebody's name, or a year."""

import re
from dataclasses import dataclass

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy

from search_app.query.personal_titles import name_orders, name_without_titles
from search_app.query.query_ast import Phrase, Word
from search_app.tokenizer import folded_words
from sessions_app.models import Appearance
from sessions_app.querysets import public_condition
from speakers_app.models import Organisation, Speaker

from .filters import DATE_PARAMETERS
from .result_list import ResultList

MIN_YEAR_OFFERED = 1900
KIND_LABELS = {
    "speaker": gettext_lazy("Speaker"),
    "organisation": gettext_lazy("Organisation"),
}


@dataclass(frozen=True)
class NamedEntry:
    """The speaker or organisation whose name was searched for."""

    kind: str  # "speaker" or "organisation"
    record: Speaker | Organisation
    affiliation: Organisation | None  # at the speaker's last session
    session_count: int  # 0 where filters exclude some

    @property
    def name(self) -> str:
        return self.record.full_name if self.kind == "speaker" else self.record.name

    @property
    def kind_label(self):
        return KIND_LABELS[self.kind]


@dataclass(frozen=True)
class YearFilterOffer:
    year: int
    url: str  # the same list with a date filter instead of the word


def entry_named_by_search_text(result_list: ResultList) -> NamedEntry | None:
    """Return the speaker or organisation whose name the whole search text is, or None.

    Who is named is among those that the results count most, so their names are at hand; costs
    two queries where there is one, and one where a single word may be an acronym.
    """
    nodes = [clause.node for clause in result_list.hits.understood.clauses]
    is_plain = all(isinstance(node, Word | Phrase) and not node.field for node in nodes)
    if not nodes or not is_plain or any(getattr(node, "is_prefix", False) for node in nodes):
        return None
    typed = folded_words(result_list.hits.understood.text)
    orders = set(name_orders(typed))
    for kind, model in (("speaker", Speaker), ("organisation", Organisation)):
        values = [value for value in result_list.facet(kind).values if value.count]
        named = [
            value for value in values if name_without_titles(folded_words(value.label)) in orders
        ]
        record = None
        if named:
            record = model.objects.filter(slug=named[0].value).first()
        elif kind == "organisation" and len(typed) == 1:
            among = model.objects.filter(slug__in=[value.value for value in values])
            record = among.filter(abbreviation__iexact=typed[0]).order_by("slug").first()
        if record:
            counts = {value.value: value.count for value in values}
            return NamedEntry(
                kind=kind,
                record=record,
                affiliation=_latest_affiliation(record) if kind == "speaker" else None,
                session_count=0 if result_list.active_filters else counts[record.slug],
            )
    return None


def _latest_affiliation(speaker: Speaker) -> Organisation | None:
    appearances = Appearance.objects.filter(
        public_condition("session__"), speaker=speaker, organisation__isnull=False
    ).select_related("organisation")
    newest = appearances.order_by(F("session__held_on").desc(nulls_last=True), "pk").first()
    return newest and newest.organisation


def year_filter_offer(result_list: ResultList) -> YearFilterOffer | None:
    """Return the list by the date where the text has a year as a word, such as "rumours in 2019"."""
    if any(result_list.filterset.chosen_value(name) for name in ("year", *DATE_PARAMETERS)):
        return None
    clauses = result_list.hits.understood.clauses
    years = [
        int(clause.node.text)
        for clause in clauses
        if isinstance(clause.node, Word)
        and not clause.node.field
        and re.fullmatch(r"[0-9]{4}", clause.node.text)
    ]
    if len(years) != 1 or not MIN_YEAR_OFFERED <= years[0] <= timezone.localdate().year + 1:
        return None
    pattern = rf"(?:\b(?:in|of|during|from)\s+)?\b{years[0]}\b"
    rest = re.sub(pattern, " ", result_list.hits.understood.text, count=1, flags=re.IGNORECASE)
    return YearFilterOffer(
        years[0], result_list.url(q=[" ".join(rest.split())], year=[str(years[0])])
    )
