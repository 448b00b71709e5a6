"""The arguments of a request: which verb takes which, and what their values mean."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from . import sets
from .metadata import METADATA_FORMAT_BY_PREFIX
from .records import HarvestSelection

MAX_ARGUMENT_CHARACTERS = 1000  # characters per value


@dataclass(frozen=True)
class VerbArguments:
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    takes_token: bool = False

    @property
    def allowed_arguments(self) -> frozenset[str]:
        return self.required | self.optional | ({"resumptionToken"} if self.takes_token else set())


_LIST_RECORDS_VERB = VerbArguments(
    frozenset({"metadataPrefix"}), frozenset({"from", "until", "set"}), True
)
VERBS = {
    "Identify": VerbArguments(),
    "ListMetadataFormats": VerbArguments(optional=frozenset({"identifier"})),
    "ListSets": VerbArguments(takes_token=True),
    "GetRecord": VerbArguments(required=frozenset({"identifier", "metadataPrefix"})),
    "ListIdentifiers": _LIST_RECORDS_VERB,
    "ListRecords": _LIST_RECORDS_VERB,
}
_DAY_PATTERN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SECOND_PATTERN = re.compile(rf"{_DAY_PATTERN.pattern}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}Z")
_METADATA_PREFIX_PATTERN = re.compile(r"[A-Za-z0-9\-_.!~*'()]+")
_URI_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`\x00-\x1f]+")


class ProtocolError(Exception):
    """A request that the protocol has a code for."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code, self.message = code, message


def bad_argument_error(message: str) -> ProtocolError:
    return ProtocolError("badArgument", message)


def validate_arguments(given: Iterable[tuple[str, list[str]]]) -> dict[str, str]:
    """Return {argument: value} of a request, "verb" among them, as its verb takes them.

    Values are as they were sent. Raises ProtocolError.
    """
    values = dict(given)
    verbs = values.get("verb", [])
    if len(verbs) != 1 or (verb := VERBS.get(verbs[0])) is None:
        raise ProtocolError("badVerb", f"Give one verb: {', '.join(VERBS)}.")
    for name, of_name in values.items():
        if name != "verb" and name not in verb.allowed_arguments:
            known = ", ".join(sorted(verb.allowed_arguments)) or "none"
            raise bad_argument_error(
                f"{verbs[0]} does not take “{name[:50]}”. Its arguments: {known}."
            )
        if len(of_name) > 1:
            raise bad_argument_error(f"Give {name} once.")
        if len(of_name[0]) > MAX_ARGUMENT_CHARACTERS and name != "resumptionToken":
            raise bad_argument_error(
                f"{name} is longer than {MAX_ARGUMENT_CHARACTERS} characters."
            )
    arguments = {name: of_name[0] for name, of_name in values.items()}
    if "resumptionToken" in arguments:
        if len(arguments) > 2:
            raise bad_argument_error("Give only resumptionToken; it replaces all other arguments.")
        return arguments
    if missing := sorted(verb.required - arguments.keys()):
        raise bad_argument_error(f"{verbs[0]} needs {', '.join(missing)}.")
    if "identifier" in arguments and not _URI_PATTERN.fullmatch(arguments["identifier"]):
        raise bad_argument_error("identifier is not a URI.")
    selection_of_arguments(arguments)
    prefix = arguments.get("metadataPrefix")
    if prefix is not None and prefix not in METADATA_FORMAT_BY_PREFIX:
        if not _METADATA_PREFIX_PATTERN.fullmatch(prefix):
            raise bad_argument_error("metadataPrefix is not the name of a format.")
        known = ", ".join(METADATA_FORMAT_BY_PREFIX)
        raise ProtocolError("cannotDisseminateFormat", f"The formats here: {known}.")
    return arguments


def selection_of_arguments(arguments: dict[str, str]) -> HarvestSelection:
    """Return what the arguments of a list select. Raises ProtocolError."""
    since, until = arguments.get("from"), arguments.get("until")
    first, last = _parse_moment("from", since), _parse_moment("until", until)
    if since and until and len(since) != len(until):
        raise bad_argument_error("from and until must have the same granularity.")
    if first and last and first > last:
        raise bad_argument_error("from is later than until.")
    spec = arguments.get("set", "")
    if "set" in arguments and not sets.SET_SPEC_PATTERN.fullmatch(spec):
        raise bad_argument_error("set is not the name of a set; ListSets gives their names.")
    return HarvestSelection(first, _first_moment_after(last, until) if last else None, spec)


def _parse_moment(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    if not (_DAY_PATTERN.fullmatch(text) or _SECOND_PATTERN.fullmatch(text)):
        raise bad_argument_error(
            f"{name} is not a UTC time such as 2019-05-31 or 2019-05-31T18:00:00Z."
        )
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as error:
        raise bad_argument_error(f"{name} is not a time that exists.") from error


def _first_moment_after(last: datetime, text: str) -> datetime | None:
    """Return the first moment that a day or second no longer covers; None for the end of time."""
    try:
        return last + (timedelta(days=1) if _DAY_PATTERN.fullmatch(text) else timedelta(seconds=1))
    except OverflowError:
        return None


def as_datestamp(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    return f"{moment.year:04}-{moment:%m-%dT%H:%M:%SZ}"
