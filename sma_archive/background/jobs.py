"""Runs the jobs of the tick: when each is due, which process runs it, and what is recorded.

Urgent jobs run in the tick's own process every few seconds. Mail and long jobs run in child processes,
which exist only while there is work: a mail server that does not respond, a long calculation or its
memory do not delay other jobs, and the memory is released when the child ends. A child that exceeds
its time is stopped; every job continues from the stored state.
"""

import logging
import multiprocessing
import os
import secrets
import signal
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import close_old_connections, connection, connections
from django.db.models import Q
from django.utils import timezone

from site_app.models import JobState

from . import clock

logger = logging.getLogger(__name__)

ROUND_INTERVAL_SECONDS = 2  # between two rounds of urgent jobs
RECORD_INTERVAL_SECONDS = 20  # results of frequent jobs are recorded no more often than this
CHILD_WORK_SECONDS = 60  # after this much work a child process ends, which releases its memory
# A child that works for longer is stopped. An index is built in one step.
MAX_CHILD_SECONDS = {"mail": 300, "long": 3600}
STOP_SECONDS = 5  # time for a child to stop
# Beyond the interval of the job.
MAX_DELAY_URGENT, MAX_DELAY_LONG = (
    timedelta(minutes=3),
    timedelta(hours=2),
)
MAX_CLOCK_DOUBT = timedelta(minutes=15)  # how long a doubtful clock may delay a job


class Lane(StrEnum):
    URGENT = "urgent"  # people wait for it; fast when there is nothing to do
    MAIL = "mail"  # people wait for this too, and it waits for a mail server
    LONG = "long"


@dataclass(frozen=True)
class Job:
    """A job of the tick; it must tolerate running twice at once and being interrupted anywhere.

    `work` returns how much it did. A long one returns within some seconds, or does one step that
    cannot be cut; if it `goes_on` it is called again as long as there was something to do.
    """

    work: Callable[..., int | None]
    lane: Lane = Lane.LONG
    every: float = 60  # seconds
    goes_on: bool = False
    deletes_by_age: bool = False  # called with now=: a time at least a day ago
    needs_sure_clock: bool = False  # what it does because of the time cannot be undone
    needs_latest_clock: bool = False  # also requires that no later reading was ever trusted
    is_local: bool = False  # runs on every machine, because it works on local files
    # Must be fast; whether to start a child process for it.
    wanted: Callable[[], bool] = lambda: True


Result = int | Exception | None  # how much was done; None: not due, or another process does it


def attempt_job(name: str, job: Job, reading: clock.ClockState) -> Result:
    """Run a job once; return how much it did, its exception, or None if the clock forbids it."""
    if job.needs_sure_clock and reading.is_doubtful:
        return None
    if job.needs_latest_clock and (reading.is_doubtful or reading.is_behind):
        return None
    arguments = {}
    if job.deletes_by_age:
        if reading.deletion_time is None:
            return None
        arguments["now"] = reading.deletion_time
    try:
        return job.work(**arguments) or 0
    except Exception as error:
        logger.exception("tick: could not %s", name)
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        return error


def log_doubtful_clock(reading: clock.ClockState) -> None:
    logger.warning(
        "tick: the clock of this machine, %s, has jumped. Irreversible jobs wait until it is "
        "correct again, has run evenly for %s minutes, or is confirmed with “manage.py "
        "tick --clock-is-right”.",
        reading.now.isoformat(timespec="seconds"),
        clock.DOUBT_SECONDS // 60,
    )


