"""Resumption tokens: the position in a list. They are self-contained, so none is stored or expires.

A token is not a secret and not signed: it asks for nothing that arguments could not ask for, and is
checked like them.
"""

from dataclasses import dataclass

from sessions_app.catalogue.publication_order import (
    PublicationPosition,
    decode_token,
    encode_token,
)
from site_app.text.numbers import parse_whole_number

from .arguments import ProtocolError, selection_of_arguments, validate_arguments
from .records import HarvestSelection
from .sets import SET_KINDS, SET_SPEC_PATTERN

REFUSAL_OF_INVALID_CONTINUATION = (
    "This token is not one that was given for this verb. Start the list again."
)


@dataclass(frozen=True)
class ListContinuation:
    """The position in a list of records: its arguments, the last record, the number of records so far."""

    arguments: dict[str, str]
    selection: HarvestSelection
    after: PublicationPosition
    given: int
    total: int


def encode_list_token(
    arguments: dict[str, str], after: PublicationPosition, given: int, total: int
) -> str:
    """Return the token for a list of records that continues after a position."""
    return encode_token([arguments, after.to_parts(), str(given), str(total)])


def decode_list_token(verb: str, token: str) -> ListContinuation:
    """Raises ProtocolError."""
    try:
        arguments, place, given, total = decode_token(token)
        given, total = parse_whole_number(given), parse_whole_number(total)
        if arguments["verb"] != verb or "resumptionToken" in arguments or not (given and total):
            raise ValueError(token)
        arguments = validate_arguments((name, [value]) for name, value in arguments.items())
        after = PublicationPosition.from_parts(place)
        return ListContinuation(arguments, selection_of_arguments(arguments), after, given, total)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, ProtocolError):
        raise ProtocolError("badResumptionToken", REFUSAL_OF_INVALID_CONTINUATION) from None


def encode_sets_token(after: str) -> str:
    """Return the token for the list of sets that continues after a set."""
    return encode_token([after])


def decode_sets_token(token: str) -> str:
    """Return the set after which the list of sets continues. Raises ProtocolError."""
    try:
        (after,) = decode_token(token)
        if not SET_SPEC_PATTERN.fullmatch(after) or after.partition(":")[0] not in SET_KINDS:
            raise ValueError(after)
        return after
    except (ValueError, TypeError, AttributeError):
        raise ProtocolError("badResumptionToken", REFUSAL_OF_INVALID_CONTINUATION) from None
