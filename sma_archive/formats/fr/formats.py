"""How Django prints dates, times and numbers in French; forms read the same as in English."""

from ..en_GB.formats import *  # noqa: F403

DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j F Y à H:i"
DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = "\N{NARROW NO-BREAK SPACE}"
NUMBER_GROUPING = 3
