"""Definitions of the worklists about sessions, speakers and organisations."""

import re

from django import forms
from django.db.models import Count, Exists, F, OuterRef
from django.urls import reverse
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext, gettext_lazy, pgettext

from desk_app.merging.record_field import RecordField
from desk_app.models import LookAlike
from desk_app.worklists.findings import dismiss_similar_pairs
from desk_app.worklists.registry import BulkFix, WorklistItem, register_worklist
from sessions_app.day_range import day_range
from sessions_app.editing import import_remains
from sessions_app.editing.completeness import LABELS_AND_CONDITIONS_OF_GAPS
from sessions_app.editing.public_records import is_or_was_public_condition
from sessions_app.models import (
    Appearance,
    Comment,
    LinkCheck,
    Recommendation,
    Series,
    Session,
    Topic,
)
from site_app.forms.date_fields import DayField
from site_app.permissions import may_publish
from site_app.text.dates import moment_in_words
from site_app.text.enumerations import first_words_and_rest_count
from speakers_app.models import Organisation, Speaker

from . import bulk_fixes, duplicate_sessions_check
from .duplicate_people_check import ORGANISATIONS_CHECK_NAME, SPEAKERS_CHECK_NAME

VIEW_SESSION_PERMISSION, CHANGE_SESSION_PERMISSION = (
    "sessions_app.view_session",
    "sessions_app.change_session",
)
MAX_SPEAKERS_PER_ITEM = 4


def session_change_url(key: int) -> str:
    return reverse("admin:sessions_app_session_change", args=[key])


def session_items(sessions):
    """Name sessions by title, day and speakers; one query."""
    names: dict[int, list[str]] = {}
    rows = Appearance.objects.filter(session__in=[session.pk for session in sessions])
    for row in rows.select_related("speaker").order_by("position", "pk"):
        names.setdefault(row.session_id, []).append(row.speaker.name)
    for session in sessions:
        speakers = names.get(session.pk, [])
        told = [
            day_range(session),
            first_words_and_rest_count(speakers, MAX_SPEAKERS_PER_ITEM),
            session.get_status_display(),
        ]
        yield WorklistItem(
            session.pk,
            session.title,
            session_change_url(session.pk),
            " · ".join(filter(None, told)),
        )


def _fixable_rows_condition(path=""):
    """Return the condition for rows that an editor may fix; `path` leads to their session."""
    return lambda user: None if may_publish(user) else ~is_or_was_public_condition(path)


def _register_missing_value_worklist(what, *, name="", lines=session_items, **options) -> None:
    """Register the worklist of the sessions with one of the gaps in `LABELS_AND_CONDITIONS_OF_GAPS`."""
    condition = LABELS_AND_CONDITIONS_OF_GAPS[what][1]
    newest = F("held_on").desc(nulls_last=True)
    register_worklist(
        name=name or f"no-{what}",
        may_fix=_fixable_rows_condition(),
        follows_log=True,
        group="Sessions",
        permission=VIEW_SESSION_PERMISSION,
        rows=lambda: Session.objects.outside_bin().filter(condition).order_by(newest, "-pk"),
        lines=lines,
        **options,
    )


_register_missing_value_worklist(
    "topics",
    heading=gettext_lazy("without topics"),
    title=gettext_lazy("Sessions without topics"),
    help=gettext_lazy("Readers who filter by topic do not find these."),
    fixes=(
        BulkFix(
            "topic",
            gettext_lazy("Add this topic"),
            bulk_fixes.add_topic,
            CHANGE_SESSION_PERMISSION,
            lambda: RecordField(Topic, label=gettext("Topic")),
        ),
    ),
)
_register_missing_value_worklist(
    "series",
    heading=gettext_lazy("without series"),
    title=gettext_lazy("Sessions without series"),
    help=gettext_lazy("Not every session belongs to a series; most do."),
    fixes=(
        BulkFix(
            "series",
            gettext_lazy("Set this series"),
            bulk_fixes.set_missing_series,
            CHANGE_SESSION_PERMISSION,
            lambda: forms.ModelChoiceField(
                Series.objects.all(), label=pgettext("one series", "Series")
            ),
        ),
    ),
)
_register_missing_value_worklist(
    "speakers",
    heading=gettext_lazy("without speakers"),
    title=gettext_lazy("Sessions without speakers"),
    help=gettext_lazy("Open one to enter who spoke."),
)
_register_missing_value_worklist(
    "date",
    heading=gettext_lazy("without date"),
    title=gettext_lazy("Sessions without date"),
    help=gettext_lazy("They come last in every list, and no date filter finds them."),
    fixes=(
        BulkFix(
            "day",
            gettext_lazy("Set this date"),
            bulk_fixes.set_missing_date,
            CHANGE_SESSION_PERMISSION,
            lambda: DayField(label=gettext("Date")),
        ),
    ),
)