def record_job_result(
    name: str, job: Job, result: Result, started: datetime, seconds: float = 0
) -> None:
    """Record the result of a job; after a failure it stays as late as it was."""
    now = timezone.now()
    every = timedelta(seconds=job.every)
    allowed = MAX_DELAY_LONG if job.lane is Lane.LONG else MAX_DELAY_URGENT
    # The process that sends the mail keeps the job, even while there is none to send.
    values: dict[str, object] = (
        {} if job.lane is Lane.MAIL else {"held_until": None, "held_by": ""}
    )
    if isinstance(result, Exception):
        values |= {
            "started_at": started,
            "last_error": f"{type(result).__name__}: {result}"[:300],
            "next_at": now + every,
        }
    elif (
        result is None
    ):  # a doubtful clock, which is reported separately, does not make a job late
        values |= {"next_at": now + every, "late_at": now + max(allowed, MAX_CLOCK_DOUBT)}
    else:
        again = now if job.goes_on and result else now + every
        values |= {
            "started_at": started,
            "succeeded_at": now,
            "seconds": seconds,
            "last_error": "",
            "next_at": again,
            "late_at": now + every + allowed,
        }
    JobState.objects.update_or_create(
        name=name,
        defaults={"keeps_people_waiting": job.lane is not Lane.LONG, **values},
        create_defaults={
            "keeps_people_waiting": job.lane is not Lane.LONG,
            "late_at": now + every + allowed,
            **values,
        },
    )


def acquire_job(name: str, job: Job, holder: str) -> bool:
    """Claim a job for this process, so that no other runs it; return whether that succeeded."""
    now = timezone.now()
    JobState.objects.get_or_create(
        name=name,
        defaults={
            "keeps_people_waiting": job.lane is not Lane.LONG,
            "late_at": now + timedelta(seconds=job.every) + MAX_DELAY_LONG,
        },
    )
    return bool(
        _states_free_for(now, holder)
        .filter(name=name)
        .update(held_by=holder, held_until=now + JobState.HELD)
    )


def _states_free_for(now, holder):
    return JobState.objects.filter(
        Q(held_until=None)
        | Q(held_until__lt=now)
        | Q(held_until__gt=now + 2 * JobState.HELD)  # held by a machine whose clock was wrong
        | Q(held_by=holder)
    )


def renew_held_jobs(holder: str) -> None:
    JobState.objects.filter(held_by=holder).update(held_until=timezone.now() + JobState.HELD)


def release_jobs(holder: str) -> None:
    JobState.objects.filter(held_by=holder).update(held_by="", held_until=None)


def jobs_due(jobs: Mapping[str, Job], holder: str) -> list[str]:
    """Return the names of due jobs that no other process has locked, longest due first."""
    now = timezone.now()
    states = {state.name: state for state in JobState.objects.filter(name__in=list(jobs))}
    due = []
    for name, job in jobs.items():
        state = states.get(name)
        if state is None:
            due.append((0.0, name))
            continue
        if state.is_held and state.held_by != holder:
            continue
        latest = now + timedelta(seconds=job.every) + clock.MAX_CLOCK_DRIFT
        if state.next_at is None or not now < state.next_at < latest:
            due.append((state.started_at.timestamp() if state.started_at else 0.0, name))
    return [name for _started, name in sorted(due)]


def run_jobs(
    jobs: Mapping[str, Job],
    names: Iterable[str],
    *,
    holder: str,
    seconds: float = 0,
    done: Callable[[str, Result], None] = lambda name, result: None,
) -> dict[str, Result]:
    """Run each job once, in order; then repeat those marked `goes_on` for this many seconds.

    Calls `done` after each; returns {name: how much it did in all, or its exception}.
    """
    reading = clock.read_clock_state()
    if reading.is_doubtful:
        log_doubtful_clock(reading)
    results: dict[str, Result] = {}
    end = time.monotonic() + seconds
    waiting = deque(names)
    while waiting:
        name = waiting.popleft()
        job = jobs[name]
        if name in results and time.monotonic() >= end:
            continue
        is_shared = job.lane is not Lane.URGENT and not job.is_local
        if is_shared and not acquire_job(name, job, holder):
            continue
        started, began = timezone.now(), time.monotonic()
        result = attempt_job(name, job, reading)
        record_job_result(name, job, result, started, time.monotonic() - began)
        earlier = results.get(name)
        if isinstance(earlier, int) and isinstance(result, int):
            results[name] = earlier + result
        else:
            results[name] = result
        done(name, result)
        if seconds and job.goes_on and isinstance(result, int) and result:
            waiting.append(name)
    return results


