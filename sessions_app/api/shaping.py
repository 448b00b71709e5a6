"""Answers as a program wants them: some fields alone (`fields=`), some written out (`expand=`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError

from sessions_app.formats.json import absolute_url, session_json

from .schema import list_of_choices_schema


@dataclass(frozen=True)
class ResponseShape:
    """Which fields are wanted (None: all) and which are written out."""

    fields: frozenset[str] | None
    expand: frozenset[str]

    def includes_field(self, name: str) -> bool:
        return self.fields is None or name in self.fields

    def select_fields(self, row: dict) -> dict:
        if self.fields is None:
            return row
        return {name: value for name, value in row.items() if name in self.fields}


def requested_shape(
    request, fields: Iterable[str], expansions: Iterable[str] = ()
) -> ResponseShape:
    """Return the shape a request asks for; raises ValidationError naming the parameter."""
    wanted = _requested_names(request, "fields", fields)
    return ResponseShape(wanted or None, _requested_names(request, "expand", expansions))


def _requested_names(request, parameter: str, known: Iterable[str]) -> frozenset[str]:
    text = ",".join(request.query_params.getlist(parameter))
    names = frozenset(name.strip() for name in text.split(",") if name)
    known = sorted(known)
    if not names.issubset(known):
        message = f"Choose among {', '.join(known)}; separate several with commas."
        raise ValidationError({parameter: [message if known else "Nothing here can be expanded."]})
    return names


def expand_session_row(row: dict, session, expand: frozenset[str]) -> dict:
    """Return a session's JSON with what `expand` names written out; no query for any of it."""
    if "series" in expand and session.series:
        row["series"] |= _url_and_description(session.series)
    for name in ("topics", "regions"):
        if name in expand:
            records = getattr(session, name).all()
            row[name] = [
                named | _url_and_description(record)
                for named, record in zip(row[name], records, strict=True)
            ]
    if {"speakers", "organisations"} & expand:
        for named, appearance in zip(row["speakers"], session.appearances.all(), strict=True):
            if "speakers" in expand:
                named |= _speaker_details(appearance.speaker)
            if "organisations" in expand:
                if appearance.organisation:
                    named["organisation"] |= _organisation_details(appearance.organisation)
                named["further_organisations"] = [
                    further | _organisation_details(organisation)
                    for further, organisation in zip(
                        named["further_organisations"],
                        appearance.further_organisations.all(),
                        strict=True,
                    )
                ]
    return row


def expand_recommendation_row(row: dict, recommendation, expand: frozenset[str]) -> dict:
    """Return a recommendation's JSON with its session written out where `expand` says so."""
    if "session" in expand:
        row["session"] = session_json(recommendation.session)
    return row


def _url_and_description(record) -> dict:
    return {"url": absolute_url(record.get_absolute_url()), "description": record.description}


def _speaker_details(speaker) -> dict:
    return {
        "url": absolute_url(speaker.get_absolute_url()),
        "honorific": speaker.honorific,
        "suffix": speaker.suffix,
        "orcid": speaker.orcid,
        "website": speaker.website or None,
        "biography": speaker.biography,
        "photo": absolute_url(speaker.photo.url) if speaker.photo else None,
    }


def _organisation_details(organisation) -> dict:
    return {
        "url": absolute_url(organisation.get_absolute_url()),
        "abbreviation": organisation.abbreviation,
        "ror_id": organisation.ror_id,
        "website": organisation.website or None,
    }


SESSION_EXPANSIONS: Mapping[str, str] = {
    "series": "address and description of the series",
    "topics": "address and description of each topic",
    "regions": "address and description of each region",
    "speakers": "address, ORCID, biography and portrait of each speaker",
    "organisations": "address, ROR ID and website of each organisation",
}
RECOMMENDATION_EXPANSIONS: Mapping[str, str] = {"session": "the whole session"}


def fields_and_expand_parameters(
    fields: Iterable[str], expansions: Mapping[str, str] = {}
) -> list:
    """Return the documented parameters `fields` and, where there is something, `expand`."""
    parameters = [
        _comma_separated_parameter("fields", sorted(fields), "Only these fields of each record")
    ]
    if expansions:
        told = "; ".join(f"{name}: {what}" for name, what in expansions.items())
        parameters.append(
            _comma_separated_parameter("expand", list(expansions), f"Write out. {told}")
        )
    return parameters


def _comma_separated_parameter(
    name: str, choices: list[str], description: str
) -> OpenApiParameter:
    kind = list_of_choices_schema(choices)
    return OpenApiParameter(name, kind, explode=False, style="form", description=description)
