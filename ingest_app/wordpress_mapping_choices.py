"""What can be mapped from WordPress, and the possible targets of each kind."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy


class MappingKind(TextChoices):
    POST_TYPE = "post type", gettext_lazy("Post type")
    PAGES_BELOW = "pages below", gettext_lazy("Pages below a page")
    TAXONOMY = "taxonomy", gettext_lazy("Taxonomy")
    TERM = "term", gettext_lazy("Category, tag or other term")
    AUTHOR = "author", gettext_lazy("Author")


class MappingTarget(TextChoices):
    SESSIONS = "sessions", gettext_lazy("Sessions")
    SPEAKERS = "speakers", gettext_lazy("Speakers")
    TOPICS = "topics", gettext_lazy("Topics")
    REGIONS = "regions", gettext_lazy("Regions")
    SERIES = "series", gettext_lazy("Series")
    IGNORED = "ignored", gettext_lazy("Nothing")
    AS_TAXONOMY = "as its taxonomy", gettext_lazy("The same as what it is below")
    # For the child terms; the term itself is only a heading and creates no record.
    TOPICS_BELOW = "topics below", gettext_lazy("Nothing; topics below it")
    REGIONS_BELOW = "regions below", gettext_lazy("Nothing; regions below it")
    SERIES_BELOW = "series below", gettext_lazy("Nothing; series below it")
    ONLY_SESSIONS = "only sessions", gettext_lazy("Only what is filed under it is a session")
    NO_SESSIONS = "no sessions", gettext_lazy("Nothing, and what is filed under it neither")


ALLOWED_TARGETS = {
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
