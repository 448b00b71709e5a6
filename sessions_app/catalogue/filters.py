"""The public query parameters of every list, declared and validated once.

Pages, exports, feeds and the API read the same classes. A valid query becomes `Criteria`, which the
search engine (search_app) answers; nothing here builds SQL about sessions.
"""

import re
from datetime import UTC, datetime
from functools import cached_property

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django_filters.fields import ChoiceField

from search_app.criteria_and_hits import Criteria
from search_app.query.parser import MAX_QUERY_CHARACTERS, describe_query_limits, parse_query
from sessions_app.models import Recommendation, Session
from site_app.text.dates import UnreadableDateError, read_iso_period, read_period
from site_app.text.numbers import parse_whole_number

from .authorities import current_slugs_of_renamed

PAGE_SIZES = (10, 20, 50, 100)
DEFAULT_PAGE_SIZE = 20
SORT_CHOICES = (
    ("relevance", _("Relevance")),
    ("newest", _("Newest first")),
    ("oldest", _("Oldest first")),
    ("title", _("Title")),
)
HAS_CHOICES = (
    ("recording", _("Recording")),
    ("transcript", _("Transcript")),
    ("recommendations", _("Recommendations")),
    ("documents", _("Documents")),
)
DATE_PARAMETERS = ("date_after", "date_before")
MAX_VALUES_PER_PARAMETER = 50  # values of a repeated parameter
MAX_PAGE_NUMBER = 10**9  # more than any archive has; keeps page numbers within machine integers


class RepeatedField(forms.Field):
    """Values of a repeated parameter (`topic=a&topic=b`); cleans to a tuple without repeats."""

    widget = forms.SelectMultiple
    pattern = re.compile(r"")
    message = ""

    def clean(self, value):
        values = tuple(dict.fromkeys(item.strip() for item in value or () if item.strip()))
        if len(value or ()) > MAX_VALUES_PER_PARAMETER:
            raise ValidationError(
                gettext("Choose at most %(number)s values.")
                % {"number": MAX_VALUES_PER_PARAMETER},
                code="too_many",
            )
        for item in values:
            if not self.pattern.fullmatch(item):
                raise ValidationError(self.message % {"value": item[:50]}, code="invalid")
        return values


class SlugsField(RepeatedField):
    pattern = re.compile(r"[A-Za-z0-9_-]{1,100}")
    message = _("“%(value)s” is not in this list.")


class YearsField(RepeatedField):
    pattern = re.compile(r"[0-9]{4}")
    message = _("“%(value)s” is not a year. Write four digits, such as 2019.")


class AudiencesField(RepeatedField):
    pattern = re.compile(r"[^\x00]{1,200}", re.DOTALL)
    message = _("“%(value)s” is not an audience.")


class HasField(RepeatedField):
    pattern = re.compile("|".join(value for value, label in HAS_CHOICES))
    message = _("“%(value)s” is not something a session can have.")


class TextField(forms.CharField):
    """Search text: any text is valid, so a NUL character counts as white space.

    `only_whole` rejects a text of which only the beginning would be searched: a page reports this next to
    its results, but a program would not notice.
    """

    only_whole = False

    def to_python(self, value):
        text = super().to_python((value or "").replace("\x00", " "))
        if self.only_whole and (
            len(value or "") > MAX_QUERY_CHARACTERS or parse_query(text).is_cut
        ):
            raise ValidationError(
                gettext("Search for %(limits)s.") % {"limits": describe_query_limits()},
                code="too_long",
            )
        return text


class DateEdgeField(forms.Field):
    """A day, month or year as one end of the date filter; cleans to its first or last day.

    `only_iso` refuses dates in words: programs are to write what means one day to everybody.
    """

    edge = ""  # "first" or "last"
    only_iso = False

    def clean(self, value):
        text = (value or "").replace("\x00", " ").strip()
        if not text:
            return None
        try:
            period = read_iso_period(text) if self.only_iso else read_period(text)
        except UnreadableDateError as error:
            raise ValidationError(str(error), code="invalid") from error
        return getattr(period, self.edge)


