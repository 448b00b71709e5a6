"""The data types of the demonstration, hand-written or generated."""

from dataclasses import dataclass, field
from datetime import date, datetime, time


@dataclass(frozen=True)
class DemoHeading:
    """A series, a region or a topic; `in_text` is its name inside a sentence."""

    name: str
    description: str = ""
    parent: str = ""
    aliases: tuple[str, ...] = ()
    in_text: str = ""
    is_plural: bool = False


@dataclass(frozen=True)
class DemoOrganisation:
    name: str
    abbreviation: str = ""
    description: str = ""
    website: str = ""
    parent: str = ""  # name of the parent organisation
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class DemoSpeaker:
    family_name: str
    given_name: str = ""
    honorific: str = ""
    suffix: str = ""
    biography: str = ""
    has_portrait: bool = False
    aliases: tuple[str, ...] = ()
    same_as: str = ""  # name of the speaker into whose record this one is merged

    @property
    def name(self):
        return f"{self.given_name} {self.family_name}".strip()


@dataclass(frozen=True)
class DemoAppearance:
    speaker: str  # names, as in the records of speakers and organisations
    organisation: str = ""
    further_organisations: tuple[str, ...] = ()
    role: str = ""
    function: str = "speaker"


@dataclass(frozen=True)
class DemoRecommendation:
    text: str
    audience: str = ""
    made_by: tuple[str, ...] = ()  # names of speakers of the session
    topics: tuple[str, ...] = ()


@dataclass(frozen=True)
class DemoDocument:
    """A file of the folder `documents`, or a link."""

    kind: str
    title: str
    file: str = ""
    url: str = ""


@dataclass(frozen=True)
class DemoComment:
    name: str
    body: str
    written_at: datetime
    status: str = "approved"
    is_reply: bool = False  # whether it replies to the last comment that is not a reply


@dataclass(frozen=True)
class DemoRecording:
    """Announced only, unless `audio` names a file of the folder `recordings_app/demo/audio`.

    Of `audio` there are `<audio>.opus`, `<audio>.vtt` (what is said in it) and
    `<audio>.peaks.json` (its loudness over time).
    """

    access: str = "on_request"
    title: str = ""
    sealed_until: date | None = None
    audio: str = ""
    chapters: str = ""
    transcript_access: str = "public"
    note: str = ""


@dataclass(frozen=True)
class DemoSession:
    ref: str  # its import reference without the prefix
    title: str
    held_on: date | None
    published_at: datetime
    summary: str  # markup
    status: str = "published"  # or "scheduled"
    ends_on: date | None = None
    start_time: time | None = None
    time_zone: str = ""
    language: str = "en"
    series: str = ""
    topics: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    appearances: tuple[DemoAppearance, ...] = ()
    recommendations: tuple[DemoRecommendation, ...] = ()
    documents: tuple[DemoDocument, ...] = ()
    recordings: tuple[DemoRecording, ...] = ()
    comments: tuple[DemoComment, ...] = field(default=())
