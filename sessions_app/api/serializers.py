"""What the API's answers look like, for the OpenAPI document.

`formats/json.py` and `formats/authority_json.py` build the answers, for files as well as for the API;
tests/sessions_app/api/test_documentation.py compares their fields with these. Answers made by these
serializers themselves took 1.4 times as long (400 sessions).
"""

from rest_framework import serializers

HELP_TEXT_OF_DETAIL_FIELDS = "Only in the answer of the entry alone."


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


def names_in_detail_only_field():
    return serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text=f"Other names. {HELP_TEXT_OF_DETAIL_FIELDS}",
    )


class EntrySerializer(BareEntrySerializer):
    description = serializers.CharField(required=False, help_text=HELP_TEXT_OF_DETAIL_FIELDS)


class TopicSerializer(EntrySerializer):
    parent = serializers.SlugField(allow_null=True)
    aliases = names_in_detail_only_field()
    children = CountedSerializer(many=True, required=False, help_text=HELP_TEXT_OF_DETAIL_FIELDS)


class OrganisationSerializer(EntrySerializer):
    abbreviation = serializers.CharField()
    ror_id = serializers.CharField()
    aliases = names_in_detail_only_field()
    website = serializers.URLField(
        required=False, allow_null=True, help_text=HELP_TEXT_OF_DETAIL_FIELDS
    )
    logo = serializers.URLField(
        required=False, allow_null=True, help_text=HELP_TEXT_OF_DETAIL_FIELDS
    )
    representatives = RepresentativeSerializer(
        many=True,
        required=False,
        help_text=f"Who spoke for it, by the affiliation of the day. {HELP_TEXT_OF_DETAIL_FIELDS}",
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
    aliases = names_in_detail_only_field()
    biography = serializers.CharField(required=False, help_text=HELP_TEXT_OF_DETAIL_FIELDS)
    website = serializers.URLField(
        required=False, allow_null=True, help_text=HELP_TEXT_OF_DETAIL_FIELDS
    )
    photo = serializers.URLField(
        required=False, allow_null=True, help_text=HELP_TEXT_OF_DETAIL_FIELDS
    )
    affiliations = AffiliationSerializer(
        many=True, required=False, help_text=HELP_TEXT_OF_DETAIL_FIELDS
    )
    co_speakers = CountedSerializer(
        many=True,
        required=False,
        help_text=f"Who spoke in the same sessions. {HELP_TEXT_OF_DETAIL_FIELDS}",
    )


class TopicPageSerializer(PageSerializer):
    results = TopicSerializer(many=True)


class OrganisationPageSerializer(PageSerializer):
    results = OrganisationSerializer(many=True)


class SpeakerPageSerializer(PageSerializer):
    results = SpeakerSerializer(many=True)


class EntryPageSerializer(PageSerializer):
    results = EntrySerializer(many=True)


SERIALIZERS_BY_AUTHORITY = {  # parameter: (serializer of a record, serializer of a page)
    "topic": (TopicSerializer, TopicPageSerializer),
    "organisation": (OrganisationSerializer, OrganisationPageSerializer),
    "speaker": (SpeakerSerializer, SpeakerPageSerializer),
    "series": (EntrySerializer, EntryPageSerializer),
    "region": (EntrySerializer, EntryPageSerializer),
}


class UnusableParameterSerializer(serializers.Serializer):
    name = serializers.CharField()
    reason = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """A refusal, as site_app/http/problem_details.py writes it."""

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