def import_remain_items(sessions):
    """Name what imports left over, remain by remain; a missing file leads to where it is attached."""
    for session in sessions:
        address = f"{session_change_url(session.pk)}#leftovers"
        for key, remain in {
            import_remains.key_of_remain(remain): remain for remain in session.import_remains
        }.items():
            kind, text = (str(remain.get(name, "")) for name in ("kind", "text"))
            links = (
                [(gettext("Attach it"), address)]
                if kind == import_remains.MISSING_FILE_KIND
                else []
            )
            yield WorklistItem(
                f"{session.pk}-{key}",
                gettext("%(label)s: %(value)s")
                % {"label": capfirst(gettext(kind)), "value": Truncator(text).chars(200)},
                address,
                session.title,
                links,
            )


def valid_remain_keys(texts) -> list[str]:
    """Return those of `texts` that are keys of lines."""
    return [text for text in texts if re.fullmatch(r"[0-9]{1,18}-[0-9a-f]{12}", text)]


_register_missing_value_worklist(
    "remains",
    name="leftovers",
    heading=gettext_lazy("with something unresolved from an import"),
    title=gettext_lazy("Sessions with something unresolved from an import"),
    help=gettext_lazy(
        "Lines that were not understood, files that were named and are not here, people who were "
        "guessed. A file attached under the named title settles its line by itself."
    ),
    lines=import_remain_items,
    read_keys=valid_remain_keys,
    fixes=(
        BulkFix(
            "settle",
            gettext_lazy("Dealt with"),
            bulk_fixes.settle_import_remains,
            CHANGE_SESSION_PERMISSION,
        ),
    ),
)
register_worklist(
    name="review",
    fix_permission="sessions_app.publish_session",
    follows_log=True,
    group="Waiting",
    heading=gettext_lazy("drafts in review"),
    help=gettext_lazy(
        "Editors have asked for these to be published. Publishing makes them public at once, unless a time "
        "in the future is set."
    ),
    permission=VIEW_SESSION_PERMISSION,
    rows=lambda: Session.objects.filter(status=Session.Status.IN_REVIEW).order_by("updated_at"),
    lines=session_items,
    fixes=(
        BulkFix(
            "publish",
            gettext_lazy("Publish these"),
            bulk_fixes.publish_sessions_in_review,
            "sessions_app.publish_session",
        ),
    ),
)


def comment_items(comments):
    for comment in comments:
        yield WorklistItem(
            comment.pk,
            Truncator(comment.body).chars(120),
            reverse("admin:sessions_app_comment_change", args=[comment.pk]),
            gettext("%(name)s, on %(title)s")
            % {"name": comment.name, "title": comment.session.title},
        )


register_worklist(
    name="comments",
    fix_permission="sessions_app.change_comment",
    group="Waiting",
    heading=gettext_lazy("comments to approve"),
    help=gettext_lazy("Readers' comments are shown once somebody approves them."),
    permission="sessions_app.view_comment",
    rows=lambda: (
        Comment.objects.filter(status=Comment.Status.PENDING)
        .select_related("session")
        .order_by("created_at")
    ),
    lines=comment_items,
)


