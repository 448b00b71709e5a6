"""From a page's record to a session, record by record: each is whole or not there at all."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from django.db import transaction

from recordings_app.announcing import announce, renounce
from sessions_app.models import Appearance, Document, Recommendation, Series, Session
from site_app.rich_text import paragraphs
from speakers_app.affiliations import split_outside_brackets
from speakers_app.alike import fold
from speakers_app.names import parse_person

from .matching import Matcher
from .models import ImportedRecord
from .page_reader import PageRecord
from .records import fingerprint, fingerprints

DOCUMENT_KINDS = (
    ("biograph", Document.Kind.BIOGRAPHIES), ("slides", Document.Kind.SLIDES),
    ("presentation", Document.Kind.SLIDES), ("report", Document.Kind.REPORT),
    ("paper", Document.Kind.PAPER), ("article", Document.Kind.PAPER),
)  # fmt: skip


URL_LENGTH = 1000
IN_BIN = "It is in the bin and was left there."


@dataclass
class Outcome:
    """What became of one record: created, updated, unchanged or failed; and what to look at."""

    status: str
    session: Session | None = None
    remarks: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


@dataclass
class Further:
    """What a source tells of a session beyond its page.

    `content` (JSON-able) tells one state of it from another; `values` are fields of the session,
    `topics` and `regions` keys; `documents` stores the documents of a session in place of links.
    """

    content: object = None
    values: dict = field(default_factory=dict)
    topics: list[int] | None = None
    regions: list[int] | None = None
    documents: Callable[[Session], None] | None = None


def write_page(
    record: PageRecord,
    import_ref: str,
    matcher: Matcher,
    *,
    publish: bool,
    further: Further | None = None,
) -> Outcome:
    """Store the record of a page under its import_ref.

    A record read again unchanged changes nothing. Of a changed one, those fields are updated that
    nobody has edited since the last import; the others are kept and named.
    """
    digest = fingerprint(
        [record.as_report(""), further.content] if further else record.as_report("")
    )
    further = further or Further()
    with transaction.atomic():
        session = Session.objects.filter(import_ref=import_ref).first()
        if session and session.status == Session.Status.BINNED:
            return Outcome("unchanged", session, [IN_BIN])
        imported = ImportedRecord.objects.filter(session=session).first() if session else None
        if imported and imported.digest == digest:
            return Outcome("unchanged", session)
        outcome = Outcome("updated" if session else "created")
        if session is None:
            session = Session(import_ref=import_ref)
        kept = _edited_fields(session, imported)
        _write_fields(session, record, kept, publish, further.values)
        session.save()
        outcome.session = session
        if "speakers" not in kept:
            _write_speakers(session, record, matcher, outcome)
        if "recommendations" not in kept:
            _write_recommendations(session, record)
        if "documents" not in kept:
            if further.documents:
                further.documents(session)
            else:
                _write_documents(session, record)
        for name in ("topics", "regions"):
            keys = getattr(further, name)
            if keys is not None and name not in kept:
                getattr(session, name).set(keys)
        if "recordings" not in kept:
            announce(session) if record.has_recording else renounce(session)
        session = Session.objects.with_everything().get(pk=session.pk)
        # An edited field stays known as edited: its fingerprint is that of the last value written.
        fields = fingerprints(session) | {name: imported.fields[name] for name in kept}
        ImportedRecord.objects.update_or_create(
            session=session, defaults={"digest": digest, "fields": fields}
        )
        outcome.remarks += [f"Kept as edited: {name}" for name in sorted(kept)]
        return outcome


def _edited_fields(session, imported):
    """Return the fields that somebody changed since they were imported."""
    if imported is None:
        return set()
    present = fingerprints(Session.objects.with_everything().get(pk=session.pk))
    return {name for name, was in imported.fields.items() if present.get(name) != was}


def _write_fields(session, record, kept, publish, further_values):
    values = {
        "title": record.title[:500],
        "held_on": record.date,
        "ends_on": record.date_end,
        "summary": paragraphs("\n\n".join(record.paragraphs)),
        "recording_contact_email": record.contact_email or "",
        "series": _series(record.series),
        "import_remains": [
            *({"kind": "not understood", "text": text} for text in record.remains),
            *(
                {"kind": "missing file", "text": link.label}
                for link in record.links
                if link.url is None
            ),
            *({"kind": "cut short", "text": text} for text in _cut_short(record)),
        ],
    }
    for name, value in (values | further_values).items():
        if name not in kept:
            setattr(session, name, value)
    if publish and session.status == Session.Status.DRAFT:
        session.status = Session.Status.PUBLISHED
        if (
            "published_at" not in further_values and record.published
        ):  # the month line is all that a page says of its publication
            year, month = map(int, record.published.split("-"))
            session.published_at = datetime(year, month, 1, tzinfo=UTC)


def _cut_short(record):
    """Return the texts that are longer than the field they go into."""
    lengths = [(record.title, 500), (record.series or "", 200)]
    for person in record.speakers:
        lengths += [(person.family, 200), (person.given_or_initial, 200), (person.role, 300)]
        lengths += [(text, 300) for text in split_outside_brackets(person.affiliation, ";")]
    lengths += [(advice.audience, 200) for advice in record.recommendations]
    for link in record.links:
        lengths += [(link.label or "", 500), (link.url or "", URL_LENGTH)]
    return [text for text, most in lengths if len(text) > most]


def _series(name):
    if not name:
        return None
    for series in Series.objects.all():
        if fold(series.name) == fold(name):
            return series
    return Series.objects.create(name=name[:200])


def _write_speakers(session, record, matcher, outcome):
    named_before = set(session.appearances.values_list("speaker", flat=True))
    session.appearances.all().delete()
    for position, (person, text_name) in enumerate(
        zip(record.speakers, record.text_names, strict=True)
    ):
        organisations = []
        for text in split_outside_brackets(person.affiliation, ";"):
            match = matcher.organisation(text)
            organisations.append(match.record)
            if match.remark:
                outcome.doubts.append(match.remark)
        person, given = _completed_by_text(person, text_name)
        match = matcher.speaker(person, organisations, given, named_before)
        named_before.discard(match.record.pk)  # a second name that fits is somebody else
        if match.remark:
            outcome.doubts.append(match.remark)
        if session.appearances.filter(speaker=match.record).exists():
            outcome.remarks.append(f"{match.record} is named twice.")
            continue
        appearance = Appearance.objects.create(
            session=session,
            speaker=match.record,
            organisation=organisations[0] if organisations else None,
            role_title=person.role[:300],
            function=person.function,
            position=position,
        )
        appearance.further_organisations.set(organisations[1:])


def _completed_by_text(person, text_name):
    """Return (person, given name) with what "Mr. Samuel Bendett" says beyond "Bendett, S."."""
    if not text_name:
        return person, ""
    named = parse_person(text_name.partition(person.family)[0].strip() + " x")
    person = replace(person, honorific=person.honorific or named.honorific)
    begins_alike = fold(named.given)[:1] == fold(person.given_or_initial)[:1]
    is_fuller = len(named.given) > len(person.given_or_initial)
    return person, named.given if named.given and begins_alike and is_fuller else ""


def _write_recommendations(session, record):
    session.recommendations.all().delete()
    appearances = list(session.appearances.select_related("speaker"))
    for position, advice in enumerate(record.recommendations):
        recommendation = Recommendation.objects.create(
            session=session, text=advice.text, audience=advice.audience[:200], position=position
        )
        makers = {fold(family) for family in advice.made_by}
        recommendation.made_by.set(
            [each for each in appearances if fold(each.speaker.family_name) in makers]
        )


def _write_documents(session, record):
    session.documents.filter(file="").delete()
    for position, link in enumerate(record.links):
        if link.url and len(link.url) <= URL_LENGTH:
            Document.objects.create(
                session=session,
                kind=_document_kind(f"{link.label} {link.url}"),
                title=(link.label or link.url)[:500],
                url=link.url,
                position=position,
            )


def _document_kind(text):
    text = text.casefold()
    return next((kind for word, kind in DOCUMENT_KINDS if word in text), Document.Kind.OTHER)
