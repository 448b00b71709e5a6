"""Names of speakers, organisations, topics and series for the search index.

As documents they serve autocomplete; with their aliases they are terms that find each other.

Every entry is indexed, public or not: whether one may be shown depends on all its sessions, and is
asked when it is about to be shown (`authorities.public_session_counts`), or when a query uses its names
(`keys_of_public_entries`). Nothing else reads these kinds, and spelling suggestions come from sessions alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Count

from search_app.change_log import record_changes
from search_app.index.document_sources import register_document_source
from search_app.index.documents import IndexDocument, TextPart
from search_app.query.synonyms import provides_record_terms, record_change_of_terms
from sessions_app.catalogue.authorities import AUTHORITIES, public_entries
from sessions_app.models import Appearance, Series, Session, Topic, TopicAlias
from sessions_app.querysets import public_condition
from speakers_app.models import Organisation, OrganisationAlias, Speaker, SpeakerAlias

from .change_signals import on_save_or_delete_of, record_session_changes

MAX_SESSION_COUNT_IN_SORT_KEY = 999_999_999
AUTOCOMPLETED_KINDS = ("speaker", "organisation", "topic", "series")


class AuthorityDocumentSource:
    weights = {"title": 5.0, "body": 1.0}

    def __init__(self, kind: str):
        self.kind = kind
        self.model = AUTHORITIES[kind].model

    def keys(self) -> Iterator[int]:
        return self.model.objects.order_by("pk").values_list("pk", flat=True).iterator()

    def documents(self, keys: Sequence[int]) -> Iterable[IndexDocument]:
        entries = self.model.objects.filter(pk__in=keys)
        counts = self.public_session_counts_by_key(keys)
        has_aliases = self.kind != "series"
        for entry in entries.prefetch_related("aliases") if has_aliases else entries:
            aliases = entry.aliases.all() if has_aliases else ()
            is_person = self.kind == "speaker"
            name = entry.name if is_person else str(entry)
            others = [TextPart(alias.name) for alias in aliases]
            yield IndexDocument(
                key=entry.pk,
                slug=entry.slug,
                text={
                    "title": [TextPart(name)],
                    "body": others,
                    # A title in a query looks for the following name in this field; it does not
                    # affect the ranking.
                    "speaker": [TextPart(name), *others] if is_person else [],
                },
                facets={},
                starts_on=None,
                ends_on=None,
                # Records with most sessions come first. The counts are those at indexing time,
                # which is exact enough to choose a few of a thousand candidates.
                title=f"{MAX_SESSION_COUNT_IN_SORT_KEY - counts.get(entry.pk, 0):09} {name}",
            )

    def public_session_counts_by_key(self, keys: Sequence[int]) -> dict[int, int]:
        """Return {key: public sessions that name the entry itself}; one query."""
        links, entry, session = {
            "speaker": (Appearance.objects, "speaker", "session"),
            "organisation": (Appearance.objects, "organisation", "session"),
            "topic": (Session.topics.through.objects, "topic", "session"),
            "series": (Session.objects, "series", ""),
        }[self.kind]
        path = f"{session}__" if session else ""
        public_links = links.order_by().filter(public_condition(path), **{f"{entry}__in": keys})
        counted = public_links.values(entry).annotate(n=Count(f"{path}pk", distinct=True))
        return dict(counted.values_list(entry, "n"))


for _kind in AUTOCOMPLETED_KINDS:
    register_document_source(AuthorityDocumentSource(_kind))


def keys_of_public_entries(records: set[tuple[str, int]]) -> set[tuple[str, int]]:
    """Return those (kind, key) of entries that visitors may see; one query for each kind."""
    keys: dict[str, set[int]] = defaultdict(set)
    for kind, key in records:
        keys[kind].add(key)
    return {
        (kind, key)
        for kind, asked in keys.items()
        for key in public_entries(AUTHORITIES[kind].model)
        .filter(pk__in=asked)
        .order_by()
        .values_list("pk", flat=True)
    }


@provides_record_terms(keys_of_public_entries)
def names_with_aliases() -> Iterator[tuple[tuple[str, int], list[str]]]:
    """Yield ((kind, key), names) of each record that has several names: the full one first."""
    groups: dict[tuple[str, int], list[str]] = {}
    abbreviated = Organisation.objects.exclude(abbreviation="").order_by()
    for key, name, abbreviation in abbreviated.values_list("pk", "name", "abbreviation"):
        groups["organisation", key] = [name, abbreviation]
    for kind, aliases in (
        ("organisation", OrganisationAlias),
        ("speaker", SpeakerAlias),
        ("topic", TopicAlias),
    ):
        rows = aliases.objects.order_by("pk").annotate(
            full_name=AUTHORITIES[kind].name_expression(f"{kind}__")
        )
        for key, full_name, alias in rows.values_list(f"{kind}_id", "full_name", "name"):
            groups.setdefault((kind, key), [full_name]).append(alias)
    yield from groups.items()


def record_entry_changes(kind: str, keys: list[int]) -> None:
    """Update the index for entries from bulk statements; kinds that are not indexed are skipped."""
    if kind in AUTOCOMPLETED_KINDS:
        record_changes(kind, keys)
        record_change_of_terms()


@on_save_or_delete_of(Speaker, Organisation, Topic, Series)
def record_saved_or_deleted_entry(sender, instance, **kwargs):
    record_changes(sender._meta.model_name, [instance.pk])
    record_change_of_terms()


@on_save_or_delete_of(SpeakerAlias, OrganisationAlias, TopicAlias)
def record_owner_of_changed_alias(sender, instance, **kwargs):
    owner = sender._meta.model_name.removesuffix("alias")
    key = getattr(instance, f"{owner}_id")
    record_changes(owner, [key])
    record_change_of_terms()
    if owner == "speaker":  # searches for another name of a speaker must find the sessions, too
        sessions = Appearance.objects.filter(speaker=key).order_by()
        record_session_changes(list(sessions.values_list("session", flat=True).distinct()))
