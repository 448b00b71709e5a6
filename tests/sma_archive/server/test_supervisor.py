import os
import signal
import sys

import pytest

from sma_archive.server import supervisor
from sma_archive.server.supervisor import Program, Supervisor

ENDS_AT_ONCE = [sys.executable, "-c", "raise SystemExit(3)"]
STAYS = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
WILL_NOT_STOP = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
]


class Clock:
    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(supervisor, "time", clock)
    return clock


@pytest.fixture
def handlers_restored():
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_program_is_restarted_with_growing_delays(clock):
    said = []
    program = Program("worker", ENDS_AT_ONCE)
    for _ in range(3):
        program.restart_if_ended(said.append)
        program.process.wait()
        program.restart_if_ended(said.append)
        assert program.process is None  # not yet: it is waiting
        clock.sleep(program.backoff)

    assert said == [
        f"The worker ended with status 3; starting it again in {pause} s." for pause in (1, 2, 4)
    ]


def test_delay_is_reset_after_a_long_run(clock):
    said = []
    program = Program("worker", ENDS_AT_ONCE)
    program.backoff = 32
    program.restart_if_ended(said.append)
    program.process.wait()
    clock.sleep(61)

    program.restart_if_ended(said.append)

    assert said == ["The worker ended with status 3; starting it again in 1 s."]


def test_program_that_does_not_stop_is_killed():
    program = Program("worker", WILL_NOT_STOP)
    program.start()

    program.ask_to_stop()
    program.stop(seconds=0)

    assert program.process.returncode in (-signal.SIGKILL, -signal.SIGTERM)


def test_supervisor_stops_everything_on_a_signal(handlers_restored):
    said = []
    programs = [Program("worker", STAYS), Program("tick", STAYS)]

    def announce():
        said.append("ready")
        os.kill(os.getpid(), signal.SIGTERM)

    Supervisor(programs, said.append).run(ready=lambda: True, announce=announce)

    assert said == ["ready", "Stopping …", "Stopped."]
    assert [program.process.returncode for program in programs] == [-signal.SIGTERM] * 2