class FirstDayField(DateEdgeField):
    edge = "first"


class LastDayField(DateEdgeField):
    edge = "last"


class SlugsFilter(filters.Filter):
    field_class = SlugsField


class YearsFilter(filters.Filter):
    field_class = YearsField


class AudiencesFilter(filters.Filter):
    field_class = AudiencesField


class HasFilter(filters.Filter):
    field_class = HasField


class TextFilter(filters.Filter):
    field_class = TextField


class PageField(forms.IntegerField):
    default_error_messages = {"invalid": _("Page numbers are 1, 2, 3 …")}

    def __init__(self, **kwargs):
        super().__init__(min_value=1, **kwargs)


class PageSizeField(ChoiceField):
    """Results a page: those that pages offer, or any up to the largest where `any_size`."""

    any_size = False

    def validate(self, value):
        if not self.any_size:
            super().validate(value)
        elif value and parse_whole_number(value, maximum=max(PAGE_SIZES)) is None:
            raise ValidationError(
                gettext("Enter a number from 1 to %(number)s.") % {"number": max(PAGE_SIZES)},
                code="invalid",
            )


class PageSizeFilter(filters.ChoiceFilter):
    field_class = PageSizeField


class PageFilter(filters.Filter):
    field_class = PageField


class IsoMomentField(forms.DateTimeField):
    """A date and time in ISO 8601, or a date.

    Of the two days at either end of the calendar not every time exists in every zone, so that
    they count as the days next to them.
    """

    earliest, latest = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)

    def to_python(self, value):
        text = (value or "").strip().upper()
        if not text:
            return None
        try:
            moment = parse_datetime(text)
        except ValueError:
            moment = None
        if moment is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        if moment.date() < self.earliest.date():
            return self.earliest
        if moment.date() > self.latest.date():
            return self.latest
        return from_current_timezone(moment)


class MomentFilter(filters.Filter):
    field_class = IsoMomentField


class DateEdgeFilter(filters.Filter):
    """One end of the date filter."""


class FirstDayFilter(DateEdgeFilter):
    field_class = FirstDayField


class LastDayFilter(DateEdgeFilter):
    field_class = LastDayField


