"""Checks whether the clock of this machine can be trusted, and what may be deleted by age.

A clock that was set wrong for a moment must not send, delete or anonymise anything, so the tick stores
each reading. A reading more than a day away from the last one is doubtful until the clock is back, or
has run evenly for some minutes of the machine's own uptime (which is how a machine that was switched
off for a week recovers). Deletion by age uses `deletion_time`, the time of a reading a day ago.
"""

import socket
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import F
from django.utils import timezone

from site_app.models import ClockReading

MAX_TRUSTED_CLOCK_JUMP = timedelta(days=1)
# Allowed difference between the clock and the uptime, for two readings.
MAX_CLOCK_DRIFT = timedelta(minutes=2)
DOUBT_SECONDS = 600  # uptime after which a clock that runs evenly is trusted
MIN_DELETION_DELAY = timedelta(days=1)
RETENTION_READINGS = timedelta(days=90)  # for machines that no longer exist


@dataclass(frozen=True)
class ClockState:
    """The result of a reading."""

    now: datetime
    is_doubtful: bool
    went_back: bool  # since the last reading
    is_behind: bool  # an earlier trusted reading is later than this one
    deletion_time: datetime | None  # None: nothing may be deleted by age yet


def read_clock_state(now: datetime | None = None, *, confirmed: bool = False) -> ClockState:
    """Read the clock and store it. `confirmed`: somebody has checked that it is right."""
    now = now or timezone.now()
    up, boot = uptime(), boot_id()
    reading = ClockReading.objects.filter(machine=machine_name()).first()
    # A new machine, or one with a new name, starts from the newest reading of another.
    if reading is None:
        reading = ClockReading.objects.order_by("trusted_at").last() or ClockReading(
            read_at=now, trusted_at=now, highest_trusted_at=now
        )
        reading.pk, reading.machine = None, machine_name()
        reading._state.adding = True
    before = reading.read_at
    reading.read_at = now
    if confirmed or abs(now - reading.trusted_at) <= MAX_TRUSTED_CLOCK_JUMP:
        _end_doubt(reading)
    elif reading.doubted_since is None or reading.boot != boot:
        _begin_doubt(reading, now, up)
    else:
        elapsed = up - reading.doubted_since_uptime
        if abs(now - reading.doubted_since - timedelta(seconds=elapsed)) > MAX_CLOCK_DRIFT:
            _begin_doubt(reading, now, up)  # the clock jumped again: start over
        elif elapsed >= DOUBT_SECONDS:
            _end_doubt(reading)
    reading.boot = boot
    is_doubtful = reading.doubted_since is not None
    if not is_doubtful:
        reading.trusted_at = now
        highest = now if confirmed else max(now, reading.highest_trusted_at)
        reading.highest_trusted_at = highest
        _update_deletion_time(reading, now)
        ClockReading.objects.filter(trusted_at__lt=now - RETENTION_READINGS).delete()
    reading.save()
    may_delete = not is_doubtful and reading.first_look_at is not None
    return ClockState(
        now=now,
        is_doubtful=is_doubtful,
        went_back=now < before - MAX_CLOCK_DRIFT,
        is_behind=now < reading.highest_trusted_at - MAX_CLOCK_DRIFT,
        deletion_time=reading.first_look_at if may_delete else None,
    )


def _begin_doubt(reading, now, up):
    reading.doubted_since, reading.doubted_since_uptime = now, up


def _end_doubt(reading):
    reading.doubted_since = reading.doubted_since_uptime = None


def _update_deletion_time(reading, now):
    """Keep two checks, the first at least a day old; one in the future was wrong."""
    if reading.first_look_at and reading.first_look_at > now - MIN_DELETION_DELAY:
        reading.first_look_at = None
    if reading.next_look_at is None or reading.next_look_at > now:
        reading.next_look_at = now
    elif now - reading.next_look_at >= MIN_DELETION_DELAY:
        reading.first_look_at, reading.next_look_at = reading.next_look_at, now


def doubtful_readings():
    """Return the readings that /readyz and the worklist report."""
    return ClockReading.objects.exclude(doubted_since=None)


def confirm_clock(readings) -> int:
    """Confirm the clocks of these readings as last read; return how many."""
    return readings.update(
        trusted_at=F("read_at"),
        highest_trusted_at=F("read_at"),
        doubted_since=None,
        doubted_since_uptime=None,
    )


def machine_name() -> str:
    return socket.gethostname()[:100]


def uptime() -> float:
    """Return the seconds since this machine started, including sleep if known."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def boot_id() -> str:
    """Return an identifier of the current boot; empty if it is not known."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:40]
    except OSError:
        return ""
