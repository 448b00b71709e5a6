"""What the API's answers look like, for the OpenAPI document.

`formats/json.py` and `formats/authority_json.py` build the answers, for files as well as for the API;
tests/sessions_app/api/test_documentation.py compares their fields with these. Answers made by these
serializers themselves took 1.4 times as long (400 sessions).
"""

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

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
ALONE = "Only in the answer of the entry alone."


class NamedSerializer(serializers.Serializer):
    slug = serializers.SlugField()
    name = serializers.CharField()


class AppearanceSerializer(serializers.Serializer):
    slug = serializers.SlugField()
    name = serializers.CharField()
    family_name = serializers.CharField()
    given_name = serializers.CharField()
    organisation = NamedSerializer(allow_null=True)
    further_organisations = NamedSerializer(many=True)
    role_title = serializers.CharField()
    function = serializers.ChoiceField(choices=["speaker", "panelist", "moderator"])


class DocumentSerializer(serializers.Serializer):
    kind = serializers.CharField()
    title = serializers.CharField()
    url = serializers.URLField()


class AdviceSerializer(serializers.Serializer):
    number = serializers.IntegerField()
    url = serializers.URLField()
    position = serializers.IntegerField()
    text = serializers.CharField()
    audience = serializers.CharField()
    made_by = serializers.ListField(child=serializers.SlugField())


class SessionReferenceSerializer(serializers.Serializer):
    slug = serializers.SlugField()
    title = serializers.CharField()
    held_on = serializers.DateField(allow_null=True)


class RecommendationSerializer(AdviceSerializer):
    session = SessionReferenceSerializer()
    updated_at = serializers.DateTimeField()
    excerpt = serializers.CharField(required=False, allow_null=True)


class SessionSerializer(serializers.Serializer):
    slug = serializers.SlugField()
    url = serializers.URLField()
    title = serializers.CharField()
    held_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    series = NamedSerializer(allow_null=True)
    topics = NamedSerializer(many=True)
    regions = NamedSerializer(many=True)
    speakers = AppearanceSerializer(many=True)
    summary_html = serializers.CharField()
    summary_text = serializers.CharField()
    language = serializers.CharField()
    recommendations = AdviceSerializer(many=True)
    documents = DocumentSerializer(many=True)
    has_recording = serializers.BooleanField()
    import_ref = serializers.CharField(allow_null=True)
    updated_at = serializers.DateTimeField()
    excerpt = serializers.CharField(required=False, allow_null=True)


class BareEntrySerializer(serializers.Serializer):
    slug = serializers.SlugField()
    name = serializers.CharField()
    url = serializers.URLField()
    session_count = serializers.IntegerField()


class FacetValueSerializer(serializers.Serializer):
    value = serializers.CharField()
    label = serializers.CharField()
    count = serializers.IntegerField()


class PageSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class ResultPageSerializer(PageSerializer):
    suggestion = serializers.CharField(allow_null=True)
    stale = serializers.BooleanField(
        required=False,
        help_text="Only while the index takes in many changes: the newest may be missing. "
        "Every answer that lags carries the header X-Index-Lag: 1.",
    )
    facets = serializers.DictField(
        child=serializers.ListField(child=FacetValueSerializer()), required=False
    )


class SessionPageSerializer(ResultPageSerializer):
    results = SessionSerializer(many=True)


class RecommendationPageSerializer(ResultPageSerializer):
    results = RecommendationSerializer(many=True)


class CountedSerializer(NamedSerializer):
    session_count = serializers.IntegerField()


class RepresentativeSerializer(CountedSerializer):
    first_year = serializers.IntegerField(allow_null=True)
    last_year = serializers.IntegerField(allow_null=True)


def names_alone():
    return serializers.ListField(
        child=serializers.CharField(), required=False, help_text=f"Other names. {ALONE}"
    )


class EntrySerializer(BareEntrySerializer):
    description = serializers.CharField(required=False, help_text=ALONE)