class ListFilter(filters.FilterSet):
    """Parameters shared by lists of sessions and of recommendations.

    `is_valid()` returns whether every value was usable; `criteria()` omits the others, and `errors` names
    them, so that a page can ignore them and a feed can reject the request.
    """

    kind: str
    facet_names: tuple[str, ...]

    q = TextFilter(label=_("Words"))
    topic = SlugsFilter(label=_("Topic"))
    series = SlugsFilter(label=pgettext_lazy("one series", "Series"))
    region = SlugsFilter(label=_("Region"))
    speaker = SlugsFilter(label=_("Speaker"))
    organisation = SlugsFilter(label=_("Organisation"))
    year = YearsFilter(label=_("Year"))
    date_after = FirstDayFilter(label=pgettext_lazy("date", "From"))
    date_before = LastDayFilter(label=pgettext_lazy("date", "To"))
    updated_since = MomentFilter(
        label=_("Changed since"),
        error_messages={
            "invalid": _(
                "Write a date and time in ISO 8601, such as 2019-05-31T18:00:00Z, or a date: 2019-05-31."
            )
        },
    )
    sort = filters.ChoiceFilter(
        label=_("Order"),
        choices=SORT_CHOICES,
        empty_label=None,
        error_messages={
            "invalid_choice": _(
                "“%(value)s” is not a valid choice; use relevance, newest, oldest, title."
            )
        },
    )
    page = PageFilter(label=_("Page"))
    per_page = PageSizeFilter(
        label=_("Results per page"),
        choices=[(size, size) for size in PAGE_SIZES],
        empty_label=None,
        error_messages={
            "invalid_choice": _("“%(value)s” is not a valid choice; use 10, 20, 50, 100.")
        },
    )

    def __init__(self, data=None, *args, only_iso_dates=False, any_page_size=False, **kwargs):
        super().__init__(data, *args, **kwargs)
        for name in DATE_PARAMETERS:
            self.filters[name].field.only_iso = only_iso_dates
        self.filters["q"].field.only_whole = only_iso_dates
        self.filters["per_page"].field.any_size = any_page_size

    @classmethod
    def parameter_names(cls) -> frozenset[str]:
        """Return the names of the query parameters that are read."""
        return frozenset(cls.base_filters)

    @classmethod
    def repeatable_parameters(cls) -> frozenset[str]:
        """Return the names of the query parameters that may be given several times."""
        return frozenset(
            name
            for name, declared in cls.base_filters.items()
            if issubclass(declared.field_class, RepeatedField)
        )

    def chosen_value(self, name):
        """Return the usable value of one parameter, or an empty one."""
        return self.form.cleaned_data.get(name) if self.is_bound else None

    def chosen_values(self) -> dict[str, tuple[str, ...]]:
        """Return the values chosen in each facet, facets without any left out."""
        self.is_valid()
        values = {name: self.chosen_value(name) for name in self.facet_names}
        return {name: chosen for name, chosen in values.items() if chosen}

    @cached_property
    def current_slugs_of_renamed(self) -> dict[str, dict[str, str]]:
        """{facet: {old slug: present slug}} of chosen entries that were renamed or merged."""
        return current_slugs_of_renamed(self.chosen_values())

    def chosen_values_with_current_slugs(self) -> dict[str, tuple[str, ...]]:
        """Return `chosen_values` with current slugs instead of old ones, each once."""
        return {
            name: tuple(dict.fromkeys(self.current_slug(name, value) for value in values))
            for name, values in self.chosen_values().items()
        }

    def current_slug(self, name: str, value: str) -> str:
        """Return the present slug for an old one of the facet `name`, any other value as it is."""
        return self.current_slugs_of_renamed.get(name, {}).get(value, value)

    @property
    def is_narrowed(self):
        """Whether any parameter other than order and page is set."""
        return bool(
            self.chosen_values()
            or any(self.chosen_value(name) for name in ("q", *DATE_PARAMETERS))
        )

    @property
    def dates_are_reversed(self) -> bool:
        """Whether the first day of the filter is after the last one, so that nothing can match."""
        self.is_valid()
        first, last = (self.chosen_value(name) for name in DATE_PARAMETERS)
        return bool(first and last and first > last)

    def criteria(self, **options) -> Criteria:
        """Return the query as the search engine's criteria, with present slugs for old ones.

        `options`: further fields of Criteria, or other values than the visitor's.
        """
        chosen = self.chosen_values_with_current_slugs()
        required = {"has": chosen.pop("has")} if "has" in chosen else {}
        wanted = {
            "kind": self.kind,
            "text": self.chosen_value("q") or "",
            "filters": chosen,
            "required": required,
            "date_after": self.chosen_value("date_after"),
            "date_before": self.chosen_value("date_before"),
            "updated_since": self.chosen_value("updated_since"),
            "sort": self.chosen_value("sort") or "",
            "page": min(int(self.chosen_value("page") or 1), MAX_PAGE_NUMBER),
            "per_page": int(self.chosen_value("per_page") or DEFAULT_PAGE_SIZE),
        }
        return Criteria(**{**wanted, **options})


class SessionFilter(ListFilter):
    kind = "session"
    facet_names = ("topic", "series", "region", "speaker", "organisation", "year", "has")

    has = HasFilter(label=_("With"))

    class Meta:
        model = Session
        fields = []


class RecommendationFilter(ListFilter):
    kind = "recommendation"
    facet_names = ("topic", "audience", "series", "region", "speaker", "organisation", "year")

    audience = AudiencesFilter(label=_("For whom"))

    class Meta:
        model = Recommendation
        fields = []