def appearance_items(appearances):
    for appearance in appearances:
        yield WorklistItem(
            appearance.pk,
            f"{appearance.speaker.full_name}: {appearance.session.title}",
            f"{session_change_url(appearance.session_id)}#appearances-group",
            " · ".join(filter(None, (day_range(appearance.session), appearance.role_title))),
        )


register_worklist(
    name="no-affiliation",
    may_fix=_fixable_rows_condition("session__"),
    follows_log=True,
    group="Sessions",
    heading=gettext_lazy("appearances without affiliation"),
    help=gettext_lazy("The organisation that a speaker represented on the day of the session."),
    permission=VIEW_SESSION_PERMISSION,
    rows=lambda: (
        Appearance.objects.filter(organisation=None, session__in=Session.objects.outside_bin())
        .select_related("speaker", "session")
        .order_by("speaker__sort_key", "pk")
    ),
    lines=appearance_items,
    fixes=(
        BulkFix(
            "organisation",
            gettext_lazy("Set this affiliation"),
            bulk_fixes.set_missing_affiliation,
            CHANGE_SESSION_PERMISSION,
            lambda: RecordField(Organisation, label=gettext("Organisation")),
        ),
    ),
)


def recommendation_items(recommendations):
    for recommendation in recommendations:
        yield WorklistItem(
            recommendation.pk,
            Truncator(recommendation.text).chars(140),
            f"{session_change_url(recommendation.session_id)}#recommendations-group",
            recommendation.session.title,
        )


register_worklist(
    name="no-maker",
    may_fix=_fixable_rows_condition("session__"),
    follows_log=True,
    group="Sessions",
    heading=gettext_lazy("recommendations without a maker"),
    help=gettext_lazy(
        "Who of the speakers gave it. Where there is only one, a button says so for many at once."
    ),
    permission=VIEW_SESSION_PERMISSION,
    rows=lambda: (
        Recommendation.objects.filter(
            ~Exists(Recommendation.made_by.through.objects.filter(recommendation=OuterRef("pk"))),
            session__in=Session.objects.outside_bin(),
        )
        .select_related("session")
        .order_by("-session_id", "position", "number")
    ),
    lines=recommendation_items,
    fixes=(
        BulkFix(
            "only-speaker",
            gettext_lazy("Given by the session’s only speaker"),
            bulk_fixes.attribute_to_only_speaker,
            CHANGE_SESSION_PERMISSION,
        ),
    ),
)


def _items_function_for_pairs(model, merge_url, sessions_of):
    def lines(pairs):
        keys = {key for pair in pairs for key in (pair.first, pair.second)}
        records = model.objects.in_bulk(list(keys))
        held = dict(sessions_of(keys))
        for pair in pairs:
            if not {pair.first, pair.second} <= set(records):
                continue
            names = [f"{records[key]} ({held.get(key, 0)})" for key in (pair.first, pair.second)]
            links = [
                (
                    gettext("Open %(slug)s") % {"slug": records[key].slug},
                    reverse(
                        f"admin:{model._meta.app_label}_{model._meta.model_name}_change",
                        args=[key],
                    ),
                )
                for key in (pair.first, pair.second)
            ]
            yield WorklistItem(
                pair.pk,
                gettext("%(first)s  and  %(second)s") % {"first": names[0], "second": names[1]},
                f"{reverse(merge_url)}?id={pair.first}&id={pair.second}",
                f"{gettext(pair.reason).capitalize()}.",
                links,
            )

    return lines


def _session_counts_of_speakers(keys):
    rows = Appearance.objects.filter(speaker__in=keys).order_by()
    return rows.values_list("speaker").annotate(n=Count("pk"))


def _session_counts_of_organisations(keys):
    rows = Appearance.objects.filter(organisation__in=keys).order_by()
    return rows.values_list("organisation").annotate(n=Count("pk"))


def _undecided_pairs_query(model):
    label = model._meta.label_lower
    return lambda: LookAlike.objects.filter(model=label, dismissed_at=None).order_by(
        "-likeness", "first", "second"
    )


