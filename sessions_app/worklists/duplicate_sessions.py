"""Whether the archive already has a session that is being entered."""

from datetime import date

from django.db.models import Q
from django.utils.translation import gettext_noop
from rapidfuzz import fuzz

from sessions_app.models import Session
from site_app.text.slugs import slug_from_text
from speakers_app.names.comparison import MIN_LIKENESS_PERCENT, fold_name

MAX_CANDIDATES_COMPARED = 200
MAX_DUPLICATES_SHOWN = 5
COMPARED_SLUG_LENGTH = (
    40  # letters of the slug by which other sessions with the same title are found
)


def possible_duplicate_sessions(title: str, day: date | None, *, besides: int | None = None):
    """Return [(session, reason)] for possible duplicates, the likeliest first; one query."""
    folded = fold_name(title)
    if not folded:
        return []
    condition = Q(slug__startswith=slug_from_text(title, "session")[:COMPARED_SLUG_LENGTH])
    if day:
        condition |= Q(held_on=day)
    rows = Session.objects.outside_bin().filter(condition).exclude(pk=besides)
    similar = []
    for session in rows.only("slug", "title", "held_on", "status").order_by("pk")[
        :MAX_CANDIDATES_COMPARED
    ]:
        likeness = fuzz.token_sort_ratio(folded, fold_name(session.title))
        is_same_day = bool(day) and session.held_on == day
        if fold_name(session.title) == folded:
            reason = (
                gettext_noop("the same title and day")
                if is_same_day
                else gettext_noop("the same title")
            )
        elif is_same_day and likeness >= MIN_LIKENESS_PERCENT - 10:
            reason = gettext_noop("the same day, and nearly the same title")
        else:
            continue
        similar.append((not is_same_day, -likeness, session.pk, session, reason))
    return [
        (session, reason) for *_order, session, reason in sorted(similar)[:MAX_DUPLICATES_SHOWN]
    ]
