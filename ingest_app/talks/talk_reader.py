"""One line of a talks file → a checked record. Pure: text in, record or ValueError out."""

import json
import re
import unicodedata
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date

from site_app.text.dates import UnreadableDateError, WrongWeekdayError, read_day

# ISO 639-3 codes used by talk archives: the shortest BCP 47 tag (RFC 5646: two letters if
# available).
LANGUAGE_TAG_OF_ISO_639_3 = {
    "eng": "en", "spa": "es", "fra": "fr", "deu": "de", "rus": "ru", "por": "pt", "kor": "ko",
    "jpn": "ja", "ita": "it", "zho": "zh", "cmn": "zh", "pol": "pl", "ces": "cs", "slk": "sk",
    "nld": "nl", "swe": "sv", "dan": "da", "nor": "no", "nob": "nb", "fin": "fi", "ell": "el",
    "heb": "he", "ara": "ar", "fas": "fa", "pes": "fa", "tur": "tr", "ukr": "uk", "hun": "hu",
    "ron": "ro", "bul": "bg", "hrv": "hr", "srp": "sr", "slv": "sl", "cat": "ca", "eus": "eu",
    "glg": "gl", "hin": "hi", "ben": "bn", "tam": "ta", "tel": "te", "mal": "ml", "tha": "th",
    "vie": "vi", "ind": "id", "msa": "ms", "lit": "lt", "lav": "lv", "est": "et", "bel": "be",
}  # fmt: skip
_LANGUAGE_TAG_PATTERN = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_SLUG_PATTERN = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
NAME_OF_UNNAMED_SPEAKERS = "various speakers"
SPEAKER_FIELDS = {"name", "affiliation", "role"}
RECOMMENDATION_FIELDS = {"text", "audience"}


@dataclass(frozen=True)
class TalkSpeaker:
    name: str
    affiliation: str = ""
    role: str = ""


@dataclass(frozen=True)
class TalkAdvice:
    text: str
    audience: str = ""


@dataclass(frozen=True)
class Talk:
    """A record of the file, white space folded; `language` is BCP 47."""

    id: str
    title: str
    held_on: date | None = None
    series: str = ""
    topics: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    speakers: tuple[TalkSpeaker, ...] = ()
    recommendations: tuple[TalkAdvice, ...] = ()
    summary: str = ""
    language: str = "en"
    source_url: str = ""
    slug: str = ""
    remains: tuple[str, ...] = ()  # values without a field in this archive, as "name: text"
    remarks: tuple[str, ...] = field(default=(), compare=False)

    @property
    def import_ref(self):
        return f"talks:{self.id}"

    def comparable_content(self) -> dict:
        """Return the input of a fingerprint."""
        return {name: value for name, value in asdict(self).items() if name != "remarks"}


def normalised_name(text: str) -> str:
    """Return a name as two equal ones are equal: NFKC, white space folded."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def heading_key(name: str) -> str:
    """Return the normalised form for comparing topics: NFKC, casefold, hyphens as white space."""
    return " ".join(re.sub(r"[\s\u2010\u2011-]+", " ", normalised_name(name).casefold()).split())


def read_talk(line: str) -> Talk:
    """Return the talk of one line. Raises ValueError naming the field that cannot be used."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at character {error.pos + 1}") from error
    except RecursionError as error:
        raise ValueError("not JSON that can be read: nested too deeply") from error
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")
    remarks: list[str] = []
    identifier = _text_field(row, "id")
    if not identifier:
        raise ValueError("id: missing")
    if len(identifier) > 240:
        raise ValueError("id: longer than 240 characters")
    title = normalised_name(_text_field(row, "title"))
    if not title:
        raise ValueError("title: missing")
    if len(title) > 500:
        raise ValueError("title: longer than 500 characters")
    slug = _text_field(row, "slug")
    if slug and not (_SLUG_PATTERN.fullmatch(slug) and len(slug) <= 100):
        raise ValueError(f"slug: “{slug[:50]}” cannot be part of an address")
    known = {field.name for field in fields(Talk)} - {"held_on", "remains", "remarks"} | {"date"}
    remains = _unknown_fields(row, known)
    talk = Talk(
        id=identifier,
        title=title,
        held_on=_date_field(row, remarks),
        series=_refuse_long_name(_record_name(row.get("series"), "series"), "series"),
        topics=_distinct_names(row, "topics", heading_key),
        regions=_distinct_names(row, "regions", heading_key),
        speakers=_read_speakers(row, remains, remarks),
        recommendations=_read_recommendations(row, remains),
        summary=_text_field(row, "summary").strip(),
        language=_language_tag(row, remains),
        source_url=_source_url(row, remains),
        slug=slug,
    )
    if remains:
        remarks.append("kept on the record: " + "; ".join(text[:100] for text in remains))
    return replace(talk, remains=tuple(remains), remarks=tuple(remarks))


