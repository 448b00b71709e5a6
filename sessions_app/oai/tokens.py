"""Resumption tokens: where a list goes on. They hold all of it, so nothing is stored and none expires.

A token is not a secret and not signed: it asks for nothing that arguments could not ask for, and is
checked like them.
"""

import base64
import binascii
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from site_app.text.numbers import whole_number

from .arguments import MAX_LENGTH, ProtocolError, read_arguments, read_selection
from .records import Place, Selection
from .sets import SET_KINDS, SYNTAX

MAX_TOKEN_LENGTH = 3 * MAX_LENGTH
REFUSED = "This token is not one that was given for this verb. Start the list again."


@dataclass(frozen=True)
class Continuation:
    """Where a list of records goes on: its arguments, the last record given, how many were."""

    arguments: dict[str, str]
    selection: Selection
    after: Place
    given: int
    total: int


def list_token(arguments: dict[str, str], after: Place, given: int, total: int) -> str:
    """Return the token of a list of records that goes on after a place."""
    return _encoded([arguments, after.at.isoformat(), after.uid.hex, str(given), str(total)])


def read_list_token(verb: str, token: str) -> Continuation:
    """Raises ProtocolError."""
    try:
        arguments, at, uid, given, total = _decoded(token)
        given, total = whole_number(given), whole_number(total)
        if arguments["verb"] != verb or "resumptionToken" in arguments or not (given and total):
            raise ValueError(token)
        arguments = read_arguments((name, [value]) for name, value in arguments.items())
        moment = datetime.fromisoformat(at)
        if moment.utcoffset() is None:
            raise ValueError(at)
        after = Place(moment.astimezone(UTC), uuid.UUID(hex=uid))
        return Continuation(arguments, read_selection(arguments), after, given, total)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, ProtocolError):
        raise ProtocolError("badResumptionToken", REFUSED) from None


def sets_token(after: str) -> str:
    """Return the token of the list of sets that goes on after one."""
    return _encoded([after])


def read_sets_token(token: str) -> str:
    """Return the set after which the list of sets goes on. Raises ProtocolError."""
    try:
        (after,) = _decoded(token)
        if not SYNTAX.fullmatch(after) or after.partition(":")[0] not in SET_KINDS:
            raise ValueError(after)
        return after
    except (ValueError, TypeError, AttributeError):
        raise ProtocolError("badResumptionToken", REFUSED) from None


def _encoded(parts: list) -> str:
    text = json.dumps(parts, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decoded(token: str):
    """Return the list that `_encoded` took; raises ValueError for anything else."""
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
