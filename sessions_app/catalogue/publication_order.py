"""The order in which sessions became public: used for lists that are read in many steps.

It does not change when a session is edited, withdrawn or deleted, and what becomes public later comes
last. Who continues after the last record of a page gets each record once, whatever changes meanwhile.
"""

import base64
import binascii
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

MAX_TOKEN_LENGTH = 3000


@dataclass(frozen=True, order=True)
class PublicationPosition:
    """The position of a record: its session, and its number within that session."""

    at: datetime
    uid: uuid.UUID
    number: int = 0

    def to_parts(self) -> list[str]:
        return [self.at.isoformat(), self.uid.hex, str(self.number)]

    @classmethod
    def from_parts(cls, parts: list[str]) -> "PublicationPosition":
        """Return the position that `parts` encoded; raises ValueError or TypeError for anything else."""
        at, uid, number = parts
        try:
            moment = datetime.fromisoformat(at)
            if moment.utcoffset() is None or not (number.isascii() and number.isdecimal()):
                raise ValueError(parts)
            return cls(moment.astimezone(UTC), uuid.UUID(hex=uid), int(number[:9]))
        except (OverflowError, AttributeError) as error:
            raise ValueError(parts) from error


def order_by_publication(records: QuerySet, path: str = "") -> QuerySet:
    """Return records of public sessions in the order, with `place_at`.

    `path` leads to the session: "" for sessions themselves, "session__" for numbered parts.
    """
    # The same expression as `models.sessions.FIRST_PUBLIC_TIME`, so that the index is used.
    first = Coalesce(f"{path}first_public_at", f"{path}published_at")
    names = [f"{path}uid", *(["number"] if path else [])]
    return records.annotate(place_at=first, place_uid=F(f"{path}uid")).order_by("place_at", *names)


def comes_after_condition(place: PublicationPosition, path: str = "") -> Q:
    """Return the condition that a record in the order comes after a place."""
    same = Q(place_at=place.at)
    later = Q(place_at__gt=place.at) | (same & Q(**{f"{path}uid__gt": place.uid}))
    if path:
        later |= same & Q(**{f"{path}uid": place.uid, "number__gt": place.number})
    # The first condition follows from the second; it is there because an index covers it.
    return Q(place_at__gte=place.at) & later


def encode_token(parts: list) -> str:
    """Return a list of JSON values as ASCII without characters that addresses escape."""
    text = json.dumps(parts, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_token(token: str) -> list:
    """Return the list given to `encode_token`; raises ValueError for anything else."""
    if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
        raise ValueError("not a token")
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        parts = json.loads(text)
    except (binascii.Error, RecursionError) as error:
        raise ValueError("not a token") from error
    if not isinstance(parts, list) or not parts:
        raise ValueError("not a token")
    return parts
