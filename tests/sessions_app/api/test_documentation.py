"""The API's documentation agrees with the API."""

import pytest
from openapi_spec_validator import validate
from rest_framework.serializers import BaseSerializer

from sessions_app.api.documentation import documented_operations_and_records
from sessions_app.api.serializers import RecommendationSerializer, SessionSerializer
from sessions_app.models import Session
from tests.factories import (
    AppearanceFactory,
    DocumentFactory,
    RecommendationFactory,
    RegionFactory,
    SeriesFactory,
    SessionFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


def test_schema_is_valid_openapi(client):
    validate(client.get("/api/schema/?format=json").json())


def test_errors_are_declared_where_they_occur(client):
    paths = client.get("/api/schema/?format=json").json()["paths"]

    def codes(path):
        return sorted(paths[path]["get"]["responses"])

    assert codes("/api/v1/sessions/") == ["200", "400", "404"]
    assert codes("/api/v1/sessions/{slug}/") == ["200", "301", "400", "404", "410"]
    assert codes("/api/v1/topics/{slug}/") == ["200", "301", "400", "404"]


def test_documentation_page_shows_every_url_parameter_and_record(client):
    document = client.get("/api/schema/?format=json").json()

    page = client.get("/api/docs/").text

    for path, methods in document["paths"].items():
        assert f"<code>GET {path}</code>" in page
        for parameter in methods["get"].get("parameters", ()):
            assert f"<code>{parameter['name']}</code>" in page
    for name, schema in document["components"]["schemas"].items():
        if schema["type"] == "object":
            assert f'id="record-{name}"' in page


def test_every_link_to_a_record_is_valid(client):
    operations, records = documented_operations_and_records()

    linked = {each.answer for each in operations}
    linked |= {field.record for fields in records.values() for field in fields if field.record}

    assert linked <= set(records)


def test_examples_return_records_of_this_archive(client, entries):
    RecommendationFactory(text="Dredge the harbours.")
    SessionFactory(title="Harbours and rivers")

    operations = client.get("/api/docs/").context["operations"]
    examples = [operation.example for operation in operations if operation.example]

    lists = [each for each in examples if each.count("/") > 3 and "bulk" not in each]
    assert len(lists) == 7
    assert [example for example in lists if not client.get(example).json()["count"]] == []


def test_types_of_parameters_are_documented():
    (sessions,) = [
        found
        for found in documented_operations_and_records()[0]
        if found.path == "/api/v1/sessions/"
    ]
    kinds = {field.name: field.kind for field in sessions.parameters}

    assert kinds["topic"] == "list of slug"
    assert kinds["year"] == "list of year (YYYY)"
    assert (kinds["per_page"], kinds["q"]) == ("number", "text")


@pytest.fixture
def entries():
    appearance = AppearanceFactory()
    series = SeriesFactory()
    appearance.session.series = series
    appearance.session.save()
    appearance.session.topics.add(TopicFactory())
    appearance.session.regions.add(RegionFactory())


@pytest.mark.parametrize("kind", ["speakers", "organisations", "topics", "series", "regions"])
def test_authority_records_have_the_declared_fields(client, entries, kind):
    operations, records = documented_operations_and_records()
    answers = {each.path: each.answer for each in operations}
    fields = records[answers[f"/api/v1/{kind}/{{slug}}/"]]

    (listed,) = client.get(f"/api/v1/{kind}/").json()["results"]
    alone = client.get(f"/api/v1/{kind}/{listed['slug']}/").json()

    assert set(alone) == {field.name for field in fields}
    assert set(listed) == {field.name for field in fields if "may be absent" not in field.notes}


def declared(serializer) -> dict:
    """Return {field: {field: …}} of a response according to the schema; {} for plain values."""
    return {
        name: declared(inner) if isinstance(inner, BaseSerializer) else {}
        for name, field in serializer.fields.items()
        if field.required
        for inner in [getattr(field, "child", field)]
    }


def given(value) -> dict:
    """Return the same for an actual response, using the first of several values."""
    if isinstance(value, list):
        return given(value[0])
    return {name: given(each) for name, each in value.items()} if isinstance(value, dict) else {}


@pytest.mark.parametrize(("path", "serializer"), [
    ("sessions/rivers", SessionSerializer), ("recommendations/rivers-1", RecommendationSerializer),
])  # fmt: skip
def test_responses_have_the_declared_fields_at_every_depth(client, entries, path, serializer):
    Session.objects.update(slug="rivers")
    session = Session.objects.get()
    appearance = session.appearances.get()
    appearance.further_organisations.add(appearance.organisation)
    RecommendationFactory(session=session, number=1).made_by.add(appearance)
    DocumentFactory(session=session)

    assert given(client.get(f"/api/v1/{path}/").json()) == declared(serializer())
