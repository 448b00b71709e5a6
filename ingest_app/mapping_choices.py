"""What can be mapped of an old WordPress, and what each kind of it can become here."""

from django.db.models import TextChoices


class MappingKind(TextChoices):
    POST_TYPE = "post type", "Post type"
    PAGES_BELOW = "pages below", "Pages below a page"
    TAXONOMY = "taxonomy", "Taxonomy"
    TERM = "term", "Category, tag or other term"
    AUTHOR = "author", "Author"


class MappingTarget(TextChoices):
    SESSIONS = "sessions", "Sessions"
    SPEAKERS = "speakers", "Speakers"
    TOPICS = "topics", "Topics"
    REGIONS = "regions", "Regions"
    SERIES = "series", "Series"
    IGNORED = "ignored", "Nothing"
    AS_TAXONOMY = "as its taxonomy", "The same as what it is below"
    # For the terms below it; the term itself is a heading and makes nothing.
    TOPICS_BELOW = "topics below", "Nothing; topics below it"
    REGIONS_BELOW = "regions below", "Nothing; regions below it"
    SERIES_BELOW = "series below", "Nothing; series below it"
    ONLY_SESSIONS = "only sessions", "Only what is filed under it is a session"
    NO_SESSIONS = "no sessions", "Nothing, and what is filed under it neither"


TARGETS = {
    MappingKind.POST_TYPE: (MappingTarget.SESSIONS, MappingTarget.SPEAKERS, MappingTarget.IGNORED),
    MappingKind.PAGES_BELOW: (
        MappingTarget.SPEAKERS,
        MappingTarget.SESSIONS,
        MappingTarget.IGNORED,
    ),
    MappingKind.TAXONOMY: (
        MappingTarget.TOPICS,
        MappingTarget.REGIONS,
        MappingTarget.SERIES,
        MappingTarget.IGNORED,
    ),
    MappingKind.TERM: (
        MappingTarget.AS_TAXONOMY,
        MappingTarget.TOPICS,
        MappingTarget.REGIONS,
        MappingTarget.SERIES,
        MappingTarget.TOPICS_BELOW,
        MappingTarget.REGIONS_BELOW,
        MappingTarget.SERIES_BELOW,
        MappingTarget.IGNORED,
        MappingTarget.ONLY_SESSIONS,
        MappingTarget.NO_SESSIONS,
    ),
    MappingKind.AUTHOR: (MappingTarget.IGNORED, MappingTarget.SPEAKERS),
}
