"""Supervises the programs of one machine: start, watch, restart, stop."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

STOP_SECONDS = 10  # for open requests and the current task
FIRST_BACKOFF, MAX_BACKOFF = 1, 60  # seconds before a program that ended is started again
PR_SET_PDEATHSIG = 1  # from <sys/prctl.h>
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _end_with_parent():
    """Let the kernel end this program if its supervisor is killed without a chance to do so."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Program:
    """One long-running program, restarted when it ends."""

    def __init__(self, name: str, command: Sequence[str]):
        self.name = name
        self.command = command
        self.backoff = FIRST_BACKOFF
        self.due = 0.0
        self.process: subprocess.Popen | None = None

    def start(self):
        # A session of its own: Ctrl-C in the terminal reaches only the supervisor, which then stops
        # everything in order.
        self.process = subprocess.Popen(  # noqa: S603 - the site's own programs
            self.command, start_new_session=True, preexec_fn=_end_with_parent
        )
        self.started = time.monotonic()

    def restart_if_ended(self, say: Callable[[str], None]):
        """Start the program if it is not running and its waiting time is over."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            # Processes that it left behind would keep the port in use.
            self._signal(signal.SIGKILL)
            self.backoff = FIRST_BACKOFF if now - self.started > MAX_BACKOFF else self.backoff
            self.due = now + self.backoff
            say(
                f"The {self.name} ended with status {self.process.returncode}; "
                f"starting it again in {self.backoff} s."
            )
            self.backoff = min(2 * self.backoff, MAX_BACKOFF)
            self.process = None
        if self.process is None and now >= self.due:
            self.start()

    def ask_to_stop(self):
        self._signal(signal.SIGTERM)

    def stop(self, seconds: float):
        """Wait until the program has ended, and end it after `seconds`."""
        if self.process is None:
            return
        try:
            self.process.wait(max(seconds, 0))
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self.process.wait()

    def _signal(self, number):
        if self.process is None:
            return
        with suppress(ProcessLookupError):  # it may have ended in the meantime
            os.killpg(self.process.pid, number)


class Supervisor:
    """Runs programs until SIGINT, SIGTERM or SIGHUP arrives."""

    def __init__(self, programs: Sequence[Program], say: Callable[[str], None]):
        self.programs = programs
        self.say = say
        self.stopping = False

    def run(self, ready: Callable[[], bool], announce: Callable[[], None]):
        """Keep the programs running; call `announce` once, as soon as `ready` is true."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._handle_stop_signal)
        announced = False
        while not self.stopping:
            for program in self.programs:
                program.restart_if_ended(self.say)
            if not announced and ready():
                announced = True
                announce()
            time.sleep(0.2)
        self.say("Stopping …")
        deadline = time.monotonic() + STOP_SECONDS
        for program in self.programs:
            program.ask_to_stop()
        for program in self.programs:
            program.stop(deadline - time.monotonic())
        self.say("Stopped.")

    def _handle_stop_signal(self, number, frame):
        self.stopping = True
