"""Lists by cursor: each record once, while others are edited, withdrawn and published."""

import re
import uuid
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError

from sessions_app.catalogue.publication_order import (
    PublicationPosition,
    comes_after_condition,
    order_by_publication,
)

RECORDS_EXAMINED_AT_ONCE = 1000  # records examined at once for those of a search
UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ONE_MICROSECOND = timedelta(microseconds=1)
# Microseconds since 1970, id of the session, number within it. Whatever matches is a place in the
# order, so that the OpenAPI document says exactly which cursors are accepted.
CURSOR_PATTERN = "-?[0-9]{1,16}-[0-9a-f]{32}-[0-9]{1,9}"


def encode_cursor(place: PublicationPosition) -> str:
    return f"{(place.at - UNIX_EPOCH) // ONE_MICROSECOND}-{place.uid.hex}-{place.number}"


def decode_cursor(text: str) -> PublicationPosition | None:
    """Return the place a cursor names; None for an empty one, which begins a list.

    Raises ValidationError naming the parameter.
    """
    if not text:
        return None
    if not re.fullmatch(CURSOR_PATTERN, text):
        message = "This is not a cursor that was given here. Begin with an empty one."
        raise ValidationError({"cursor": [message]})
    microseconds, uid, number = text.rsplit("-", 2)
    return PublicationPosition(
        UNIX_EPOCH + int(microseconds) * ONE_MICROSECOND, uuid.UUID(hex=uid), int(number)
    )


def keys_and_cursor_of_next_page(
    records: QuerySet,
    cursor: PublicationPosition | None,
    limit: int,
    *,
    path: str,
    among: Collection[int] | None,
) -> tuple[list[int], str | None]:
    """Return up to `limit` ids of `records` after a place, and the cursor after them if more follow.

    `path` leads to the session. `among`: only these ids, those that a search found; None for all.
    """
    ordered = order_by_publication(records, path)
    chosen_rows: list[tuple[int, PublicationPosition]] = []
    while len(chosen_rows) <= limit:
        size = limit + 1 if among is None else RECORDS_EXAMINED_AT_ONCE
        rows = ordered.filter(comes_after_condition(cursor, path)) if cursor else ordered
        names = ["pk", "place_at", "place_uid", *(["number"] if path else [])]
        chunk = [
            (row[0], PublicationPosition(*row[1:])) for row in rows.values_list(*names)[:size]
        ]
        chosen_rows += [row for row in chunk if among is None or row[0] in among]
        if len(chunk) < size:
            break
        cursor = chunk[-1][1]
    chosen = chosen_rows[:limit]
    token = encode_cursor(chosen[-1][1]) if len(chosen_rows) > limit else None
    return [key for key, _place in chosen], token