class JobProcess:
    """A process that does some jobs and ends."""

    def __init__(self, jobs: Mapping[str, Job], names: list[str], holder: str):
        self.names = names
        self.holder = holder
        self.started = time.monotonic()
        # Starts at once and shares the loaded modules.
        context = multiprocessing.get_context("fork")
        self._results, sending = context.Pipe(duplex=False)
        connections.close_all()  # two processes must not share a connection
        self._process = context.Process(
            target=_run_in_child_process, args=(jobs, names, holder, sending), daemon=True
        )
        self._process.start()
        sending.close()

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def results(self) -> list[tuple[str, Result]]:
        """Return what it has reported since the last call."""
        told = []
        try:
            while self._results.poll():
                told.append(self._results.recv())
        except EOFError:
            pass
        return told

    def end(self) -> None:
        """End it, by force if necessary, and release the jobs it held."""
        if self._process.is_alive():
            self._process.terminate()
            self._process.join(STOP_SECONDS)
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        self.exit_code = self._process.exitcode
        release_jobs(self.holder)


def _run_in_child_process(jobs, names, holder, sending):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def tell(name, result):
        if isinstance(result, Exception):  # the exception itself may not be picklable
            result = RuntimeError(f"{type(result).__name__}: {result}")
        sending.send((name, result))

    run_jobs(jobs, names, holder=holder, seconds=CHILD_WORK_SECONDS, done=tell)
    connections.close_all()


