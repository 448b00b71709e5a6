"""The values by which a list can be narrowed, as a page shows them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from .authorities import AUTHORITIES

FACET_LABELS = {
    **{kind.parameter: kind.label for kind in AUTHORITIES.values()},
    "year": _("Year"),
    "has": _("With"),
    "audience": _("For whom"),
}


@dataclass
class FacetValue:
    value: str
    label: str
    count: int
    selected: bool
    make_url: Callable[[str], str]
    share: int = 0  # percentage of the highest count; the height of a bar
    depth: int = 0  # number of visible ancestors

    @property
    def url(self):
        """The same list with this value added, or removed if it is selected."""
        return self.make_url(self.value)


@dataclass
class Facet:
    name: str
    label: str
    values: list[FacetValue]
    total_values: int
    all_url: str
    errors: list[str] = field(default_factory=list)  # about values that could not be used
    is_known: bool = False  # some record has the value, though perhaps none of these results

    @property
    def has_more(self):
        return self.total_values > sum(1 for value in self.values if value.count)

    @property
    def has_selection(self):
        return any(value.selected for value in self.values)
