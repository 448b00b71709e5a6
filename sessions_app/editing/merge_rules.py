"""Merge rules for sessions: what is combined, and what is notified."""

from django.db.models import F

from desk_app.merging.journal import Journal
from desk_app.merging.row_moves import MovedRowsSummary
from desk_app.merging.rules import ExtraMove, MergeObserver, merge_rules, observers
from sessions_app.day_range import day_range
from sessions_app.models import Appearance, Recommendation, Region, Series, Session, Topic
from speakers_app.models import Organisation, Speaker

from .bulk_edit import recorded_edit


class SessionMergeObserver(MergeObserver):
    """When rows move, record the history of their sessions and index them again."""

    label = "sessions"
    model = Session
    paths = {
        Session: "pk",
        Appearance: "session_id",
        Appearance.further_organisations.through: "appearance__session_id",
        Session.topics.through: "session_id",
        Session.regions.through: "session_id",
        Recommendation: "session_id",
        Recommendation.topics.through: "recommendation__session_id",
        Recommendation.made_by.through: "recommendation__session_id",
    }

    def lock_and_record_change(self, keys, *, user, comment):
        # Locked until the end of the transaction: an editor who saves in the meantime gets an edit
        # conflict.
        return recorded_edit(Session.objects.filter(pk__in=keys), user=user, comment=comment)


def session_title_and_days(session: Session) -> str:
    days = day_range(session)
    return f"{session.title} ({days})" if days else session.title


def appearance_label(appearance: Appearance) -> str:
    told = [str(text) for text in (appearance.role_title, appearance.organisation) if text]
    return ": ".join(
        part for part in (session_title_and_days(appearance.session), ", ".join(told)) if part
    )


def recommendation_label(recommendation: Recommendation) -> str:
    text = recommendation.text
    return f"{f'{text[:117]}…' if len(text) > 120 else text} ({recommendation.session.title})"


def merge_duplicate_appearances(journal: Journal, kept: Appearance, other: Appearance) -> None:
    """Combine both: all affiliations, both roles, the more specific function."""
    if other.organisation_id and kept.organisation_id:
        links = Appearance.further_organisations.through
        wanted = {"appearance_id": kept.pk, "organisation_id": other.organisation_id}
        is_known = other.organisation_id == kept.organisation_id
        if not is_known and not links.objects.filter(**wanted).exists():
            journal.create_record(links(**wanted))
    roles = dict.fromkeys(role for role in (kept.role_title, other.role_title) if role)
    plain = Appearance.Function.SPEAKER
    values = {
        "organisation_id": kept.organisation_id or other.organisation_id,
        "role_title": "; ".join(roles)[:300],
        "function": other.function if kept.function == plain else kept.function,
        "position": min(kept.position, other.position),
    }
    journal.change_columns(kept, values)
    _delete_further_equal_to_main(journal, Appearance.objects.filter(pk=kept.pk))


def remove_duplicate_affiliations(journal: Journal, organisation: Organisation) -> None:
    appearances = Appearance.objects.filter(
        organisation=organisation, further_organisations=organisation
    )
    _delete_further_equal_to_main(journal, appearances)


def _delete_further_equal_to_main(journal, appearances):
    links = Appearance.further_organisations.through.objects.filter(
        appearance__in=list(appearances), appearance__organisation=F("organisation")
    )
    for link in links:
        journal.delete_record(link)


def recommendations_of_speaker(speaker: Speaker):
    return Recommendation.objects.filter(made_by__speaker=speaker)


def reattribute_recommendations(
    journal: Journal, source: Speaker, target: Speaker, keys
) -> MovedRowsSummary | None:
    """Attribute recommendations of `source`, who stays a speaker of the session, to `target`.

    The target becomes a speaker of sessions where it is not one yet, with the affiliation of the source.
    """
    makers = Recommendation.made_by.through
    reference = makers._meta.get_field("appearance")
    links = makers.objects.filter(appearance__speaker=source, recommendation__in=keys)
    names = []
    for link in links.select_related("appearance", "recommendation__session").order_by("pk"):
        theirs = link.appearance
        mine = Appearance.objects.filter(session=theirs.session_id, speaker=target).first()
        if mine is None:
            mine = journal.create_record(
                Appearance(
                    session_id=theirs.session_id,
                    speaker=target,
                    organisation_id=theirs.organisation_id,
                    role_title=theirs.role_title,
                    function=theirs.function,
                    position=theirs.position,
                )
            )
        if makers.objects.filter(appearance=mine, recommendation=link.recommendation).exists():
            journal.delete_record(link)
        else:
            journal.move_rows(reference, {theirs.pk: [link.pk]}, mine.pk)
        names.append(recommendation_label(link.recommendation))
    return MovedRowsSummary("recommendations alone", len(names), names) if names else None


observers.append(SessionMergeObserver())
merge_rules(Topic, names=lambda topic: [topic.name], alias="aliases", parent="parent")
merge_rules(Series, names=lambda series: [series.name])
merge_rules(Region, names=lambda region: [region.name])
merge_rules(Session, describe=session_title_and_days)
merge_rules(
    Appearance,
    unite=merge_duplicate_appearances,
    describe=appearance_label,
    describe_related=("session", "organisation"),
)
merge_rules(Recommendation, describe=recommendation_label, describe_related=("session",))
merge_rules(Organisation, after_rows_moved=remove_duplicate_affiliations)
merge_rules(Speaker).extras.append(
    ExtraMove(
        "recommendations",
        "Recommendations alone",
        recommendations_of_speaker,
        reattribute_recommendations,
    )
)
