"""Lists by cursor: each record once, while others are edited, withdrawn and published."""

from collections.abc import Collection

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError

from sessions_app.catalogue.publication_order import (
    Place,
    after,
    decode_token,
    encode_token,
    in_publication_order,
)

CHUNK = 1000  # records examined at once for those of a search


def read_cursor(token: str) -> Place | None:
    """Return the place a cursor names; None for an empty one, which begins a list.

    Raises ValidationError naming the parameter.
    """
    if not token:
        return None
    try:
        return Place.of_parts(decode_token(token))
    except (ValueError, TypeError):
        message = "This is not a cursor that was given here. Begin with an empty one."
        raise ValidationError({"cursor": [message]}) from None


def keys_after(
    records: QuerySet,
    cursor: Place | None,
    limit: int,
    *,
    path: str,
    among: Collection[int] | None,
) -> tuple[list[int], str | None]:
    """Return up to `limit` ids of `records` after a place, and the cursor after them if more follow.

    `path` leads to the session. `among`: only these ids, those that a search found; None for all.
    """
    ordered = in_publication_order(records, path)
    chosen_rows: list[tuple[int, Place]] = []
    while len(chosen_rows) <= limit:
        size = limit + 1 if among is None else CHUNK
        rows = ordered.filter(after(cursor, path)) if cursor else ordered
        names = ["pk", "place_at", "place_uid", *(["number"] if path else [])]
        chunk = [(row[0], Place(*row[1:])) for row in rows.values_list(*names)[:size]]
        chosen_rows += [row for row in chunk if among is None or row[0] in among]
        if len(chunk) < size:
            break
        cursor = chunk[-1][1]
    chosen = chosen_rows[:limit]
    token = encode_token(chosen[-1][1].parts()) if len(chosen_rows) > limit else None
    return [key for key, _place in chosen], token
