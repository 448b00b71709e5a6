"""How the OpenAPI document names operations, parameters and refusals."""

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from search_app.query.parser import MAX_LEAVES, MAX_PREFIXES, MAX_QUERY_CHARACTERS
from sessions_app.catalogue.filters import (
    DEFAULT_PAGE_SIZE,
    HAS_CHOICES,
    MAX_PAGE_NUMBER,
    MAX_VALUES_PER_PARAMETER,
    PAGE_SIZES,
    SORT_CHOICES,
    DateEdgeFilter,
    HasFilter,
)

from .cursor import CURSOR_PATTERN
from .serializers import SERIALIZERS_BY_AUTHORITY, ProblemSerializer

DEFAULT_FACET_VALUES, MAX_FACET_VALUES = 100, 1000
PAGE_SCHEMA = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_NUMBER}
PAGE_SIZE_SCHEMA = {
    "type": "integer",
    "minimum": 1,
    "maximum": max(PAGE_SIZES),
    "default": DEFAULT_PAGE_SIZE,
}
ISO_YEAR_PATTERN = (
    "([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"  # a calendar has no year 0
)
ISO_PERIOD_SCHEMA = {
    "type": "string",
    "anyOf": [
        {"format": "date"},
        {"pattern": f"^{ISO_YEAR_PATTERN}-(0[1-9]|1[0-2])$"},
        {"pattern": f"^{ISO_YEAR_PATTERN}$"},
    ],
    "example": "2019-05",
    "description": "A day, a month or a year; of those, the first or last day counts.",
}
ISO_MOMENT_SCHEMA = {"type": "string", "anyOf": [{"format": "date-time"}, {"format": "date"}]}
# Not `maxLength`: a server may refuse a URL of that length first (414).
SEARCH_TEXT_SCHEMA = {
    "type": "string",
    "description": f"At most {MAX_LEAVES} words or phrases, {MAX_PREFIXES} beginnings of words and "
    f"{MAX_QUERY_CHARACTERS} characters.",
}
CURSOR_PARAMETER = OpenApiParameter(
    "cursor",
    {"type": "string", "pattern": f"^({CURSOR_PATTERN})?$"},
    description="Where a list goes on, as `next` has it; empty to begin. Each record comes once, "
    "whatever changes meanwhile, in the order in which sessions became public: `page` and `sort` "
    "do not count then, and there are no excerpts. Lists with `updated_since` go by cursor "
    "without being asked, unless with `page`, `sort`, `facets` or `q`.",
)


SCHEMA_BY_PARAMETER = {
    "q": SEARCH_TEXT_SCHEMA,
    "sort": {"type": "string", "enum": [value for value, label in SORT_CHOICES]},
    "page": PAGE_SCHEMA,
    "per_page": PAGE_SIZE_SCHEMA,
    "updated_since": ISO_MOMENT_SCHEMA,
}
REQUIRED_WITHOUT_FIELDS_KEY = "x-required-without-fields"
RECORD_SCHEMA_NAMES = ("Session", "Recommendation", "Speaker", "Organisation", "Topic", "Entry")
INDEX_LIST_NAME = "lists"  # the URL of the list of endpoints
ERROR_DESCRIPTION_BY_STATUS = {
    "400": "A parameter could not be used",
    "404": "No such record, or a page past the end",
    "410": "The session was public and is withdrawn",
}


def make_record_fields_optional(result, generator, request, public):
    """Let no field of a record be required: `fields` may leave out any. A hook of drf-spectacular.

    An extension of the document says which are present without `fields`, for its page.
    """
    schemas = result["components"]["schemas"]
    for name in RECORD_SCHEMA_NAMES:
        if required := schemas.get(name, {}).pop("required", None):
            schemas[name][REQUIRED_WITHOUT_FIELDS_KEY] = required
    return result