NOT_THE_SAME_FIX = BulkFix(
    "different", gettext_lazy("Not the same"), dismiss_similar_pairs, "desk_app.change_lookalike"
)
for _model, _name, _heading, _check, _sessions_of in (
    (
        Speaker,
        "speaker",
        gettext_lazy("speakers that look alike"),
        SPEAKERS_CHECK_NAME,
        _session_counts_of_speakers,
    ),
    (
        Organisation,
        "organisation",
        gettext_lazy("organisations that look alike"),
        ORGANISATIONS_CHECK_NAME,
        _session_counts_of_organisations,
    ),
):
    register_worklist(
        name=f"alike-{_name}s",
        group="Names",
        heading=_heading,
        help=gettext_lazy(
            "In brackets the number of sessions. A pair leads to the page where the two stand "
            "side by side and can be merged; what is said to be not the same does not come back."
        ),
        permission="desk_app.view_lookalike",
        rows=_undecided_pairs_query(_model),
        lines=_items_function_for_pairs(_model, f"admin:speakers_app_{_name}_merge", _sessions_of),
        fixes=(NOT_THE_SAME_FIX,),
        check_name=_check,
    )


def similar_session_pair_items(pairs):
    """Name two sessions by title, day and status; the line leads to where they are merged."""
    sessions = Session.objects.in_bulk(
        {key for pair in pairs for key in (pair.first, pair.second)}
    )
    for pair in pairs:
        both = [sessions[key] for key in (pair.first, pair.second) if key in sessions]
        if len(both) < 2:
            continue
        told = [
            f"{session.title} ({', '.join(filter(None, (day_range(session), session.get_status_display())))})"
            for session in both
        ]
        yield WorklistItem(
            pair.pk,
            gettext("%(first)s  and  %(second)s") % {"first": told[0], "second": told[1]},
            f"{reverse('admin:sessions_app_session_merge')}?id={pair.first}&id={pair.second}",
            f"{gettext(pair.reason).capitalize()}.",
            [
                (gettext("Open %(slug)s") % {"slug": session.slug}, session_change_url(session.pk))
                for session in both
            ],
        )


register_worklist(
    name="alike-sessions",
    group="Sessions",
    heading=gettext_lazy("that look alike"),
    title=gettext_lazy("Sessions that look alike"),
    help=gettext_lazy(
        "A pair leads to the page where the two stand side by side and can be merged; what is said "
        "to be not the same does not come back."
    ),
    permission="desk_app.view_lookalike",
    rows=duplicate_sessions_check.undecided_session_pairs,
    lines=similar_session_pair_items,
    fixes=(NOT_THE_SAME_FIX,),
    check_name=duplicate_sessions_check.CHECK_NAME,
)


def dead_link_items(checks):
    for check in checks:
        document = check.document
        moved = [(gettext("Open the link"), check.moved_to)] if check.moved_to else []
        yield WorklistItem(
            check.pk,
            document.title,
            f"{session_change_url(document.session_id)}#documents-group",
            gettext("%(url)s: %(detail)s. Asked %(moment_in_words)s, in “%(title)s”.")
            % {
                "url": check.url,
                "detail": check.detail,
                "moment_in_words": moment_in_words(check.checked_at),
                "title": document.session.title,
            },
            [(gettext("Try it"), check.url), *moved],
        )


register_worklist(
    name="dead-links",
    may_fix=_fixable_rows_condition("document__session__"),
    group="Texts and links",
    heading=gettext_lazy("dead document links"),
    help=gettext_lazy(
        "Found by the command check_links. A link is dead when its page is gone, or when nobody "
        "has answered three times."
    ),
    permission=VIEW_SESSION_PERMISSION,
    rows=lambda: (
        LinkCheck.objects.filter(
            outcome__in=(LinkCheck.Outcome.DEAD, LinkCheck.Outcome.REFUSED),
            document__url=F("url"),
            document__session__in=Session.objects.outside_bin(),
        )
        .select_related("document__session")
        .order_by("-checked_at", "pk")
    ),
    lines=dead_link_items,
    fixes=(
        BulkFix(
            "again",
            gettext_lazy("Check again next time"),
            bulk_fixes.delete_link_check_results,
            CHANGE_SESSION_PERMISSION,
        ),
    ),
)
