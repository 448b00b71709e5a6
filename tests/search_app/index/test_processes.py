"""Several processes at once, some of them killed: runs the stress benchmark for a few seconds."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
def test_counts_are_right_while_processes_are_killed():
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "benchmarks.search_stress",
            "--seconds",
            "6",
            "--sessions",
            "60",
            "--kills",
            "3",
            "--longest-wait",
            "60000",
        ],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        capture_output=True,
        text=True,
        timeout=600,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "all agree" in run.stdout