class LaneScheduler:
    """The tick as a permanent process, or until every job was done once."""

    def __init__(self, jobs: Mapping[str, Job]):
        self.jobs = jobs
        self.lanes = {
            lane: {name: job for name, job in jobs.items() if job.lane is lane} for lane in Lane
        }
        self.children: dict[Lane, JobProcess] = {}
        self.holder = f"{socket.gethostname()[:60]} {os.getpid()} {secrets.token_hex(4)}"
        self._next: dict[str, float] = {}  # for urgent jobs and local ones
        self._noted = 0.0
        self._reading: clock.ClockState | None = None
        self._sends_mail = False

    def run_until_stopped(self, stop) -> None:
        """Work until the event `stop` is set. If the database is unavailable, wait for it."""
        while not stop.is_set():
            try:
                # As between two requests: one may have been lost in the meantime.
                close_old_connections()
                self.run_round()
            except Exception:
                logger.exception("tick: the round was aborted")
                connection.close_if_unusable_or_obsolete()
            stop.wait(ROUND_INTERVAL_SECONDS)
        self.stop()

    def run_round(self) -> None:
        """Run urgent jobs, and start child processes for the others that are due."""
        is_noted = time.monotonic() >= self._noted
        reading = self._read_clock(is_noted)
        self._run_due_urgent_jobs(reading, is_noted)
        self._manage_mail_child(is_noted)
        self._manage_long_child()
        if is_noted:
            renew_held_jobs(self.holder)
            for child in self.children.values():
                renew_held_jobs(child.holder)
            self._noted = time.monotonic() + RECORD_INTERVAL_SECONDS

    def _read_clock(self, is_noted):
        now, last = timezone.now(), self._reading
        if last is None or is_noted or abs(now - last.now) > clock.MAX_CLOCK_DRIFT:
            self._reading = clock.read_clock_state(now)
            if self._reading.went_back:
                self._next.clear()  # all urgent jobs are due again, whatever their interval
            if self._reading.is_doubtful and not (last and last.is_doubtful):
                log_doubtful_clock(self._reading)
        return self._reading

    def _run_due_urgent_jobs(self, reading, is_noted):
        for name, job in self.lanes[Lane.URGENT].items():
            if time.monotonic() < self._next.get(name, 0):
                continue
            started, began = timezone.now(), time.monotonic()
            result = attempt_job(name, job, reading)
            seconds = time.monotonic() - began
            self._next[name] = time.monotonic() + job.every
            if is_noted or result or job.every >= RECORD_INTERVAL_SECONDS:
                record_job_result(name, job, result, started, seconds)

    def _manage_mail_child(self, is_noted):
        """Send mail, unless another machine's tick does."""
        (name,) = self.lanes[Lane.MAIL]
        job = self.jobs[name]
        has_ended = Lane.MAIL in self.children
        if not self._is_lane_idle(Lane.MAIL):
            return
        if is_noted or has_ended:
            self._sends_mail = acquire_job(name, job, self.holder)
        if not self._sends_mail:
            return
        if job.wanted():
            self.children[Lane.MAIL] = JobProcess(self.jobs, [name], self.holder)
        elif is_noted:
            record_job_result(name, job, 0, timezone.now())
            acquire_job(name, job, self.holder)

    def _manage_long_child(self):
        if not self._is_lane_idle(Lane.LONG):
            return
        jobs = self.lanes[Lane.LONG]
        shared = {name: job for name, job in jobs.items() if not job.is_local}
        local = [
            name
            for name, job in jobs.items()
            if job.is_local and time.monotonic() >= self._next.get(name, 0)
        ]
        names = [name for name in [*local, *jobs_due(shared, self.holder)] if jobs[name].wanted()]
        if not names:
            return
        self._next |= {name: time.monotonic() + jobs[name].every for name in local}
        self.children[Lane.LONG] = JobProcess(self.jobs, names, self._new_child_holder())

    def _new_child_holder(self):
        return f"{self.holder} {secrets.token_hex(4)}"

    def _is_lane_idle(self, lane) -> bool:
        """Return whether no child is running in a lane; end one that has timed out."""
        child = self.children.get(lane)
        if child is None:
            return True
        child.results()
        if child.is_alive():
            if time.monotonic() - child.started < MAX_CHILD_SECONDS[lane]:
                return False
            logger.error("tick: %s took too long and was killed", ", ".join(child.names))
        child.end()
        del self.children[lane]
        return True

    def stop(self) -> None:
        for child in self.children.values():
            child.end()
        self.children.clear()
        release_jobs(self.holder)

    def run_all_once(self, done: Callable[[str, Result], None]) -> None:
        """Run every job once, long ones in parallel with urgent ones; call `done` with each result."""
        self._run_urgent_jobs_once(done)
        self._start_child_for_lane(Lane.MAIL)
        self._start_child_for_lane(Lane.LONG)
        self._wait_for_children(done)
        if all(job.wanted() for job in self.lanes[Lane.MAIL].values()):  # queued in the meantime
            self._start_child_for_lane(Lane.MAIL)
            self._wait_for_children(done)

    def _run_urgent_jobs_once(self, done):
        for name, result in run_jobs(
            self.jobs, self.lanes[Lane.URGENT], holder=self.holder
        ).items():
            done(name, result)

    def _start_child_for_lane(self, lane):
        self.children[lane] = JobProcess(
            self.jobs, list(self.lanes[lane]), self._new_child_holder()
        )

    def _wait_for_children(self, done):
        next_look = time.monotonic() + ROUND_INTERVAL_SECONDS
        while self.children:
            for lane, child in list(self.children.items()):
                is_alive = child.is_alive()
                for name, result in child.results():
                    done(name, result)
                if not is_alive:
                    child.end()
                    del self.children[lane]
                    if child.exit_code:
                        how = RuntimeError(f"its process ended with status {child.exit_code}")
                        done(f"{lane} work", how)
            if time.monotonic() >= next_look:
                for child in self.children.values():
                    renew_held_jobs(child.holder)
                self._run_urgent_jobs_once(done)
                next_look = time.monotonic() + ROUND_INTERVAL_SECONDS
            time.sleep(0.05)
