"""Who may see what: every public page, feed, export and index chains on these."""

from functools import cache

from django.db import models
from django.db.models import Count, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce, Left
from django.utils import timezone

from .time_zones import time_zones_by_other_day

MAX_LEAD_CHARACTERS = 240  # characters of a summary at the top of a card


def public_condition(path: str = "") -> Q:
    """Return the condition that a session is public; `path` leads to it, such as "session__".

    As a condition it becomes part of a join, where `session__in=published()` would be a query of
    its own for each row.
    """
    return Q(**{f"{path}status": "published", f"{path}published_at__lte": timezone.now()})


class SessionQuerySet(models.QuerySet):
    def of_import(self, ref: str):
        """Return the session that an import made under `ref`, or into which that one was merged."""
        # Two queries: a single one with OR would scan the whole table.
        return (
            self.filter(import_ref=ref).first() or self.filter(former_import_refs__ref=ref).first()
        )

    def published(self):
        """Sessions any visitor may see now. A scheduled one joins when its time has come."""
        return self.filter(public_condition())

    def tombstones(self):
        """Sessions that were public once and are not now: their addresses answer 410."""
        return self.filter(first_public_at__lte=timezone.now()).exclude(public_condition())

    def ever_public(self):
        """Sessions that are or were public: harvesters get them, if only as deleted."""
        return self.filter(public_condition() | Q(first_public_at__lte=timezone.now()))

    def upcoming(self):
        """Sessions whose last day is not over where they are held, the next one first."""
        elsewhere = time_zones_by_other_day()
        zones = [zone for names in elsewhere.values() for zone in names]
        not_over = ~Q(time_zone__in=zones) & _last_day_condition(timezone.localdate())
        for day, names in elsewhere.items():
            not_over |= Q(time_zone__in=names) & _last_day_condition(day)
        # Two indexes find the few candidates; OR would scan every session.
        first = min([timezone.localdate(), *elsewhere])
        rows = self.model.objects.order_by().values("pk")
        candidates = rows.filter(held_on__gte=first).union(rows.filter(ends_on__gte=first))
        return self.filter(not_over, pk__in=candidates).order_by("held_on", "start_time", "slug")

    def outside_bin(self):
        """What staff work with: everything that was not deleted."""
        return self.exclude(status="binned")

    def with_speakers(self):
        """Add series, appearances, speakers and affiliations: 2 queries, however many rows."""
        appearances = self.model._meta.get_field("appearances").related_model
        appearances = appearances.objects.select_related(
            "speaker", "organisation"
        ).prefetch_related("further_organisations")
        return self.select_related("series").prefetch_related(Prefetch("appearances", appearances))

    def for_cards(self):
        """What a card in a list shows: day, speakers, how its summary begins, how many parts.

        Its appearances are in the list `listed_appearances`, its topics and regions in
        `listed_topics` and `listed_regions`: into the managers of each session they would take
        three times as long.
        """
        appearances = self.model._meta.get_field("appearances").related_model.objects.for_cards()
        listed = Prefetch("appearances", appearances, to_attr="listed_appearances")
        cards = (
            self.select_related("series")
            .prefetch_related(
                listed, *(_prefetch_names(self.model, name) for name in ("topics", "regions"))
            )
            .only(
                "slug",
                "title",
                "language",
                "held_on",
                "ends_on",
                "time_zone",
                "has_recording",
                "has_transcript",
                "series__slug",
                "series__name",
            )
        )
        return cards.annotate(
            recommendation_count=_count_subquery(self.model, "recommendations"),
            document_count=_count_subquery(self.model, "documents"),
            lead=Left("summary_text", MAX_LEAD_CHARACTERS),
        )

    def for_page(self):
        """Add what a session's own page shows: of those who gave advice, the names alone."""
        appearances = self.model._meta.get_field("appearances").related_model
        makers = Prefetch("recommendations__made_by", appearances.objects.for_cards())
        return self.with_speakers().prefetch_related("topics", "regions", makers, "documents")

    def with_everything(self):
        """Add all that a session's export and its answer in the API show."""
        return self.with_speakers().prefetch_related(
            "topics", "regions", "recommendations__made_by", "recommendations__topics", "documents"
        )


def _prefetch_names(sessions, name):
    """Return what loads the topics or regions of cards: their names alone."""
    entries = sessions._meta.get_field(name).related_model.objects.only("slug", "name")
    return Prefetch(name, entries, to_attr=f"listed_{name}")


def _last_day_condition(day):
    return Q(held_on__gte=day) | Q(ends_on__gte=day)


@cache
def _count_subquery(sessions, parts):
    """Return the number of parts as an expression; to make one takes as long as to ask it."""
    rows = sessions._meta.get_field(parts).related_model.objects.order_by()
    counted = rows.filter(session=OuterRef("pk")).values("session").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)


class BinnedSessionManager(models.Manager.from_queryset(SessionQuerySet)):
    def get_queryset(self):
        return super().get_queryset().filter(status="binned")


class AppearanceQuerySet(models.QuerySet):
    def for_cards(self):
        """What a card in a list shows: names alone. A list has a hundred of them to load."""
        people = ("slug", "family_name", "given_name", "honorific", "suffix")
        return self.select_related("speaker", "organisation").only(
            "session_id",
            "function",
            "position",
            *(f"speaker__{name}" for name in people),
            *(f"organisation__{name}" for name in ("slug", "name", "abbreviation")),
        )


class RecommendationQuerySet(models.QuerySet):
    def published(self):
        """Recommendations of public sessions."""
        return self.filter(public_condition("session__"))

    def for_cards(self):
        """What a card in a list shows: the session and who gave the advice."""
        appearances = self.model._meta.get_field("made_by").related_model
        return self.select_related("session__series").prefetch_related(
            Prefetch("made_by", appearances.objects.for_cards())
        )

    def with_everything(self):
        """Add the session with its speakers, topics and regions, and who gave the advice."""
        sessions = self.model._meta.get_field("session").related_model
        appearances = self.model._meta.get_field("made_by").related_model
        return self.prefetch_related(
            Prefetch("session", sessions.objects.with_everything()),
            Prefetch("made_by", appearances.objects.select_related("speaker", "organisation")),
            "topics",
        )


class CommentQuerySet(models.QuerySet):
    def visible_to_visitors(self):
        """Approved comments of public sessions that show them."""
        return self.filter(public_condition("session__"), status="approved").exclude(
            session__commenting="off"
        )

    def newest_first(self):
        """Those last made public first, `public_since` says when; imported ones since written."""
        return self.annotate(public_since=Coalesce("decided_at", "created_at")).order_by(
            "-public_since", "-pk"
        )