class TopicSerializer(EntrySerializer):
    parent = serializers.SlugField(allow_null=True)
    aliases = names_alone()
    children = CountedSerializer(many=True, required=False, help_text=ALONE)


class OrganisationSerializer(EntrySerializer):
    abbreviation = serializers.CharField()
    ror_id = serializers.CharField()
    aliases = names_alone()
    website = serializers.URLField(required=False, allow_null=True, help_text=ALONE)
    logo = serializers.URLField(required=False, allow_null=True, help_text=ALONE)
    representatives = RepresentativeSerializer(
        many=True,
        required=False,
        help_text=f"Who spoke for it, by the affiliation of the day. {ALONE}",
    )


class AffiliationSerializer(serializers.Serializer):
    organisation = serializers.SlugField(allow_null=True)
    role_title = serializers.CharField()
    first_year = serializers.IntegerField(allow_null=True)
    last_year = serializers.IntegerField(allow_null=True)


class SpeakerSerializer(BareEntrySerializer):
    family_name = serializers.CharField()
    given_name = serializers.CharField()
    honorific = serializers.CharField()
    suffix = serializers.CharField()
    orcid = serializers.CharField()
    aliases = names_alone()
    biography = serializers.CharField(required=False, help_text=ALONE)
    website = serializers.URLField(required=False, allow_null=True, help_text=ALONE)
    photo = serializers.URLField(required=False, allow_null=True, help_text=ALONE)
    affiliations = AffiliationSerializer(many=True, required=False, help_text=ALONE)
    co_speakers = CountedSerializer(
        many=True, required=False, help_text=f"Who spoke in the same sessions. {ALONE}"
    )


class TopicPageSerializer(PageSerializer):
    results = TopicSerializer(many=True)


class OrganisationPageSerializer(PageSerializer):
    results = OrganisationSerializer(many=True)


class SpeakerPageSerializer(PageSerializer):
    results = SpeakerSerializer(many=True)


class EntryPageSerializer(PageSerializer):
    results = EntrySerializer(many=True)


ENTRIES = {  # facet: (an entry, a page of them); series and regions have no more than a name
    "topic": (TopicSerializer, TopicPageSerializer),
    "organisation": (OrganisationSerializer, OrganisationPageSerializer),
    "speaker": (SpeakerSerializer, SpeakerPageSerializer),
}


class UnusableParameterSerializer(serializers.Serializer):
    name = serializers.CharField()
    reason = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """A refusal, as problems.py writes it."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    invalid_params = UnusableParameterSerializer(many=True)


class BulkFileSerializer(serializers.Serializer):
    name = serializers.CharField()
    url = serializers.URLField()
    sha256 = serializers.CharField()
    byte_count = serializers.IntegerField()
    record_count = serializers.IntegerField()


class BulkIndexSerializer(serializers.Serializer):
    made_at = serializers.DateTimeField(allow_null=True)
    is_current = serializers.BooleanField(
        help_text="Whether the files hold the archive as it is at this moment."
    )
    checksums = serializers.URLField()
    files = BulkFileSerializer(many=True)


WITHOUT_FIELDS = "x-required-without-fields"
RECORDS = ("Session", "Recommendation", "Speaker", "Organisation", "Topic", "Entry")
INDEX = "lists"  # the address above all of them
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
                continue  # only sessions are withdrawn
            bodies[code] = {
                "content": {"application/problem+json": {"schema": problem}},
                "description": description,
            }
        return bodies

    def _get_parameters(self):
        parameters = super()._get_parameters()
        if parameter := getattr(self.view, "parameter", None):
            one, _page = ENTRIES.get(parameter, (EntrySerializer, None))
            choices = {"type": "string", "enum": sorted(one().fields)}
            for declared in parameters:
                if declared["name"] == "fields":  # of each kind other ones
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
        return ""  # docstrings are for those who read the code

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
        one, page = ENTRIES.get(parameter, (EntrySerializer, EntryPageSerializer))
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
        is_array = repeated and isinstance(kind, dict)  # `many` is for basic types alone
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
