"""How the OpenAPI document names operations, parameters and refusals."""

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from sessions_app.catalogue.filters import (
    DEFAULT_PAGE_SIZE,
    HAS,
    MAX_PAGE,
    PAGE_SIZES,
    SORTS,
    DateEdgeFilter,
    HasFilter,
    RepeatedField,
)

from .serializers import AUTHORITIES, ProblemSerializer

DEFAULT_FACET_VALUES, MAX_FACET_VALUES = 100, 1000
PAGE = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE}
PAGE_SIZE = {
    "type": "integer",
    "minimum": 1,
    "maximum": max(PAGE_SIZES),
    "default": DEFAULT_PAGE_SIZE,
}
ISO_PERIOD = {
    "type": "string",
    "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$",
    "example": "2019-05",
    "description": "A day, a month or a year; of those, the first or last day counts.",
}
CURSOR = OpenApiParameter(
    "cursor",
    OpenApiTypes.STR,
    description="Where a list goes on, as `next` has it; empty to begin. Each record comes once, "
    "whatever changes meanwhile. Without `page`, `sort`, `facets` and `q`; lists with "
    "`updated_since` go by cursor without being asked.",
)


WITHOUT_FIELDS = "x-required-without-fields"
RECORDS = ("Session", "Recommendation", "Speaker", "Organisation", "Topic", "Entry")
INDEX = "lists"  # the URL of the list of endpoints
REFUSALS = {
    "400": "A parameter could not be used",
    "404": "No such record, or a page past the end",
    "410": "The session was public and is withdrawn",
}


def loosen_records(result, generator, request, public):
    """Let no field of a record be required: `fields` may leave out any. A hook of drf-spectacular.

    An extension of the document says which are present without `fields`, for its page.
    """
    schemas = result["components"]["schemas"]
    for name in RECORDS:
        if required := schemas.get(name, {}).pop("required", None):
            schemas[name][WITHOUT_FIELDS] = required
    return result


class ArchiveSchema(AutoSchema):
    """Names operations by what they give: `list_speakers`, `get_speakers`."""

    def _get_response_bodies(self, direction="response"):
        bodies = super()._get_response_bodies(direction)
        if self.list_name == INDEX:
            return bodies
        problem = self.resolve_serializer(ProblemSerializer, direction).ref
        if self.is_one:
            bodies["301"] = {"description": "The record has another address now: see Location"}
        is_of_session = getattr(self.view, "parameter", None) is None
        for code, description in REFUSALS.items():
            if code == "410" and not (self.is_one and is_of_session):
                continue  # only sessions can be withdrawn
            bodies[code] = {
                "content": {"application/problem+json": {"schema": problem}},
                "description": description,
            }
        return bodies

    def _get_parameters(self):
        parameters = super()._get_parameters()
        if parameter := getattr(self.view, "parameter", None):
            one, _page = AUTHORITIES[parameter]
            choices = {"type": "string", "enum": sorted(one().fields)}
            for declared in parameters:
                if declared["name"] == "fields":  # each record type has fields of its own
                    declared["schema"] = {"type": "array", "items": choices}
                    declared["explode"], declared["style"] = False, "form"
        return parameters

    def get_operation_id(self):
        return f"{'get' if self.is_one else 'list'}_{self.list_name}"

    def get_summary(self):
        name = self.list_name
        if name == INDEX:
            return "What lists there are"
        if not self.is_one:
            return f"List of {name}"
        return f"One of the {name}, by its {'number' if name == 'recommendations' else 'slug'}"

    def get_description(self):
        return ""  # docstrings are for developers

    @property
    def list_name(self):
        return (self.path.strip("/").split("/")[2:] or [INDEX])[0]

    @property
    def is_one(self):
        return self.path.endswith("}/")

    def get_response_serializers(self):
        parameter = getattr(self.view, "parameter", None)
        if parameter is None:
            return super().get_response_serializers()
        one, page = AUTHORITIES[parameter]
        return one if self.is_one else page


def list_parameters(filterset_class) -> list[OpenApiParameter]:
    """Return the documented query parameters, read from the FilterSet that validates them."""
    choices = {
        "sort": [value for value, label in SORTS],
        "has": [value for value, label in HAS],
    }
    parameters = []
    for name, declared in filterset_class.base_filters.items():
        repeated = issubclass(declared.field_class, RepeatedField)
        if isinstance(declared, DateEdgeFilter):
            kind = ISO_PERIOD
        elif name == "page":
            kind = PAGE
        elif name == "per_page":
            kind = PAGE_SIZE
        elif name == "updated_since":
            kind = OpenApiTypes.DATETIME
        elif repeated and declared.field_class.pattern.pattern and name not in choices:
            kind = {"type": "string", "pattern": f"^{declared.field_class.pattern.pattern}$"}
        else:
            kind = OpenApiTypes.STR
        is_array = repeated and isinstance(kind, dict)  # `many` works only for basic types
        if is_array:
            kind = {"type": "array", "items": kind}
        parameters.append(
            OpenApiParameter(
                name,
                kind,
                many=repeated and not is_array,
                explode=repeated or None,
                enum=choices.get(name),
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
