"""Lines of speakers with affiliations, as old pages print them. Text in, people and remarks out."""

from .known_names import NO_KNOWN_NAMES, KnownNames
from .parsing import ParsedPerson, parse_people_line
from .spans import person_spans

__all__ = ["NO_KNOWN_NAMES", "KnownNames", "ParsedPerson", "parse_people_line", "person_spans"]