def _text_field(row, name):
    value = row.get(name)
    return "" if value is None else _text_or_number(value, name)


def _text_or_number(value, name):
    """Return a text, or a whole number as programs write it: an id of 17, the title 1984."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        shown = _without_unstorable_characters(json.dumps(value, ensure_ascii=False))
        raise ValueError(f"{name}: write a text or a whole number, not {shown[:50]}")
    return _without_unstorable_characters(value)


def _without_unstorable_characters(text):
    """Return a text without characters that a database cannot store: NUL, lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _unknown_fields(row, known):
    """Return the unknown fields of an object as "name: text"."""
    return [
        _without_unstorable_characters(
            f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        )
        for name, value in row.items()
        if name not in known and value not in (None, "", [], {})
    ]


def _list_field(row, name):
    """Return the items of a list without nulls; a single item may be given without a list."""
    value = row.get(name)
    values = value if isinstance(value, list) else [value]
    if isinstance(value, str) and name != "recommendations" and re.search("[,;|]", value):
        raise ValueError(f"{name}: write a list of texts; this one text may name several")
    return [value for value in values if value is not None]


def _record_name(value, field_name):
    """Return the name of a record: a text, or an object with a name, as the API gives them."""
    if isinstance(value, dict):
        value = value.get("name")
    return "" if value is None else normalised_name(_text_or_number(value, field_name))


def _labelled_unknown_fields(value, known, whose):
    """Return the unknown fields of an object, to be stored with the record."""
    return [f"{whose}: {text}" for text in _unknown_fields(value, known)]


def _refuse_long_name(text, name):
    if len(text) > 200:
        raise ValueError(f"{name}: longer than 200 characters")
    return text


def _distinct_names(row, name, key):
    names: dict[str, str] = {}
    for value in _list_field(row, name):
        text = _refuse_long_name(_record_name(value, name), name)
        if text:
            names.setdefault(key(text), text)
    return tuple(names.values())


def _date_field(row, remarks):
    if row.get("date") is None:
        return None
    text = _text_field(row, "date")
    try:
        return read_day(text)
    except WrongWeekdayError as error:
        if error.span.first != error.span.last:
            raise ValueError(f"date: {error}") from error
        remarks.append(f"date: the weekday does not fit: {error.reason}")
        return error.span.first
    except UnreadableDateError as error:
        raise ValueError(f"date: {error}") from error


def _read_speakers(row, remains, remarks):
    speakers: dict[str, TalkSpeaker] = {}
    for value in _list_field(row, "speakers"):
        if not isinstance(value, dict):
            value = {"name": value}
        if not isinstance(value.get("name") or "", str):
            shown = _without_unstorable_characters(json.dumps(value["name"], ensure_ascii=False))
            raise ValueError(f"speakers: write a name, not {shown[:50]}")
        name = normalised_name(_text_field(value, "name"))
        remains += _labelled_unknown_fields(value, SPEAKER_FIELDS, name)
        if name.casefold() == NAME_OF_UNNAMED_SPEAKERS:
            remarks.append(f"“{name}” names nobody")
        elif len(name) > 300:
            raise ValueError("speakers: a name is longer than 300 characters")
        elif not name:
            remarks.append("a speaker without a name was left out")
        else:
            affiliation = _record_name(value.get("affiliation"), "speakers: affiliation")
            role = normalised_name(_text_field(value, "role"))
            if len(affiliation) > 300 or len(role) > 300:
                raise ValueError("speakers: a role or affiliation is longer than 300 characters")
            speaker = TalkSpeaker(name, affiliation, role)
            if speakers.setdefault(name, speaker) != speaker:
                remarks.append(f"“{name}” is named twice; the first counts")
    return tuple(speakers.values())


def _read_recommendations(row, remains):
    recommendations = []
    for value in _list_field(row, "recommendations"):
        if not isinstance(value, dict):
            value = {"text": _text_or_number(value, "recommendations")}
        if not _text_field(value, "text").strip():
            raise ValueError("recommendations: one of them has no text")
        remains += _labelled_unknown_fields(value, RECOMMENDATION_FIELDS, "recommendation")
        audience = _refuse_long_name(normalised_name(_text_field(value, "audience")), "audience")
        recommendations.append(TalkAdvice(_text_field(value, "text").strip(), audience))
    return tuple(recommendations)


def _language_tag(row, remains):
    code = _text_field(row, "language").strip()
    if not code:
        return "en"
    if code.lower() in LANGUAGE_TAG_OF_ISO_639_3:
        return LANGUAGE_TAG_OF_ISO_639_3[code.lower()]
    if _LANGUAGE_TAG_PATTERN.fullmatch(code) and len(code) <= 35:
        return code
    remains.append(f"language: {code}")
    return "en"


def _source_url(row, remains):
    url = _text_field(row, "source_url").strip()
    if url and (not url.startswith(("http://", "https://")) or len(url) > 500):
        remains.append(f"source_url: {url}")
        return ""
    return url