class ArchiveSchema(AutoSchema):
    """Names operations by what they give: `list_speakers`, `get_speakers`."""

    def _get_response_bodies(self, direction="response"):
        bodies = super()._get_response_bodies(direction)
        if self.list_name == INDEX_LIST_NAME:
            return bodies
        problem = self.resolve_serializer(ProblemSerializer, direction).ref
        if self.is_of_single_record:
            bodies["301"] = {"description": "The record has another address now: see Location"}
        is_of_session = getattr(self.view, "parameter", None) is None
        for code, description in ERROR_DESCRIPTION_BY_STATUS.items():
            if code == "410" and not (self.is_of_single_record and is_of_session):
                continue  # only sessions can be withdrawn
            bodies[code] = {
                "content": {"application/problem+json": {"schema": problem}},
                "description": description,
            }
        return bodies

    def _get_parameters(self):
        parameters = super()._get_parameters()
        if parameter := getattr(self.view, "parameter", None):
            one, _page = SERIALIZERS_BY_AUTHORITY[parameter]
            for declared in parameters:
                if declared["name"] == "fields":  # each record type has fields of its own
                    declared["schema"] = list_of_choices_schema(sorted(one().fields))
                    declared["explode"], declared["style"] = False, "form"
        for declared in parameters:
            # The forms of pages send what nobody filled in. Items of an array say so themselves.
            if declared["in"] == "query" and declared["schema"].get("type") != "array":
                declared["allowEmptyValue"] = True
        return parameters

    def get_operation_id(self):
        return f"{'get' if self.is_of_single_record else 'list'}_{self.list_name}"

    def get_summary(self):
        name = self.list_name
        if name == INDEX_LIST_NAME:
            return "What lists there are"
        if not self.is_of_single_record:
            return f"List of {name}"
        return f"One of the {name}, by its {'number' if name == 'recommendations' else 'slug'}"

    def get_description(self):
        return ""  # docstrings are for developers

    @property
    def list_name(self):
        return (self.path.strip("/").split("/")[2:] or [INDEX_LIST_NAME])[0]

    @property
    def is_of_single_record(self):
        return self.path.endswith("}/")

    def get_response_serializers(self):
        parameter = getattr(self.view, "parameter", None)
        if parameter is None:
            return super().get_response_serializers()
        one, page = SERIALIZERS_BY_AUTHORITY[parameter]
        return one if self.is_of_single_record else page


def list_of_choices_schema(choices: list[str], **limits) -> dict:
    """Return the schema of several of some names; an empty one counts for nothing."""
    return {"type": "array", "items": {"type": "string", "enum": [*choices, ""]}, **limits}


def filterset_parameters(filterset_class) -> list[OpenApiParameter]:
    """Return the documented query parameters, read from the FilterSet that validates them."""
    parameters = []
    for name, declared in filterset_class.base_filters.items():
        repeated = name in filterset_class.repeatable_parameters()
        if isinstance(declared, HasFilter):
            kind = list_of_choices_schema(
                [value for value, label in HAS_CHOICES], maxItems=MAX_VALUES_PER_PARAMETER
            )
        elif repeated:
            pattern = f"^({declared.field_class.pattern.pattern})?$"
            kind = {"type": "array", "items": {"type": "string", "pattern": pattern}}
            kind["maxItems"] = MAX_VALUES_PER_PARAMETER
        elif isinstance(declared, DateEdgeFilter):
            kind = ISO_PERIOD_SCHEMA
        else:
            kind = SCHEMA_BY_PARAMETER[name]
        parameters.append(
            OpenApiParameter(
                name,
                kind,
                explode=repeated or None,
                description=declared.label
                + (" (repeatable: AND)" if isinstance(declared, HasFilter) else "")
                + (
                    " (repeatable: OR)" if repeated and not isinstance(declared, HasFilter) else ""
                ),
            )
        )
    return [
        *parameters,
        OpenApiParameter("facets", OpenApiTypes.INT, enum=[0, 1], description="Add facet counts"),
        OpenApiParameter(
            "facet_limit",
            {"type": "integer", "minimum": 1, "maximum": MAX_FACET_VALUES},
            description=f"Values a facet ({DEFAULT_FACET_VALUES})",
        ),
    ]
