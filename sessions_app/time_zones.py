"""What day it is where a session is held."""

from collections import defaultdict
from datetime import date
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils import timezone


@cache
def _zones_by_name() -> dict[str, ZoneInfo]:
    return {name: ZoneInfo(name) for name in available_timezones()}


def today_in_time_zone(name: str) -> date:
    """Return the date of now in a time zone; in the archive's own for none or an unknown one."""
    return timezone.localdate(timezone=_zones_by_name().get(name))


def time_zones_by_other_day() -> dict[date, list[str]]:
    """Return the time zones in which it is not the day that it is in the archive's own, by day."""
    now, today = timezone.now(), timezone.localdate()
    found = defaultdict(list)
    for name, zone in _zones_by_name().items():
        if (day := now.astimezone(zone).date()) != today:
            found[day].append(name)
    return found
