"""The API's documentation as a page of the site, read from its OpenAPI document."""

from dataclasses import dataclass, replace
from functools import cache
from urllib.parse import urlencode

from django.views.generic import TemplateView
from drf_spectacular.generators import SchemaGenerator

from sessions_app.catalogue.authorities import AUTHORITIES, public_entries
from sessions_app.catalogue.filters import SlugsField, YearsField
from sessions_app.catalogue.search_examples import find_search_examples

from .schema import REQUIRED_WITHOUT_FIELDS_KEY


@dataclass(frozen=True)
class DocumentedField:
    """A parameter, or a field of a record."""

    name: str
    kind: str  # such as "text", "list of Named"
    record: str  # name of the nested record type, or ""
    notes: str


@dataclass(frozen=True)
class DocumentedOperation:
    path: str
    summary: str
    parameters: tuple[DocumentedField, ...]
    answer: str  # name of a record type
    example: str = ""


TYPE_NAME_BY_JSON_TYPE = {
    "string": "text",
    "integer": "number",
    "boolean": "true or false",
    "object": "object",
}
TYPE_NAME_BY_PATTERN = {
    "^[-a-zA-Z0-9_]+$": "slug",
    f"^({SlugsField.pattern.pattern})?$": "slug",
    f"^({YearsField.pattern.pattern})?$": "year (YYYY)",
}
TYPE_NAME_BY_FORMAT = {
    "date": "day (YYYY-MM-DD)",
    "date-time": "time (ISO 8601)",
    "uri": "address",
}


@cache
def documented_operations_and_records() -> tuple[
    list[DocumentedOperation], dict[str, list[DocumentedField]]
]:
    """Return the operations in the order of their addresses, and the records by name."""
    document = SchemaGenerator().get_schema(public=True)
    operations = []
    for path, methods in document["paths"].items():
        operation = methods["get"]
        content = operation["responses"]["200"]["content"]["application/json"]["schema"]
        operations.append(
            DocumentedOperation(
                path=path,
                summary=operation["summary"],
                parameters=tuple(
                    _documented_field(
                        parameter["name"], parameter["schema"], [parameter.get("description", "")]
                    )
                    for parameter in operation.get("parameters", ())
                ),
                answer=_record_name_of_schema(content),
            )
        )
    records = {
        name: [
            _documented_field(
                field,
                shape,
                [shape.get("description", "")],
                field in schema.get("required", schema.get(REQUIRED_WITHOUT_FIELDS_KEY, ())),
            )
            for field, shape in schema["properties"].items()
        ]
        for name, schema in document["components"]["schemas"].items()
        if schema["type"] == "object"
    }
    return operations, records


def _documented_field(name, shape, notes, is_always_there=True):
    inner = shape.get("additionalProperties") or shape
    while inner.get("type") == "array":
        inner = inner["items"]
    record = _record_name_of_schema(inner)
    kind = (
        record
        or TYPE_NAME_BY_PATTERN.get(inner.get("pattern", ""))
        or TYPE_NAME_BY_FORMAT.get(inner.get("format", ""))
        or TYPE_NAME_BY_JSON_TYPE.get(inner.get("type"), "text")
    )
    if shape.get("type") == "array":
        kind = f"list of {kind}"
    elif "additionalProperties" in shape:
        kind = f"object of lists of {kind}"
    if choices := [str(value) for value in inner.get("enum", ()) if value != ""]:
        notes = [*notes, f"one of {', '.join(choices)}"]
    if shape.get("nullable"):
        notes = [*notes, "may be null"]
    if not is_always_there:
        notes = [*notes, "may be absent"]
    return DocumentedField(name, kind, record, "; ".join(note for note in notes if note))


def _record_name_of_schema(shape):
    """Return the name of the record a shape refers to, or nothing."""
    reference = shape.get("$ref") or next(
        (part["$ref"] for part in shape.get("allOf", ()) if "$ref" in part), ""
    )
    return reference.rpartition("/")[2]


def add_example_urls(operations: list[DocumentedOperation]) -> list[DocumentedOperation]:
    """Return the operations, lists with an address that gives something in this archive."""
    queries = {
        "/api/v1/sessions/": {"facets": 1, "per_page": 5},
        "/api/v1/recommendations/": {"sort": "newest", "per_page": 5},
    }
    if words := next(
        (example.text for example in find_search_examples() if ":" not in example.text), ""
    ):
        queries["/api/v1/sessions/"] = {"q": words, **queries["/api/v1/sessions/"]}
    for kind in AUTHORITIES.values():
        if entry := public_entries(kind.model).first():
            name = getattr(entry, kind.name_fields[0])
            queries[f"/api/v1{kind.prefix}"] = {"q": " ".join(name[:100].split()[:3])}
    return [
        operation
        if "{" in operation.path
        else replace(
            operation,
            example=operation.path
            + (f"?{urlencode(query)}" if (query := queries.get(operation.path)) else ""),
        )
        for operation in operations
    ]


class DocumentationView(TemplateView):
    template_name = "sessions_app/api_docs.html"

    def get_context_data(self, **kwargs):
        operations, records = documented_operations_and_records()
        return super().get_context_data(
            operations=add_example_urls(operations), records=records, **kwargs
        )
