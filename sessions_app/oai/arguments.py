"""The arguments of a request: which verb takes which, and what their values mean."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from . import sets
from .metadata import FORMATS
from .records import Selection

MAX_LENGTH = 1000  # characters per value


@dataclass(frozen=True)
class Verb:
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    takes_token: bool = False

    @property
    def arguments(self) -> frozenset[str]:
        return self.required | self.optional | ({"resumptionToken"} if self.takes_token else set())


_OF_LISTS = Verb(frozenset({"metadataPrefix"}), frozenset({"from", "until", "set"}), True)
VERBS = {
    "Identify": Verb(),
    "ListMetadataFormats": Verb(optional=frozenset({"identifier"})),
    "ListSets": Verb(takes_token=True),
    "GetRecord": Verb(required=frozenset({"identifier", "metadataPrefix"})),
    "ListIdentifiers": _OF_LISTS,
    "ListRecords": _OF_LISTS,
}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SECOND = re.compile(rf"{_DAY.pattern}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}Z")
_PREFIX = re.compile(r"[A-Za-z0-9\-_.!~*'()]+")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`\x00-\x1f]+")


class ProtocolError(Exception):
    """A request that the protocol has a code for."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code, self.message = code, message


def bad_argument(message: str) -> ProtocolError:
    return ProtocolError("badArgument", message)


def read_arguments(given: Iterable[tuple[str, list[str]]]) -> dict[str, str]:
    """Return {argument: value} of a request, "verb" among them, as its verb takes them.

    Values are as they were sent. Raises ProtocolError.
    """
    values = dict(given)
    verbs = values.get("verb", [])
    if len(verbs) != 1 or (verb := VERBS.get(verbs[0])) is None:
        raise ProtocolError("badVerb", f"Give one verb: {', '.join(VERBS)}.")
    for name, of_name in values.items():
        if name != "verb" and name not in verb.arguments:
            known = ", ".join(sorted(verb.arguments)) or "none"
            raise bad_argument(f"{verbs[0]} does not take “{name[:50]}”. Its arguments: {known}.")
        if len(of_name) > 1:
            raise bad_argument(f"Give {name} once.")
        if len(of_name[0]) > MAX_LENGTH and name != "resumptionToken":
            raise bad_argument(f"{name} is longer than {MAX_LENGTH} characters.")
    arguments = {name: of_name[0] for name, of_name in values.items()}
    if "resumptionToken" in arguments:
        if len(arguments) > 2:
            raise bad_argument("Give only resumptionToken; it replaces all other arguments.")
        return arguments
    if missing := sorted(verb.required - arguments.keys()):
        raise bad_argument(f"{verbs[0]} needs {', '.join(missing)}.")
    if "identifier" in arguments and not _URI.fullmatch(arguments["identifier"]):
        raise bad_argument("identifier is not a URI.")
    read_selection(arguments)
    prefix = arguments.get("metadataPrefix")
    if prefix is not None and prefix not in FORMATS:
        if not _PREFIX.fullmatch(prefix):
            raise bad_argument("metadataPrefix is not the name of a format.")
        known = ", ".join(FORMATS)
        raise ProtocolError("cannotDisseminateFormat", f"The formats here: {known}.")
    return arguments


def read_selection(arguments: dict[str, str]) -> Selection:
    """Return what the arguments of a list select. Raises ProtocolError."""
    since, until = arguments.get("from"), arguments.get("until")
    first, last = _moment("from", since), _moment("until", until)
    if since and until and len(since) != len(until):
        raise bad_argument("from and until must have the same granularity.")
    if first and last and first > last:
        raise bad_argument("from is later than until.")
    spec = arguments.get("set", "")
    if "set" in arguments and not sets.SYNTAX.fullmatch(spec):
        raise bad_argument("set is not the name of a set; ListSets gives their names.")
    return Selection(first, _after(last, until) if last else None, spec)


def _moment(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    if not (_DAY.fullmatch(text) or _SECOND.fullmatch(text)):
        raise bad_argument(f"{name} is not a UTC time such as 2019-05-31 or 2019-05-31T18:00:00Z.")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as error:
        raise bad_argument(f"{name} is not a time that exists.") from error


def _after(last: datetime, text: str) -> datetime | None:
    """Return the first moment that a day or second no longer covers; None for the end of time."""
    try:
        return last + (timedelta(days=1) if _DAY.fullmatch(text) else timedelta(seconds=1))
    except OverflowError:
        return None


def as_datestamp(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    return f"{moment.year:04}-{moment:%m-%dT%H:%M:%SZ}"
