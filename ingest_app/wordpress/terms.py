"""Terms of the old site → topics, regions and series: found by name, or made."""

from django.db import models

from desk_app.merging.merge import names_of_merged_records
from ingest_app.talks.talk_reader import heading_key
from ingest_app.wordpress_mapping_choices import MappingTarget
from sessions_app.models import Region, Series, Topic, TopicAlias

from .inventory import ExportSurvey
from .mapping import Mapping

MODEL_OF_TARGET = {
    MappingTarget.TOPICS: Topic,
    MappingTarget.REGIONS: Region,
    MappingTarget.SERIES: Series,
}
MAX_TERM_DEPTH = 20  # levels in a tree of terms; a circular tree is cut off


class TermEntries:
    """Finds and makes entries; with `stores` off they get keys below zero and stay in memory."""

    def __init__(self, survey: ExportSurvey, mapping: Mapping, *, stores: bool):
        self.survey, self.mapping, self.stores = survey, mapping, stores
        self.made = 0
        self.known: dict[type[models.Model], dict[str, models.Model]] = {}
        for model in MODEL_OF_TARGET.values():
            entries = {heading_key(entry.name): entry for entry in model.objects.all()}
            self.known[model] = entries
        for alias in TopicAlias.objects.select_related("topic"):
            self.known[Topic].setdefault(heading_key(alias.name), alias.topic)
        for model in (Region, Series):
            by_key = {entry.pk: entry for entry in self.known[model].values()}
            for name, key in names_of_merged_records(model):
                if key in by_key:
                    self.known[model].setdefault(heading_key(name), by_key[key])

    def entry_of_term(self, taxonomy: str, slug: str, *, makes: bool = True, depth: int = 0):
        """Return the entry of a term, None where the mapping has none for it.

        Without `makes` only one that is there already.
        """
        term = self.survey.terms.get((taxonomy, slug))
        # The export of a single post type contains terms only within its posts.
        there = term.name if term else self.survey.labels.get(("term", f"{taxonomy}/{slug}"), slug)
        target, name = self.mapping.target_of_term(taxonomy, slug, there, self.survey)
        model = MODEL_OF_TARGET.get(target)
        if model is None:
            return None
        name = " ".join(name.split())[:200]
        known = self.known[model]
        if (entry := known.get(heading_key(name))) is not None:
            return entry
        if not makes:
            return None
        entry = model(name=name)
        if term and term.description:
            entry.description = term.description
        if model is Topic and term and term.parent and depth < MAX_TERM_DEPTH:
            above = self.entry_of_term(taxonomy, term.parent, depth=depth + 1)
            if isinstance(above, Topic):
                entry.parent_id = above.pk
        if self.stores:
            entry.save()
        else:
            self.made += 1
            entry.pk = -self.made
        known[heading_key(name)] = entry
        return entry

    def old_addresses(self, taxonomy: str, slug: str) -> list[str]:
        """Return where the old site listed what was filed under a term."""
        term = self.survey.terms.get((taxonomy, slug))
        base = {"post_tag": "tag"}.get(taxonomy, taxonomy)
        path, above, depth = [slug], term, 0
        while above and above.parent and depth < MAX_TERM_DEPTH:
            path.insert(0, above.parent)
            above = self.survey.terms.get((taxonomy, above.parent))
            depth += 1
        paths = [f"/{base}/{slug}/", f"/{base}/{'/'.join(path)}/"]
        if taxonomy == "category" and term and term.number:
            paths.append(f"/?cat={term.number}")
        return self.survey.old_addresses(*paths)
