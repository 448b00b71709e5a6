"""Writes the records of pages as sessions; each is stored completely or not at all."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import zip_longest

from django.db import transaction

from ingest_app.fingerprints import empty_value_fingerprints, fingerprint, session_fingerprints
from ingest_app.matching.matcher import AUTOMATIC_CHOICE, Match, Matcher
from ingest_app.models import ImportedRecord
from recordings_app.placeholders import add_placeholder, remove_placeholders
from sessions_app.editing import history
from sessions_app.editing.import_remains import (
    CUT_SHORT_KIND,
    GUESSED_KIND,
    MISSING_FILE_KIND,
    NOT_UNDERSTOOD_KIND,
    guess_document_kind,
    replace_open_remains,
    save_remain_fields,
    settle_remains_of_attached_files,
)
from sessions_app.editing.publishing import UNPUBLISHED_STATUSES
from sessions_app.models import Appearance, Document, Recommendation, Session
from site_app.permissions import may_change, require_may_change
from site_app.redirects.addresses import normalise_path, store_old_site_redirects
from site_app.text.rich_text import paragraphs_of_plain_text
from speakers_app.names.comparison import fold_name
from speakers_app.names.parsing import parse_person_name
from speakers_app.people_line import ParsedPerson
from speakers_app.people_line.affiliations import split_outside_brackets

from .page_parser import PageRecord

MAX_URL_CHARACTERS = 1000
CORRECTED_FINGERPRINT = (
    # Used instead of a fingerprint: equal to none, so that later imports keep the value.
    "corrected"
)
VERSION_COMMENT = "From a page of the old site."
IN_BIN_REMARK = "It is in the bin and was left there."


@dataclass
class WriteOutcome:
    """The result of one record: created, updated, unchanged or failed, with remarks."""

    status: str
    session: Session | None = None
    remarks: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


@dataclass
class SpeakerChoice:
    """Whom a person means by one speaker: keys as text, NEW or AUTOMATIC (ingest_app.matching.matcher)."""

    given: str = ""  # the given name, if it is fuller than the printed one
    speaker: str = AUTOMATIC_CHOICE
    organisations: list[str] = field(default_factory=list)


@dataclass
class Correction:
    """A person's corrections to a page before it is stored.

    `read` is the record as the page gives it, `fields` names what differs from it or was chosen,
    as `session_fingerprints` does; `made_by` has the places of speakers for each recommendation.
    """

    read: PageRecord
    user: object
    status: str
    fields: set[str]
    series: str = AUTOMATIC_CHOICE
    people: list[SpeakerChoice] = field(default_factory=list)
    made_by: list[set[int]] = field(default_factory=list)


@dataclass
class FurtherContent:
    """What a source says about a session beyond its page.

    `content` (JSON values) distinguishes versions; `values` are fields of the session; `topics` and
    `regions` return keys, and create the records when called; `documents` stores the documents of a
    session instead of links, and gets the fields that must not change.
    """

    content: object = None
    values: dict = field(default_factory=dict)
    published_at: datetime | None = None  # on the old site, and here once it is published
    topics: Callable[[], list[int]] | None = None
    regions: Callable[[], list[int]] | None = None
    documents: Callable[[Session, set[str]], None] | None = None


@dataclass
class WritePlan:
    """A plan to write a record, except the fields in `kept`, which stay unchanged.

    `session` is unsaved if it is new; `imported` is the record of its last import, if any.
    """

    record: PageRecord
    session: Session
    further: FurtherContent
    correction: Correction | None
    imported: ImportedRecord | None
    digest: str
    kept: set[str]


def write_page(
    record: PageRecord,
    import_ref: str,
    matcher: Matcher,
    *,
    publish: bool,
    further: FurtherContent | None = None,
    correction: Correction | None = None,
    user=None,
) -> WriteOutcome:
    """Store the record of a page under its import_ref, for `user`; None means a command.

    Raises NotAllowedError, having written nothing, if `user` may not change the session. An unchanged
    record changes nothing. For a changed one, fields that nobody has edited since the last import are
    updated; the others are kept and reported. Corrections by a person are always written, and count as
    edited from then on; the fingerprint of the page is that of its own content, not of the corrections.
    """
    further = further or FurtherContent()
    user = correction.user if correction else user
    with transaction.atomic():
        planned = _plan_or_outcome(record, import_ref, further, correction, user)
        if isinstance(planned, WriteOutcome):
            return planned
        return _apply_plan(planned, matcher, user, publish=publish)


def _plan_or_outcome(record, import_ref, further, correction, user) -> WritePlan | WriteOutcome:
    """Return the plan, or the outcome if the session stays unchanged."""
    said = (correction.read if correction else record).comparable_content()
    digest = fingerprint(said if further.content is None else [said, further.content])
    corrected = correction.fields if correction else set()
    session = Session.objects.of_import(import_ref)
    if session and session.status == Session.Status.BINNED:
        return WriteOutcome("unchanged", session, [IN_BIN_REMARK])
    if session and session.import_ref != import_ref and not correction:
        return WriteOutcome("unchanged", session, [f"Its session was merged into “{session}”."])
    imported = ImportedRecord.objects.filter(session=session).first() if session else None
    if imported and imported.digest == digest and not corrected:
        if (
            correction
            and may_change(user, session)
            and _set_status_unless_public(session, record, correction)
        ):
            _save_with_version(session, correction)
            return WriteOutcome("updated", session)
        return WriteOutcome("unchanged", session)
    require_may_change(user, *([session] if session else []))
    if session is None:
        session, kept = Session(import_ref=import_ref, published_at=further.published_at), set()
    elif imported:
        kept = _fields_edited_since_import(session, imported)
    else:
        # A user who chose a session that was entered by hand wants the values of the page; an
        # automatic import only fills empty fields.
        kept = (
            _fields_not_on_page(record)
            if correction
            else _fields_with_value(session) | _fields_not_on_page(record)
        )
    return WritePlan(record, session, further, correction, imported, digest, kept - corrected)


def _apply_plan(plan: WritePlan, matcher: Matcher, user, *, publish: bool) -> WriteOutcome:
    """Store a plan; return its outcome."""
    record, session, correction, kept = plan.record, plan.session, plan.correction, plan.kept
    outcome = WriteOutcome("updated" if session.pk else "created", session)
    choice = correction.series if correction else AUTOMATIC_CHOICE
    series = matcher.match_series(record.series, choice).record if record.series else None
    _set_session_fields(
        session,
        record,
        kept,
        publish,
        {"series": series} | plan.further.values,
        # A user who saves the form has seen the guesses.
        guesses=correction is None and "speakers" not in kept,
    )
    _save_session(session, record, correction, user)
    if "speakers" not in kept:
        appearances = _replace_appearances(session, record, matcher, outcome, correction)
    else:
        appearances = _appearances_by_family_name(session, record)
    if "recommendations" not in kept:
        _update_recommendations(session, record, appearances, correction)
    if plan.further.documents:
        plan.further.documents(session, kept)
    elif "documents" not in kept:
        _replace_link_documents(session, record)
    for name in ("topics", "regions"):
        keys = getattr(plan.further, name)
        if keys is not None and name not in kept:
            getattr(session, name).set(keys())
    if "recordings" not in kept:
        add_placeholder(session) if record.has_recording else remove_placeholders(session)
    if (old := normalise_path(record.address)) and old != "/":
        store_old_site_redirects({old: session.get_absolute_url()}, user=user)
    _store_import_fingerprints(plan)
    outcome.remarks += [f"Kept as edited: {name}" for name in sorted(kept)]
    if correction:
        history.record_current_state([session.pk], user=user, comment=VERSION_COMMENT)
    return outcome


def _save_session(session, record, correction, user):
    if correction:
        _set_status_unless_public(session, record, correction)
    account = user if user and user.pk else None
    session.changed_by = account
    if account:
        if correction or session.pk is None:
            session.created_by = session.created_by or account
        if session.pk:
            history.record_state_missing_in_history([session.pk])
    session.save()


def _store_import_fingerprints(plan):
    """Record what was imported, so that the next import detects later edits."""
    session = Session.objects.with_everything().get(pk=plan.session.pk)
    if settle_remains_of_attached_files(session):
        save_remain_fields(session)
    # An edited field stays marked as edited: its fingerprint is that of the last imported value.
    edited = {
        name: plan.imported.fields[name] if plan.imported else CORRECTED_FINGERPRINT
        for name in plan.kept
    }
    if plan.correction:
        edited |= dict.fromkeys(plan.correction.fields, CORRECTED_FINGERPRINT)
    ImportedRecord.objects.update_or_create(
        session=session,
        defaults={"digest": plan.digest, "fields": session_fingerprints(session) | edited},
    )


def _fields_edited_since_import(session, imported):
    """Return the fields that somebody changed since they were imported."""
    present = _current_fingerprints(session)
    return {name for name, was in imported.fields.items() if present.get(name) != was}


def _fields_with_value(session):
    empty = empty_value_fingerprints()
    return {name for name, value in _current_fingerprints(session).items() if value not in empty}


def _current_fingerprints(session):
    return session_fingerprints(Session.objects.with_everything().get(pk=session.pk))


def _fields_not_on_page(record):
    """Return the fields that a page says nothing of: of a session entered by hand they stay."""
    said = {
        "held_on": record.date,
        "ends_on": record.date,
        "series": record.series,
        "summary": record.paragraphs,
        "recording_contact_email": record.contact_email,
        "speakers": record.speakers,
        "recommendations": record.recommendations,
        "documents": record.links,
        "recordings": record.has_recording,
    }
    return {name for name, value in said.items() if not value}


def _set_session_fields(session, record, kept, publish, further_values, *, guesses):
    values = {
        "title": record.title[:500],
        "held_on": record.date,
        "ends_on": record.date_end,
        "summary": paragraphs_of_plain_text("\n\n".join(record.paragraphs)),
        "recording_contact_email": record.contact_email or "",
        **({"source_url": record.address} if record.address else {}),
    }
    for name, value in (values | further_values).items():
        if name not in kept:
            setattr(session, name, value)
    if "import_remains" not in kept:
        replace_open_remains(session, _import_remains(record, guesses=guesses))
    if publish and session.status == Session.Status.DRAFT:
        session.status = Session.Status.PUBLISHED
        if session.published_at is None:
            _set_published_at_from_month_line(session, record)


def _set_published_at_from_month_line(session, record):
    if record.published:  # the month is all that a page says about its publication
        year, month = map(int, record.published.split("-"))
        session.published_at = datetime(year, month, 1, tzinfo=UTC)


def _set_status_unless_public(session, record, correction):
    """Set the chosen status of a session that is not public yet; return whether it changed."""
    if session.status not in UNPUBLISHED_STATUSES or session.status == correction.status:
        return False
    session.status = correction.status
    if session.status == Session.Status.PUBLISHED:
        _set_published_at_from_month_line(session, record)
    return True


def _save_with_version(session, correction):
    history.record_state_missing_in_history([session.pk])
    session.changed_by = correction.user
    session.save()
    history.record_current_state([session.pk], user=correction.user, comment=VERSION_COMMENT)


def _import_remains(record, *, guesses):
    """Return the remarks kept with the session until somebody has settled them."""
    missing = [link.label for link in record.links if link.url is None]
    parts = (
        (NOT_UNDERSTOOD_KIND, record.remains),
        (MISSING_FILE_KIND, missing),
        (GUESSED_KIND, record.guesses if guesses else ()),
        (CUT_SHORT_KIND, _texts_too_long(record)),
    )
    return [{"kind": kind, "text": text} for kind, texts in parts for text in texts]


def _texts_too_long(record):
    """Return the texts that are too long for their fields."""
    lengths = [(record.title, 500), (record.series or "", 200)]
    for person in record.speakers:
        lengths += [(person.family, 200), (person.given_or_initial, 200), (person.role, 300)]
        lengths += [(text, 300) for text in split_outside_brackets(person.affiliation, ";")]
    lengths += [(advice.audience, 200) for advice in record.recommendations]
    for link in record.links:
        lengths += [(link.label or "", 500), (link.url or "", MAX_URL_CHARACTERS)]
    return [text for text, most in lengths if len(text) > most]


@dataclass
class MatchedPerson:
    person: ParsedPerson
    organisations: list[Match]
    speaker: Match


def matched_people(
    record: PageRecord,
    matcher: Matcher,
    named_before: Collection[int] = (),
    chosen: Sequence[SpeakerChoice] = (),
) -> Iterator[MatchedPerson]:
    """Yield the speakers of a page with their matches: found or chosen."""
    named_before = set(named_before)
    people = zip_longest(record.speakers, record.text_names, chosen)
    for person, text_name, choice in people:
        texts = split_outside_brackets(person.affiliation, ";")
        choices = choice.organisations[: len(texts)] if choice else []
        organisations = [
            matcher.match_organisation(*text_and_choice)
            for text_and_choice in zip_longest(texts, choices, fillvalue=AUTOMATIC_CHOICE)
        ]
        if choice:
            given = choice.given
        else:
            person, given = completed_by_name_in_text(person, text_name)
        match = matcher.match_speaker(
            person,
            [organisation.record for organisation in organisations],
            given,
            named_before,
            choice.speaker if choice else AUTOMATIC_CHOICE,
        )
        named_before.discard(match.record.pk)  # a second matching name is another person
        yield MatchedPerson(person, organisations, match)


def _replace_appearances(session, record, matcher, outcome, correction):
    """Store the appearances; return one for each speaker of the record, None for one named twice."""
    named_before = set(session.appearances.values_list("speaker", flat=True))
    session.appearances.all().delete()
    chosen = correction.people if correction else ()
    appearances, present = [], set()
    for position, matched in enumerate(matched_people(record, matcher, named_before, chosen)):
        matches = [*matched.organisations, matched.speaker]
        outcome.doubts += [match.remark for match in matches if match.remark]
        # Two printed names may mean the same organisation, through another name.
        organisations = list(
            {match.record.pk: match.record for match in matched.organisations}.values()
        )
        speaker = matched.speaker.record
        if speaker.pk in present:
            outcome.remarks.append(f"{speaker} is named twice.")
            appearances.append(None)
            continue
        present.add(speaker.pk)
        appearance = Appearance.objects.create(
            session=session,
            speaker=speaker,
            organisation=organisations[0] if organisations else None,
            role_title=matched.person.role[:300],
            function=matched.person.function,
            position=position,
        )
        # By key: in a dry run new records are not saved, and Django would reject them.
        appearance.further_organisations.set(
            [organisation.pk for organisation in organisations[1:]]
        )
        appearances.append(appearance)
    return appearances


def _appearances_by_family_name(session, record):
    """Return the appearance of each speaker of the record where somebody edited them: by name."""
    by_family = {}
    for appearance in session.appearances.select_related("speaker"):
        by_family.setdefault(fold_name(appearance.speaker.family_name), appearance)
    return [by_family.get(fold_name(person.family)) for person in record.speakers]


def completed_by_name_in_text(person, text_name):
    """Return (person, given name) with what "Mr. Samuel Bendett" says beyond "Bendett, S."."""
    if not text_name:
        return person, ""
    named = parse_person_name(text_name.partition(person.family)[0].strip() + " x")
    person = replace(person, honorific=person.honorific or named.honorific)
    begins_alike = fold_name(named.given)[:1] == fold_name(person.given_or_initial)[:1]
    is_fuller = len(named.given) > len(person.given_or_initial)
    return person, named.given if named.given and begins_alike and is_fuller else ""


def _update_recommendations(session, record, appearances, correction):
    # A recommendation with the same text keeps its number, and so its URL.
    present: dict[str, list[Recommendation]] = {}
    for former in session.recommendations.all():
        present.setdefault(fold_name(former.text), []).append(former)
    families = [fold_name(person.family) for person in record.speakers]
    for position, advice in enumerate(record.recommendations):
        former = present.get(fold_name(advice.text))
        recommendation = former.pop(0) if former else Recommendation(session=session)
        recommendation.text, recommendation.audience = advice.text, advice.audience[:200]
        recommendation.position = position
        recommendation.save()
        if correction:
            places = correction.made_by[position]
        else:
            makers = {fold_name(family) for family in advice.made_by}
            places = {place for place, family in enumerate(families) if family in makers}
        recommendation.made_by.set([appearances[place] for place in places if appearances[place]])
    for former in present.values():
        for gone in former:
            gone.delete()


def _replace_link_documents(session, record):
    session.documents.filter(file="").delete()
    for position, link in enumerate(record.links):
        # For a URL that occurs twice, use the first link text.
        is_first = link.url not in (before.url for before in record.links[:position])
        if link.url and is_first and len(link.url) <= MAX_URL_CHARACTERS:
            Document.objects.create(
                session=session,
                kind=guess_document_kind(f"{link.label} {link.url}"),
                title=link.title[:500],
                url=link.url,
                position=position,
            )
